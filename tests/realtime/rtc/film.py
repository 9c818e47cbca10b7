"""What publishers of the tests show: small encoded pictures that say who sends them and which number they are, and a tone."""

import asyncio
import time
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCRtpSender

WIDTH, HEIGHT, FPS = 160, 96, 30
BLOCK, BITS = 16, 8
DARK, BRIGHT = 40, 200
VIDEO_CLOCK = Fraction(1, 90_000)


@cache
def pictures(gop: int, is_bright: bool = True, count: int = 120) -> list[bytes]:
    """H264 in constrained baseline. The background names the sender, eight blocks on top the picture's number modulo 256."""
    return _encode([_draw(number, is_bright) for number in range(count)], gop)


def _encode(frames: list[av.VideoFrame], gop: int) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = WIDTH, HEIGHT, "yuv420p", 300_000
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0",
    }
    return [bytes(packet) for frame in frames for packet in encoder.encode(frame)]


def _draw(number: int, is_bright: bool, pts: int | None = None) -> av.VideoFrame:
    luma = np.full((HEIGHT, WIDTH), BRIGHT if is_bright else DARK, "u1")
    luma += np.random.default_rng(1).integers(0, 30, luma.shape, "u1")  # a keyframe of several packets, as real ones are
    luma[:BLOCK] = 16
    for bit in range(BITS):
        luma[2 : BLOCK - 2, bit * BLOCK + 2 : (bit + 1) * BLOCK - 2] = 235 if number >> bit & 1 else 16
    frame = av.VideoFrame.from_ndarray(np.vstack([luma, np.full((HEIGHT // 2, WIDTH), 128, "u1")]), "yuv420p")
    frame.pts = number if pts is None else pts
    return frame


@cache
def stills(gop: int, is_black: bool = False, count: int = 120) -> list[bytes]:
    """The same picture over and over, as a frozen camera or a closed shutter gives it."""
    return _encode([_black(number) if is_black else _draw(0, is_bright=True, pts=number) for number in range(count)], gop)


def _black(pts: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.vstack([np.full((HEIGHT, WIDTH), 16, "u1"), np.full((HEIGHT // 2, WIDTH), 128, "u1")]), "yuv420p")
    frame.pts = pts
    return frame


def number_of(frame: Any) -> int:
    luma = _luma(frame)
    return sum(1 << bit for bit in range(BITS) if luma[BLOCK // 2, bit * BLOCK + BLOCK // 2] > 125)


def is_bright(frame: Any) -> bool:
    return bool(_luma(frame)[BLOCK + 4 :].mean() > (BRIGHT + DARK) / 2)


def _luma(frame: Any) -> Any:
    plane = frame.planes[0]
    return np.frombuffer(plane, "u1").reshape(-1, plane.line_size)


class Film(MediaStreamTrack):
    """Encoded pictures at 30 a second. They cannot be asked for a keyframe: they come every `gop` pictures."""

    kind = "video"

    def __init__(self, *, gop: int = 30, is_bright: bool = True, count: int = 120) -> None:
        super().__init__()
        self._pictures = pictures(gop, is_bright, count)
        self._gop = gop
        self._next: list[bytes] | None = None
        self._at = 0
        self._began = time.monotonic()
        self.turned_at = 0.0

    def turn_to(self, shown: list[bytes]) -> None:
        """Show these from the next keyframe on, which `turned_at` tells."""
        self._next = shown

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._at / FPS - time.monotonic()))
        if self._next is not None and self._at % self._gop == 0:
            self._pictures, self._next, self.turned_at = self._next, None, time.monotonic()
        packet = av.Packet(self._pictures[self._at % len(self._pictures)])
        packet.pts, packet.time_base = self._at * 3000, VIDEO_CLOCK
        self._at += 1
        return packet


class Tone(MediaStreamTrack):
    """440 Hz in pieces of 20 ms; zeros while it is muted."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self.is_muted = False
        self._at = 0
        self._began = time.monotonic()

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._at * 0.02 - time.monotonic()))
        samples = (np.sin(2 * np.pi * 440 * (np.arange(960) + self._at * 960) / 48_000) * (0 if self.is_muted else 12_000)).astype("i2")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._at * 960, Fraction(1, 48_000)
        self._at += 1
        return frame


def h264() -> list[Any]:
    return [codec for codec in RTCRtpSender.getCapabilities("video").codecs if codec.mimeType.lower() in {"video/h264", "video/rtx"}]
