"""Which of a node's broadcasts are recorded, and when: as their rooms' takes say."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from redis.exceptions import RedisError

from realtime.rtc.hls.broadcast import Broadcast
from realtime.rtc.hls.errors import RecordingTooLarge
from realtime.rtc.hls.recording import Limits, Recorder
from realtime.rtc.names import RoomName
from realtime.rtc.takes import Take

log = structlog.get_logger(__name__)

# A disk may have room again, a mount may be back.
RETRY_S = 30.0

ReadTakes = Callable[[Sequence[RoomName]], Awaitable[dict[RoomName, Take]]]


@dataclass
class _Begun:
    recorder: Recorder
    take: Take
    at: float


class Keeper:
    """Lays each recording into a folder of its own, `<folder>/aurora/<take>~<milliseconds since 1970>`.

    `read_takes` may raise RedisError or OSError: then what was last read holds. Needs: the node's event loop.
    """

    def __init__(self, folder: Path, *, read_takes: ReadTakes, limits: Limits | None = None) -> None:
        self._folder = folder
        self._read_takes = read_takes
        self._limits = limits or Limits()
        self._takes: dict[RoomName, Take] = {}
        self._begun: dict[RoomName, _Begun] = {}
        self._ending: set[asyncio.Task[bool]] = set()

    async def look(self, broadcasts: Mapping[RoomName, Broadcast]) -> None:
        """Begin and end what is due. To be called several times a second."""
        try:
            self._takes = await self._read_takes(list(broadcasts))
        except (RedisError, OSError) as error:
            log.warning("takes_not_read", reason=str(error))
        self._begun = {room: begun for room, begun in self._begun.items() if broadcasts.get(room) and broadcasts[room].recorder is begun.recorder}
        now_ms = int(time.time() * 1000)
        for room, broadcast in broadcasts.items():
            take = self._takes.get(room)
            due = take if take is not None and take.is_due(now_ms) else None
            if room in self._begun and not self._goes_on(room, due):
                self._end(room, broadcast)
            if due is not None:
                self._keep(room, broadcast, due)

    def tell(self, room: RoomName) -> str:
        """What the console is told: empty while nothing is to be recorded, "on", or the code of what went wrong."""
        begun = self._begun.get(room)
        if begun is None:
            return ""
        return begun.recorder.failure.code if begun.recorder.failure is not None else "on"

    async def close(self) -> None:
        """Returns once what was ended is on disk."""
        await asyncio.gather(*self._ending)

    def _goes_on(self, room: RoomName, due: Take | None) -> bool:
        begun = self._begun[room]
        if due is None or due.name != begun.take.name:
            return False
        is_final = begun.recorder.failure is None or isinstance(begun.recorder.failure, RecordingTooLarge)
        return is_final or time.monotonic() - begun.at < RETRY_S

    def _keep(self, room: RoomName, broadcast: Broadcast, take: Take) -> None:
        begun = self._begun.get(room)
        if begun is None:
            folder = self._folder / room.schema / f"{take.name}~{int(time.time() * 1000)}"
            recorder = Recorder(folder, room=room.key, limits=self._limits)
            broadcast.begin_recording(recorder)
            self._begun[room] = _Begun(recorder, take, time.monotonic())
            log.info("recording_begun", room=room.key, folder=str(folder))
        if begun is None or begun.take.from_ms != take.from_ms:
            broadcast.expect_keyframe(take.from_ms / 1000)
            self._begun[room].take = take

    def _end(self, room: RoomName, broadcast: Broadcast) -> None:
        """A slow disk holds up no other room."""
        del self._begun[room]
        ending = asyncio.create_task(broadcast.end_recording())
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
