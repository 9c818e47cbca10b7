"""Up the ladder until a limit breaks, then halve the gap. Pure: what a rung costs is somebody else's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

FIRST, MOST = 50, 5_000
PRECISION = 0.1
LEAST_STEP = 5
TRIES = 2


@dataclass(frozen=True)
class Limit:
    """Of a figure in the simulator's report: `name`, its `unit`, and the most that viewers should meet."""

    name: str
    unit: str
    most: float
    read: Callable[[Mapping[str, Any]], float]


def _p95(kind: str) -> Callable[[Mapping[str, Any]], float]:
    """0 when nobody asked for it."""
    return lambda report: float(report["answer_ms"].get(kind, {"p95": 0.0})["p95"])


def _refused_percent(report: Mapping[str, Any]) -> float:
    asked = sum(times["count"] for times in report["answer_ms"].values())
    refused = sum(report["refused"].values())
    return 100 * refused / max(1, asked + refused)


LIMITS = (
    Limit("page, p95", "ms", 1_000, _p95("page")),
    Limit("socket open, p95", "ms", 1_000, _p95("socket")),
    Limit("a line on others' screens, p95", "ms", 500, _p95("line_to_screen")),
    Limit("order to payment sheet, p95", "ms", 2_000, _p95("checkout")),
    Limit("refused or unanswered", "%", 0.1, _refused_percent),
    Limit("missed program, card and order messages", "messages", 0, lambda report: report["heard"].get("missed", 0)),
)


@dataclass(frozen=True)
class Rung:
    """What came of so many viewers. `cpu`: cores by process, over the rung; `busy`: share of the machine's cores; `memory_mb`: by process."""

    viewers: int
    report: Mapping[str, Any]
    cpu: Mapping[str, float] = field(default_factory=dict)
    busy: float = 0.0
    memory_mb: Mapping[str, float] = field(default_factory=dict)

    @property
    def broken(self) -> list[Limit]:
        return [limit for limit in LIMITS if limit.read(self.report) > limit.most]

    @property
    def holds(self) -> bool:
        return not self.broken


def climb(measure: Callable[[int], Rung], *, first: int = FIRST, most: int = MOST) -> list[Rung]:
    """Every rung that was tried. One that breaks counts as broken after a second try: machines are noisy, in one direction only."""
    rungs: list[Rung] = []

    def carries(viewers: int) -> bool:
        for _ in range(TRIES):
            rungs.append(measure(viewers))
            if rungs[-1].holds:
                return True
        return False

    good, wanted = 0, first
    while carries(wanted):
        good = wanted
        if wanted >= most:
            return rungs
        wanted = min(most, wanted * 2)
    bad = wanted
    while bad - good > max(LEAST_STEP, PRECISION * good):
        middle = (good + bad) // 2
        good, bad = (middle, bad) if carries(middle) else (good, middle)
    return rungs


def knee_of(rungs: list[Rung]) -> int:
    """The most viewers whose every limit held; 0 when not even the first rung's did."""
    return max((rung.viewers for rung in rungs if rung.holds), default=0)
