"""A line's packets on their other road: to the window that HLS viewers read, and to the recording.

Taps only queue. Pictures are put together on the loop (some 20 us a packet); sound is encoded in a thread.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

import av
import structlog

from realtime.rtc.hls.audio import Opus, Transcoder, silence
from realtime.rtc.hls.clock import Timeline
from realtime.rtc.hls.depacketize import Depacketizer, Picture
from realtime.rtc.hls.h264 import BitstreamInvalid
from realtime.rtc.hls.recording import Recorder
from realtime.rtc.hls.segmenter import Head, Part, Piece, Segmenter
from realtime.rtc.hls.window import Window
from realtime.rtc.names import KINDS, Kind
from realtime.rtc.packets import Packet
from realtime.rtc.stage import Line

log = structlog.get_logger(__name__)

# Ten seconds of 720p: who is that late begins anew at a keyframe.
MOST_QUEUED = 3072
# Keyframes come every 2 s unless something was lost.
KEYFRAME_OVERDUE_S = 2.5
CLOSE_S = 3.0


class _Arrival(NamedTuple):
    """`packet` is None where another source follows."""

    kind: Kind
    packet: Packet | None
    at: float


class _Tap:
    """In the place of a viewer's leg, for one kind."""

    def __init__(self, kind: Kind, note: Callable[[Kind, Packet | None], None]) -> None:
        self._kind = kind
        self._note = note

    def put(self, packet: Packet, /) -> None:
        self._note(self._kind, packet)

    def report_soon(self) -> None:
        self._note(self._kind, None)


class Broadcast:
    """Needs: one event loop, that of the line. `executor` encodes the sound. `recorder` is who records at the moment.

    What goes wrong here costs pictures of this road only.
    """

    def __init__(self, line: Line, *, executor: Executor, window: Window | None = None) -> None:
        self.window = window or Window()
        self.recorder: Recorder | None = None
        self.overflows = self.failures = 0
        self._line = line
        self._executor = executor
        self._taps = {kind: _Tap(kind, self._note) for kind in KINDS}
        self._arrivals: deque[_Arrival] = deque()
        self._filled = asyncio.Event()
        self._timeline = Timeline(line.rtp_at)
        self._depacketizer = Depacketizer()
        self._transcoder = Transcoder()
        config, quiet = silence()
        self._segmenter = Segmenter(audio_config=config, silence=quiet)
        self._is_settled = False
        # What a recording that begins now begins with: the head, and the present segment, which starts with a keyframe.
        self._head: Head | None = None
        self._newest: list[Piece] = []
        self._keyframe_at: float | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def lost(self) -> int:
        """How often pictures had to be left out until the next keyframe."""
        return self._depacketizer.lost

    def start(self) -> None:
        for kind, tap in self._taps.items():
            self._line.tracks[kind].taps.append(tap)
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(self._note_end)
        self._ask_keyframe()

    async def close(self, *, is_over: bool = True) -> bool:
        """The recording is finished, and players are told that the film `is_over`. Returns whether all of it is on disk."""
        for kind, tap in self._taps.items():
            if tap in self._line.tracks[kind].taps:
                self._line.tracks[kind].taps.remove(tap)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_S)
            self._task = None
            self._publish(self._segmenter.finish())
            if is_over:
                self.window.end()
        return await self.end_recording()

    def expect_keyframe(self, at: float) -> None:
        """One is asked for at that moment (seconds since 1970), so that the film can be cut there."""
        self._keyframe_at = at

    def begin_recording(self, recorder: Recorder) -> None:
        """From the newest keyframe on."""
        self.recorder = recorder
        recorder.start()
        recorder.add([*([self._head] if self._head else []), *self._newest])

    async def end_recording(self) -> bool:
        """Returns whether all of it is on disk; also when nothing was recorded."""
        recorder, self.recorder = self.recorder, None
        return recorder is None or await asyncio.to_thread(recorder.close)

    def _note(self, kind: Kind, packet: Packet | None) -> None:
        if len(self._arrivals) >= MOST_QUEUED:
            self._arrivals.clear()  # the depacketizer sees the hole and waits for a keyframe
            self.overflows += 1
        self._arrivals.append(_Arrival(kind, packet, time.time()))
        self._filled.set()

    async def _run(self) -> None:
        while True:
            await self._filled.wait()
            self._filled.clear()
            arrivals, self._arrivals = self._arrivals, deque()
            try:
                await self._work(arrivals)
            except (BitstreamInvalid, av.FFmpegError, OverflowError) as error:
                self.failures += 1
                log.warning("broadcast_left_out", reason=str(error)[:200])

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("broadcast_failed", line=self._line.name, error=repr(error))

    async def _work(self, arrivals: deque[_Arrival]) -> None:
        sounds: list[Opus] = []
        pictures: list[Picture] = []
        for kind, packet, at in arrivals:
            if packet is None:
                self._begin_source(kind, at)
                continue
            self._timeline.note(kind, packet.timestamp, now=at)
            if kind == "video":
                pictures += self._depacketizer.add(packet, now=at)
            elif self._is_settled:
                place = self._timeline.place_of(kind, packet.timestamp)
                sounds.append(Opus(place, self._timeline.date_of(kind, place), packet.payload))
        if not self._settle(arrivals[-1].at):
            return
        if sounds:
            loop = asyncio.get_running_loop()
            self._segmenter.add_sounds(await loop.run_in_executor(self._executor, self._transcoder.feed, sounds))
        for picture in pictures:
            date = self._timeline.date_of("video", self._timeline.place_of("video", picture.timestamp))
            if picture.is_keyframe and self._keyframe_at is not None and date >= self._keyframe_at:
                self._keyframe_at = None
            self._publish(self._segmenter.add_picture(picture, date))
        is_wanted = self._keyframe_at is not None and arrivals[-1].at >= self._keyframe_at
        if is_wanted or self._depacketizer.is_waiting_for_keyframe or self._segmenter.segment_age_s > KEYFRAME_OVERDUE_S:
            self._ask_keyframe()

    def _begin_source(self, kind: Kind, at: float) -> None:
        if kind == "video":
            self._depacketizer.begin_source()
        self._timeline.look(at)

    def _settle(self, now: float) -> bool:
        if not self._is_settled and self._timeline.is_settled(now):
            self._is_settled = True
            self._ask_keyframe()  # the film begins with it
        return self._is_settled

    def _ask_keyframe(self) -> None:
        self._line.ask_keyframe(now=time.monotonic())

    def _publish(self, pieces: list[Piece]) -> None:
        if not pieces:
            return
        self.window.add(pieces)
        for piece in pieces:
            if isinstance(piece, Head):
                self._head = piece
            elif isinstance(piece, Part):
                self._newest = [piece] if piece.number == 0 else [*self._newest, piece]
        if self.recorder is not None:
            self.recorder.add(pieces)
