"""Token buckets: in this process for each viewer and kind, in Valkey where the processes must agree."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

MAX_BUCKETS = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """`burst` at once, then `per_s` a second."""

    per_s: float
    burst: int


class Buckets:
    """Token buckets of one process. The least recently used is forgotten beyond `size`, which only ever forgives."""

    def __init__(self, *, size: int = MAX_BUCKETS, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._clock = clock
        self._levels: OrderedDict[object, tuple[float, float]] = OrderedDict()

    def take(self, key: object, limit: Limit) -> float:
        """Take one token. Returns 0.0, or the seconds until one will be there (then none is taken)."""
        now = self._clock()
        level, seen_at = self._levels.pop(key, (float(limit.burst), now))
        level = min(float(limit.burst), level + (now - seen_at) * limit.per_s)
        wait_s = 0.0
        if level >= 1.0:
            level -= 1.0
        else:
            wait_s = (1.0 - level) / limit.per_s
        self._levels[key] = (level, now)
        if len(self._levels) > self._size:
            self._levels.popitem(last=False)
        return wait_s


class ScriptRunner(Protocol):
    def register_script(self, script: str) -> Any: ...


# Valkey's own clock, so that processes with differing clocks agree. Returns milliseconds to wait, 0 when taken.
_TAKE = """
local clock = redis.call('TIME')
local now_ms = clock[1] * 1000 + math.floor(clock[2] / 1000)
local per_ms, burst = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2])
local held = redis.call('HMGET', KEYS[1], 'level', 'at_ms')
local level = math.min(burst, (tonumber(held[1]) or burst) + (now_ms - (tonumber(held[2]) or now_ms)) * per_ms)
local wait_ms = 0
if level >= 1 then level = level - 1 else wait_ms = math.ceil((1 - level) / per_ms) end
redis.call('HSET', KEYS[1], 'level', tostring(level), 'at_ms', now_ms)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / per_ms) + 1000)
return wait_ms
"""


class SharedBuckets:
    """Token buckets that all processes share (slow mode, sign-up attempts). One round trip a take.

    Works on an asynchronous Valkey client; keys must begin with the shop.
    """

    def __init__(self, client: ScriptRunner) -> None:
        self._take = client.register_script(_TAKE)

    async def take(self, key: str, limit: Limit) -> float:
        """Take one token. Returns 0.0, or the seconds until one will be there."""
        wait_ms: int = await self._take(keys=[f"{key}:bucket"], args=[limit.per_s, limit.burst])
        return wait_ms / 1000
