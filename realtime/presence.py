"""How many watch. Each process writes its own count; the sum costs one small hash, however many viewers there are."""

import time
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from redis.asyncio import Redis

from realtime.topics import Topic

BEAT_S = 5.0
# A process that has not written for this long has died; its viewers are back elsewhere by then.
STALE_S = 15.0
BUCKET_S = 30
UNIQUE_LIFETIME_S = 2 * 86_400
ADD_BATCH = 1000


def counts_key(topic: Topic) -> str:
    return f"{topic.key}:presence"


def unique_key(topic: Topic, bucket: int) -> str:
    return f"{topic.key}:unique:{bucket}"


def buckets_between(from_ms: int, to_ms: int) -> range:
    """The 30-second buckets that the span touches."""
    return range(from_ms // (BUCKET_S * 1000), to_ms // (BUCKET_S * 1000) + 1)


def sum_fresh(counts: dict[bytes, bytes], now: float) -> tuple[int, list[str]]:
    """The sum of the counts (`number:epoch seconds` each), and the processes that have died."""
    total, stale = 0, []
    for process, value in counts.items():
        number, _, at = value.partition(b":")
        if now - float(at) <= STALE_S:
            total += int(number)
        else:
            stale.append(process.decode())
    return total, stale


class Presence:
    """This process's part of the counts. Errors of Valkey pass to the caller: the next beat repeats everything."""

    def __init__(self, client: Redis, *, process: str = "", clock: Callable[[], float] = time.time) -> None:
        self._client = client
        self._clock = clock
        self.process = process or uuid.uuid4().hex[:12]
        self._written: dict[Topic, int] = {}
        self._counted: dict[Topic, tuple[int, set[str]]] = {}

    async def beat(self, topic: Topic, viewer_ids: Iterable[str], count: int) -> int:
        """Write this process's count of sockets and its viewers. Returns how many sockets watch over all processes."""
        now = self._clock()
        new, bucket = self._not_yet_counted(topic, set(viewer_ids), int(now) // BUCKET_S)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.hset(counts_key(topic), self.process, f"{count}:{now:.1f}")
            pipe.expire(counts_key(topic), 60)
            pipe.hgetall(counts_key(topic))
            for start in range(0, len(new), ADD_BATCH):
                pipe.pfadd(unique_key(topic, bucket), *new[start : start + ADD_BATCH])
            if new:
                pipe.expire(unique_key(topic, bucket), UNIQUE_LIFETIME_S)
            replies = await pipe.execute()
        self._written[topic] = count
        total, stale = sum_fresh(replies[2], now)
        if stale:
            await self._client.hdel(counts_key(topic), *stale)
        return total

    async def leave(self, topic: Topic) -> None:
        """Take this process's count away; the next beat writes it again."""
        self._written.pop(topic, None)
        self._counted.pop(topic, None)
        await self._client.hdel(counts_key(topic), self.process)

    async def close(self) -> None:
        for topic in list(self._written):
            await self.leave(topic)

    async def count_online(self, topic: Topic) -> int:
        counts: Any = await self._client.hgetall(counts_key(topic))
        return sum_fresh(counts, self._clock())[0]

    async def count_unique(self, topic: Topic, *, from_ms: int, to_ms: int) -> int:
        """Different viewers within the span, to 0.81 % (HyperLogLog)."""
        keys = [unique_key(topic, bucket) for bucket in buckets_between(from_ms, to_ms)]
        return int(await self._client.pfcount(*keys))

    def _not_yet_counted(self, topic: Topic, viewers: set[str], bucket: int) -> tuple[list[str], int]:
        held_bucket, counted = self._counted.get(topic, (bucket, set()))
        if held_bucket != bucket:
            counted = set()
        self._counted[topic] = (bucket, counted | viewers)
        return list(viewers - counted), bucket
