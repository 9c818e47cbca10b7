"""Reads of experiments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from rooms.insights.experiments.assignment import Split
from rooms.insights.experiments.errors import ExperimentNotFound
from rooms.insights.experiments.models import ComparedRoom, Experiment, Exposure, Judgement
from rooms.insights.experiments.states import State
from rooms.insights.experiments.texts import say

MOST_LISTED = 200


@dataclass(frozen=True)
class VariantView:
    """`viewers`: how many have seen it. `rooms`: slugs of the rooms it was dealt to, where rooms are compared."""

    id: UUID
    number: int
    title: str
    weight: int
    shift_ms: int
    cue_times: Mapping[str, int]
    payload: Mapping[str, Any]
    viewers: int
    rooms: Sequence[str]


@dataclass(frozen=True)
class GoalView:
    metric: str
    is_guardrail: bool
    tolerance_permille: int


@dataclass(frozen=True)
class JudgementView:
    """`sentence` says it in the reader's language; `advice`: keep_going, stop, winner, broken. Lifts and intervals are fractions."""

    code: str
    advice: str
    sentence: str
    params: Mapping[str, Any]
    comparisons: Sequence[Mapping[str, Any]]
    inputs_digest: str
    look: float | None
    judged_at: datetime


@dataclass(frozen=True)
class ExperimentView:
    """`verdict_state` and `verdict_permille` say how far the next verdict is; `judgement` is the last one, if there is any."""

    id: UUID
    key: str
    title: str
    kind: str
    state: str
    room_slug: str
    coverage_permille: int
    group: str
    group_from: int
    group_to: int
    method: str
    looks: int
    planned_units: int
    least_lift_permille: int
    started_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    verdict_state: str
    verdict_permille: int
    variants: Sequence[VariantView]
    goals: Sequence[GoalView]
    judgement: JudgementView | None


def list_experiments() -> list[ExperimentView]:
    """The newest first. Six queries."""
    found = list(_experiments()[:MOST_LISTED])
    last = _last_judgements([experiment.pk for experiment in found])
    seen = count_exposures([experiment.pk for experiment in found])
    return [_view(experiment, seen, last.get(experiment.pk)) for experiment in found]


def get_experiment(experiment_id: UUID) -> ExperimentView:
    """Raises: ExperimentNotFound."""
    experiment = _experiments().filter(pk=experiment_id).first()
    if experiment is None:
        raise ExperimentNotFound
    return _view(experiment, count_exposures([experiment.pk]), _last_judgements([experiment.pk]).get(experiment.pk))


def find_experiment_of_room(room_id: UUID) -> ExperimentView | None:
    """The one that runs, else the one that began last. One query without any, six with one."""
    begun = _experiments().filter(room_id=room_id, started_at__isnull=False)
    experiment = begun.annotate(is_running=Q(state=State.RUNNING)).order_by("-is_running", "-started_at").first()
    if experiment is None:
        return None
    return _view(experiment, count_exposures([experiment.pk]), _last_judgements([experiment.pk]).get(experiment.pk))


def list_judgements(experiment_id: UUID, *, limit: int) -> list[JudgementView]:
    """The newest first. Raises: ExperimentNotFound."""
    experiment = _experiments().filter(pk=experiment_id).first()
    if experiment is None:
        raise ExperimentNotFound
    titles = {str(variant.pk): variant.title for variant in experiment.variants.all()}
    return [judgement_view(row, titles) for row in Judgement.objects.filter(experiment_id=experiment_id)[:limit]]


def list_dealt_rooms(experiment_id: UUID) -> dict[UUID, list[UUID]]:
    """Rooms by the variant that they were dealt. One query."""
    dealt: dict[UUID, list[UUID]] = {}
    rows = ComparedRoom.objects.filter(experiment_id=experiment_id, variant__isnull=False).order_by("room_id")
    for variant_id, room_id in rows.values_list("variant_id", "room_id"):
        dealt.setdefault(variant_id, []).append(room_id)
    return dealt


def list_running() -> list[UUID]:
    return list(Experiment.objects.filter(state=State.RUNNING).order_by("started_at").values_list("pk", flat=True))


def count_exposures(experiment_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Viewers that have seen each variant."""
    rows = Exposure.objects.filter(experiment_id__in=experiment_ids).values_list("variant_id")
    return dict(rows.annotate(Count("pk")).order_by("variant_id"))


def split_of(experiment: Experiment) -> Split:
    """Needs: `variants` at hand."""
    return Split(
        key=experiment.key,
        weights=tuple(variant.weight for variant in experiment.variants.all()),
        coverage=experiment.coverage_permille,
        group=experiment.group,
        group_from=experiment.group_from,
        group_to=experiment.group_to,
    )


def judgement_view(row: Judgement, titles: Mapping[str, str]) -> JudgementView:
    """`titles`: names of the variants by id."""
    advice, sentence = say(row.code, row.params, titles)
    return JudgementView(
        code=row.code,
        advice=advice,
        sentence=sentence,
        params=row.params,
        comparisons=row.comparisons,
        inputs_digest=row.inputs_digest,
        look=row.look,
        judged_at=row.judged_at,
    )


def _experiments() -> QuerySet[Experiment]:
    rooms = Prefetch("rooms", ComparedRoom.objects.select_related("room"))
    return Experiment.objects.select_related("room").prefetch_related("variants", "goals", rooms)


def _last_judgements(experiment_ids: Sequence[UUID]) -> dict[UUID, Judgement]:
    rows = Judgement.objects.filter(experiment_id__in=experiment_ids).order_by("experiment_id", "-judged_at").distinct("experiment_id")
    return {row.experiment_id: row for row in rows}


def _view(experiment: Experiment, seen: Mapping[UUID, int], last: Judgement | None) -> ExperimentView:
    dealt = [(compared.variant_id, compared.room.slug) for compared in experiment.rooms.all()]
    variants = [
        VariantView(
            id=variant.pk,
            number=variant.number,
            title=variant.title,
            weight=variant.weight,
            shift_ms=variant.shift_ms,
            cue_times=variant.cue_times,
            payload=variant.payload,
            viewers=seen.get(variant.pk, 0),
            rooms=[slug for variant_id, slug in dealt if variant_id == variant.pk],
        )
        for variant in experiment.variants.all()
    ]
    names = ("id", "key", "title", "kind", "state", "coverage_permille", "group", "group_from", "group_to", "method", "looks", "planned_units")
    more = ("least_lift_permille", "started_at", "stopped_at", "stop_reason", "verdict_state", "verdict_permille")
    return ExperimentView(
        **{name: getattr(experiment, name) for name in (*names, *more)},
        room_slug=experiment.room.slug if experiment.room else "",
        variants=variants,
        goals=[GoalView(goal.metric, goal.is_guardrail, goal.tolerance_permille) for goal in experiment.goals.all()],
        judgement=judgement_view(last, {str(variant.id): variant.title for variant in variants}) if last else None,
    )
