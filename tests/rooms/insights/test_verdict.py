"""From sums to a verdict: the gates first, then what may be said, whatever the number of looks."""

from typing import Any

import numpy as np
import pytest

from rooms.insights.stats.codes import ADVICE
from rooms.insights.stats.effects import get_lift
from rooms.insights.stats.gates import list_holm_levels
from rooms.insights.stats.moments import Metric, Moments, TooLittleData, gather, moments_of
from rooms.insights.stats.planned import list_boundaries
from rooms.insights.stats.sequences import get_always_valid_p, get_mixture_p, get_sequence
from rooms.insights.stats.sizes import count_for_mean, count_for_share, count_while_peeking
from rooms.insights.stats.verdict import PLANNED, Arm, Goal, Plan, judge

BUYERS = Goal("buyers", "orders", Metric("buyers", is_share=True))
REVENUE = Goal("revenue", "orders", Metric("revenue"))
REFUNDS = Goal("refunds", "orders", Metric("refunded"), is_guardrail=True, is_more_better=False, tolerance=0.1)
PLAN = Plan(units=10_000)


def arm(key: str, units: int, buyers: int, *, revenue: float = 0, refunded: float = 0, split: int | None = None) -> Arm:
    """Everybody who buys pays the same; so does everybody who is paid back."""
    sums = moments_of(
        units,
        buyers=(buyers, buyers),
        revenue=(revenue, revenue**2 / max(buyers, 1) * 1.5),
        refunded=(refunded, refunded**2 / 50),
    )
    return Arm(key, 1, units, {"orders": sums}, split=units if split is None else split)


def code_of(*arms: Arm, goals: tuple[Goal, ...] = (BUYERS,), plan: Plan = PLAN) -> str:
    return judge(arms, goals, plan).code


def test_nobody_and_too_few_say_nothing() -> None:
    """Not even a variant in which everybody buys."""
    assert code_of(arm("a", 0, 0), arm("b", 0, 0)) == "nobody_yet"
    assert code_of(arm("a", 60, 1), arm("b", 55, 55)) == "too_few"


def test_a_broken_split_blocks_a_clear_winner() -> None:
    """44,000 against 45,000 has p .0008: no lift is shown at all."""
    verdict = judge([arm("a", 44_000, 2_000), arm("b", 45_000, 3_000)], [BUYERS], PLAN)
    assert (verdict.code, verdict.comparisons) == ("split_broken", ())
    assert verdict.params == {"counts": {"a": 44_000, "b": 45_000}, "expected": {"a": 44_500, "b": 44_500}}
    assert code_of(arm("a", 44_400, 2_000), arm("b", 44_600, 3_000)) == "winner"


def test_a_winner_comes_with_its_interval() -> None:
    """6 % against 7.5 % of 20,000 each."""
    verdict = judge([arm("a", 20_000, 1_200), arm("b", 20_000, 1_500)], [BUYERS], Plan(units=20_000))
    assert verdict.code == "winner"
    assert verdict.params["lift"] == pytest.approx(0.25)
    assert 0 < verdict.params["low"] < 0.25 < verdict.params["high"]


def test_a_variant_that_is_worse_keeps_the_control() -> None:
    """And with two variants, both have to be."""
    assert code_of(arm("a", 20_000, 1_500), arm("b", 20_000, 1_200)) == "worse"
    assert code_of(arm("a", 9_000, 675), arm("b", 9_000, 450), arm("c", 9_000, 670), plan=Plan(units=20_000)) == "undecided"


def test_better_in_one_goal_and_worse_in_another_is_for_people_to_decide() -> None:
    """More buyers who pay much less."""
    arms = [arm("a", 20_000, 1_200, revenue=120_000), arm("b", 20_000, 1_500, revenue=75_000)]
    assert code_of(*arms, goals=(BUYERS, REVENUE)) == "mixed"


def test_the_planned_end_without_a_difference_stops() -> None:
    """It says that none was found, not that there is none; that is said once every lift that is worth having is excluded."""
    assert code_of(arm("a", 10_000, 600), arm("b", 10_000, 605)) == "not_found"
    assert code_of(arm("a", 9_999, 600), arm("b", 9_999, 605)) == "undecided"
    assert code_of(arm("a", 90_000, 45_000), arm("b", 90_000, 45_100), plan=Plan(units=100_000, least_lift=0.05)) == "no_difference"


