"""A room whose host's line is broadcast and served."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest_asyncio

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.engine.janus import JanusEngine
from realtime.rtc.hls.broadcast import Broadcast
from realtime.rtc.hls.recording import Recorder
from realtime.rtc.hls.server import Server
from realtime.rtc.names import HOST_LINE
from tests.realtime.rtc.conftest import ROOM, Cast


class Station:
    def __init__(self, engine: AiortcEngine | JanusEngine) -> None:
        self.engine = engine
        self.broadcast: Broadcast | None = None
        self.server = Server(lambda room: self.broadcast.window if self.broadcast is not None and room == ROOM else None)
        self._executor = ThreadPoolExecutor(1)

    def begin(self, recorder: Recorder | None = None) -> Broadcast:
        self.broadcast = Broadcast(self.engine.node.stage(ROOM).line(HOST_LINE), executor=self._executor)
        self.broadcast.start()
        if recorder is not None:
            self.broadcast.begin_recording(recorder)
        return self.broadcast

    async def close(self) -> None:
        if self.broadcast is not None:
            await self.broadcast.close()
        await self.server.close()
        self._executor.shutdown()


@pytest_asyncio.fixture
async def station(cast: Cast) -> AsyncIterator[Station]:
    station = Station(await cast.room())
    await station.server.start()
    yield station
    await station.close()
