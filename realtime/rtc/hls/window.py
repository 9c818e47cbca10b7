"""The newest segments of a room in memory, and who waits for the next part."""

import asyncio
import re
import time
from collections import deque
from dataclasses import dataclass, field

from realtime.rtc.hls import playlist
from realtime.rtc.hls.playlist import PartLine, SegmentLine
from realtime.rtc.hls.segmenter import End, Head, Part, Piece

PLAYLIST = "live.m3u8"
MOST_SEGMENTS = 10
# 20 s at 5 Mbit/s are 12.5 MB.
MOST_BYTES = 24 << 20
# RFC 8216bis, 6.2.5.2: who asks for what lies further ahead has lost its way.
MOST_AHEAD = 2
# hls.js counts up to the discontinuity sequence in a loop: seconds since 1970 stopped the page for minutes. This one grows as
# well when a room moves, and begins anew after 28 hours.
DISCONTINUITY_S, DISCONTINUITIES = 10, 10_000

NAME = re.compile(r"(?:init(?P<head>\d{1,12})\.mp4|s(?P<sequence>\d{1,12})(?:\.p(?P<part>\d{1,4}))?\.m4s)", re.ASCII)


@dataclass
class _Segment:
    sequence: int
    head: int
    at: float
    lines: list[PartLine] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    is_whole: bool = False

    @property
    def line(self) -> SegmentLine:
        return SegmentLine(self.sequence, self.head, self.at, self.lines)


class Window:
    """Numbers begin at the time in seconds: after a room has moved to another node they are greater than before, so that no
    cache and no player takes the new film for the old one. Needs: one event loop."""

    def __init__(self, *, most_bytes: int = MOST_BYTES, first_number: int | None = None) -> None:
        self.size_bytes = 0
        self.is_over = False
        self._most_bytes = most_bytes
        self._first = int(time.time()) if first_number is None else first_number
        self._discontinuity = self._first // DISCONTINUITY_S % DISCONTINUITIES
        self._heads: dict[int, bytes] = {}
        self._head = self._first
        self._segments: deque[_Segment] = deque()
        self._next = self._first
        self._text: bytes | None = None
        self._changed = asyncio.Event()

    @property
    def is_playable(self) -> bool:
        """hls.js takes a playlist of parts alone for an empty one."""
        return bool(self._segments) and self._segments[0].is_whole

    def add(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if isinstance(piece, Head):
                self._head = self._first + piece.number
                self._heads[self._head] = piece.data
                self.size_bytes += len(piece.data)
            elif isinstance(piece, Part):
                self._add_part(piece)
            elif isinstance(piece, End) and self._segments:
                self._segments[-1].is_whole = True
        if pieces:
            self._forget_old()
            self._tell()

    def end(self) -> None:
        """Nothing follows: players stop at the end instead of asking on."""
        self.is_over = True
        if self._segments:
            self._segments[-1].is_whole = True
        self._tell()

    def render(self) -> bytes:
        if self._text is None:
            last = self._segments[-1] if self._segments else None
            is_open = last is not None and not last.is_whole
            whole = [segment.line for segment in self._segments if segment.is_whole]
            text = playlist.render(
                whole,
                open_segment=last.line if last is not None and is_open else None,
                next_sequence=self._next,
                discontinuity=self._discontinuity,
                is_over=self.is_over,
            )
            self._text = text.encode()
        return self._text

    def has(self, sequence: int, part: int | None) -> bool:
        """Whether the playlist names this part, or this whole segment, or what comes after."""
        last = self._segments[-1] if self._segments else None
        if self.is_over or last is None:
            return self.is_over
        if part is None:
            return last.sequence > sequence or (last.sequence == sequence and last.is_whole)
        # beyond the end of a segment, its n-th part means the next one's first
        return last.sequence > sequence or (last.sequence == sequence and (len(last.parts) > part))

    def is_too_far(self, sequence: int) -> bool:
        return sequence > self._next + MOST_AHEAD

    def find(self, name: str) -> bytes | None:
        found = NAME.fullmatch(name)
        if found is None:
            return None
        if found["head"] is not None:
            return self._heads.get(int(found["head"]))
        segment = next((held for held in self._segments if held.sequence == int(found["sequence"])), None)
        if segment is None:
            return None
        if found["part"] is None:
            return b"".join(segment.parts) if segment.is_whole else None
        part = int(found["part"])
        return segment.parts[part] if part < len(segment.parts) else None

    def is_announced(self, name: str) -> bool:
        """Whether this is the part that the playlist hints at: it will come."""
        if self.is_over:
            return False
        last = self._segments[-1] if self._segments else None
        hinted = (last.sequence, len(last.parts)) if last is not None and not last.is_whole else (self._next, 0)
        return name == playlist.part_name(*hinted)

    async def change(self, *, longest_s: float) -> None:
        """Returns after the next addition. Raises: TimeoutError."""
        async with asyncio.timeout(longest_s):
            await self._changed.wait()

    def _add_part(self, part: Part) -> None:
        if part.number == 0:
            self._segments.append(_Segment(self._next, self._head, part.at))
            self._next += 1
        segment = self._segments[-1]
        segment.lines.append(PartLine(part.duration_s, part.is_independent))
        segment.parts.append(part.data)
        self.size_bytes += len(part.data)

    def _forget_old(self) -> None:
        while len(self._segments) > MOST_SEGMENTS or (self.size_bytes > self._most_bytes and len(self._segments) > 1):
            self.size_bytes -= sum(len(data) for data in self._segments.popleft().parts)
        used = {segment.head for segment in self._segments} | {self._head}
        for head in self._heads.keys() - used:
            self.size_bytes -= len(self._heads.pop(head))

    def _tell(self) -> None:
        self._text = None
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
