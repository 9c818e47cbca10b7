"""Viewer events on their way to the database: one stream for all shops. An entry is a bundle of parcels; each names its shop.

Valkey writes it with `appendfsync always`: whoever was told that events are taken will find them counted.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from realtime.loops import PerLoop
from rooms.insights.events.errors import EventsBehind
from rooms.insights.events.messages import Parcel
from rooms.program.air import async_client, client

STREAM = "insights:events"
GROUP = "insights"
# Entries that may wait: hours without the `events` process, about a gigabyte at the worst. Beyond it browsers keep theirs and try again.
MOST_WAITING = 50_000
FLUSH_S = 0.05
# Parcels of one flush share entries: for Valkey and its client an entry costs more than what is in it.
MOST_IN_A_BUNDLE = 64
MOST_PENDING = 5_000

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")
_decoder = msgspec.msgpack.Decoder(list[Parcel])


def encode(parcels: Sequence[Parcel]) -> bytes:
    return _encoder.encode(parcels)


def decode(body: bytes) -> list[Parcel]:
    """Raises: msgspec.DecodeError."""
    return _decoder.decode(body)


def append(parcel: Parcel) -> None:
    """Returns once it is on disk. Raises: EventsBehind, RedisError."""
    if int(client().xlen(STREAM)) >= MOST_WAITING:
        raise EventsBehind
    client().xadd(STREAM, {"p": encode([parcel])})


class Outgoing:
    """The parcels of one event loop, sent together every 50 ms. `add` returns once its own is on disk."""

    def __init__(self) -> None:
        self._pending: list[Parcel] = []
        self._flushing: asyncio.Task[None] | None = None
        self._waiting = 0

    async def add(self, parcel: Parcel) -> None:
        """Raises: EventsBehind, RedisError; then the parcel may be sent again."""
        if self._waiting >= MOST_WAITING or len(self._pending) >= MOST_PENDING:
            self._waiting = 0  # asked anew with the next flush
            raise EventsBehind
        self._pending.append(parcel)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_later())
        await asyncio.shield(self._flushing)

    async def _flush_later(self) -> None:
        await asyncio.sleep(FLUSH_S)
        parcels, self._pending, self._flushing = self._pending, [], None
        async with async_client().pipeline(transaction=False) as pipe:
            for begin in range(0, len(parcels), MOST_IN_A_BUNDLE):
                pipe.xadd(STREAM, {"p": encode(parcels[begin : begin + MOST_IN_A_BUNDLE])})
            pipe.xlen(STREAM)
            *_, self._waiting = await pipe.execute()


get_outgoing = PerLoop(Outgoing)


@dataclass(frozen=True)
class Lag:
    """What no consumer has acknowledged: entries, and for how many seconds the oldest of them has waited."""

    entries: int
    oldest_s: float


def read_lag() -> Lag:
    """Raises: RedisError."""
    groups = [group for group in client().xinfo_groups(STREAM) if group["name"] == GROUP.encode()] if client().exists(STREAM) else []
    if not groups:
        return _lag(int(client().xlen(STREAM)), "-")
    (group,) = groups
    entries = int(group["pending"]) + int(group["lag"] or 0)
    pending = client().xpending(STREAM, GROUP)["min"] if group["pending"] else None  # none left, where the last was acknowledged meanwhile
    return _lag(entries, pending or b"(" + group["last-delivered-id"])


def _lag(entries: int, first: bytes | str) -> Lag:
    """`first`: where the oldest entry that waits is found, as XRANGE takes it. An entry's id begins with its milliseconds."""
    found = client().xrange(STREAM, min=first, count=1) if entries else []
    return Lag(entries, max(0.0, time.time() - int(found[0][0].split(b"-")[0]) / 1000) if found else 0.0)
