"""Where rooms' films are, and whether they may be watched: asked once in half a second a room, however many parts are fetched."""

import asyncio
from dataclasses import dataclass

from merchants.foundation import clock as wall
from realtime.exchange import beside_exchange
from realtime.rtc.names import RoomName
from realtime.rtc.placement import Registry
from rooms.live.audience import Audience
from rooms.live.gate import is_watchable
from rooms.live.playlists import Playlists
from rooms.program.air import async_client

KNOWN_FOR_S = 0.5
MOST_ROOMS = 2_000


@dataclass(frozen=True)
class Film:
    """`address` of the node that serves it, as the node itself wrote it down; empty when none does."""

    address: str
    is_watchable: bool


class Films:
    """Needs: one event loop. Raises RedisError."""

    def __init__(self) -> None:
        self.audience = Audience()
        self.playlists = Playlists()
        self._registry = Registry(async_client())
        self._known: dict[RoomName, tuple[float, asyncio.Task[Film]]] = {}

    async def close(self) -> None:
        await self.audience.close()

    async def find(self, room: RoomName) -> Film:
        now = asyncio.get_running_loop().time()
        held = self._known.get(room)
        if held is None or now - held[0] >= KNOWN_FOR_S:
            if len(self._known) >= MOST_ROOMS:
                self._known.clear()
            held = self._known[room] = now, asyncio.create_task(self._look(room))
        return await asyncio.shield(held[1])  # others wait for the same answer

    async def _look(self, room: RoomName) -> Film:
        return Film(await self._registry.find_film(room), await is_watchable(room, wall.now_ms()))


films = beside_exchange(Films)
