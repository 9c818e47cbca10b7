"""From the arms' sums to one of a few verdicts. The gates come first; a verdict is a code and figures, its words are the caller's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from rooms.insights.stats.effects import Effect, Interval, get_lift
from rooms.insights.stats.gates import SPLIT_ALPHA, check_split, list_holm_levels
from rooms.insights.stats.moments import Metric, Moments, TooLittleData
from rooms.insights.stats.planned import get_planned_interval, list_boundaries
from rooms.insights.stats.sequences import TUNING, get_always_valid_p, get_sequence

ALWAYS, PLANNED = "always", "planned"


@dataclass(frozen=True)
class Arm:
    """`weight` is its announced share; `sums` are by source, each over the same `units`.

    `split` counts those who were split: None for rooms, which are dealt out and not drawn.
    """

    key: str
    weight: float
    units: int
    sums: Mapping[str, Moments]
    split: int | None = None


@dataclass(frozen=True)
class Goal:
    """A metric of a source, to be moved or to be guarded: a guardrail breaks once it is surely worse by more than `tolerance` (a fraction)."""

    name: str
    source: str
    metric: Metric
    is_guardrail: bool = False
    is_more_better: bool = True
    tolerance: float = 0.0


@dataclass(frozen=True)
class Plan:
    """What was decided before the start.

    Args:
        units: of each arm, at the end. `least_units`: fewer than these say nothing.
        least_lift: a smaller one is not worth having.
        looks: how many are planned; `taken` are the fractions of `units` at which they were made so far. Of `PLANNED` alone.
    """

    units: int
    method: str = ALWAYS
    alpha: float = 0.05
    least_units: int = 100
    least_lift: float = 0.0
    looks: int = 5
    taken: tuple[float, ...] = ()

    @property
    def tuning(self) -> int:
        """The sequence is narrowest at the planned end."""
        return 2 * self.units or TUNING


@dataclass(frozen=True)
class Comparison:
    """A variant against the control in one goal: lift and interval as fractions; None while nothing can be said.

    `tells`: +1 it is surely better, −1 surely worse, 0 it may be either.
    """

    variant: str
    goal: str
    is_guardrail: bool
    lift: float | None
    low: float | None
    high: float | None
    tells: int = 0


@dataclass(frozen=True)
class Verdict:
    """`code` is a key of `codes.ADVICE`. `look`: the fraction of the plan at which this planned look was made; None when none was."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    look: float | None = None


def judge(arms: Sequence[Arm], goals: Sequence[Goal], plan: Plan) -> Verdict:
    """The first of `arms` is the control. Raises: ValueError without a variant or a goal."""
    if len(arms) < 2 or not any(not goal.is_guardrail for goal in goals):
        raise ValueError("there has to be a variant, and a goal")
    blocked = _gate(arms, plan)
    if blocked:
        return blocked
    guards = _compare_guardrails(arms, goals, plan)
    broken = next((found for found in guards if found.tells < 0), None)
    if broken:
        return Verdict("guardrail_broken", _figures(broken), guards)
    fewest = min(arm.units for arm in arms)
    fraction = min(1.0, fewest / plan.units)
    if plan.method == ALWAYS:
        return _conclude(_compare_always(arms, goals, plan) + guards, plan, fewest)
    due = (len(plan.taken) + 1) / plan.looks
    if fraction < due or (plan.taken and fraction <= plan.taken[-1]):
        return Verdict("before_look", {"units": fewest, "next": ceil(plan.units * min(due, 1.0)), "look": len(plan.taken) + 1}, guards)
    return _conclude(_compare_planned(arms, goals, plan, fraction) + guards, plan, fewest, fraction)


def _gate(arms: Sequence[Arm], plan: Plan) -> Verdict | None:
    """Nothing is compared before the split is as announced and there is something to compare."""
    counts = [arm.split for arm in arms]
    if not any(arm.units for arm in arms):
        return Verdict("nobody_yet")
    split = [count for count in counts if count is not None]
    if len(split) == len(arms):
        _, p = check_split(split, [arm.weight for arm in arms])
        if p < SPLIT_ALPHA:
            total, weights = sum(split), sum(arm.weight for arm in arms)
            expected = {arm.key: round(total * arm.weight / weights) for arm in arms}
            return Verdict("split_broken", {"counts": dict(zip((arm.key for arm in arms), split, strict=True)), "expected": expected})
    fewest = min(arm.units for arm in arms)
    return Verdict("too_few", {"units": fewest, "least": plan.least_units}) if fewest < plan.least_units else None


