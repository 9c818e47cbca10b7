"""Stories of experiments: create, start, stop, and a viewer who meets one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any
from uuid import UUID

from django.db import transaction

from dramas.seasons.queries import get_seal
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from rooms.insights.experiments.assignment import deal
from rooms.insights.experiments.errors import (
    AllAlike,
    ExperimentNotFound,
    GoalMissing,
    GoalOfRooms,
    KeyTaken,
    NothingVaries,
    Overlaps,
    RoomMissing,
    RoomsMissing,
    SeasonNotApproved,
    VariantsMissing,
)
from rooms.insights.experiments.kinds import KINDS, Kind
from rooms.insights.experiments.metrics import GUARDRAILS, METRICS
from rooms.insights.experiments.models import ComparedRoom, Experiment, ExperimentGoal, ExperimentVariant, Exposure
from rooms.insights.experiments.payloads import BY_PAYLOAD, check_payload
from rooms.insights.experiments.queries import split_of
from rooms.insights.experiments.states import Move, State, arrive
from rooms.insights.experiments.variations import deal_viewer, list_varied_episodes
from rooms.program.models import SLUG, Room

MOST_VARIANTS = 6
MOST_GOALS = 12
MOST_ROOMS = 200


@dataclass(frozen=True)
class VariantDraft:
    """The first one of an experiment is its control. `cue_times`: {cue id: ms from the episode's first frame}. `payload`: see `payloads`."""

    title: str
    weight: int = 1
    shift_ms: int = 0
    cue_times: dict[str, int] = field(default_factory=dict)
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class GoalDraft:
    metric: str
    is_guardrail: bool = False
    tolerance_permille: int = 0


@dataclass(frozen=True)
class Schedule:
    """How people are dealt and when it may be decided; see `Experiment`."""

    coverage_permille: int = 1000
    group: str = ""
    group_from: int = 0
    group_to: int = 1000
    method: str = Experiment.Method.ALWAYS
    looks: int = 5
    planned_units: int = 8000
    least_lift_permille: int = 20


def with_guardrails(goals: Sequence[GoalDraft]) -> list[GoalDraft]:
    """The goals, and the guardrails that every experiment has unless it names them itself."""
    named = {goal.metric for goal in goals}
    return [*goals, *(GoalDraft(metric, True, tolerance) for metric, tolerance in GUARDRAILS.items() if metric not in named)]


def create_experiment(
    *,
    key: str,
    title: str,
    kind: str,
    variants: Sequence[VariantDraft],
    goals: Sequence[GoalDraft],
    actor: str,
    room_ids: Sequence[UUID] = (),
    schedule: Schedule | None = None,
) -> UUID:
    """Write a draft. `room_ids`: the room in which viewers are split, or the rooms that are compared.

    Raises: InvalidInput, VariantInvalid, GoalOfRooms, KeyTaken, ValidationError (`key`).
    """
    SLUG(key)
    _check_drafts(kind, variants, goals, room_ids)
    payloads = [check_payload(kind, draft.payload) for draft in variants]
    _check_goals(kind, [goal.metric for goal in goals])
    with transaction.atomic(durable=True):
        if Experiment.objects.filter(key=key).exists():
            raise KeyTaken(key=key)
        rooms = list(Room.objects.filter(pk__in=room_ids).order_by("pk"))
        if len(rooms) != len(set(room_ids)):
            raise InvalidInput(field="room_ids", reason=str(RoomMissing.text))
        is_by_viewer = Experiment(kind=kind).is_by_viewer
        experiment = Experiment(key=key, title=title, kind=kind, created_by=actor, **vars(schedule or Schedule()))
        experiment.room = rooms[0] if is_by_viewer and rooms else None
        experiment.full_clean(exclude=["key"])
        experiment.save()
        ExperimentVariant.objects.bulk_create(
            ExperimentVariant(experiment=experiment, number=number, **vars(draft) | {"payload": payloads[number]})
            for number, draft in enumerate(variants)
        )
        ExperimentGoal.objects.bulk_create(ExperimentGoal(experiment=experiment, **vars(draft)) for draft in goals)
        if not is_by_viewer:
            ComparedRoom.objects.bulk_create(ComparedRoom(experiment=experiment, room=room) for room in rooms)
        record_action(actor=actor, action="experiment.create", subject=f"experiment:{experiment.pk}", key=key)
        return experiment.pk


def start_experiment(*, experiment_id: UUID, actor: str) -> None:
    """From now on viewers are split. What the variants show is sealed with the season's approval as it stands; see `variations`.

    Needs: the caller may approve what airs. Raises: ExperimentNotFound, MoveRefused, VariantInvalid, GoalOfRooms, NotReady in its kinds.
    """
    with transaction.atomic(durable=True):
        experiment = _lock(experiment_id)
        after = arrive(State(experiment.state), Move.START)
        variants, goals = list(experiment.variants.all()), list(experiment.goals.all())
        if len(variants) < 2 or variants[0].number != 0:
            raise VariantsMissing
        if all(goal.is_guardrail for goal in goals):
            raise GoalMissing
        _check_goals(experiment.kind, [goal.metric for goal in goals])
        _check_payloads(experiment.kind, variants)
        if experiment.is_by_viewer:
            _seal(experiment, variants)
        else:
            _deal_rooms(experiment, variants)
        experiment.state, experiment.started_at = after, clock.now()
        experiment.save(update_fields=["state", "started_at", "season_digest"])
        record_action(actor=actor, action="experiment.start", subject=f"experiment:{experiment.pk}", season_digest=experiment.season_digest)


def stop_experiment(*, experiment_id: UUID, reason: str, actor: str) -> None:
    """Everybody sees the season's own cues again. Raises: ExperimentNotFound, MoveRefused."""
    with transaction.atomic(durable=True):
        experiment = _lock(experiment_id)
        experiment.state = arrive(State(experiment.state), Move.STOP)
        experiment.stopped_at, experiment.stop_reason = clock.now(), reason[:200]
        experiment.save(update_fields=["state", "stopped_at", "stop_reason"])
        record_action(actor=actor, action="experiment.stop", subject=f"experiment:{experiment.pk}", reason=reason[:200])


def record_exposure(*, experiment_id: UUID, room_id: UUID, viewer_id: str) -> bool:
    """Note once that a viewer meets the experiment in this room; which variant, the server decides. True when it was the first time.

    A stopped one, or a viewer who is no part of it, leaves nothing. Raises: ExperimentNotFound, also when it is another room's.
    """
    with transaction.atomic(durable=True):
        experiment = Experiment.objects.prefetch_related("variants").filter(pk=experiment_id).first()
        compared = ComparedRoom.objects.filter(experiment_id=experiment_id, room_id=room_id).first()
        if experiment is None or (experiment.room_id != room_id and compared is None):
            raise ExperimentNotFound
        if experiment.state != State.RUNNING:
            return False
        variant_id = deal_viewer(experiment, viewer_id) if experiment.is_by_viewer else compared and compared.variant_id
        if variant_id is None:
            return False
        seen = {"variant_id": variant_id, "room_id": room_id, "exposed_at": clock.now()}
        _, is_new = Exposure.objects.get_or_create(experiment=experiment, viewer_id=viewer_id, defaults=seen)
        return is_new


def _check_drafts(kind: str, variants: Sequence[VariantDraft], goals: Sequence[GoalDraft], room_ids: Sequence[UUID]) -> None:
    if kind not in Kind.values:
        raise InvalidInput(field="kind", reason=", ".join(Kind.values))
    if unknown := [goal.metric for goal in goals if goal.metric not in METRICS]:
        raise InvalidInput(field="metric", reason=f"{unknown[0]}: {', '.join(METRICS)}")
    for name, given, most in (("variants", variants, MOST_VARIANTS), ("goals", goals, MOST_GOALS), ("room_ids", room_ids, MOST_ROOMS)):
        if len(given) > most:
            raise InvalidInput(field=name, reason=f"≤ {most}")


def _check_goals(kind: str, metrics: Sequence[str]) -> None:
    """Raises: GoalOfRooms."""
    named = [METRICS[name] for name in metrics if METRICS[name].is_of_rooms]
    if named and Experiment(kind=kind).is_by_viewer:
        raise GoalOfRooms(goal=str(named[0].label))


def _check_payloads(kind: str, variants: Sequence[ExperimentVariant]) -> None:
    """The office's form writes rows by itself, so they are checked once more. Raises: VariantInvalid, AllAlike."""
    payloads = [check_payload(kind, variant.payload) for variant in variants]
    if kind in BY_PAYLOAD and all(payload == payloads[0] for payload in payloads):
        raise AllAlike


def _lock(experiment_id: UUID) -> Experiment:
    experiment = Experiment.objects.select_for_update(of=("self",), no_key=True).filter(pk=experiment_id).first()
    if experiment is None:
        raise ExperimentNotFound
    return experiment


def _seal(experiment: Experiment, variants: Sequence[ExperimentVariant]) -> None:
    """Raises: RoomMissing, SeasonNotApproved, NothingVaries, Overlaps."""
    room = experiment.room
    if room is None:
        raise RoomMissing
    if KINDS[experiment.kind].is_sealed:
        season_id = room.season_id
        seal = get_seal(season_id) if season_id else None
        if season_id is None or seal is None or not seal.is_standing:
            raise SeasonNotApproved
        experiment.season_digest = seal.digest
        if experiment.kind == Kind.CUE_TIME and not list_varied_episodes(season_id, variants):
            raise NothingVaries
    # Two starts at once in one room: the second waits for the first here.
    Room.objects.select_for_update(of=("self",), no_key=True).get(pk=room.pk)
    others = Experiment.objects.filter(state=State.RUNNING, room=room, kind=experiment.kind).prefetch_related("variants")
    for other in others:
        if split_of(experiment).overlaps(split_of(other)):
            raise Overlaps(other=other.title)


def _deal_rooms(experiment: Experiment, variants: Sequence[ExperimentVariant]) -> None:
    """Raises: RoomsMissing, Overlaps."""
    compared = list(experiment.rooms.all())
    least = KINDS[experiment.kind].least_units
    weights = [variant.weight for variant in variants]
    missing = ceil(least * sum(weights) / min(weights)) - len(compared)
    if missing > 0:
        raise RoomsMissing(least=least, missing=missing)
    rooms = Room.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=[one.room_id for one in compared]).order_by("pk")
    busy = ComparedRoom.objects.filter(room__in=list(rooms), experiment__state=State.RUNNING).select_related("experiment").first()
    if busy is not None:
        raise Overlaps(other=busy.experiment.title)
    dealt = deal(experiment.key, weights, [one.room_id for one in compared])
    for one in compared:
        one.variant = variants[dealt[one.room_id]]
    ComparedRoom.objects.bulk_update(compared, ["variant"])
