"""Making rooms and giving them their time."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from rooms.program.errors import SlugTaken
from rooms.program.models import SLUG, Room
from rooms.program.states import Move, State, arrive
from rooms.program.steps import forget_undo, lock_room, set_state


def create_room(
    *,
    slug: str,
    title: str,
    actor: str,
    season_id: UUID | None = None,
    host_name: str = "",
    host_avatar: str = "",
    scheduled_at: datetime | None = None,
    starts_by_itself: bool = True,
    is_looping: bool = False,
    is_rehearsal: bool = False,
) -> UUID:
    """Open a room; one for rehearsals stays one. `host_avatar` is a path in the shop's storage. Raises: SlugTaken, ValidationError (`slug`)."""
    SLUG(slug)
    with transaction.atomic(durable=True):
        if Room.objects.filter(slug=slug).exists():
            raise SlugTaken(slug=slug)
        room = Room.objects.create(
            slug=slug,
            title=title,
            season_id=season_id,
            host_name=host_name,
            host_avatar=host_avatar,
            scheduled_at=scheduled_at,
            starts_by_itself=starts_by_itself,
            is_looping=is_looping,
            is_rehearsal=is_rehearsal,
        )
        record_action(actor=actor, action="room.create", subject=f"room:{room.pk}", slug=slug)
        return room.pk


def schedule_show(*, room_id: UUID, at: datetime | None, actor: str) -> None:
    """Give a room its next time; a replay becomes a scheduled room again, and its replay stays in the lobby.

    Raises: RoomNotFound, IllegalMove while the room is on air or its end may still be taken back. After commit: `state`.
    """
    with transaction.atomic(durable=True):
        reschedule(room=lock_room(room_id), at=at, actor=actor)


def reschedule(*, room: Room, at: datetime | None, actor: str) -> None:
    """Needs: an open transaction with the room's lock. Raises: IllegalMove."""
    if room.state != State.SCHEDULED:
        room.state = arrive(State(room.state), Move.REOPEN)
        room.airing = None
        forget_undo(room)
    room.scheduled_at = at
    set_state(room, State.SCHEDULED, at_ms=wall.now_ms())
    record_action(actor=actor, action="room.schedule", subject=f"room:{room.pk}", at=at.isoformat() if at else "")