def _compare_always(arms: Sequence[Arm], goals: Sequence[Goal], plan: Plan) -> tuple[Comparison, ...]:
    """Holm over variants times goals, on p-values that hold at every look."""
    effects = _effects(arms, [goal for goal in goals if not goal.is_guardrail])
    p_values = {name: get_always_valid_p(effect, plan.alpha, plan.tuning) if effect else 1.0 for name, (*_, effect) in effects.items()}
    levels = {name: level for name, (_, level) in list_holm_levels(p_values, plan.alpha).items()}
    return tuple(
        _comparison(arm, goal, effect, get_sequence(effect, levels[name], plan.tuning, tuned_for=plan.alpha) if effect else None)
        for name, (arm, goal, effect) in effects.items()
    )


def _compare_planned(arms: Sequence[Arm], goals: Sequence[Goal], plan: Plan, fraction: float) -> tuple[Comparison, ...]:
    """The error is shared evenly: spending it over looks and stepping down at once has no simple form."""
    effects = _effects(arms, [goal for goal in goals if not goal.is_guardrail])
    boundary = list_boundaries([*plan.taken, fraction], plan.alpha / len(effects))[-1]
    return tuple(_comparison(arm, goal, effect, get_planned_interval(effect, boundary) if effect else None) for arm, goal, effect in effects.values())


def _compare_guardrails(arms: Sequence[Arm], goals: Sequence[Goal], plan: Plan) -> tuple[Comparison, ...]:
    """Guardrails are watched at every look, whatever the method."""
    effects = _effects(arms, [goal for goal in goals if goal.is_guardrail])
    alpha = plan.alpha / max(len(effects), 1)
    return tuple(
        _comparison(arm, goal, effect, get_sequence(effect, alpha, plan.tuning) if effect else None) for arm, goal, effect in effects.values()
    )


def _effects(arms: Sequence[Arm], goals: Sequence[Goal]) -> dict[str, tuple[Arm, Goal, Effect | None]]:
    return {f"{arm.key}/{goal.name}": (arm, goal, _effect(goal, arms[0], arm)) for arm in arms[1:] for goal in goals}


def _effect(goal: Goal, control: Arm, arm: Arm) -> Effect | None:
    if goal.source not in control.sums or goal.source not in arm.sums:
        return None
    try:
        return get_lift(goal.metric, control.sums[goal.source], arm.sums[goal.source])
    except TooLittleData:
        return None


def _comparison(arm: Arm, goal: Goal, effect: Effect | None, interval: Interval | None) -> Comparison:
    if effect is None or interval is None:
        return Comparison(arm.key, goal.name, goal.is_guardrail, None, None, None)
    upwards = 1 if interval.low > goal.tolerance else -1 if interval.high < -goal.tolerance else 0
    tells = upwards if goal.is_more_better else -upwards
    return Comparison(arm.key, goal.name, goal.is_guardrail, effect.value, interval.low, interval.high, tells)


def _conclude(comparisons: tuple[Comparison, ...], plan: Plan, fewest: int, look: float | None = None) -> Verdict:
    aims = [found for found in comparisons if not found.is_guardrail]
    better = {found.variant for found in aims if found.tells > 0}
    worse = {found.variant for found in aims if found.tells < 0}
    clear = [found for found in aims if found.tells > 0 and found.variant not in worse]
    if clear:
        best = max(clear, key=lambda found: abs(found.lift or 0.0))
        return Verdict("winner", _figures(best), comparisons, look)
    if better & worse:
        found = next(found for found in aims if found.variant in better & worse and found.tells < 0)
        return Verdict("mixed", _figures(found), comparisons, look)
    if worse == {found.variant for found in aims}:
        return Verdict("worse", _figures(next(found for found in aims if found.tells < 0)), comparisons, look)
    known = [found for found in aims if found.low is not None and found.high is not None]
    is_small = len(known) == len(aims) and all(max(-(found.low or 0.0), found.high or 0.0) < plan.least_lift for found in known)
    if is_small or (known and fewest >= plan.units):
        widest = max(known, key=lambda found: max(abs(found.low or 0.0), abs(found.high or 0.0)))
        return Verdict("no_difference" if is_small else "not_found", _figures(widest), comparisons, look)
    return Verdict("undecided", {"units": fewest, "planned": plan.units}, comparisons, look)


def _figures(found: Comparison) -> dict[str, Any]:
    return {"variant": found.variant, "goal": found.goal, "lift": found.lift, "low": found.low, "high": found.high}
