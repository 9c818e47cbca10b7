"""Verdicts that survive peeking: an interval that holds at all times at once, and mSPRT.

`get_sequence` is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas (2021, arXiv:2103.06476),
in the form that GrowthBook computes.
"""

from math import exp, log, sqrt

from scipy.special import ndtri, stdtrit

from rooms.insights.stats.effects import Effect, Interval

TUNING = 5_000
# Below this many degrees of freedom the normal quantile behind the sequence is too short; clusters are few.
FEW_DEGREES = 100


def get_sequence(effect: Effect, alpha: float = 0.05, tuning: int = TUNING, *, tuned_for: float | None = None) -> Interval:
    """The interval that holds the truth at every look, with probability 1 − alpha over all looks together.

    Args:
        tuning: the number of units at which it is narrowest. It has to be chosen before the first look.
        tuned_for: the level that the tuning is for, where several levels are looked at; `alpha` itself otherwise.
    """
    level = tuned_for or alpha
    growth = effect.n * _rho2(level, tuning) + 1
    width = sqrt(2 * growth / (growth - 1) * log(sqrt(growth) / alpha)) * effect.standard_error * _few(effect, level)
    return Interval(effect.value - width, effect.value + width)


def get_always_valid_p(effect: Effect, tuned_for: float = 0.05, tuning: int = TUNING) -> float:
    """The level at which the sequence that is tuned for `tuned_for` begins to exclude no effect; 1 at most. Valid at every look."""
    growth = effect.n * _rho2(tuned_for, tuning) + 1
    z = effect.value / (effect.standard_error * _few(effect, tuned_for))
    exponent = (growth - 1) * z * z / (2 * growth) - log(growth) / 2
    return 1.0 if exponent <= 0 else exp(-exponent)


def get_mixture_p(effect: Effect, tau: float) -> float:
    """mSPRT: one over the likelihood ratio of effects spread normally around none with deviation `tau` (Johari et al., 2017).

    Valid at every look; the smallest of all looks so far counts.
    """
    variance, mixed = effect.standard_error**2, effect.standard_error**2 + tau**2
    exponent = effect.value**2 * tau**2 / (2 * variance * mixed) - log(mixed / variance) / 2
    return 1.0 if exponent <= 0 else exp(-exponent)


def _rho2(alpha: float, tuning: int) -> float:
    return (-2 * log(alpha) + log(-2 * log(alpha) + 1)) / tuning


def _few(effect: Effect, alpha: float) -> float:
    """Student's quantile over the normal one: 1 for crowds, 1.1 for a dozen clusters an arm."""
    if effect.degrees >= FEW_DEGREES:
        return 1.0
    return float(stdtrit(effect.degrees, 1 - alpha / 2) / ndtri(1 - alpha / 2))
