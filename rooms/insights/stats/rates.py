"""Rates in time: how much more often something happens here than elsewhere, and where it surely does."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import bdtr, bdtrc, betaincinv

from rooms.insights.stats.effects import Interval

# Over all places that are looked at together: the chance that noise alone makes one of them stand out.
ALPHA = 0.01
LEAST_HITS = 10
LEAST_RATIO = 1.5


@dataclass(frozen=True)
class Ratio:
    """How many times as often as elsewhere, with its interval and its two-sided p."""

    value: float
    interval: Interval
    p_value: float


@dataclass(frozen=True)
class Bump:
    """Places `begin` to `end` (left out) where something happens more often than in the rest; the interval holds for all places at once."""

    begin: int
    end: int
    hits: int
    ratio: Ratio


def compare_rate(hits: int, exposure: float, other_hits: int, other_exposure: float, alpha: float = 0.05) -> Ratio | None:
    """Two Poisson rates, exactly: given both counts, the first is binomial (Przyborowski and Wilenski, 1940; Clopper and Pearson, 1934).

    None while there is nothing to compare: no exposure on one side, or no count at all.
    """
    count = hits + other_hits
    if not (exposure > 0 and other_exposure > 0 and count):
        return None
    share = exposure / (exposure + other_exposure)
    more, fewer = float(bdtrc(hits - 1, count, share)) if hits else 1.0, float(bdtr(hits, count, share))
    low = float(betaincinv(hits, other_hits + 1, alpha / 2)) if hits else 0.0
    high = float(betaincinv(hits + 1, other_hits, 1 - alpha / 2)) if other_hits else 1.0
    interval = Interval(_odds(low, exposure, other_exposure), _odds(high, exposure, other_exposure))
    value = hits / exposure * other_exposure / other_hits if other_hits else float("inf")
    return Ratio(value, interval, min(1.0, 2 * min(more, fewer)))


def find_bumps(hits: Sequence[int], exposures: Sequence[float], *, comparisons: int, alpha: float = ALPHA) -> list[Bump]:
    """Runs of neighbouring places whose rate is surely greater than that of the rest.

    A place stands out when its interval at level 1 − alpha / `comparisons` (Bonferroni: everything that is looked at together, on other
    series too) excludes 1, and the ratio and the count are worth a word. What stands out is taken out of the rest, and the others are
    looked at again, since one great bump hides a small one. Where nothing happens but noise, the first round finds something with
    probability alpha at most, and without a find there is no second one.
    """
    level, found = alpha / max(1, comparisons), set[int]()
    while fresh := {place for place in range(len(hits)) if place not in found and _stands_out({place}, found, hits, exposures, level)}:
        found |= fresh
    bumps = []
    for begin, end in _runs(found):
        ratio = _against_the_rest(set(range(begin, end)), found, hits, exposures, level)
        if ratio is not None:
            bumps.append(Bump(begin, end, sum(hits[begin:end]), ratio))
    return sorted(bumps, key=lambda bump: (-bump.ratio.interval.low, bump.begin))


def _stands_out(places: set[int], found: set[int], hits: Sequence[int], exposures: Sequence[float], level: float) -> bool:
    if sum(hits[place] for place in places) < LEAST_HITS:
        return False
    ratio = _against_the_rest(places, found, hits, exposures, level)
    return ratio is not None and ratio.value >= LEAST_RATIO and ratio.interval.low > 1 and ratio.p_value < level


def _against_the_rest(places: set[int], found: set[int], hits: Sequence[int], exposures: Sequence[float], level: float) -> Ratio | None:
    rest = [place for place in range(len(hits)) if place not in places and place not in found]
    return compare_rate(
        sum(hits[place] for place in places),
        sum(exposures[place] for place in places),
        sum(hits[place] for place in rest),
        sum(exposures[place] for place in rest),
        alpha=level,
    )


def _runs(places: set[int]) -> list[tuple[int, int]]:
    """Neighbours together: [(begin, end), …], the end left out."""
    runs: list[tuple[int, int]] = []
    for place in sorted(places):
        if runs and runs[-1][1] == place:
            runs[-1] = (runs[-1][0], place + 1)
        else:
            runs.append((place, place + 1))
    return runs


def _odds(share: float, exposure: float, other_exposure: float) -> float:
    return share / (1 - share) * other_exposure / exposure if share < 1 else float("inf")
