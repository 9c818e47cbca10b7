"""How many units it takes to see a difference, before anybody begins."""

from math import ceil, log, sqrt
from statistics import NormalDist

from rooms.insights.stats.sequences import TUNING

_NORMAL = NormalDist()
MOST_UNITS = 1_000_000_000


def count_for_share(baseline: float, difference: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units in each arm until a share moves from `baseline` by `difference` and one look sees it.

    The formula of Evan Miller's sample size calculator (evanmiller.org/ab-testing/sample-size.html). Raises: ValueError.
    """
    return ceil(measure_for_share(baseline, difference, alpha=alpha, power=power))


def measure_for_share(baseline: float, difference: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The same before it is rounded up."""
    moved = baseline + difference
    if not (0 < baseline < 1 and 0 < moved < 1 and difference):
        raise ValueError("a share and what it becomes lie between 0 and 1, and differ")
    before, after = sqrt(2 * baseline * (1 - baseline)), sqrt(baseline * (1 - baseline) + moved * (1 - moved))
    return ((_quantile(1 - alpha / 2) * before + _quantile(power) * after) / difference) ** 2


def count_for_mean(deviation: float, difference: float, *, alpha: float = 0.05, power: float = 0.8) -> int:
    """Units in each arm until a mean that spreads by `deviation` moves by `difference` and one look sees it. Raises: ValueError."""
    if not (deviation > 0 and difference):
        raise ValueError("a mean has to spread, and to move")
    return ceil(2 * ((_quantile(1 - alpha / 2) + _quantile(power)) * deviation / difference) ** 2)


def count_while_peeking(deviation: float, difference: float, *, alpha: float = 0.05, power: float = 0.8, tuning: int = TUNING) -> int:
    """Units in each arm until the confidence sequence, looked at as often as one likes, has seen the difference. Raises: ValueError.

    `deviation` of a share is √(p (1 − p)). Somewhat too many: earlier looks have had their chance too.
    """
    if not (deviation > 0 and difference):
        raise ValueError("a mean has to spread, and to move")
    low, high = 2, MOST_UNITS
    while low < high:
        middle = (low + high) // 2
        standard_error = deviation * sqrt(2 / middle)
        reach = (_sequence_quantile(2 * middle, alpha, tuning) + _quantile(power)) * standard_error
        low, high = (low, middle) if reach <= abs(difference) else (middle + 1, high)
    return low


def _sequence_quantile(n: int, alpha: float, tuning: int) -> float:
    """Half the sequence's width in standard errors; see `sequences.get_sequence`."""
    growth = n * (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuning + 1
    return sqrt(2 * growth / (growth - 1) * log(sqrt(growth) / alpha))


def _quantile(level: float) -> float:
    return _NORMAL.inv_cdf(level)
