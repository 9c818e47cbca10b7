"""Which node has a room. Written in Valkey with a generation number; chosen by rendezvous hashing over the living nodes."""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
from redis.asyncio import Redis

from realtime.rtc.errors import NoNode
from realtime.rtc.names import RoomName
from realtime.rtc.requests import Beat, decode_beat, encode

BEAT_S = 0.5
BEAT_LIFETIME_MS = 1_500
PLACEMENT_LIFETIME_S = 86_400
NODES_KEY = "nodes"

# KEYS: the room's placement. ARGV: the node that the caller found there ('' for none), the node that shall have it, lifetime.
# Of several callers who found the same dead node, the first decides.
CLAIM = """
if (redis.call('HGET', KEYS[1], 'node') or '') == ARGV[1] and ARGV[1] ~= ARGV[2] then
  redis.call('HSET', KEYS[1], 'node', ARGV[2])
  redis.call('HINCRBY', KEYS[1], 'generation', 1)
end
redis.call('EXPIRE', KEYS[1], ARGV[3])
return redis.call('HMGET', KEYS[1], 'node', 'generation')
"""


class Placement(NamedTuple):
    """`generation` rises with every change of node."""

    node_id: str
    generation: int


def beat_key(node_id: str) -> str:
    return f"node:{node_id}"


def placement_key(room: RoomName) -> str:
    return f"{room.key}:node"


def events_channel(room: RoomName) -> str:
    return f"{room.key}:media"


def choose_node(room: RoomName, node_ids: Iterable[str]) -> str | None:
    """Highest random weight: when a node dies, only its own rooms move, and they spread over all others."""
    return max(node_ids, key=lambda node_id: hashlib.blake2b(f"{node_id} {room.key}".encode(), digest_size=8).digest(), default=None)


class Registry:
    """Errors of Valkey (RedisError) pass to the caller."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._claim = client.register_script(CLAIM)

    async def beat(self, node_id: str, beat: Beat) -> None:
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.set(beat_key(node_id), encode(beat), px=BEAT_LIFETIME_MS)
            pipe.sadd(NODES_KEY, node_id)
            await pipe.execute()

    async def leave(self, node_id: str) -> None:
        await self._client.delete(beat_key(node_id))
        await self._client.srem(NODES_KEY, node_id)

    async def list_nodes(self) -> dict[str, Beat]:
        """The living. The dead are struck off the list; one that was only slow writes itself in again."""
        found: Any = await self._client.smembers(NODES_KEY)
        members = sorted(member.decode() for member in found)
        if not members:
            return {}
        beats: Any = await self._client.mget([beat_key(node_id) for node_id in members])
        dead = [node_id for node_id, beat in zip(members, beats, strict=True) if beat is None]
        if dead:
            await self._client.srem(NODES_KEY, *dead)
        return {node_id: read for node_id, beat in zip(members, beats, strict=True) if beat is not None and (read := _read(beat)) is not None}

    async def is_alive(self, node_id: str) -> bool:
        return bool(await self._client.exists(beat_key(node_id)))

    async def find(self, room: RoomName) -> Placement | None:
        """Where the room is said to be, whether or not that node lives."""
        return (await self.find_all([room]))[0]

    async def find_all(self, rooms: Sequence[RoomName]) -> list[Placement | None]:
        """In one round trip, in the order of `rooms`."""
        async with self._client.pipeline(transaction=False) as pipe:
            for room in rooms:
                pipe.hmget(placement_key(room), "node", "generation")
            held: Any = await pipe.execute()
        return [None if node is None else Placement(node.decode(), int(generation)) for node, generation in held]

    async def find_film(self, room: RoomName) -> str:
        """The address at which the room's node serves its low-latency HLS; empty when no living node does."""
        held = await self.find(room)
        data: Any = None if held is None else await self._client.get(beat_key(held.node_id))
        beat = None if data is None else _read(data)
        return beat.hls if beat is not None else ""

    async def place(self, room: RoomName) -> Placement:
        """The room's node; another one when its node is dead or leaving.

        Raises: NoNode.
        """
        held = await self.find(room)
        nodes = await self.list_nodes()
        if held is not None and held.node_id in nodes and not nodes[held.node_id].is_draining:
            return held
        chosen = choose_node(room, [node_id for node_id, beat in nodes.items() if not beat.is_draining and not beat.is_full])
        if chosen is None:
            raise NoNode
        return await self.claim(room, chosen, found="" if held is None else held.node_id)

    async def claim(self, room: RoomName, node_id: str, *, found: str) -> Placement:
        """Write `node_id` unless somebody else changed what was `found`. Returns who has the room now."""
        node, generation = await self._claim(keys=[placement_key(room)], args=[found, node_id, PLACEMENT_LIFETIME_S])
        return Placement(node.decode(), int(generation))


def _read(beat: bytes) -> Beat | None:
    try:
        return decode_beat(beat)
    except msgspec.DecodeError:
        return None
