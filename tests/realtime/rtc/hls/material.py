"""A film whose picture flashes and whose sound beeps for a tenth of a second at every full second but the first."""

import asyncio
import time
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.codecs.h264 import H264Encoder

from realtime.rtc.hls.audio import Opus, Sound, Transcoder, silence
from realtime.rtc.hls.depacketize import Depacketizer, Picture
from realtime.rtc.hls.segmenter import Segmenter
from realtime.rtc.packets import Packet

FPS = 30
MARK = FPS // 10
OPUS_SAMPLES = 960
DARK, FLASH = 40, 220


@cache
def pictures(width: int = 160, height: int = 96, *, gop: int = 30, count: int = 150, fps: int = FPS, preset: str = "ultrafast") -> list[bytes]:
    """H264 in Annex B, one entry a picture."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = width, height, "yuv420p", 400_000
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps)
    encoder.options = {"preset": preset, "tune": "zerolatency", "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0"}
    noise = np.random.default_rng(1).integers(0, 30, (height, width), "u1")  # keyframes of several packets
    encoded = []
    for number in range(count):
        is_bright = number >= fps and number % fps < fps // 10
        luma = noise + np.uint8(FLASH if is_bright else DARK)
        luma[: height // 4, : number % width] = 16
        frame = av.VideoFrame.from_ndarray(np.vstack([luma, np.full((height // 2, width), 128, "u1")]), "yuv420p")
        frame.pts = number
        encoded += [bytes(packet) for packet in encoder.encode(frame)]
    assert len(encoded) == count
    return encoded


def packets(encoded: list[bytes], *, fps: int = FPS, sequence: int = 65_000, timestamp: int = (1 << 32) - 90_000) -> list[Packet]:
    """As aiortc sends them. Numbers and timestamps begin anew on the way."""
    sent = []
    for number, picture in enumerate(encoded):
        payloads = H264Encoder._packetize(H264Encoder._split_bitstream(picture))
        for place, payload in enumerate(payloads):
            stamp = (timestamp + number * 90_000 // fps) & 0xFFFFFFFF
            sent.append(Packet((sequence + len(sent)) & 0xFFFF, stamp, int(place == len(payloads) - 1), payload))
    return sent


def depacketized(encoded: list[bytes]) -> list[Picture]:
    depacketizer = Depacketizer()
    return [picture for packet in packets(encoded) for picture in depacketizer.add(packet, now=0.0)]


def sound_samples(seconds: float) -> Any:
    places = np.arange(round(seconds * 48_000))
    is_beeping = (places >= 48_000) & (places % 48_000 < 4_800)
    return (np.sin(2 * np.pi * 1_000 * places / 48_000) * 16_000 * is_beeping).astype("i2")


@cache
def opus(seconds: float) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = 48_000, "mono", "s16", 64_000
    encoder.time_base = Fraction(1, 48_000)
    samples, encoded = sound_samples(seconds), []
    for start in range(0, len(samples) - OPUS_SAMPLES + 1, OPUS_SAMPLES):
        frame = av.AudioFrame.from_ndarray(samples[start : start + OPUS_SAMPLES].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        encoded += [bytes(packet) for packet in encoder.encode(frame)]
    return encoded


def sounds(seconds: float, *, began_at: float = 1_000.0) -> list[Sound]:
    """As the transcoder makes them of that Opus."""
    feed = [Opus(number * OPUS_SAMPLES, began_at + number * 0.02, data) for number, data in enumerate(opus(seconds))]
    return Transcoder().feed(feed)


def segmenter() -> Segmenter:
    config, quiet = silence()
    return Segmenter(audio_config=config, silence=quiet)


class FlashFilm(MediaStreamTrack):
    """Encoded pictures in real time, from `began` (a monotonic time) on. After the last of `takes` it begins again."""

    kind = "video"

    def __init__(self, *takes: list[bytes], began: float, fps: int = FPS) -> None:
        super().__init__()
        self._pictures = [picture for take in takes for picture in take]
        self._began = began
        self._fps = fps
        self._at = 0

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._at / self._fps - time.monotonic()))
        packet = av.Packet(self._pictures[self._at % len(self._pictures)])
        packet.pts, packet.time_base = self._at * 90_000 // self._fps, Fraction(1, 90_000)
        self._at += 1
        return packet


class Beeps(MediaStreamTrack):
    """The film's sound; begins anew with it after `seconds`."""

    kind = "audio"

    def __init__(self, seconds: float, *, began: float) -> None:
        super().__init__()
        self._samples = sound_samples(seconds)
        self._began = began
        self._at = 0

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._at * 0.02 - time.monotonic()))
        start = self._at * OPUS_SAMPLES % len(self._samples)
        frame = av.AudioFrame.from_ndarray(self._samples[start : start + OPUS_SAMPLES].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, self._at * OPUS_SAMPLES, Fraction(1, 48_000)
        self._at += 1
        return frame
