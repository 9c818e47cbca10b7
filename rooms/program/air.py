"""The part of a room that every message needs, mirrored to Valkey so that the hot path makes no database call.

One hash a room: `rev` (the room's revision), `body` (an `Air`), and a field for each muted viewer (rooms/moderation).
PostgreSQL is the truth: whoever finds the hash missing writes it again, and the director does so every few seconds.
"""

from collections import OrderedDict
from threading import Lock
from typing import Any
from uuid import UUID

import msgspec
import redis
from django.conf import settings
from django.db import transaction
from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import current_schema, tenant_db
from realtime.loops import PerLoop
from realtime.rtc.names import RoomName
from realtime.rtc.takes import encode as encode_take
from realtime.rtc.takes import take_key
from realtime.stream import connect
from realtime.topics import Topic
from rooms.program.clock import Entry, current_entry, position
from rooms.program.models import Room
from rooms.program.queries import list_last_entries
from rooms.program.states import ON_AIR
from rooms.program.take import take_of

MIRROR_LIFETIME_S = 3600
KEPT_ROOMS = 2000
# Shops whose rooms have changed, by when; directors look there first. Two of them on hosts whose clocks differ by less hear of it alike.
CHANGED_SHOPS = "rooms:changed"
CHANGED_FOR_MS = 10_000

# KEYS: hash, and what the room's media node is to record. ARGV: revision, body, lifetime, take (empty for none). An older revision
# never replaces a newer one.
_WRITE = """
local held = tonumber(redis.call('HGET', KEYS[1], 'rev') or '-1')
if held <= tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'rev', ARGV[1], 'body', ARGV[2])
  if ARGV[4] == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], ARGV[4], 'EX', ARGV[3]) end
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return held
"""


class Air(msgspec.Struct, frozen=True):
    """A room as a message meets it. `entries` by seq, enough for the clock."""

    revision: int
    is_on_air: bool
    airing_id: UUID | None
    slow_mode_s: int
    entries: tuple[Entry, ...]
    allows_filters: bool = True
    is_rehearsal: bool = False

    def stamp(self, at_ms: int) -> tuple[Entry | None, int]:
        """The entry on air and the position in it."""
        entry = current_entry(self.entries, at_ms)
        return entry, position(entry, at_ms) if entry else 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Air)


def mirror_key(schema: str, room_id: UUID | str) -> str:
    return f"{Topic.room(schema, room_id).key}:air"


def read_air(room_id: UUID | str) -> Air:
    """From PostgreSQL. A room that is gone is off air."""
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        return Air(revision=0, is_on_air=False, airing_id=None, slow_mode_s=0, entries=())
    return Air(
        revision=room.revision,
        is_on_air=room.state in ON_AIR,
        airing_id=room.airing_id,
        slow_mode_s=room.slow_mode_s,
        entries=tuple(list_last_entries(room.airing_id)),
        allows_filters=room.allows_filters,
        is_rehearsal=room.is_rehearsal,
    )


def mirror(room_id: UUID | str) -> Air:
    """Copy the room's present state to Valkey. Raises: RedisError."""
    air = read_air(room_id)
    schema = current_schema()
    keys = mirror_key(schema, room_id), take_key(RoomName.of(schema, room_id))
    take = None if air.is_rehearsal else take_of(air.airing_id, air.entries, wall.now_ms())
    client().eval(_WRITE, 2, *keys, air.revision, _encoder.encode(air), MIRROR_LIFETIME_S, encode_take(take) if take else b"")
    return air


def mirror_on_commit(room_id: UUID | str) -> None:
    """Needs: an open transaction that changed the room."""
    transaction.on_commit(lambda: _try_mirror(room_id))


def _try_mirror(room_id: UUID | str) -> None:
    try:
        mirror(room_id)
        client().zadd(CHANGED_SHOPS, {current_schema(): wall.now_ms()})
    except RedisError:
        return  # the director's next round writes it; until then the old body holds


async def read_changed_shops() -> list[str]:
    """Schemas of the shops that had a room change within seconds. Raises: RedisError."""
    since_ms = wall.now_ms() - CHANGED_FOR_MS
    async with async_client().pipeline(transaction=False) as asked:
        asked.zremrangebyscore(CHANGED_SHOPS, "-inf", f"({since_ms}")
        asked.zrange(CHANGED_SHOPS, 0, -1)
        _, names = await asked.execute()
    return [name.decode() for name in names]


class AirCache:
    """This process's copies: one `HMGET` a message finds out whether the copy still holds."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Air] = OrderedDict()

    async def get(self, schema: str, room_id: str, *fields: str) -> tuple[Air, list[bytes | None]]:
        """The room, and the values of further `fields` of its hash. Raises: RedisError."""
        key = mirror_key(schema, room_id)
        values: list[bytes | None] = await async_client().hmget(key, ["rev", *fields])  # type: ignore[misc]
        air = self._kept.get(key)
        if values[0] is None or air is None or air.revision != int(values[0]):
            air = await self._read(schema, room_id, key)
        self._kept[key] = air
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT_ROOMS:
            self._kept.popitem(last=False)
        return air, values[1:]

    async def _read(self, schema: str, room_id: str, key: str) -> Air:
        body: bytes | None = await async_client().hget(key, "body")  # type: ignore[misc, assignment]
        if body is None:
            return await _mirror_from_database(schema, room_id=room_id)
        return _decoder.decode(body)


_mirror_from_database = tenant_db(mirror)

_async_clients = PerLoop(lambda: connect(settings.VALKEY_URL))
_sync_clients: dict[str, "redis.Redis"] = {}
_making_client = Lock()


def async_client() -> Any:
    """One Valkey client for each event loop, with the bounds of the exchange."""
    return _async_clients()


def client() -> Any:
    """One Valkey client for each process; its pool serves all threads.

    Never two at once: the one that were given up would close its connections while another thread still speaks over them.
    """
    url = settings.VALKEY_URL
    with _making_client:
        if url not in _sync_clients:
            _sync_clients[url] = redis.Redis.from_url(url, protocol=2, socket_timeout=2, socket_connect_timeout=2)
        return _sync_clients[url]
