"""The stories of drills: one begins, one ends with its report."""

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from rooms.live.drills.prerequisites import Known, check
from rooms.live.errors import DrillRuns
from rooms.live.models import Drill
from rooms.live.queries import get_overview, list_node_ids
from rooms.live.samples import waiting
from rooms.live.statistics import count_frozen
from rooms.program.clock import current_entry
from rooms.program.lineup import get_lineup
from rooms.program.models import Room
from rooms.program.queries import list_last_entries
from rooms.program.states import SourceKind
from rooms.program.steps import lock_room

# What is not over by then was broken off with its process.
LONGEST = timedelta(minutes=4)


class Assignment(msgspec.Struct, frozen=True):
    """What the performer needs to know. `scene_ms`: the fault scene's length, 0 without one. `last_seq`: of the program."""

    drill_id: UUID
    kind: str
    airing_id: UUID | None
    node: str
    nodes: tuple[str, ...]
    gaps: int
    scene_ms: int
    last_seq: int


class Report(msgspec.Struct):
    """`steps`: what happened, in milliseconds from the failure. See `models.Drill`."""

    verdict: str = ""
    is_passed: bool = False
    steps: list[dict[str, Any]] = []
    gap_ms: int | None = None
    fault_ms: int | None = None
    back_ms: int | None = None


def begin_drill(*, room_id: UUID, kind: str, actor: str) -> Assignment:
    """Write down that this failure is rehearsed from now on.

    Raises: RoomNotFound, DrillRuns, and what `prerequisites.check` refuses. The caller performs it.
    """
    overview, nodes = get_overview(room_id), list_node_ids()
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        now = wall.now()
        _give_up_stale(room, before=now - LONGEST)
        log = list_last_entries(room.airing_id)
        entry = current_entry(log, wall.to_ms(now))
        lineup = get_lineup(room.season_id)
        scene = lineup.find(room.fault_episode_id)
        is_scene_ready = scene is not None and lineup.can_show(scene)
        is_live = entry is not None and entry.source.kind == SourceKind.LIVE
        check(kind, Known(overview, is_live=is_live, has_fault_scene=is_scene_ready, nodes=nodes))
        assert overview is not None
        drill = _open(room, kind, actor)
        record_action(actor=actor, action="live.drill", subject=f"room:{room.pk}", kind=kind, drill=str(drill.pk))
    return Assignment(
        drill_id=drill.pk,
        kind=kind,
        airing_id=drill.airing_id,
        node=overview.node,
        nodes=nodes,
        gaps=overview.gaps,
        scene_ms=scene.duration_ms if scene is not None else 0,
        last_seq=max((found.seq for found in log), default=0),
    )


def end_drill(*, drill_id: UUID, report: Report, is_broken: bool = False) -> None:
    """Write the report, with what viewers' pages said meanwhile. Safe to repeat: the first one stays."""
    with suppress(RedisError):  # what cannot be read now is saved later, and missing here
        waiting.drain()
    with transaction.atomic(durable=True):
        drill = Drill.objects.select_for_update().filter(pk=drill_id, state=Drill.State.RUNNING).first()
        if drill is None:
            return
        drill.state = Drill.State.BROKEN if is_broken else Drill.State.PASSED if report.is_passed else Drill.State.FAILED
        drill.ended_at = wall.now()
        drill.steps, drill.verdict = report.steps, report.verdict
        drill.gap_ms, drill.fault_ms, drill.back_ms = report.gap_ms, report.fault_ms, report.back_ms
        if drill.airing_id is not None:
            drill.viewers, drill.viewers_frozen_ms = count_frozen(drill.airing_id, since=drill.created_at)
        drill.save()
        record_action(actor=drill.by, action="live.drill.end", subject=f"room:{drill.room_id}", drill=str(drill.pk), verdict=report.verdict)


def _open(room: Room, kind: str, actor: str) -> Drill:
    try:
        with transaction.atomic():
            return Drill.objects.create(room=room, airing_id=room.airing_id, kind=kind, by=actor, created_at=wall.now())
    except IntegrityError as error:
        raise DrillRuns from error


def _give_up_stale(room: Room, *, before: Any) -> None:
    stale = Drill.objects.filter(room=room, state=Drill.State.RUNNING, created_at__lt=before)
    stale.update(state=Drill.State.BROKEN, verdict="process_lost", ended_at=wall.now())
