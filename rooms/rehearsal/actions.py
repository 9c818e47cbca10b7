"""The stories of ghosts: they begin, they end."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from rooms.cards.errors import RoomOffAir
from rooms.program.models import Airing, Room
from rooms.program.states import ON_AIR
from rooms.program.steps import lock_room
from rooms.rehearsal.errors import GhostsPlay, NoCrowd, NotARehearsal, PastShowNotFound
from rooms.rehearsal.models import GhostRun
from rooms.rehearsal.queries import length_ms, past_shows, read_tape

LONGEST = timedelta(hours=2)
# The last words are said before a run is over.
MARGIN = timedelta(seconds=1)


def start_ghosts(*, room_id: UUID, past_id: UUID, speed: int, ghosts: int, actor: str) -> UUID:
    """Let the crowd of a past show play in the rehearsal that is on air, from its beginning; the room's leader plays them.

    Raises: RoomNotFound, NotARehearsal, RoomOffAir, PastShowNotFound, NoCrowd, GhostsPlay.
    """
    past = past_shows().filter(pk=past_id).first()
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        now = wall.now()
        if not room.is_rehearsal:
            raise NotARehearsal
        if room.state not in ON_AIR or room.airing_id is None:
            raise RoomOffAir
        if past is None:
            raise PastShowNotFound
        if not read_tape(past.pk, ghosts).moments:
            raise NoCrowd
        _close_what_is_over(room)
        run = _open(room, room.airing_id, past, speed=speed, ghosts=ghosts, actor=actor)
        record_action(
            actor=actor, action="ghosts.start", subject=f"room:{room.pk}", past=str(past.pk), speed=speed, ghosts=ghosts, at=now.isoformat()
        )
        return run.pk


def stop_ghosts(*, room_id: UUID, actor: str) -> None:
    """Send the ghosts home; without any, nothing changes. Raises: RoomNotFound."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        if GhostRun.objects.filter(room=room, stopped_at=None).update(stopped_at=wall.now()):
            record_action(actor=actor, action="ghosts.stop", subject=f"room:{room.pk}")


def end_run(*, run_id: UUID) -> None:
    """Write down that a run has come to its end. Safe to repeat."""
    GhostRun.objects.filter(pk=run_id, stopped_at=None).update(stopped_at=wall.now())


def _close_what_is_over(room: Room) -> None:
    """A run whose leader fell at its end, or whose show ended before it."""
    standing = GhostRun.objects.filter(room=room, stopped_at=None)
    for run in standing.exclude(during_id=room.airing_id) | standing.filter(stops_at__lte=wall.now()):
        end_run(run_id=run.pk)


def _open(room: Room, during_id: UUID, past: Airing, *, speed: int, ghosts: int, actor: str) -> GhostRun:
    now = wall.now()
    length = timedelta(milliseconds=length_ms(past) / speed)
    try:
        with transaction.atomic():
            return GhostRun.objects.create(
                room=room,
                during_id=during_id,
                past=past,
                speed=speed,
                ghosts=ghosts,
                started_at=now,
                stops_at=now + min(LONGEST, length + MARGIN),
                by=actor,
            )
    except IntegrityError as error:
        raise GhostsPlay from error
