"""The stories of the stage. Each locks the room, and is safe to repeat: what is so already changes and says nothing.

After a change everybody hears `guests`, and who it is about hears `stage.mine` on their own stream. The media plane is told
after the commit; `tend_stage` says again what it did not hear.
"""

from uuid import UUID

from django.db import transaction

from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from realtime.rtc.overview import Overview
from realtime.rtc.requests import CloseLine, MuteLine
from rooms.live.queries import get_overview
from rooms.live.stage import messages
from rooms.live.stage.errors import GuestNotFound, GuestNotHeard, KeptOffStage, NotBackstage, QueueFull, StageClosed, StageFull
from rooms.live.stage.models import StageGuest
from rooms.live.stage.queries import is_open, list_open, own_stage
from rooms.live.stage.states import MOST_GUESTS, MOST_WAITING, OPEN, SENDING, Ending, Standing, ending_by_staff, find_free_place
from rooms.live.stage.steps import line_of_guest, order_on_commit, tell_guest, tell_stage
from rooms.live.stage.tending import End, Note, Repeat, SendAway, Step, decide, is_heard
from rooms.moderation.queries import get_muted_until_ms, is_banned, list_barred
from rooms.program.air import read_air
from rooms.program.models import Room
from rooms.program.steps import lock_room

ACTOR = "director"


def ask(*, room_id: UUID | str, viewer_id: str, nickname: str, has_picture: bool) -> messages.Standing:
    """Ask to come on stage. Who waits already may change between camera and voice only.

    Raises: RoomNotFound, StageClosed, KeptOffStage, QueueFull. After commit: `guests`, `stage.mine`.
    """
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        _check_open(room)
        _check_person(room, viewer_id)
        row = _row_of(room, viewer_id)
        if row is None:
            if StageGuest.objects.filter(room=room, standing=Standing.ASKED).count() >= MOST_WAITING:
                raise QueueFull(most=MOST_WAITING)
            row = StageGuest.objects.create(
                room=room, viewer_id=viewer_id, nickname=nickname[:24], has_picture=has_picture, standing=Standing.ASKED, asked_at=wall.now()
            )
            _announce(room, row)
            _note(f"viewer:{viewer_id}", "stage.ask", row)
        elif row.standing == Standing.ASKED and row.has_picture != has_picture:
            row.has_picture = has_picture
            row.save(update_fields=["has_picture"])
            _announce(room, row)
        return standing_of(room, viewer_id)


def withdraw(*, room_id: UUID | str, viewer_id: str) -> None:
    """Take the request back, or leave the stage. Without either nothing happens."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        row = _row_of(room, viewer_id)
        if row is not None:
            _end(room, row, Ending.WITHDRAWN, actor=f"viewer:{viewer_id}")
            _announce(room, row)


def look(*, room_id: UUID | str, viewer_id: str) -> messages.Standing:
    """How this viewer stands. Raises: RoomNotFound."""
    with transaction.atomic(durable=True):
        return standing_of(lock_room(room_id), viewer_id)


def invite(*, room_id: UUID, guest_id: UUID, actor: str) -> None:
    """Backstage: the guest may send, and only staff see and hear it.

    Raises: RoomNotFound, GuestNotFound, StageClosed, KeptOffStage, StageFull.
    """
    with transaction.atomic(durable=True):
        room, row = _sit_down(room_id, guest_id)
        if row.standing in SENDING:
            return
        _check_open(room)
        _check_person(room, row.viewer_id)
        place = find_free_place(set(StageGuest.objects.filter(room=room, place__isnull=False).values_list("place", flat=True)))
        if place is None:
            raise StageFull(most=MOST_GUESTS)
        row.standing, row.place, row.silent_since = Standing.BACKSTAGE, place, wall.now()
        row.save(update_fields=["standing", "place", "silent_since"])
        _announce(room, row)
        _note(actor, "stage.invite", row)


def admit(*, room_id: UUID, guest_id: UUID, actor: str) -> None:
    """Let a guest on whom the host has seen or heard backstage: everybody may watch the line from now on.

    Raises: RoomNotFound, GuestNotFound, StageClosed, NotBackstage, GuestNotHeard.
    """
    report = get_overview(room_id)
    with transaction.atomic(durable=True):
        room, row = _sit_down(room_id, guest_id)
        if row.standing == Standing.ON_STAGE:
            return
        _check_open(room)
        if row.standing != Standing.BACKSTAGE:
            raise NotBackstage
        if not any(is_heard(sender) for sender in (report.publishers if report else ()) if sender.name == str(row.pk)):
            raise GuestNotHeard
        row.standing, row.silent_since = Standing.ON_STAGE, None
        row.save(update_fields=["standing", "silent_since"])
        _announce(room, row)
        _note(actor, "stage.admit", row)


def mute_guest(*, room_id: UUID, guest_id: UUID, actor: str) -> None:
    """Forward none of the guest's sound. Raises: RoomNotFound, GuestNotFound, NotBackstage."""
    _set_muted(room_id, guest_id, actor, is_muted=True)


