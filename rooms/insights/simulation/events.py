"""Viewer events as the room's page sends them: gathered, sent in batches with ids that hold their moment, sent again until they are taken."""

import random
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import UUID

from rooms.insights.simulation.figures import Refused

FLUSH_S = 5.0
MOST_IN_A_BATCH = 40
MOST_KEPT = 500
# Refusals that pass, as the page knows them.
PASSING = frozenset({"offline", "timeout", "unreachable", "events_behind", "too_many_requests", "took_too_long", "unavailable"})

Send = Callable[[dict[str, Any]], Awaitable[None]]


class EventLog:
    """Of one visit. `now_ms`: the server's clock as far as the viewer knows it. Nothing is kept of who is not measured."""

    def __init__(self, *, now_ms: Callable[[], int], rng: random.Random, is_measured: bool) -> None:
        self._now_ms = now_ms
        self._rng = rng
        self._is_measured = is_measured
        self._kept: list[dict[str, Any]] = []
        self._last_ms = 0
        self._count = 0
        self._flushed_at = monotonic()
        self.session = self._new_id()

    def add(self, kind: str, **fields: Any) -> None:
        if self._is_measured:
            self._kept = [*self._kept[-(MOST_KEPT - 1) :], {"k": kind, "id": self._new_id(), **fields}]

    @property
    def is_due(self) -> bool:
        return len(self._kept) >= MOST_IN_A_BATCH or (bool(self._kept) and monotonic() - self._flushed_at >= FLUSH_S)

    async def flush(self, send: Send) -> int:
        """One batch. Returns how many events were taken; what was refused for good is forgotten, anything else goes again."""
        batch = self._kept[:MOST_IN_A_BATCH]
        self._flushed_at = monotonic()
        if not batch:
            return 0
        taken = len(batch)
        try:
            await send({"session": self.session, "events": batch})
        except Refused as refusal:
            if refusal.code in PASSING:
                return 0
            taken = 0
        self._kept = self._kept[len(batch) :]
        return taken

    async def flush_all(self, send: Send) -> int:
        """Everything, as a page does that is left."""
        taken = 0
        for _ in range(-(-len(self._kept) // MOST_IN_A_BATCH)):
            taken += await self.flush(send)
        return taken

    def _new_id(self) -> str:
        """A UUID of version 7; within a millisecond the count keeps the order."""
        ms = max(self._last_ms, self._now_ms())
        self._count = self._count + 1 if ms == self._last_ms else 0
        self._last_ms = ms
        high = ms << 80 | 7 << 76 | (self._count & 0xFFF) << 64
        return str(UUID(int=high | 0b10 << 62 | self._rng.getrandbits(62)))
