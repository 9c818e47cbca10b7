"""Published examples, to their printed digits. Each names its source; the figures are facts, the code here is ours.

GrowthBook's figures: github.com/growthbook/growthbook (MIT), packages/stats/tests/frequentist/test_tests.py, at 8f1db44.
"""

import pytest
from scipy import stats as scipy_stats

from rooms.insights.stats.effects import Effect, get_difference, get_lift
from rooms.insights.stats.fixed import compare_means, compare_share, compare_shares, get_interval, get_p_value
from rooms.insights.stats.gates import check_split
from rooms.insights.stats.moments import Metric, Moments, moments_of
from rooms.insights.stats.planned import list_boundaries, spend_square
from rooms.insights.stats.sequences import get_always_valid_p, get_sequence
from rooms.insights.stats.sizes import measure_for_share

MEAN, SHARE = Metric("post"), Metric("post", is_share=True)
CONTROL, VARIANT = moments_of(3407, post=(1396.87, 52377.9767)), moments_of(3461, post=(2422.7, 134698.29))
FEWER = moments_of(3000, post=(1396.87, 52377.9767))


def digits(effect: Effect, interval: object, p: float) -> tuple[float, ...]:
    """Value, bounds, standard error and p, as they are printed there."""
    low, high = interval.low, interval.high  # type: ignore[attr-defined]
    return tuple(round(float(value), 5) for value in (effect.value, low, high, effect.standard_error, p))


def fixed(effect: Effect) -> tuple[float, ...]:
    return digits(effect, get_interval(effect), get_p_value(effect))


def test_relative_lift_of_a_mean() -> None:
    """1. GrowthBook, test_two_sided_ttest."""
    assert fixed(get_lift(MEAN, CONTROL, VARIANT)) == (0.70732, -0.03526, 1.44989, 0.37879, 0.06191)


def test_absolute_difference_of_a_mean() -> None:
    """2. GrowthBook, test_two_sided_ttest_absolute."""
    assert fixed(get_difference(MEAN, CONTROL, VARIANT)) == (0.29, 0.04538, 0.53462, 0.12478, 0.02016)


def test_relative_lift_of_a_share() -> None:
    """3. GrowthBook, test_two_sided_ttest_binom: 14 of 28 against 16 of 30."""
    effect = get_lift(SHARE, moments_of(28, post=(14, 14)), moments_of(30, post=(16, 16)))
    assert fixed(effect) == (0.06667, -0.47767, 0.61101, 0.2717, 0.80707)


def test_confidence_sequence_of_a_mean() -> None:
    """4. GrowthBook, test_sequential_test_runs, tuned for 1,000."""
    effect = get_lift(MEAN, FEWER, VARIANT)
    assert digits(effect, get_sequence(effect, tuning=1000), get_always_valid_p(effect, tuning=1000)) == (0.50336, -0.55844, 1.56516, 0.33341, 1)


def test_confidence_sequence_of_a_share() -> None:
    """5. GrowthBook, test_sequential_test_runs_prop, tuned for 5,000."""
    effect = get_lift(SHARE, moments_of(3000, post=(1396, 1396)), moments_of(3461, post=(2422, 2422)))
    assert digits(effect, get_sequence(effect), get_always_valid_p(effect)) == (0.50386, 0.40098, 0.60675, 0.03386, 0)


def test_shares_by_the_z_test() -> None:
    """6. statsmodels, docstring of proportions_ztest."""
    assert compare_shares(5, 83, 12, 99) == pytest.approx((-1.4078304151258787, 0.15918129181156992), abs=1e-9)
    assert [round(value, 3) for value in compare_share(5, 83, 0.05)] == [0.392, 0.695]


@pytest.mark.parametrize(
    ("counts", "weights", "p"),
    [
        ([600, 400], [1, 1], "2.54e-10"),  # Wikipedia, “Sample ratio mismatch”
        ([44_000, 45_000], [1, 1], "8.02e-04"),  # srm.osc.garden prints 0.0008
        ([1000, 1200], [0.5, 0.5], "2.01e-05"),  # GrowthBook, test_gbstats.py: 0.000020079
        ([135, 115], [0.5, 0.5], "2.06e-01"),  # GrowthBook, back-end test of checkSrm: 0.205903211
        ([310, 98], [0.75, 0.25], "6.47e-01"),  # the same: 0.647434186
    ],
)
def test_sample_ratio_mismatch(counts: list[int], weights: list[float], p: str) -> None:
    """7."""
    assert f"{check_split(counts, weights)[1]:.2e}" == p


