"""Steps that the stories of a room share. Each needs an open transaction and the room's locked row."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import current_schema
from realtime.messages import Lossless
from realtime.publish import Topic, publish_on_commit
from rooms.program import messages
from rooms.program.air import mirror_on_commit
from rooms.program.clock import Entry, Source, current_entry, position
from rooms.program.errors import LeadLost, RoomNotFound
from rooms.program.lineup import Lineup
from rooms.program.models import ProgramEntry, Room
from rooms.program.queries import undo_of
from rooms.program.states import SourceKind, State

# Every switch is announced this long ahead, so that all screens make it at the same moment.
LEAD_MS = 700
UNDO_S = 10


def lock_room(room_id: UUID | str, *, generation: int | None = None) -> Room:
    """The room's row, locked. `generation` is given by a director: a newer one has taken the lead if it differs.

    Raises: RoomNotFound, LeadLost.
    """
    room = Room.objects.select_for_update(of=("self",), no_key=True).filter(pk=room_id).first()
    if room is None:
        raise RoomNotFound
    if generation is not None and room.lead_generation != generation:
        raise LeadLost
    return room


def bump(room: Room) -> int:
    """The revision of the change that is being made."""
    room.revision += 1
    mirror_on_commit(room.pk)
    return room.revision


def tell(room: Room, message: Lossless) -> None:
    """To everybody in the room, after the commit."""
    publish_on_commit(Topic.room(current_schema(), room.pk), message)


def append_entry(
    room: Room, lineup: Lineup, source: Source, *, started_at_ms: int, cause: str, offset_ms: int = 0, duration_ms: int | None = None
) -> Entry:
    """Announce what is on air from `started_at_ms` on."""
    assert room.airing_id is not None
    room.program_seq += 1
    row = ProgramEntry.objects.create(
        room=room,
        airing_id=room.airing_id,
        seq=room.program_seq,
        source_kind=source.kind,
        source_id=source.id,
        started_at_ms=started_at_ms,
        offset_ms=offset_ms,
        duration_ms=duration_ms,
        cause=cause,
    )
    entry = Entry(row.seq, source, started_at_ms, offset_ms, row.rate, duration_ms, cause)
    tell(room, messages.Program(entry=entry_out(entry, lineup, room.airing_id)))
    return entry


def entry_out(entry: Entry, lineup: Lineup, airing_id: UUID) -> messages.Entry:
    """An entry as it goes over the wire."""
    slot = lineup.find(entry.source.id)
    source = messages.Source(
        kind=cast(messages.SourceName, entry.source.kind.value),
        id=entry.source.id,
        number=slot.number if slot else None,
        of=len(lineup.slots) if slot else None,
        title=slot.title if slot else "",
    )
    return messages.Entry(
        seq=entry.seq,
        source=source,
        started_at_ms=entry.started_at_ms,
        offset_ms=entry.offset_ms,
        rate=entry.rate,
        duration_ms=entry.duration_ms,
        airing_id=airing_id,
    )


def set_state(room: Room, state: State, *, at_ms: int) -> None:
    """Save the room and tell its state from `at_ms` on."""
    room.state, room.state_since_ms = state, at_ms
    revision = bump(room)
    room.save()
    undo = undo_of(room)
    tell(
        room,
        messages.State(
            revision=revision,
            state=cast(messages.StateName, str(room.state)),
            at_ms=at_ms,
            airing_id=room.airing_id,
            undo=messages.Undo(move=undo.move, until_ms=wall.to_ms(undo.until)) if undo else None,
        ),
    )


def remember_for_undo(room: Room, move: str, log: list[Entry], *, at: datetime, leaves_at_ms: int) -> None:
    """Keep what a move by hand leaves, at `leaves_at_ms`, so that it may be taken back."""
    on_air = current_entry(log, leaves_at_ms)
    room.undo_move = move
    room.undo_until = at + timedelta(seconds=UNDO_S)
    room.undo_state = state_before(room, on_air, leaves_at_ms)
    room.undo_seq = on_air.seq if on_air else None
    room.undo_position_ms = position(on_air, leaves_at_ms) if on_air else 0


def state_before(room: Room, on_air: Entry | None, at_ms: int) -> State:
    """The room's state at `at_ms`. The row already holds the announced one while a cut waits for the episode's end."""
    is_announced = room.state == State.LIVE and room.state_since_ms > at_ms
    if is_announced and on_air is not None and on_air.source.kind == SourceKind.EPISODE:
        return State.DRAMA
    return State(room.state)


def forget_undo(room: Room) -> None:
    room.undo_move, room.undo_state = "", ""
    room.undo_until = room.undo_seq = None
    room.undo_position_ms = 0
