"""What a verdict rests on, as it is kept: anybody can judge it again and must come to the same. Pure."""

from collections.abc import Mapping
from typing import Any

from rooms.insights.experiments.metrics import METRICS
from rooms.insights.experiments.sources import PEOPLE
from rooms.insights.stats.moments import Moments
from rooms.insights.stats.verdict import Arm, Goal, Plan, Verdict, judge


def judge_inputs(inputs: Mapping[str, Any]) -> Verdict:
    """Shape: see `judging`."""
    is_by_viewer = inputs["is_by_viewer"]
    plan = Plan(**inputs["plan"] | {"taken": tuple(inputs["plan"]["taken"])})
    arms = [_arm(arm, inputs["sums"], is_by_viewer=is_by_viewer) for arm in inputs["arms"]]
    return judge(arms, [_goal(goal, is_by_viewer=is_by_viewer) for goal in inputs["goals"]], plan)


def _arm(arm: Mapping[str, Any], sources: Mapping[str, Any], *, is_by_viewer: bool) -> Arm:
    key = arm["variant"]
    sums = {name: _moments(found[key]) for name, found in sources.items() if key in found}
    units = min((moments.n for moments in sums.values()), default=0)
    return Arm(key=key, weight=arm["weight"], units=units, sums=sums, split=arm["split"] if is_by_viewer else None)


def _moments(found: Mapping[str, Any]) -> Moments:
    return Moments(found["n"], tuple(found["names"]), tuple(found["sums"]), tuple(tuple(row) for row in found["products"]))


def _goal(goal: Mapping[str, Any], *, is_by_viewer: bool) -> Goal:
    named = METRICS[goal["metric"]]
    return Goal(
        name=goal["metric"],
        source=named.source,
        metric=named.metric if is_by_viewer else named.metric.over_clusters(PEOPLE),
        is_guardrail=goal["is_guardrail"],
        is_more_better=named.is_more_better,
        tolerance=goal["tolerance"],
    )
