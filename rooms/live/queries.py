"""Reads of live: what the room's node last told of it."""

from typing import Any
from uuid import UUID

import msgspec
from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema
from realtime.rtc.names import RoomName
from realtime.rtc.overview import Overview, overview_key, read_overview
from realtime.rtc.placement import NODES_KEY, beat_key
from realtime.rtc.requests import decode_beat
from rooms.program.air import async_client, client

# So long must a line have been heard without a pause before it is offered, or put on air by itself.
STEADY_MS = 5_000


def get_overview(room_id: UUID) -> Overview | None:
    """None when no node has the room, or none has told for two seconds. One round trip to Valkey, none to the node."""
    try:
        return read_overview(client().get(overview_key(RoomName.of(current_schema(), room_id))))
    except RedisError:
        return None


async def aget_overview(schema: str, room_id: UUID) -> Overview | None:
    """Raises: RedisError."""
    return read_overview(await async_client().get(overview_key(RoomName.of(schema, room_id))))


def list_node_ids() -> tuple[str, ...]:
    """The media servers that live and take rooms. Empty when Valkey does not answer."""
    try:
        members = sorted(member.decode() for member in client().smembers(NODES_KEY))
        beats: list[Any] = client().mget([beat_key(member) for member in members]) if members else []
    except RedisError:
        return ()
    return tuple(member for member, beat in zip(members, beats, strict=True) if beat is not None and _takes_rooms(beat))


def _takes_rooms(beat: bytes) -> bool:
    try:
        read = decode_beat(beat)
    except msgspec.DecodeError:
        return False
    return not (read.is_draining or read.is_full)


def is_heard(overview: Overview | None) -> bool:
    return overview is not None and overview.is_heard


def is_steady(overview: Overview | None) -> bool:
    return overview is not None and overview.steady_ms >= STEADY_MS
