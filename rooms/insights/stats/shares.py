"""Shares of viewers with what is not known about them: one by itself, and many that are ranked."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from scipy.special import betaincinv

from rooms.insights.stats.effects import Interval

# How many viewers' worth of opinion the others have about one of them: at least some, and never so many that its own viewers are unheard.
LEAST_STRENGTH, MOST_STRENGTH = 10.0, 5_000.0


@dataclass(frozen=True)
class Shrunk:
    """A share that is pulled towards the others' as far as its own viewers are few, with the interval that remains."""

    value: float
    interval: Interval


def get_share_interval(hits: int, n: int, alpha: float = 0.05) -> Interval:
    """Wilson's score interval (1927), which holds for few viewers and for shares near 0 and 1. Of nobody nothing is known: 0 to 1."""
    if not n:
        return Interval(0.0, 1.0)
    z = NormalDist().inv_cdf(1 - alpha / 2)
    share, widening = hits / n, z * z / n
    middle = (share + widening / 2) / (1 + widening)
    half = z * sqrt(share * (1 - share) / n + widening / (4 * n)) / (1 + widening)
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def shrink(shares: Sequence[tuple[int, int]], alpha: float = 0.05) -> list[Shrunk]:
    """(hits, viewers) of each, as empirical Bayes sees them: a beta distribution over all of them, then each one's own posterior.

    The distribution's mean is the share of all together; its strength comes from how far the shares spread beyond what chance
    alone explains (method of moments, weighted by viewers). A share of two viewers is thus ranked near the others, not first.
    """
    seen = [(hits, n) for hits, n in shares if n]
    if not seen:
        return [Shrunk(0.0, Interval(0.0, 1.0)) for _share in shares]
    viewers = sum(n for _hits, n in seen)
    # Half a viewer on either side: with nobody, or everybody, the distribution would otherwise have no width.
    mean = (sum(hits for hits, _n in seen) + 0.5) / (viewers + 1)
    strength = _strength(seen, mean, viewers)
    return [_posterior(hits, n, mean * strength, (1 - mean) * strength, alpha) for hits, n in shares]


def _strength(seen: Sequence[tuple[int, int]], mean: float, viewers: int) -> float:
    """a + b of the beta distribution."""
    if len(seen) < 2:
        return LEAST_STRENGTH
    chance = mean * (1 - mean)
    spread = sum(n * (hits / n - mean) ** 2 for hits, n in seen)
    beyond = (spread - (len(seen) - 1) * chance) / (viewers - sum(n * n for _hits, n in seen) / viewers)
    if beyond <= 0:
        return MOST_STRENGTH
    return min(MOST_STRENGTH, max(LEAST_STRENGTH, chance / beyond - 1))


def _posterior(hits: int, n: int, a: float, b: float, alpha: float) -> Shrunk:
    a, b = a + hits, b + n - hits
    low, high = (float(betaincinv(a, b, level)) for level in (alpha / 2, 1 - alpha / 2))
    return Shrunk(a / (a + b), Interval(low, high))
