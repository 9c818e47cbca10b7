"""One look at a time that was fixed beforehand. Whoever looks twice at these numbers is fooled: use `sequences` or `planned` then."""

from math import sqrt

from scipy.special import ndtr, stdtr, stdtrit

from rooms.insights.stats.effects import Effect, Interval


def get_interval(effect: Effect, alpha: float = 0.05) -> Interval:
    """Welch's interval at level 1 − alpha."""
    width = float(stdtrit(effect.degrees, 1 - alpha / 2)) * effect.standard_error
    return Interval(effect.value - width, effect.value + width)


def get_p_value(effect: Effect) -> float:
    """Two-sided, of no effect."""
    return float(2 * stdtr(effect.degrees, -abs(effect.value / effect.standard_error)))


def compare_shares(hits_a: int, n_a: int, hits_b: int, n_b: int) -> tuple[float, float]:
    """z of a − b with the pooled share, and its two-sided p."""
    pooled = (hits_a + hits_b) / (n_a + n_b)
    return _z((hits_a / n_a - hits_b / n_b) / sqrt(pooled * (1 - pooled) * (1 / n_a + 1 / n_b)))


def compare_share(hits: int, n: int, expected: float) -> tuple[float, float]:
    """z of one share against an expected one, with the sample's own variance, and its two-sided p."""
    share = hits / n
    return _z((share - expected) / sqrt(share * (1 - share) / n))


def compare_means(mean_a: float, deviation_a: float, n_a: int, mean_b: float, deviation_b: float, n_b: int) -> tuple[float, float]:
    """Student's t of a − b with one variance for both, and its two-sided p."""
    degrees = n_a + n_b - 2
    variance = ((n_a - 1) * deviation_a**2 + (n_b - 1) * deviation_b**2) / degrees
    t = (mean_a - mean_b) / sqrt(variance * (1 / n_a + 1 / n_b))
    return t, float(2 * stdtr(degrees, -abs(t)))


def _z(z: float) -> tuple[float, float]:
    return z, float(2 * ndtr(-abs(z)))
