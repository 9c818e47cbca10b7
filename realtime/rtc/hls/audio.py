"""Opus to AAC, which every HLS player knows. Needs: one thread at a time."""

from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

import av

from realtime.rtc.hls.fmp4 import AAC_SAMPLES, AUDIO_HZ

BITS_PER_S = 96_000
# What an Opus encoder looks ahead (RFC 7845, 4.2): decoded sound comes that much after its timestamp.
OPUS_DELAY_SAMPLES = 312
# Lost sound up to this long becomes silence inside the stream; after longer pauses dates begin anew.
MOST_SILENCE_SAMPLES = AUDIO_HZ
DATE_STEP_S = 0.001
MOST_DATES = 256
MOST_PACKET_SAMPLES = 5_760  # 120 ms, by RFC 6716


class Opus(NamedTuple):
    """`place` counts samples of the line, `at` is when they were captured (seconds since 1970)."""

    place: int
    at: float
    data: bytes


class Sound(NamedTuple):
    """An AAC frame of 1,024 samples at 48 kHz, and when it was captured."""

    at: float
    data: bytes


class Transcoder:
    """About 0.5 ms for a packet of 20 ms, most of it without the interpreter's lock."""

    def __init__(self) -> None:
        self.config, _ = silence()
        self.failures = 0
        self._decoder: Any = av.CodecContext.create("opus", "r")
        self._encoder = _open_encoder()
        self._resampler = av.AudioResampler("fltp", "stereo", AUDIO_HZ, frame_size=AAC_SAMPLES)
        self._next: int | None = None
        self._given = 0
        self._out = 0
        # From which sample that the encoder got, which date holds.
        self._dates: list[tuple[int, float]] = []

    def feed(self, packets: Iterable[Opus]) -> list[Sound]:
        """What arrives late, or cannot be decoded, is left out."""
        sounds: list[Sound] = []
        for packet in packets:
            if not packet.data or (self._next is not None and packet.place < self._next):
                continue  # nothing would end the decoder's stream
            try:
                frames = self._decoder.decode(av.Packet(packet.data))
            except av.FFmpegError:
                self.failures += 1
                self._decoder.flush_buffers()
                continue
            at = packet.at
            sounds += self._bridge(packet.place, at)
            for frame in frames:
                self._date(at)
                sounds += self._encode(frame)
                at += frame.samples / AUDIO_HZ
                self._next = (self._next or packet.place) + frame.samples
        return sounds

    def _bridge(self, place: int, at: float) -> list[Sound]:
        missing = 0 if self._next is None else place - self._next
        self._next = place
        if not 0 < missing <= MOST_SILENCE_SAMPLES:
            return []
        self._date(at - missing / AUDIO_HZ)
        sounds = []
        while missing > 0:
            count = min(missing, MOST_PACKET_SAMPLES)
            sounds += self._encode(_zeros(count))
            missing -= count
        return sounds

    def _date(self, at: float) -> None:
        at -= OPUS_DELAY_SAMPLES / AUDIO_HZ
        if self._dates and abs(self._date_of(self._given) - at) < DATE_STEP_S:
            return
        self._dates.append((self._given, at))
        del self._dates[:-MOST_DATES]

    def _date_of(self, sample: int) -> float:
        """The encoder's first frame lies before the first sample: its filter must fill."""
        since, at = self._dates[max(0, bisect_right(self._dates, (sample, float("inf"))) - 1)]
        return at + (sample - since) / AUDIO_HZ

    def _encode(self, frame: Any) -> list[Sound]:
        frame.pts = None
        self._given += frame.samples
        sounds = []
        for block in self._resampler.resample(frame):
            block.pts, block.time_base = self._out, Fraction(1, AUDIO_HZ)
            self._out += block.samples
            sounds += [Sound(self._date_of(packet.pts), bytes(packet)) for packet in self._encoder.encode(block)]
        return sounds


@lru_cache(1)
def silence() -> tuple[bytes, bytes]:
    """(AudioSpecificConfig, an AAC frame of silence), both as our encoder makes them."""
    encoder = _open_encoder()
    packets = []
    for number in range(4):
        frame = _zeros(AAC_SAMPLES)
        frame.pts, frame.time_base = number * AAC_SAMPLES, Fraction(1, AUDIO_HZ)
        packets += encoder.encode(frame)
    return bytes(encoder.extradata), bytes(packets[-1])


def _open_encoder() -> Any:
    encoder: Any = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format, encoder.bit_rate = AUDIO_HZ, "stereo", "fltp", BITS_PER_S
    encoder.time_base = Fraction(1, AUDIO_HZ)
    encoder.flags |= av.codec.context.Flags.global_header
    encoder.open()
    return encoder


def _zeros(count: int) -> Any:
    frame: Any = av.AudioFrame("fltp", "stereo", count)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = AUDIO_HZ
    return frame
