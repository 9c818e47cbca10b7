"""Encoded chunks and one sound track become two-second CMAF segments with both in them, without encoding again.

Muxed segments start in step: a separate sound group once gave hls.js a hole of 0.17 s at the start. The picture's first frame stands
at exactly 0, so that a cue's time is a time in the playlist.

The MP4 muxer closes a fragment at each key frame, and key frames stand every two seconds, so its output is cut at `moof` boxes.
Reads only files made by this package.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet

from dramas.transcode.plan import Plan, Rung

INIT_NAME = "init.mp4"
MUXER_OPTIONS = {
    "movflags": "cmaf+negative_cts_offsets+frag_keyframe+skip_trailer",
    "use_editlist": "0",
    "avoid_negative_ts": "disabled",
    "fflags": "bitexact",
}


class MuxFailed(Exception):
    """The chunks do not fit together. Names the rendition and what differed."""


@dataclass(frozen=True)
class Segment:
    """One finished segment."""

    number: int
    frames: int
    data: bytes


def segment_name(number: int) -> str:
    return f"s{number:05d}.m4s"


@dataclass(frozen=True)
class _Opened:
    """The muxer's output once the first chunk has shown what the picture is."""

    container: OutputContainer
    picture: av.VideoStream
    sound: av.AudioStream
    extradata: bytes


class Muxer:
    """Takes the chunks of one rendition in order, gives finished segments back as soon as they are complete.

    Started again from the first chunk it gives the same bytes, so a killed job needs no state of it.
    """

    def __init__(self, plan: Plan, rung: Rung, sound: Path) -> None:
        self._plan = plan
        self._rung = rung
        self._sound_path = sound
        self._sound_packets = _packets_of(sound)
        self._next_sound: Packet | None = None
        self._sink = _BoxSink()
        self._opened: _Opened | None = None
        self._frames_in = 0
        self._segments_out = 0

    @property
    def init(self) -> bytes:
        """The initialisation segment. Needs: at least one chunk added."""
        return self._sink.init

    @property
    def codecs(self) -> str:
        """Picture and sound as RFC 6381 names them. Needs: at least one chunk added."""
        assert self._opened is not None
        profile, constraints, level = self._opened.extradata[1:4]
        return f"avc1.{profile:02x}{constraints:02x}{level:02x},mp4a.40.2"

    def add(self, chunk: Path, frames: int) -> list[Segment]:
        """Append a chunk.

        Raises: MuxFailed when it has other frames or other codec parameters than planned.
        """
        with av.open(str(chunk), format="mov") as source:
            stream = source.streams.video[0]
            if self._opened is None:
                self._opened = self._open(stream)
            elif bytes(stream.codec_context.extradata or b"") != self._opened.extradata:
                raise MuxFailed(f"{self._rung.name}: codec parameters change at {chunk.name}")
            seen = self._copy(source, stream, self._opened)
        if seen != frames:
            raise MuxFailed(f"{self._rung.name}: {chunk.name} has {seen} frames, planned {frames}")
        return self._finished()

    def finish(self) -> list[Segment]:
        """Everything after the last complete segment. Needs: at least one chunk added."""
        assert self._opened is not None
        self._copy_sound_until(None, self._opened)
        self._opened.container.close()
        return self._finished()

    def _open(self, picture: av.VideoStream) -> _Opened:
        container = av.open(self._sink, "w", format="mp4", options=MUXER_OPTIONS)
        with av.open(str(self._sound_path), format="mov") as sound:
            video = container.add_stream_from_template(picture)
            audio = container.add_stream_from_template(sound.streams.audio[0])
        video.time_base = picture.time_base
        return _Opened(container, video, audio, bytes(picture.codec_context.extradata or b""))

    def _copy(self, source: InputContainer, stream: av.VideoStream, opened: _Opened) -> int:
        """Copy the chunk's pictures, each group preceded by the sound up to it; how many there were."""
        base = stream.time_base or Fraction(1)
        frame_ticks = int(1 / self._plan.frame_rate / base)
        offset = self._frames_in * frame_ticks
        seen = 0
        for packet in source.demux(stream):
            if not packet.size or packet.pts is None or packet.dts is None:
                continue
            if packet.is_keyframe != (packet.pts % (frame_ticks * self._plan.gop_frames) == 0):
                raise MuxFailed(f"{self._rung.name}: a key frame is off the two-second grid at frame {self._frames_in + seen}")
            packet.pts, packet.dts, packet.duration = packet.pts + offset, packet.dts + offset, frame_ticks
            if packet.is_keyframe:
                self._copy_sound_until(packet.pts * base, opened)
            packet.stream = opened.picture
            opened.container.mux_one(packet)
            seen += 1
        self._frames_in += seen
        return seen

    def _copy_sound_until(self, end_s: Fraction | None, opened: _Opened) -> None:
        """Sound that begins before `end_s` belongs to the segment before it. The encoder's priming packet, before 0, is dropped."""
        while (packet := self._next_sound or next(self._sound_packets, None)) is not None:
            pts = packet.pts or 0
            if end_s is not None and pts * packet.time_base >= end_s:
                self._next_sound = packet
                return
            self._next_sound = None
            if pts >= 0:
                packet.stream = opened.sound
                opened.container.mux_one(packet)

    def _finished(self) -> list[Segment]:
        segments = []
        for data in self._sink.take_fragments():
            frames = min(self._plan.gop_frames, self._plan.frames - self._segments_out * self._plan.gop_frames)
            segments.append(Segment(self._segments_out, frames, data))
            self._segments_out += 1
        return segments


def _packets_of(sound: Path) -> Iterator[Packet]:
    with av.open(str(sound), format="mov") as source:
        for packet in source.demux(source.streams.audio[0]):
            if packet.size and packet.pts is not None:
                yield packet


class _BoxSink(io.RawIOBase):
    """A write-only file that sorts the muxer's boxes: everything before the first `moof` is the init segment, then a fragment each."""

    def __init__(self) -> None:
        self.init = b""
        self._buffer = bytearray()
        self._fragment = bytearray()
        self._fragments: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | memoryview") -> int:  # type: ignore[override]
        self._buffer += data
        self._sort()
        return len(data)

    def _sort(self) -> None:
        while len(self._buffer) >= 8:
            size, kind = int.from_bytes(self._buffer[:4], "big"), bytes(self._buffer[4:8])
            if size < 8:
                raise MuxFailed(f"box {kind!r} of size {size}")
            if len(self._buffer) < size:
                return
            box, self._buffer = bytes(self._buffer[:size]), self._buffer[size:]
            self._place(kind, box)

    def _place(self, kind: bytes, box: bytes) -> None:
        if kind in {b"ftyp", b"moov"}:
            self.init += box
        elif kind == b"mdat":
            self._fragments.append(bytes(self._fragment) + box)
            self._fragment.clear()
        elif kind != b"mfra":
            self._fragment += box

    def take_fragments(self) -> list[bytes]:
        taken, self._fragments = self._fragments, []
        return taken