def test_means_by_students_t() -> None:
    """9. scipy, docstrings of ttest_ind_from_stats and chisquare."""
    t, p = compare_means(15.0, 87.5**0.5, 13, 12.0, 39.0**0.5, 11)
    assert (t, p) == pytest.approx((0.9051358093310269, 0.3751996797581487), abs=1e-12)
    statistic, p = check_split([16, 18, 16, 14, 12, 12], [1] * 6)
    assert (statistic, p) == pytest.approx((2.0, 0.84914503608460956), abs=1e-12)


RATIO = Metric("m", "d", before="m0", before_denominator="d0")


def ratio_arm(m: tuple[float, float], d: tuple[float, float], m0: tuple[float, float], d0: tuple[float, float], crossed: list[float]) -> Moments:
    """`crossed`: m·m0, d·d0, m0·d0, m·d, m·d0, m0·d."""
    mm, dd, before, after, m_d0, m0_d = crossed
    products = ((m[1], after, mm, m_d0), (after, d[1], m0_d, dd), (mm, m0_d, m0[1], before), (m_d0, dd, before, d0[1]))
    return Moments(100, ("m", "d", "m0", "d0"), (m[0], d[0], m0[0], d0[0]), products)


RATIO_CONTROL = ratio_arm(
    (485.112236689623, 2715.484666118136),
    (679.9093275844917, 4939.424001640236),
    (192.59138069991536, 460.076026390857),
    (290.1398399750233, 920.9461385038898),
    [1113.6215759318352, 2130.9404074446747, 634.239482353647, 3602.146836776702, 1559.2878434944676, 1460.3181079276983],
)
RATIO_VARIANT = ratio_arm(
    (514.7757826608777, 2994.897482705013),
    (705.4090874383759, 5291.36604146392),
    (206.94157227402536, 514.2903702246757),
    (302.54389139107326, 994.4506208125663),
    [1237.0953021125997, 2292.081739775257, 698.4173425817908, 3918.1561431600717, 1701.0287270040265, 1604.0759503266522],
)


def test_ratio_adjusted_by_what_was_before() -> None:
    """10. GrowthBook, test_two_sided_ttest_test_runs_ratio_ra and test_sequential_test_runs_ratio_ra."""
    effect = get_lift(RATIO, RATIO_CONTROL, RATIO_VARIANT)
    assert fixed(effect) == (-0.0007, -0.00841, 0.007, 0.00391, 0.85771)
    assert digits(effect, get_sequence(effect), get_always_valid_p(effect)) == (-0.0007, -0.02063, 0.01923, 0.00391, 1)


def test_mean_adjusted_by_what_was_before() -> None:
    """GrowthBook, test_sequential_test_runs_ra. It leaves out that the adjusted mean and the control's own vary together: the fifth digit differs."""
    names = ("post", "before")
    control = Moments(3000, names, (1396.87, 16.87), ((52377.9767, 1), (1, 527.9767)))
    variant = Moments(3461, names, (2422.7, 22.7), ((134698.29, 1), (1, 1348.29)))
    effect = get_lift(Metric("post", before="before"), control, variant)
    interval = get_sequence(effect)
    assert round(effect.value, 5) == 0.50338
    assert (effect.standard_error, interval.low, interval.high) == pytest.approx((0.33341, -0.50969, 1.51646), abs=1.5e-5)


def test_how_many_it_takes_to_see_a_share_move() -> None:
    """11. Evan Miller's calculator: 20 % and 5 points give 1,030 in each variation."""
    assert round(measure_for_share(0.2, 0.05)) == 1030


def test_group_sequential_boundaries() -> None:
    """12. Lan-DeMets with O'Brien and Fleming's spending (ldbounds, gsDesign), and α t² as Spotify's solver spends it, for five looks."""
    looks = [0.2, 0.4, 0.6, 0.8, 1.0]
    assert [round(z, 3) for z in list_boundaries(looks)] == [4.877, 3.357, 2.680, 2.290, 2.031]
    assert [round(z, 3) for z in list_boundaries(looks, spending=spend_square)] == [3.090, 2.714, 2.473, 2.280, 2.114]


def test_quantiles_are_scipys() -> None:
    """The special functions behind these modules against scipy.stats, which would cost each process a second to load."""
    effect = get_difference(MEAN, CONTROL, VARIANT)
    assert get_interval(effect, 0.01).high - effect.value == pytest.approx(scipy_stats.t.ppf(0.995, effect.degrees) * effect.standard_error)
    assert get_p_value(effect) == pytest.approx(2 * scipy_stats.t.sf(effect.value / effect.standard_error, effect.degrees))