def test_a_guardrail_breaks_only_beyond_its_tolerance() -> None:
    """Refunds: less is better; 10 % more are tolerated, three times as much is not, and a winner does not make up for it."""
    control = arm("a", 20_000, 1_200, refunded=10_000)
    worse, same = arm("b", 20_000, 1_500, refunded=30_000), arm("b", 20_000, 1_500, refunded=10_500)
    assert code_of(control, worse, goals=(BUYERS, REFUNDS)) == "guardrail_broken"
    assert code_of(control, same, goals=(BUYERS, REFUNDS)) == "winner"
    assert code_of(worse, control, goals=(BUYERS, REFUNDS)) != "guardrail_broken"


def test_a_control_without_buyers_gives_no_lift() -> None:
    """Nothing to divide by: not infinitely better, but undecided."""
    verdict = judge([arm("a", 500, 0), arm("b", 500, 20)], [BUYERS], PLAN)
    assert verdict.code == "undecided"
    assert [one.lift for one in verdict.comparisons] == [None]
    assert code_of(arm("a", 500, 0), Arm("b", 1, 500, {}, split=500)) == "undecided"


def test_planned_looks_decide_at_their_moments_only() -> None:
    """Five looks over 10,000: nothing between them, however clear; each look's boundary is that of the fractions really seen."""
    plan = Plan(units=10_000, method=PLANNED)
    early = judge([arm("a", 1_900, 114), arm("b", 1_950, 400)], [BUYERS], plan)
    assert (early.code, early.look, early.params["next"]) == ("before_look", None, 2_000)
    first = judge([arm("a", 2_100, 126), arm("b", 2_100, 400)], [BUYERS], plan)
    assert (first.code, first.look) == ("winner", 0.21)
    again = judge([arm("a", 2_200, 130), arm("b", 2_200, 400)], [BUYERS], Plan(units=10_000, method=PLANNED, taken=(0.21,)))
    assert (again.code, again.params["next"]) == ("before_look", 4_000)
    last = judge([arm("a", 10_000, 600), arm("b", 10_000, 605)], [BUYERS], Plan(units=10_000, method=PLANNED, taken=(0.2, 0.4, 0.6, 0.8)))
    assert (last.code, last.look) == ("not_found", 1.0)


def test_a_verdict_needs_a_variant_and_a_goal() -> None:
    """Guardrails alone decide nothing."""
    for arms, goals in (([arm("a", 500, 5)], [BUYERS]), ([arm("a", 500, 5), arm("b", 500, 5)], [REFUNDS])):
        with pytest.raises(ValueError, match="goal"):
            judge(arms, goals, PLAN)


def test_holm_steps_down() -> None:
    """Textbook: .01, .04, .03, .005 at .05 falls at .0125 and .0167, and stops at .025."""
    found = list_holm_levels({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005})
    assert {name: falls for name, (falls, _) in found.items()} == {"a": True, "b": False, "c": False, "d": True}
    assert found["b"][1] == found["c"][1] == pytest.approx(0.025)


@pytest.mark.parametrize("hits", range(1_200, 1_500, 20))
def test_an_interval_excludes_nothing_exactly_when_its_hypothesis_falls(hits: int) -> None:
    """At every level that Holm may give, whatever the data."""
    effect = get_lift(BUYERS.metric, arm("a", 20_000, 1_200).sums["orders"], arm("b", 20_000, hits).sums["orders"])
    p = get_always_valid_p(effect, 0.05, 20_000)
    for level in (0.05, 0.025, 0.0125):
        assert (p < level) == (not get_sequence(effect, level, 20_000, tuned_for=0.05).has(0.0))


def test_the_adjustment_takes_out_what_was_there_before() -> None:
    """Ten thousand units that spend about what they spent before: the same lift, an interval a third as long."""
    rng = np.random.default_rng(7)
    before = rng.gamma(2.0, 30.0, size=(2, 10_000))
    after = before + rng.normal(20, 15, size=before.shape)
    after[1] *= 1.05
    control, variant = (gather(("revenue", "revenue_before"), zip(after[row], before[row], strict=True)) for row in (0, 1))
    plain, adjusted = (get_lift(Metric("revenue", before=name), control, variant) for name in ("", "revenue_before"))
    assert adjusted.standard_error < plain.standard_error / 2.5
    assert abs(adjusted.value - 0.05) < 4 * adjusted.standard_error
    assert abs(plain.value - 0.05) < 4 * plain.standard_error


