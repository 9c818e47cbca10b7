"""What a variant does to a metric: the difference to the control, or the lift over it, with its standard error."""

from dataclasses import dataclass
from math import sqrt

from rooms.insights.stats.moments import Estimate, Metric, Moments, TooLittleData, estimate, theta_of


@dataclass(frozen=True)
class Effect:
    """`value` is a fraction for a lift (0.08 is +8 %), in the metric's unit for a difference.

    `degrees` of freedom after Welch and Satterthwaite; `n` units in both arms together.
    """

    value: float
    standard_error: float
    degrees: float
    n: int


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    def has(self, value: float) -> bool:
        return self.low <= value <= self.high


def get_lift(metric: Metric, control: Moments, variant: Moments) -> Effect:
    """The relative difference, by the delta method. Raises: TooLittleData, also while the control's value is not positive."""
    a, b = _both(metric, control, variant)
    if a.raw_value <= 0:
        raise TooLittleData("the control has nothing to be compared with yet")
    gap = b.value - a.value
    spread = (
        b.variance / (b.n * a.raw_value**2)
        + a.variance / (a.n * a.raw_value**2)
        + gap**2 * a.raw_variance / (a.n * a.raw_value**4)
        + 2 * gap * a.covariance / (a.n * a.raw_value**3)
    )
    return _effect(gap / a.raw_value, spread, a, b)


def get_difference(metric: Metric, control: Moments, variant: Moments) -> Effect:
    """The absolute difference. Raises: TooLittleData."""
    a, b = _both(metric, control, variant)
    return _effect(b.value - a.value, a.variance / a.n + b.variance / b.n, a, b)


def _both(metric: Metric, control: Moments, variant: Moments) -> tuple[Estimate, Estimate]:
    theta = theta_of(metric, (control, variant))
    return estimate(metric, control, theta), estimate(metric, variant, theta)


def _effect(value: float, spread: float, a: Estimate, b: Estimate) -> Effect:
    if not (a.variance > 0 and b.variance > 0 and spread > 0):
        raise TooLittleData("no variance in one of the arms")
    part_a, part_b = a.variance / a.n, b.variance / b.n
    degrees = (part_a + part_b) ** 2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1))
    return Effect(value=value, standard_error=sqrt(spread), degrees=degrees, n=a.n + b.n)
