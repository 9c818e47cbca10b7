"""Shares of viewers and rates in time: against scipy's own tests, and against what was planted."""

import numpy as np
import pytest
from scipy import stats as scipy_stats

from rooms.insights.stats.rates import compare_rate, find_bumps
from rooms.insights.stats.shares import get_share_interval, shrink


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (8, 10), (3, 400), (25, 25)])
def test_wilsons_interval_is_scipys(hits: int, n: int) -> None:
    expected = scipy_stats.binomtest(hits, n).proportion_ci(method="wilson")
    found = get_share_interval(hits, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-5)


def test_of_nobody_nothing_is_known() -> None:
    found = get_share_interval(0, 0)
    assert (found.low, found.high) == (0.0, 1.0)
    (alone,) = shrink([(0, 0)])
    assert (alone.interval.low, alone.interval.high) == (0.0, 1.0)


def test_few_viewers_are_pulled_to_the_others_and_many_speak_for_themselves() -> None:
    """Two of three is no best seller beside eight hundred of four thousand."""
    few, many, most = shrink([(2, 3), (800, 4_000), (500, 5_000)])
    assert few.value < 0.5 < 2 / 3
    assert many.value == pytest.approx(0.2, abs=0.01)
    assert few.interval.high - few.interval.low > 5 * (many.interval.high - many.interval.low)
    assert most.interval.high < many.interval.low


def test_intervals_of_shrunk_shares_hold_as_often_as_they_say() -> None:
    """Shares drawn around 10 %, seen through 30 to 3,000 viewers: nine in ten of the 95 % intervals at least hold the true one."""
    rng, held, tried = np.random.default_rng(5), 0, 0
    for _ in range(60):
        true, viewers = rng.beta(20, 180, size=12), rng.integers(30, 3_000, size=12)
        found = shrink(list(zip((int(hits) for hits in rng.binomial(viewers, true)), (int(n) for n in viewers), strict=True)))
        held += sum(one.interval.has(float(share)) for one, share in zip(found, true, strict=True))
        tried += len(found)
    assert held / tried > 0.9


@pytest.mark.parametrize(("hits", "exposure", "others", "rest"), [(30, 100.0, 60, 500.0), (1, 50.0, 40, 900.0), (0, 10.0, 5, 10.0)])
def test_a_ratio_of_rates_is_the_exact_binomial_test(hits: int, exposure: float, others: int, rest: float) -> None:
    share = exposure / (exposure + rest)
    expected = scipy_stats.binomtest(hits, hits + others, share).proportion_ci(method="exact")
    found = compare_rate(hits, exposure, others, rest)
    assert found is not None
    bounds = tuple(p / (1 - p) * rest / exposure for p in (expected.low, expected.high))
    assert (found.interval.low, found.interval.high) == pytest.approx(bounds, rel=1e-6)
    assert found.value == pytest.approx(hits / exposure / (others / rest))


def test_nothing_is_compared_without_anything() -> None:
    assert compare_rate(0, 10.0, 0, 10.0) is None
    assert compare_rate(5, 0.0, 5, 10.0) is None


def test_noise_makes_nothing_stand_out() -> None:
    """Four hundred episodes of four signals in which nothing happens: 1 % may find something, 2.5 % would be a defect."""
    rng, found = np.random.default_rng(9), 0
    for _ in range(400):
        watched = np.linspace(4_000, 1_500, 36)
        series = [[int(hits) for hits in rng.poisson(watched * rate)] for rate in (0.01, 0.003, 0.02, 0.006)]
        found += any(find_bumps(hits, list(watched), comparisons=4 * 36) for hits in series)
    assert found <= 10


def test_planted_bumps_are_found_where_they_are_also_a_small_one_beside_a_great_one() -> None:
    rng = np.random.default_rng(2)
    watched = np.linspace(4_000, 1_500, 36)
    for _ in range(40):
        rate = np.full(36, 0.01)
        rate[10:12], rate[25] = 0.08, 0.03
        bumps = find_bumps([int(hits) for hits in rng.poisson(watched * rate)], list(watched), comparisons=144)
        assert {(bump.begin, bump.end) for bump in bumps} == {(10, 12), (25, 26)}
        great = next(bump for bump in bumps if bump.begin == 10)
        assert great.ratio.interval.low < 8 < great.ratio.interval.high
        assert great.ratio.value == pytest.approx(8, rel=0.35)


def test_a_handful_is_no_bump() -> None:
    """Nine hits of nine, all in one place: surely no chance, and still not worth a word."""
    assert find_bumps([0] * 10 + [9] + [0] * 10, [1_000.0] * 21, comparisons=21) == []
