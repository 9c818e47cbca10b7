"""Playlists of films, fetched once for all who wait for the same one: a crowd asks its node as often as one viewer does.

Not left to nginx, whose waiting requests look only twice a second whether another one's answer has come.
"""

import asyncio
from typing import NamedTuple

from realtime.rtc.hls.asking import NodeUnreachable, ask
from realtime.rtc.hls.window import PLAYLIST
from realtime.rtc.names import RoomName

# Of one process; each is a connection to a node.
MOST_ASKED = 256


class Playlist(NamedTuple):
    status: int
    content_type: str
    body: bytes


class Playlists:
    """Needs: one event loop."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, RoomName, str], asyncio.Task[Playlist]] = {}

    async def find(self, address: str, room: RoomName, query: str) -> Playlist:
        """Raises: NodeUnreachable."""
        key = address, room, query
        asking = self._asked.get(key)
        if asking is None:
            if len(self._asked) >= MOST_ASKED:
                raise NodeUnreachable("too many playlists are asked for")
            asking = self._asked[key] = asyncio.create_task(_fetch(address, room, query))
            asking.add_done_callback(lambda task: self._forget(key, task))
        return await asyncio.shield(asking)  # one who goes does not take it from the others

    def _forget(self, key: tuple[str, RoomName, str], task: asyncio.Task[Playlist]) -> None:
        del self._asked[key]
        if not task.cancelled():
            task.exception()  # whoever waits still hears of it


async def _fetch(address: str, room: RoomName, query: str) -> Playlist:
    async with ask(address, room, PLAYLIST, query=query) as reply:
        return Playlist(reply.status, reply.content_type, b"".join([piece async for piece in reply.pieces]))
