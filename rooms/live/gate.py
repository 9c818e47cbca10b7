"""When the host's line may be seen: while it is on air, or announced. A camera that is only tried is nobody's business."""

from uuid import UUID

from realtime.rtc.names import RoomName
from rooms.program.air import Air, AirCache
from rooms.program.clock import current_entry, upcoming_entry
from rooms.program.states import SourceKind

_airs = AirCache()


async def is_watchable(room: RoomName, at_ms: int) -> bool:
    """One round trip. Raises: RedisError."""
    air, _ = await _airs.get(room.schema, room.room_id)
    return shows_live(air, at_ms)


async def find_airing(room: RoomName, at_ms: int) -> UUID | None:
    """The show in which the line may be seen now. One round trip. Raises: RedisError."""
    air, _ = await _airs.get(room.schema, room.room_id)
    return air.airing_id if shows_live(air, at_ms) else None


def shows_live(air: Air, at_ms: int) -> bool:
    """Also while the fault scene bridges a gap: who watched before should be there when the line returns."""
    if not air.is_on_air:
        return False
    entries = (current_entry(air.entries, at_ms), upcoming_entry(air.entries, at_ms))
    return any(entry is not None and (entry.source.kind == SourceKind.LIVE or entry.is_silence) for entry in entries)
