"""Pictures and sound to parts and segments of low-latency HLS. Pure: dates come with the samples.

A part's last picture lasts until the next one comes, so a part is cut when the first picture of the following one is known.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from realtime.rtc.hls import fmp4
from realtime.rtc.hls.audio import Sound
from realtime.rtc.hls.depacketize import Picture
from realtime.rtc.hls.fmp4 import AAC_SAMPLES, AUDIO_HZ, VIDEO_HZ, Run, Sample
from realtime.rtc.hls.h264 import Parameters

# Players take a part to last at most PART-TARGET, and at least 85 % of it unless it ends a segment (RFC 8216bis, 4.4.4.9).
# Cutting at the first picture behind those 85 % keeps both for 20 to 30 pictures a second.
PART_TARGET_S = 0.26
PART_LEAST_S = 0.85 * PART_TARGET_S
# Keyframes are asked for every 2 s and come a little sooner or later.
SEGMENT_S = 1.85
# With a picture of up to a second it still rounds to the target duration, which may never change.
SEGMENT_MOST_S = 3.4
TARGET_DURATION_S = 4
# Nothing for longer than this is a pause: it gets a new segment, and no time in the film.
PAUSE_S = 1.0
USUAL_PICTURE = VIDEO_HZ // 30
# Sound follows its own count of samples; only a step beyond this is believed to be one.
SNAP = AUDIO_HZ // 50
# Sound this far behind the picture is missing: players stop where one of the two ends.
LAG = AUDIO_HZ * 3 // 10
MOST_SOUNDS = 512
# A publisher whose timestamps stand still would never be cut by time.
MOST_PICTURES = 240
MOST_PARTS = 99
MOST_SEGMENT_BYTES = 6 << 20


class Head(NamedTuple):
    """The film's head for all parts from here on: a new one when the picture's parameters change."""

    number: int
    data: bytes
    parameters: Parameters


class Part(NamedTuple):
    """`segment` and `number` in it count from 0; `at` is when its first picture was captured. The runs' starts are ticks of the film."""

    segment: int
    number: int
    at: float
    duration_s: float
    is_independent: bool
    is_after_pause: bool
    video: Run
    audio: Run
    data: bytes


class End(NamedTuple):
    """The segment is whole."""

    segment: int


Piece = Head | Part | End


@dataclass(slots=True)
class _Shot:
    tick: int
    at: float
    data: bytes
    is_keyframe: bool


