"""What stands before a verdict: was everybody split as announced, and how many comparisons share the error."""

from collections.abc import Mapping, Sequence

from scipy.special import chdtrc

SPLIT_ALPHA = 0.001


def check_split(counts: Sequence[int], weights: Sequence[float]) -> tuple[float, float]:
    """Chi-square of the units in each arm against the announced weights, and its p (sample ratio mismatch).

    Arms without weight are left out. Below `SPLIT_ALPHA` something broke the split, and every other number is void: Fabijan et
    al. (2019), “Diagnosing sample ratio mismatch in online controlled experiments”.
    """
    arms = [(count, weight) for count, weight in zip(counts, weights, strict=True) if weight > 0]
    units, total = sum(count for count, _ in arms), sum(weight for _, weight in arms)
    if len(arms) < 2 or units == 0:
        return 0.0, 1.0
    expected = [(count, units * weight / total) for count, weight in arms]
    statistic = sum((count - planned) ** 2 / planned for count, planned in expected)
    return statistic, float(chdtrc(len(arms) - 1, statistic))


def list_holm_levels(p_values: Mapping[str, float], alpha: float = 0.05) -> dict[str, tuple[bool, float]]:
    """For each hypothesis whether it falls, after Holm (1979), and at which level: `{name: (falls, level)}`.

    A hypothesis that stands has the level at which the procedure stopped. An interval at 1 − level therefore excludes no effect
    exactly when its hypothesis falls.
    """
    order = sorted(p_values, key=lambda name: p_values[name])
    falls, level, found = True, alpha, {}
    for place, name in enumerate(order):
        level = alpha / (len(order) - place) if falls else level
        falls = falls and p_values[name] < level
        found[name] = (falls, level)
    return {name: found[name] for name in p_values}
