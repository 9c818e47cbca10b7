"""Which rooms of a node are broadcast: a room's host line is as soon as somebody is on it, until the room goes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import structlog

from realtime.rtc.hls.broadcast import Broadcast
from realtime.rtc.hls.keeping import Keeper
from realtime.rtc.hls.window import Window
from realtime.rtc.names import HOST_LINE, RoomName
from realtime.rtc.node import Node
from realtime.rtc.stage import Line

log = structlog.get_logger(__name__)

LOOK_S = 0.25
# An encoder of AAC needs 1.5 % of a core: two threads serve as many rooms as the packets leave room for.
ENCODERS = 2


class Broadcasts:
    """When a room leaves the node, players are not told that it is over: they find it at another node, or hear of its end from
    the page. `keeper` records them; nothing is kept without one.

    Needs: the node's event loop.
    """

    def __init__(self, node: Node, *, keeper: Keeper | None = None) -> None:
        self._node = node
        self._keeper = keeper
        self._held: dict[RoomName, tuple[Line, Broadcast]] = {}
        self._executor = ThreadPoolExecutor(ENCODERS, thread_name_prefix="aac")
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Recordings are finished."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.gather(*(self._stop(room) for room in list(self._held)), *self._ending)
        if self._keeper is not None:
            await self._keeper.close()
        self._executor.shutdown(wait=False)

    def find(self, room: RoomName) -> Window | None:
        """What `Server` asks."""
        return self._held[room][1].window if room in self._held else None

    async def _stop(self, room: RoomName) -> None:
        held = self._held.pop(room, None)
        if held is not None and not await held[1].close(is_over=False):
            log.warning("recording_not_whole", room=room.key)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            rooms = self._node.rooms
            for room in rooms:
                self._look(room)
            for room, (line, _) in list(self._held.items()):
                if room not in rooms or self._node.stage(room).lines[HOST_LINE] is not line:
                    ending = asyncio.create_task(self._stop(room))  # a slow disk holds up no other room
                    self._ending.add(ending)
                    ending.add_done_callback(self._ending.discard)
            if self._keeper is not None:
                await self._keeper.look({room: broadcast for room, (_, broadcast) in self._held.items()})

    def _look(self, room: RoomName) -> None:
        line = self._node.stage(room).lines[HOST_LINE]
        if room in self._held or line.active is None:
            return
        broadcast = Broadcast(line, executor=self._executor)
        self._held[room] = line, broadcast
        broadcast.start()