def test_rooms_are_as_certain_as_they_are_many() -> None:
    """Six rooms an arm, a thousand people each, who buy alike within a room: by room the error is many times that by viewer."""
    rng = np.random.default_rng(11)
    metric = BUYERS.metric.over_clusters("people")
    arms, viewers = [], []
    for _ in range(2):
        rates = rng.beta(6, 60, size=6)
        buyers = rng.binomial(1_000, rates)
        arms.append(gather(("buyers", "people"), [(count, 1_000) for count in buyers]))
        viewers.append(moments_of(6_000, buyers=(int(buyers.sum()), int(buyers.sum()))))
    by_room, by_viewer = get_lift(metric, *arms), get_lift(BUYERS.metric, *viewers)
    assert by_room.value == pytest.approx(by_viewer.value)
    assert by_room.standard_error > 2 * by_viewer.standard_error
    assert by_room.degrees < 10


def test_msprt_is_calm_without_an_effect_and_falls_with_one() -> None:
    """The likelihood ratio against no effect: 1 at most, and below any level once the effect is clear."""
    same = get_lift(BUYERS.metric, arm("a", 5_000, 300).sums["orders"], arm("b", 5_000, 301).sums["orders"])
    more = get_lift(BUYERS.metric, arm("a", 20_000, 1_200).sums["orders"], arm("b", 20_000, 1_500).sums["orders"])
    assert get_mixture_p(same, 0.1) == 1
    assert get_mixture_p(more, 0.1) < 0.001


def test_sizes_agree_with_each_other() -> None:
    """A share is a mean; peeking costs more than one look; impossible questions are refused."""
    assert count_for_share(0.5, 0.02) == pytest.approx(count_for_mean(0.5, 0.02), rel=0.01)
    assert count_while_peeking(0.24, 0.015) > count_for_mean(0.24, 0.015)
    for wrong in ((0.0, 0.1), (0.9, 0.2), (0.5, 0.0)):
        with pytest.raises(ValueError, match="share"):
            count_for_share(*wrong)


@pytest.mark.parametrize("fractions", [[], [0.5, 0.4], [0.0, 1.0], [0.5, 1.2]])
def test_looks_that_do_not_rise_are_refused(fractions: list[float]) -> None:
    """Information only grows, and ends at the plan."""
    with pytest.raises(ValueError, match="rise"):
        list_boundaries(fractions)


def test_sums_that_do_not_fit_are_refused() -> None:
    """One sum and one row of products for each name; one unit has no variance."""
    with pytest.raises(ValueError, match="names"):
        Moments(1, ("a", "b"), (1.0,), ((1.0,),))
    with pytest.raises(TooLittleData):
        get_lift(Metric("a"), moments_of(1, a=(1, 1)), moments_of(10, a=(3, 3)))


def test_every_verdict_has_its_words(settings: Any) -> None:
    """In both languages, with every figure in its place."""
    from django.utils import translation

    from rooms.insights.experiments.texts import SENTENCES, say

    assert set(SENTENCES) == set(ADVICE)
    params = {
        "variant": "b", "goal": "buyers", "lift": 0.081, "low": -0.012, "high": 0.1, "units": 4200, "planned": 8000, "least": 100, "look": 2,
        "next": 5000, "counts": {"a": 44_000, "b": 45_000}, "expected": {"a": 44_500, "b": 44_500},
    }  # fmt: skip
    for code in SENTENCES:
        for language in ("en", "zh-hans"):
            with translation.override(language):
                _, sentence = say(code, params, {"b": "Ten seconds later"})
                assert "%(" not in sentence
                assert any("一" <= letter <= "鿿" for letter in sentence) == (language == "zh-hans")
    with translation.override("en"):
        assert say("winner", params, {"b": "Later"})[1] == "“Later” wins: it changes “viewers who buy” by +8.1 % (between −1.2 % and +10.0 %)."
