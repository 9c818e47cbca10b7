"""Looks at a picture and listens to sound, made of packets that pass anyway. Needs: one thread, not that of the packets.

720p costs 2 ms for a keyframe; sound costs 0.03 ms for a packet of 20 ms.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import av
import numpy as np

from realtime.rtc.hls.depacketize import units_of
from realtime.rtc.hls.h264 import BitstreamInvalid
from realtime.rtc.packets import Packet, in_order, sequence_diff

# A picture is compared as so many cells, each the mean of its pixels: noise goes, a moving mouth stays.
CELLS = (64, 36)
START_CODE = b"\0\0\0\1"


class Glimpse(NamedTuple):
    """`cells` are luma, 0 to 255, as rows of `CELLS`; `timestamp` is the publisher's of the picture that was decoded."""

    cells: Any
    timestamp: int
    width: int
    height: int


class Eye:
    """Decodes the newest keyframe, or all from it to the newest picture."""

    def __init__(self) -> None:
        self._decoder: Any = av.CodecContext.create("h264", "r")
        self._decoder.thread_count = 1

    def look(self, packets: Sequence[Packet], *, is_to_the_end: bool = False) -> Glimpse | None:
        """`packets` begin with a keyframe, in any order. None when it is not whole yet, or cannot be decoded."""
        shown: Any = None
        timestamp = 0
        self._decoder.flush_buffers()
        try:
            for picture in _whole_pictures(in_order(packets)):
                units = b"".join(START_CODE + unit for unit in units_of(picture))
                decoded = self._decoder.decode(av.Packet(units))
                shown, timestamp = (decoded[-1] if decoded else shown), picture[0].timestamp
                if not is_to_the_end:
                    break
            last = self._decoder.decode(None)
        except (BitstreamInvalid, av.FFmpegError):
            return None
        shown = last[-1] if last else shown
        if shown is None:
            return None
        cells = shown.reformat(width=CELLS[0], height=CELLS[1], format="gray", interpolation="AREA").to_ndarray()
        return Glimpse(cells.astype(np.int16), timestamp, shown.width, shown.height)


class Ear:
    """Decodes Opus."""

    def __init__(self) -> None:
        self._decoder: Any = av.CodecContext.create("opus", "r")

    def listen(self, payloads: Sequence[bytes]) -> float | None:
        """The loudest sample, 0 to 1; None when nothing could be decoded."""
        loudest: float | None = None
        for payload in payloads:
            if not payload:
                continue  # nothing would end the decoder's stream
            try:
                frames = self._decoder.decode(av.Packet(payload))
            except av.FFmpegError:
                self._decoder.flush_buffers()
                continue
            for frame in frames:
                loudest = max(loudest or 0.0, float(np.abs(frame.to_ndarray()).max()))
        return loudest


def _whole_pictures(packets: Sequence[Packet]) -> Iterator[list[Packet]]:
    """Pictures up to the first missing packet; what the end has not marked is not whole."""
    picture: list[Packet] = []
    before: Packet | None = None
    for packet in packets:
        if before is not None and sequence_diff(packet.sequence, before.sequence) != 1:
            return
        before = packet
        picture.append(packet)
        if packet.marker:
            yield picture
            picture = []