class Segmenter:
    """`silence` is an AAC frame that stands for missing sound, so that there always are both tracks."""

    def __init__(self, *, audio_config: bytes, silence: bytes) -> None:
        self._audio_config = audio_config
        self._silence = Sample(silence, AAC_SAMPLES)
        self._parameters: Parameters | None = None
        self._zero_at = 0.0
        self._shots: list[_Shot] = []
        self._sounds: deque[Sound] = deque(maxlen=MOST_SOUNDS)
        self._heads = self._segment = self._number = self._fragments = self._size_bytes = 0
        self._segment_tick = 0
        self._sound_tick = 0
        self._is_sound_joined = False
        self._usual = USUAL_PICTURE
        self._is_after_pause = False

    @property
    def segment_age_s(self) -> float:
        """How long the present segment is by now."""
        return (self._shots[-1].tick - self._segment_tick) / VIDEO_HZ if self._shots else 0.0

    @property
    def _is_overgrown(self) -> bool:
        return self._number >= MOST_PARTS or self._size_bytes + sum(len(shot.data) for shot in self._shots) > MOST_SEGMENT_BYTES

    def add_sounds(self, sounds: Iterable[Sound]) -> None:
        self._sounds.extend(sounds)

    def add_picture(self, picture: Picture, at: float) -> list[Piece]:
        """Raises: BitstreamInvalid for parameters that cannot be read; the picture is then left out."""
        if self._parameters is None:
            return self._begin(picture, at) if picture.is_keyframe else []
        last = self._shots[-1]
        passed = round((at - self._zero_at) * VIDEO_HZ) - last.tick
        if abs(passed) > PAUSE_S * VIDEO_HZ:  # or a clock that was set back
            return self._resume(picture, at, last.tick + self._usual)
        tick = last.tick + max(passed, 1)
        pieces = self._cut_before(picture, tick)
        self._usual = min(tick - last.tick, VIDEO_HZ // 5)
        self._shots.append(_Shot(tick, at, picture.data, picture.is_keyframe))
        return pieces

    def finish(self) -> list[Piece]:
        """The last pieces: nothing follows."""
        return self._end_segment(self._shots[-1].tick + self._usual) if self._shots else []

    def _begin(self, picture: Picture, at: float) -> list[Piece]:
        head = self._make_head(picture.parameters)
        self._zero_at = at
        self._shots.append(_Shot(0, at, picture.data, True))
        return [head]

    def _resume(self, picture: Picture, at: float, tick: int) -> list[Piece]:
        pieces = self._end_segment(tick)
        self._zero_at = at - tick / VIDEO_HZ
        self._is_after_pause = True
        if picture.is_keyframe and picture.parameters != self._parameters:
            pieces.append(self._make_head(picture.parameters))
        self._shots.append(_Shot(tick, at, picture.data, picture.is_keyframe))
        return pieces

    def _cut_before(self, picture: Picture, tick: int) -> list[Piece]:
        age_s = (tick - self._segment_tick) / VIDEO_HZ
        if picture.is_keyframe and picture.parameters != self._parameters:
            head = self._make_head(picture.parameters)
            return [*self._end_segment(tick), head]
        if age_s >= (SEGMENT_S if picture.is_keyframe else SEGMENT_MOST_S) or self._is_overgrown:
            return self._end_segment(tick)
        if tick - self._shots[0].tick >= PART_LEAST_S * VIDEO_HZ or len(self._shots) >= MOST_PICTURES:
            return [self._cut(tick)]
        return []

    def _make_head(self, parameters: Parameters) -> Head:
        head = Head(self._heads, fmp4.head(parameters, audio_config=self._audio_config), parameters)
        self._heads += 1
        self._parameters = parameters
        return head

    def _end_segment(self, tick: int) -> list[Piece]:
        pieces: list[Piece] = [self._cut(tick), End(self._segment)]
        self._segment, self._number, self._segment_tick, self._size_bytes = self._segment + 1, 0, tick, 0
        return pieces

    def _cut(self, tick: int) -> Part:
        """Everything before `tick`, where the next picture begins."""
        shots, self._shots = self._shots, []
        ends = [shot.tick for shot in shots[1:]] + [tick]
        samples = [Sample(shot.data, end - shot.tick, shot.is_keyframe) for shot, end in zip(shots, ends, strict=True)]
        first, self._fragments = shots[0], self._fragments + 1
        video, audio = Run(first.tick, samples), self._take_sound(tick)
        data = fmp4.fragment(self._fragments, video=video, audio=audio)
        duration_s = (tick - first.tick) / VIDEO_HZ
        part = Part(self._segment, self._number, first.at, duration_s, first.is_keyframe, self._is_after_pause, video, audio, data)
        self._number += 1
        self._size_bytes += len(data)
        self._is_after_pause = False
        return part

    def _take_sound(self, tick: int) -> Run:
        """Sound that begins before `tick`, joined to what went before without holes."""
        end = tick * AUDIO_HZ // VIDEO_HZ
        samples: list[Sample] = []
        while self._sounds and (wanted := self._sound_place(self._sounds[0])) < end:
            sound = self._sounds.popleft()
            ahead = wanted - self._sound_tick
            if ahead < -SNAP or wanted < 0:
                continue  # its time has been given to other sound, or lies before the film
            if ahead > SNAP or not self._is_sound_joined:
                count, self._is_sound_joined = ahead // AAC_SAMPLES, True
                if not samples:
                    self._sound_tick = wanted - count * AAC_SAMPLES
                samples += self._fill(count)
            samples.append(Sample(sound.data, AAC_SAMPLES))
            self._sound_tick += AAC_SAMPLES
        if end - self._sound_tick > LAG:
            samples += self._fill((end - self._sound_tick - LAG // 2) // AAC_SAMPLES)
        return Run(self._sound_tick - len(samples) * AAC_SAMPLES, samples)

    def _fill(self, count: int) -> list[Sample]:
        self._sound_tick += count * AAC_SAMPLES
        return [self._silence] * count

    def _sound_place(self, sound: Sound) -> int:
        return round((sound.at - self._zero_at) * AUDIO_HZ)
