"""Looks that were planned beforehand: group-sequential boundaries by spending the error (Lan and DeMets, 1983).

The test statistic at the looks is a random walk seen at its information fractions; the boundary of each look follows from the
density of those walks that have not crossed before (Armitage, McPherson, Rowe, 1969), integrated on a grid.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import sqrt

import numpy as np
from scipy.special import ndtr, ndtri

from rooms.insights.stats.effects import Effect, Interval

Spending = Callable[[float, float], float]

# Points of the grid and its reach in standard deviations: the boundaries are right to four decimals (tests).
_POINTS, _REACH = 2_001, 8.0
_HALVINGS = 60


def spend_late(fraction: float, alpha: float) -> float:
    """The error spent by `fraction` of the information, half on each side, after O'Brien and Fleming: next to nothing early on."""
    return float(4 * ndtr(-ndtri(1 - alpha / 4) / sqrt(fraction))) if fraction > 0 else 0.0


def spend_square(fraction: float, alpha: float) -> float:
    """The error spent by `fraction` of the information: α t²."""
    return alpha * fraction**2


def list_boundaries(fractions: Sequence[float], alpha: float = 0.05, spending: Spending = spend_late) -> list[float]:
    """|z| that each look has to exceed, two-sided. `fractions` of the planned information rise and end at 1 at most.

    Raises: ValueError.
    """
    if not fractions or any(later <= earlier for earlier, later in zip([0.0, *fractions], fractions, strict=False)) or fractions[-1] > 1:
        raise ValueError(f"fractions of the information have to rise from above 0 to 1 at most: {list(fractions)}")
    return list(_boundaries(tuple(fractions), alpha, spending))


def get_planned_interval(effect: Effect, boundary: float) -> Interval:
    """What the look allows to say: the effect, give or take the boundary's number of standard errors."""
    width = boundary * effect.standard_error
    return Interval(effect.value - width, effect.value + width)


@lru_cache(maxsize=256)
def _boundaries(fractions: tuple[float, ...], alpha: float, spending: Spending) -> tuple[float, ...]:
    """The walk is w(t) = z(t) √t, with independent steps of variance t − s."""
    found: list[float] = []
    grid, density, before, spent = np.zeros(1), np.ones(1), 0.0, 0.0
    for fraction in fractions:
        goal = max(spending(fraction, alpha) - spent, 0.0)
        deviation = sqrt(fraction - before)
        bound = _bound(grid, density, deviation, goal, sqrt(fraction))
        found.append(bound / sqrt(fraction))
        inside = np.linspace(-bound, bound, _POINTS)
        steps = np.exp(-0.5 * ((inside[:, None] - grid[None, :]) / deviation) ** 2) / (deviation * sqrt(2 * np.pi))
        density = steps @ (density * _weights(grid))
        grid, before, spent = inside, fraction, spending(fraction, alpha)
    return tuple(found)


def _bound(grid: np.ndarray, density: np.ndarray, deviation: float, goal: float, scale: float) -> float:
    """Where as much of the walk lies outside, on both sides, as may be spent."""
    mass = density * _weights(grid)
    low, high = 0.0, _REACH * scale
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        outside = float(mass @ (ndtr((grid - middle) / deviation) + ndtr((-middle - grid) / deviation)))
        low, high = (middle, high) if outside > goal else (low, middle)
    return (low + high) / 2


def _weights(grid: np.ndarray) -> np.ndarray:
    """Simpson's; of a single point, all of it."""
    if len(grid) == 1:
        return np.ones(1)
    weights = np.ones(len(grid))
    weights[1:-1:2], weights[2:-1:2] = 4, 2
    return weights * (grid[1] - grid[0]) / 3
