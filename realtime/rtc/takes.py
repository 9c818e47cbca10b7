"""What of a room's host line is to be kept: the floors above write it to Valkey, the room's node reads it four times a second.

A node never decides by itself what is recorded: a camera that is only tried, and a room that is off air, have no take.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from redis.asyncio import Redis

from realtime.rtc.names import RoomName

NAME = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
# A film begins with a keyframe: recording begins a little early, so that one is there at the first moment that is wanted.
EARLY_MS = 3_000
# The last pictures arrive, and are cut into parts, after they were captured.
LATE_MS = 2_000


class Take(msgspec.Struct, frozen=True):
    """`name` says which recordings belong together. Wanted is what is captured from `from_ms` until `until_ms` (milliseconds since
    1970; None as long as no end is known)."""

    name: str
    from_ms: int
    until_ms: int | None = None

    def is_due(self, now_ms: int) -> bool:
        """Whether there is something to record now."""
        return self.from_ms - EARLY_MS <= now_ms and (self.until_ms is None or now_ms < self.until_ms + LATE_MS)


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Take).decode


def take_key(room: RoomName) -> str:
    return f"{room.key}:take"


def read_take(data: bytes | None) -> Take | None:
    """None for none, for one of another release, and for a name that could be a path."""
    try:
        take = None if data is None else _decode(data)
    except msgspec.DecodeError:
        return None
    return take if take is not None and NAME.fullmatch(take.name) else None


async def read_takes(client: Redis, rooms: Sequence[RoomName]) -> dict[RoomName, Take]:
    """Of the rooms that have one, in one round trip. Raises: RedisError."""
    if not rooms:
        return {}
    async with client.pipeline(transaction=False) as pipe:  # rooms lie in different slots of a cluster
        for room in rooms:
            pipe.get(take_key(room))
        found: list[Any] = await pipe.execute()
    return {room: take for room, data in zip(rooms, found, strict=True) if (take := read_take(data)) is not None}
