"""Does a season pay? What it cost once against what each of its shows leaves, with the certainty that few shows allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import fmean, stdev

from rooms.insights.stats.effects import Effect, Interval
from rooms.insights.stats.sequences import get_sequence

LEAST_SHOWS = 5


@dataclass(frozen=True)
class Contribution:
    """Amounts in minor units.

    `left`: margin of all shows so far less the cost. `interval`: the same at the end of the plan, at every look at once; None while there
    are too few shows. `break_even_shows`: None while shows leave nothing. `code`: scale, stop, keep_going or too_few.
    """

    cost: int
    margin: int
    left: int
    shows: int
    break_even_shows: int | None
    interval: Interval | None
    code: str


def get_contribution(*, cost: int, takings: Sequence[int], margin_permille: int, planned_shows: int, alpha: float = 0.05) -> Contribution:
    """Judge a season after some of its shows.

    Args:
        takings: of each show, after refunds and fees. `margin_permille` of them stays once the goods are paid.
        planned_shows: over how many shows the cost may be earned.
    """
    margins = [taking * margin_permille / 1000 for taking in takings]
    total, mean = round(sum(margins)), fmean(margins) if margins else 0.0
    interval = _at_the_end(margins, cost, max(planned_shows, len(margins)), alpha)
    return Contribution(
        cost=cost,
        margin=total,
        left=total - cost,
        shows=len(margins),
        break_even_shows=ceil(cost / mean) if mean > 0 else None,
        interval=interval,
        code=_gate(interval),
    )


def _at_the_end(margins: Sequence[float], cost: int, planned_shows: int, alpha: float) -> Interval | None:
    """What is earned is known; what the shows to come leave is as uncertain as their mean."""
    count = len(margins)
    if count < LEAST_SHOWS:
        return None
    mean, spread = fmean(margins), stdev(margins)
    if spread == 0:
        return Interval(mean * planned_shows - cost, mean * planned_shows - cost)
    per_show = get_sequence(Effect(mean, spread / sqrt(count), count - 1, count), alpha, max(planned_shows, 1))
    earned, to_come = sum(margins), planned_shows - count
    return Interval(earned + per_show.low * to_come - cost, earned + per_show.high * to_come - cost)


def _gate(interval: Interval | None) -> str:
    if interval is None:
        return "too_few"
    if interval.low > 0:
        return "scale"
    return "stop" if interval.high < 0 else "keep_going"
