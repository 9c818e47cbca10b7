"""Sufficient statistics of an arm, and what a metric makes of them.

An arm is known by the number of its units and by the sums and products of a few quantities over them; no unit is ever looked
at again. A mean, a share, a ratio and their adjustment by what was known before the experiment (CUPED) are all the same thing:
a value, and the variance of its linear part (delta method).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]


class TooLittleData(ValueError):
    """There is no variance to speak of yet: too few units, all of them equal, or nothing to divide by."""


@dataclass(frozen=True)
class Moments:
    """`n` units; `sums[i]` of quantity `names[i]` over them, `products[i][j]` of quantities i and j (symmetric)."""

    n: int
    names: tuple[str, ...]
    sums: tuple[float, ...]
    products: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        size = len(self.names)
        if len(self.sums) != size or len(self.products) != size or any(len(row) != size for row in self.products):
            raise ValueError("sums and products must be as many as the names")

    @cached_property
    def means(self) -> Vector:
        return np.asarray(self.sums, dtype=float) / self.n

    def covariances(self, *, divisor: int) -> Vector:
        """Matrix of covariances, the sum of squares over `divisor`."""
        sums = np.asarray(self.sums, dtype=float)
        return (np.asarray(self.products, dtype=float) - np.outer(sums, sums) / self.n) / divisor


def _floats(values: npt.ArrayLike) -> tuple[float, ...]:
    return tuple(float(value) for value in np.asarray(values).ravel())


def moments_of(n: int, **quantities: tuple[float, float]) -> Moments:
    """Of quantities that are not needed together: `moments_of(100, revenue=(sum, sum of squares))`."""
    names = tuple(quantities)
    squares = np.diag([square for _, square in quantities.values()])
    return Moments(n, names, tuple(float(total) for total, _ in quantities.values()), tuple(_floats(row) for row in squares))


def gather(names: Sequence[str], units: Iterable[Sequence[float]], *, n: int | None = None) -> Moments:
    """Sums over units, each a row of `names`. `n` counts units that have nothing but zeros and are not in `units` as well."""
    size = len(names)
    sums, products, count = np.zeros(size), np.zeros((size, size)), 0
    for unit in units:
        row = np.asarray(unit, dtype=float)
        sums += row
        products += np.outer(row, row)
        count += 1
    return Moments(count if n is None else n, tuple(names), _floats(sums), tuple(_floats(row) for row in products))


@dataclass(frozen=True)
class Metric:
    """What is compared: the mean of `numerator` over units, or numerator over `denominator` when that is given.

    Args:
        is_share: each unit counts 0 or 1; its variance is p(1 − p).
        before, before_denominator: the same quantity as it was before the unit saw its variant; it takes out what was there anyway.
    """

    numerator: str
    denominator: str = ""
    is_share: bool = False
    before: str = ""
    before_denominator: str = ""

    @property
    def is_adjusted(self) -> bool:
        return bool(self.before)

    def over_clusters(self, units: str) -> "Metric":
        """The same metric when the arms' units are clusters (rooms, shows): it becomes a ratio to the people in them, `units`.

        What varies by room is as certain as there are rooms, however many people sit in each.
        """
        return Metric(self.numerator, self.denominator or units)


@dataclass(frozen=True)
class Estimate:
    """A metric in one arm. Variances are of one unit; divide by `n` for that of the value.

    `value` is adjusted, `raw_value` is what people see; `covariance` is between the two.
    """

    n: int
    value: float
    variance: float
    raw_value: float
    raw_variance: float
    covariance: float


def estimate(metric: Metric, arm: Moments, theta: float = 0.0) -> Estimate:
    """The metric in one arm; `theta` is how far it follows the quantity before (`theta_of`). Raises: TooLittleData."""
    if arm.n < 2:
        raise TooLittleData("fewer than two units")
    covariances = arm.covariances(divisor=arm.n if metric.is_share else arm.n - 1)
    raw, slope = _linear(arm, metric.numerator, metric.denominator)
    value, adjusted = raw, slope
    if metric.is_adjusted and theta:
        before, slope_before = _linear(arm, metric.before, metric.before_denominator)
        value, adjusted = raw - theta * before, slope - theta * slope_before
    return Estimate(
        n=arm.n,
        value=value,
        variance=float(adjusted @ covariances @ adjusted),
        raw_value=raw,
        raw_variance=float(slope @ covariances @ slope),
        covariance=float(adjusted @ covariances @ slope),
    )


def theta_of(metric: Metric, arms: Sequence[Moments]) -> float:
    """How far the metric follows the quantity before it, within the arms: what makes the difference's variance smallest. 0 where nothing was before.

    Deng, Xu, Kohavi, Walker (2013), “Improving the sensitivity of online controlled experiments by utilizing pre-experiment data”.
    """
    if not metric.is_adjusted or any(arm.n < 2 for arm in arms):
        return 0.0
    together = spread = 0.0
    for arm in arms:
        covariances = arm.covariances(divisor=arm.n - 1) / arm.n
        try:
            _, slope = _linear(arm, metric.numerator, metric.denominator)
            _, before = _linear(arm, metric.before, metric.before_denominator)
        except TooLittleData:
            return 0.0
        together += float(slope @ covariances @ before)
        spread += float(before @ covariances @ before)
    return together / spread if spread > 0 else 0.0


def _linear(arm: Moments, numerator: str, denominator: str) -> tuple[float, Vector]:
    """Value and gradient in the quantities' means: of a mean (1), or of a ratio (1/d, −m/d²)."""
    slope = np.zeros(len(arm.names))
    top = arm.names.index(numerator)
    if not denominator:
        slope[top] = 1.0
        return float(arm.means[top]), slope
    bottom = arm.names.index(denominator)
    if arm.means[bottom] == 0:
        raise TooLittleData(f"{denominator} adds up to nothing")
    value = float(arm.means[top] / arm.means[bottom])
    slope[top], slope[bottom] = 1.0 / arm.means[bottom], -value / arm.means[bottom]
    return value, slope
