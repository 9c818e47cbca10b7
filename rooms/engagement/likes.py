"""Likes: browsers batch their taps, each process adds the batches up, Valkey holds the exact sum of a show."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema, tenant_key
from realtime.loops import PerLoop
from realtime.publish import Topic, apublish_lossy
from rooms.engagement.messages import Likes
from rooms.program.air import async_client, client

FLUSH_S = 0.2
COUNTER_LIFETIME_S = 30 * 86_400
# What a process holds back at most, should Valkey not answer: beyond it likes are refused, never lost silently.
MOST_PENDING = 100_000

Flush = Callable[[str, str, UUID, int], Awaitable[None]]


def counter_key(schema: str, airing_id: UUID | str) -> str:
    return tenant_key("likes", airing_id, schema=schema)


def read_total(airing_id: UUID | str) -> int:
    """The counter of this shop's show; 0 when Valkey does not answer or has forgotten."""
    try:
        return int(client().get(counter_key(current_schema(), airing_id)) or 0)
    except RedisError:
        return 0


async def add_to_total(schema: str, room_id: str, airing_id: UUID, count: int) -> None:
    """Add, and let the room know the new sum. Raises: RedisError."""
    key = counter_key(schema, airing_id)
    async with async_client().pipeline(transaction=False) as pipe:
        pipe.incrby(key, count)
        pipe.expire(key, COUNTER_LIFETIME_S)
        total, _ = await pipe.execute()
    await apublish_lossy(Topic.room(schema, room_id), Likes(total=total))


class Tally:
    """Batches of one event loop on their way to Valkey, summed for `FLUSH_S`. `add` returns once they are counted."""

    def __init__(self, flush: Flush = add_to_total, *, every_s: float = FLUSH_S) -> None:
        self._flush = flush
        self._every_s = every_s
        self._pending: dict[tuple[str, str, UUID], tuple[int, asyncio.Task[None]]] = {}

    async def add(self, schema: str, room_id: str, airing_id: UUID, count: int) -> None:
        """Raises: RedisError when the sum could not be added; then none of the batch counts."""
        key = (schema, room_id, airing_id)
        held, flushing = self._pending.get(key, (0, None))
        if held + count > MOST_PENDING:
            raise RedisError("too many likes wait")
        if flushing is None:
            flushing = asyncio.create_task(self._flush_later(key))
        self._pending[key] = (held + count, flushing)
        await asyncio.shield(flushing)

    async def _flush_later(self, key: tuple[str, str, UUID]) -> None:
        await asyncio.sleep(self._every_s)
        count, _ = self._pending.pop(key)
        await self._flush(*key, count)


get_tally = PerLoop(Tally)
