"""Who leads a room: a lease in Valkey, with a generation in the room's row that fences off whoever lost it.

The lease decides who works; the generation decides whose work counts. Should Valkey forget or a process sleep through its
lease, two directors may believe to lead for a moment: the older one's writes are refused by the row (LeadLost).
"""

import secrets
from uuid import UUID

from realtime.topics import Topic
from rooms.program.air import async_client

_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) else return 0 end"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"


class Lease:
    """One room's lease, for one process. Raises RedisError when Valkey does not answer."""

    def __init__(self, schema: str, room_id: UUID, *, length_ms: int) -> None:
        self.key = f"{Topic.room(schema, room_id).key}:lead"
        self.length_ms = length_ms
        self._token = secrets.token_hex(8)

    async def take(self) -> bool:
        return bool(await async_client().set(self.key, self._token, nx=True, px=self.length_ms))

    async def renew(self) -> bool:
        """False: it ran out, and somebody else may hold it."""
        return bool(await async_client().eval(_RENEW, 1, self.key, self._token, self.length_ms))

    async def release(self) -> None:
        await async_client().eval(_RELEASE, 1, self.key, self._token)
