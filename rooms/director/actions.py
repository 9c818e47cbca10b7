"""The director's one story: do what is due in a room. Safe to run at any time, by anybody, any number of times."""

from collections.abc import Sequence
from uuid import UUID

import structlog
from celery.exceptions import OperationalError as BrokerUnreachable
from django.db import DatabaseError, InterfaceError, transaction

from dramas.seasons.queries import CueView, list_cues
from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from merchants.foundation.errors import DomainError
from merchants.foundation.facts import emit
from rooms.cards import actions as cards
from rooms.cards.errors import CueNotOnAir, RoomOffAir
from rooms.cards.messages import Cue
from rooms.director.facts import CueFired
from rooms.director.models import CueFiring
from rooms.director.plan import Ahead, Bridge, Close, End, Fault, Fire, Line, ReturnToLine, Show, Start, Step, decide
from rooms.director.queries import may_start, read_scene
from rooms.director.recall import Recall
from rooms.preparation.actions import open_preparation
from rooms.program.actions import bridge_silence, close_program, open_show, report_fault, return_to_line, show_at
from rooms.program.clock import current_entry, position
from rooms.program.facts import ShowClosed
from rooms.program.models import Room
from rooms.program.queries import list_last_entries
from rooms.program.states import ON_AIR, Move, State, arrive
from rooms.program.steps import forget_undo, lock_room, set_state, tell

log = structlog.get_logger(__name__)

ACTOR = "director"


def take_lead(*, room_id: UUID) -> int:
    """Open a new generation of the lead; whoever led before can no longer write. Raises: RoomNotFound."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        room.lead_generation += 1
        room.save(update_fields=["lead_generation"])
        return room.lead_generation


def direct(*, room_id: UUID, generation: int | None = None, line: Line | None = None, recall: Recall | None = None) -> int:
    """Do what is due and return when to look again (epoch ms).

    Looks without a lock first: most looks find nothing to do, and with the leader's `recall` cost one query. `generation` is the leader's,
    `line` what it hears of the host's. Raises: RoomNotFound, LeadLost.
    """
    room, recall = Room.objects.filter(pk=room_id).first(), recall or Recall()
    if room is not None:
        plan = decide(recall.scene_of(room, line), wall.now_ms())
        if plan.ahead or plan.steps:
            recall.forget()
        _prepare(room, plan.ahead)
        if not plan.steps:
            return plan.look_again_ms
    with transaction.atomic(durable=True):
        room = lock_room(room_id, generation=generation)
        plan = decide(read_scene(room, line), wall.now_ms())
        for step in plan.steps:
            _take(room, step)
        return plan.look_again_ms


def fire_cue(*, room_id: UUID, cue_id: UUID, actor: str) -> None:
    """Fire a cue of the episode on air by hand: a card rises for everybody, any other kind is sent as it is.

    Raises: RoomNotFound, RoomOffAir, CueNotOnAir, and what raising a card refuses. After commit: `card` or `cue`.
    """
    cue = _cue_on_air(room_id, cue_id)
    if cue.kind == "card" and cue.product_id is not None:
        cards.raise_card(room_id=room_id, product_id=cue.product_id, actor=actor, ttl_s=max(5, -(-cue.duration_ms // 1000)), cue_id=cue.id)
        return
    with transaction.atomic(durable=True):
        room, now_ms = lock_room(room_id), wall.now_ms()
        entry = current_entry(list_last_entries(room.airing_id), now_ms)
        if entry is None or entry.source.id != cue.episode_id:
            raise CueNotOnAir
        tell(
            room,
            Cue(
                cue_id=cue.id,
                kind=cue.kind,
                payload=cue.payload,
                duration_ms=cue.duration_ms,
                fired_at_ms=now_ms,
                program_seq=entry.seq,
                position_ms=position(entry, now_ms),
            ),
        )
        record_action(actor=actor, action="cue.fire", subject=f"room:{room_id}", cue=str(cue_id))


def _cue_on_air(room_id: UUID, cue_id: UUID) -> CueView:
    room = Room.objects.filter(pk=room_id).first()
    entry = current_entry(list_last_entries(room.airing_id), wall.now_ms()) if room and room.state in ON_AIR else None
    if entry is None:
        raise RoomOffAir
    found = next((cue for cue in list_cues(entry.source.id) if cue.id == cue_id), None) if entry.source.id else None
    if found is None:
        raise CueNotOnAir
    return found


def _take(room: Room, step: Step) -> None:
    match step:
        case Start():
            _start(room)
        case Show():
            show_at(room=room, lineup=read_scene(room).lineup, slot=step.slot, started_at_ms=step.at_ms, cause=step.cause)
        case End():
            close_program(room=room, actor=ACTOR, at_ms=step.at_ms)
        case Close():
            _close(room)
        case Fault():
            report_fault(room=room, lineup=read_scene(room).lineup)
        case Bridge():
            bridge_silence(room=room, lineup=read_scene(room).lineup, scene=step.scene, at_ms=step.at_ms)
        case ReturnToLine():
            return_to_line(room=room, lineup=read_scene(room).lineup, at_ms=step.at_ms)
        case Fire():
            _fire(room, step)


def _prepare(room: Room, ahead: Sequence[Ahead]) -> None:
    """In transactions of their own: whatever becomes of them, the show goes on, and the next look asks again."""
    for card in ahead:
        assert room.airing_id is not None
        try:
            open_preparation(airing_id=room.airing_id, program_seq=card.program_seq, cue=card.cue, due_ms=card.due_ms, expected=card.expected)
        except (DatabaseError, InterfaceError, BrokerUnreachable) as error:
            log.warning("card_not_prepared", room=str(room.pk), cue=str(card.cue.id), reason=type(error).__name__)


def _start(room: Room) -> None:
    """A room that may not air yet stays scheduled; it is asked again at every look, and its season's page says what is missing."""
    if not may_start(read_scene(room).lineup):
        return
    try:
        open_show(room=room, actor=ACTOR)
    except DomainError as refusal:
        log.info("show_not_started", room=str(room.pk), code=refusal.code)


def _close(room: Room) -> None:
    state = arrive(State(room.state), Move.CLOSE)
    forget_undo(room)
    assert room.airing_id is not None
    emit(ShowClosed(room_id=room.pk, airing_id=room.airing_id))
    set_state(room, state, at_ms=wall.now_ms())
    record_action(actor=ACTOR, action="room.close", subject=f"room:{room.pk}")


def _fire(room: Room, step: Fire) -> None:
    assert room.airing_id is not None
    now = wall.now()
    _, is_new = CueFiring.objects.get_or_create(
        airing_id=room.airing_id,
        program_seq=step.program_seq,
        cue_id=step.cue.id,
        defaults={
            "kind": step.cue.kind,
            "position_ms": step.cue.at_ms,
            "fired_at": now,
            "late_ms": max(0, wall.to_ms(now) - step.due_ms),
            "fired_by": ACTOR,
        },
    )
    if is_new:
        emit(
            CueFired(
                room_id=room.pk,
                airing_id=room.airing_id,
                program_seq=step.program_seq,
                cue_id=step.cue.id,
                cue_kind=step.cue.kind,
                product_id=step.cue.product_id,
                position_ms=step.cue.at_ms,
            )
        )
