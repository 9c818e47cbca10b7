"""One process's rooms: limits, the clock that drives failover, draining, and what is going on in numbers."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import structlog

from realtime.rtc.errors import NodeBusy, NodeDraining, NodeFull, RoomUnknown
from realtime.rtc.failover import Patience
from realtime.rtc.names import Kind, RoomName
from realtime.rtc.packets import Packet
from realtime.rtc.stage import Event, Source, Stage

log = structlog.get_logger(__name__)

TICK_S = 0.02
HOUSEKEEPING_S = 1.0
EMPTY_ROOM_S = 60.0


@dataclass(frozen=True)
class Limits:
    """120 viewers of 720p are the most that one core has been measured with."""

    rooms: int = 100
    peers: int = 150
    peers_of_room: int = 120
    negotiations: int = 16


class Node:
    """Holds rooms; engines bring the peers. Needs: one event loop, on which everything happens."""

    def __init__(self, *, limits: Limits | None = None, patience: Patience | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits or Limits()
        self.patience = patience or Patience()
        self.clock = clock
        self.is_draining = False
        self.worst_lag_s = 0.0
        self.on_event: Callable[[Event], None] = lambda event: None
        self._stages: dict[RoomName, Stage] = {}
        self._used_at: dict[RoomName, float] = {}
        self._peers: dict[RoomName, int] = {}
        self._negotiating = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._stages.clear()

    def create_room(self, room: RoomName) -> Stage:
        """The room, made when it is not there.

        Raises: NodeDraining, NodeFull.
        """
        stage = self._stages.get(room)
        if stage is not None:
            return stage
        if self.is_draining:
            raise NodeDraining
        if len(self._stages) >= self.limits.rooms:
            raise NodeFull(what="rooms", most=self.limits.rooms)
        stage = self._stages[room] = Stage(room, patience=self.patience, now=self.clock(), on_event=self._tell)
        self._used_at[room] = self.clock()
        return stage

    def stage(self, room: RoomName) -> Stage:
        """Raises: RoomUnknown."""
        try:
            return self._stages[room]
        except KeyError:
            raise RoomUnknown from None

    @property
    def rooms(self) -> list[RoomName]:
        return list(self._stages)

    @property
    def peers(self) -> int:
        return sum(self._peers.values())

    @property
    def is_full(self) -> bool:
        return self.peers >= self.limits.peers or len(self._stages) >= self.limits.rooms

    def enter(self, room: RoomName) -> None:
        """Count a peer in; `leave` counts it out.

        Raises: RoomUnknown, NodeDraining, NodeFull.
        """
        self.stage(room)
        if self.is_draining:
            raise NodeDraining
        if self.peers >= self.limits.peers:
            raise NodeFull(what="peers", most=self.limits.peers)
        if self._peers.get(room, 0) >= self.limits.peers_of_room:
            raise NodeFull(what="peers_of_room", most=self.limits.peers_of_room)
        self._peers[room] = self._peers.get(room, 0) + 1

    def leave(self, room: RoomName) -> None:
        left = self._peers.get(room, 0) - 1
        self._used_at[room] = self.clock()
        if left > 0:
            self._peers[room] = left
        else:
            self._peers.pop(room, None)

    @contextmanager
    def negotiation(self) -> Iterator[None]:
        """Handshakes cost about 5 ms each: more at once than this would delay the packets of those who watch.

        Raises: NodeBusy.
        """
        if self._negotiating >= self.limits.negotiations:
            raise NodeBusy
        self._negotiating += 1
        try:
            yield
        finally:
            self._negotiating -= 1

    def hear(self, room: RoomName) -> Callable[[Source, Kind, Packet], None]:
        """What a publisher's receiver calls with each packet."""
        stage, clock = self.stage(room), self.clock
        return lambda source, kind, packet: stage.hear(source, kind, packet, now=clock())

    def forget(self, room: RoomName) -> None:
        self._stages.pop(room, None)
        self._used_at.pop(room, None)
        self._peers.pop(room, None)

    def describe(self) -> dict[str, Any]:
        """Shape: {"rooms", "peers": int, "is_full", "is_draining": bool, "worst_lag_ms": float since the last call}."""
        lag_s, self.worst_lag_s = self.worst_lag_s, 0.0
        return {
            "rooms": len(self._stages),
            "peers": self.peers,
            "is_full": self.is_full,
            "is_draining": self.is_draining,
            "worst_lag_ms": round(lag_s * 1000, 1),
        }

    async def _run(self) -> None:
        kept_at = self.clock()
        while True:
            began = self.clock()
            await asyncio.sleep(TICK_S)
            now = self.clock()
            self.worst_lag_s = max(self.worst_lag_s, now - began - TICK_S)
            for stage in list(self._stages.values()):
                stage.tick(now=now)
            if now - kept_at >= HOUSEKEEPING_S:
                kept_at = now
                self._keep_house(now)

    def _keep_house(self, now: float) -> None:
        for room, stage in list(self._stages.items()):
            stage.keep_fresh(stage.sources, now=now)
            if not stage.is_empty or self._peers.get(room):
                self._used_at[room] = now
            elif now - self._used_at[room] > EMPTY_ROOM_S:
                self.forget(room)

    def _tell(self, event: Event) -> None:
        log.info("media_event", room=event.room.key, kind=event.kind, line=event.line, role=event.role)
        self.on_event(event)