def unmute_guest(*, room_id: UUID, guest_id: UUID, actor: str) -> None:
    """Raises: RoomNotFound, GuestNotFound, NotBackstage."""
    _set_muted(room_id, guest_id, actor, is_muted=False)


def remove_guest(*, room_id: UUID, guest_id: UUID, actor: str) -> None:
    """Decline a request, or send a guest off. Who is gone already stays so. Raises: RoomNotFound, GuestNotFound."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        row = StageGuest.objects.filter(room=room, pk=guest_id).first()
        if row is None:
            raise GuestNotFound
        if row.standing != Standing.OVER:
            _end(room, row, ending_by_staff(Standing(row.standing)), actor=actor)
            _announce(room, row)


def tend_stage(*, room_id: UUID, report: Overview | None) -> None:
    """Do what is due without anybody's hand, as the node's `report` has it. One query while nobody is on stage."""
    rows = list(StageGuest.objects.filter(room_id=room_id, standing__in=OPEN))
    if not rows and not any(sender.role == "guest" for sender in (report.publishers if report else ())):
        return
    if _plan(room_id, rows, report):
        with transaction.atomic(durable=True):
            room = lock_room(room_id)
            rows = list(StageGuest.objects.filter(room=room, standing__in=OPEN))
            steps = _plan(room_id, rows, report)
            for step in steps:
                _take(room, {row.pk: row for row in rows}, step)
            if any(isinstance(step, End | Note) for step in steps):  # however many leave at once, the room hears of it once
                _announce(room, *(row for row in rows if row.ending))


def standing_of(room: Room, viewer_id: str) -> messages.Standing:
    return messages.Standing(room_id=room.pk, revision=room.revision, own=own_stage(list_open(room.pk), viewer_id))


def _plan(room_id: UUID, rows: list[StageGuest], report: Overview | None) -> list[Step]:
    barred = list_barred(room_id, [row.viewer_id for row in rows]) if rows else set()
    return decide(rows, report, is_open=is_open(read_air(room_id), wall.now_ms()), barred=barred, now=wall.now())


def _take(room: Room, rows: dict[UUID, StageGuest], step: Step) -> None:
    match step:
        case End(guest_id, ending):
            _end(room, rows[guest_id], ending, actor=ACTOR)
        case Note(guest_id, silent_since):
            rows[guest_id].silent_since = silent_since
            rows[guest_id].save(update_fields=["silent_since"])
        case Repeat(guest_id, is_muted):
            order_on_commit(room.pk, MuteLine(line_of_guest(guest_id), is_muted))
        case SendAway(name):
            order_on_commit(room.pk, CloseLine(line_of_guest(name)))


def _set_muted(room_id: UUID, guest_id: UUID, actor: str, *, is_muted: bool) -> None:
    with transaction.atomic(durable=True):
        room, row = _sit_down(room_id, guest_id)
        if row.standing not in SENDING:
            raise NotBackstage
        if row.is_muted == is_muted:
            return
        row.is_muted = is_muted
        row.save(update_fields=["is_muted"])
        order_on_commit(room.pk, MuteLine(line_of_guest(row.pk), is_muted))
        _announce(room, row)
        _note(actor, "stage.mute" if is_muted else "stage.unmute", row)


def _sit_down(room_id: UUID, guest_id: UUID) -> tuple[Room, StageGuest]:
    """The locked room and the open row. Raises: RoomNotFound, GuestNotFound."""
    room = lock_room(room_id)
    row = StageGuest.objects.filter(room=room, pk=guest_id, standing__in=OPEN).first()
    if row is None:
        raise GuestNotFound
    return room, row


def _row_of(room: Room, viewer_id: str) -> StageGuest | None:
    return StageGuest.objects.filter(room=room, viewer_id=viewer_id, standing__in=OPEN).first()


def _check_open(room: Room) -> None:
    if not is_open(read_air(room.pk), wall.now_ms()):
        raise StageClosed


def _check_person(room: Room, viewer_id: str) -> None:
    if is_banned(viewer_id) or get_muted_until_ms(room.pk, viewer_id) > wall.now_ms():
        raise KeptOffStage


def _announce(room: Room, *rows: StageGuest) -> None:
    """Everybody hears how the stage is now; those it is about, how they stand."""
    revision = tell_stage(room)
    for row in rows:
        tell_guest(room, row, revision)


def _end(room: Room, row: StageGuest, ending: Ending, *, actor: str) -> None:
    was_sending = row.standing in SENDING
    row.standing, row.ending, row.ended_at, row.place, row.is_muted = Standing.OVER, ending, wall.now(), None, False
    row.save(update_fields=["standing", "ending", "ended_at", "place", "is_muted"])
    if was_sending:
        order_on_commit(room.pk, CloseLine(line_of_guest(row.pk)))
    _note(actor, "stage.end", row, ending=str(ending))


def _note(actor: str, action: str, row: StageGuest, **details: str) -> None:
    record_action(actor=actor, action=action, subject=f"room:{row.room_id}", guest=str(row.pk), viewer=row.viewer_id, **details)
