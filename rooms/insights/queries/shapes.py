"""What insights ask and answer. Frozen, flat rows: the same ones feed REST, CSV and stored reports."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

Split = Literal["none", "variant", "source", "room", "season"]

STEP_NAMES = ("entered", "watched", "cue_shown", "cue_clicked", "bagged", "checkout", "paid")
LEAST_STEPS = 2
DAY_MS = 86_400_000


def in_order(steps: Iterable[str]) -> tuple[str, ...]:
    """Those of the names that are steps, each once, as the story has them."""
    named = set(steps)
    return tuple(name for name in STEP_NAMES if name in named)


@dataclass(frozen=True)
class Slice:
    """Which visits are asked for. Days are those of a visit's beginning in the shop's zone, both included; None does not narrow."""

    room_id: UUID | None = None
    season_id: UUID | None = None
    source: str | None = None
    variant: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Question:
    """A slice and what else a reader may choose.

    With `cue_id` or `episode_id` the funnel follows that cue, or the cues of that episode, each from its own first showing on.
    `window_ms`: from the first step (or from the cue's showing) to the last one that counts. `experiment`: the key of one, whose variants
    alone split the visits. `steps`: the funnel's, some of `STEP_NAMES` in that order; a step that is left out may be missing in a visit.
    Not together with a cue or an episode, whose steps are their own.
    """

    slice: Slice
    window_ms: int = DAY_MS
    split: Split = "none"
    episode_id: UUID | None = None
    cue_id: UUID | None = None
    experiment: str = ""
    steps: tuple[str, ...] = STEP_NAMES

    @property
    def step_numbers(self) -> list[int]:
        """As events keep them, from 1."""
        return [STEP_NAMES.index(name) + 1 for name in self.steps]


@dataclass(frozen=True)
class FunnelRow:
    """Visits that reached a step, each step after the one before it: the first exposure of a visit, not any of them."""

    group: str
    step: int
    name: str
    sessions: int


@dataclass(frozen=True)
class RetentionRow:
    """One second of the story: visits that were watching at it, and those that came no further.

    `hazard` is left / watching. Seconds at which nobody began or left are left out.
    """

    episode: int
    second: int
    watching: int
    left: int
    hazard: float


@dataclass(frozen=True)
class DwellRow:
    """Milliseconds of watching a visit."""

    sessions: int
    total_ms: int
    p25_ms: int
    p50_ms: int
    p75_ms: int
    p90_ms: int
    p95_ms: int


@dataclass(frozen=True)
class CohortRow:
    """Viewers whose first visit in the slice was on `cohort_on`, and who of them came (and bought) `day` days later."""

    cohort_on: date
    day: int
    viewers: int
    buyers: int
    revenue_minor: int


@dataclass(frozen=True)
class SummaryRow:
    """`conversion` is the share of visits with an order; revenue in the shop's currency, minor units, before refunds."""

    sessions: int
    viewers: int
    paid_sessions: int
    conversion: float
    orders: int
    revenue_minor: int
    revenue_per_viewer: float
    danmaku: int
    likes: int
    gifts: int
    clicks: int
    watched_ms: int
    stalled_ms: int


@dataclass(frozen=True)
class DayRow:
    on_day: date
    sessions: int
    paid_sessions: int
    orders: int
    revenue_minor: int
    watched_ms: int


@dataclass(frozen=True)
class ViewerSumsRow:
    """What statistics need of a metric: viewers, the sum over them, and the sum of squares."""

    variant: str
    metric: str
    viewers: int
    total: int
    squares: int
