"""A recording's films, cut to moments of the wall clock and laid out as the segments of one film, nothing encoded again.

A film's picture begins with a keyframe, so a moment begins with the first keyframe inside it: what was captured before is not in
the result, whatever that costs at the beginning. The end is exact to the picture. Pauses take no time. Blocking: call from a thread.
"""

import mmap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from struct import unpack_from
from typing import NamedTuple

from realtime.rtc.hls import fmp4
from realtime.rtc.hls.fmp4 import AAC_SAMPLES, AUDIO_HZ, VIDEO, VIDEO_HZ, Run, Sample
from realtime.rtc.hls.manifest import Film, Manifest
from realtime.rtc.hls.segmenter import LAG, SEGMENT_S

# Less than this between two films is a picture's length, no pause.
JOINED_S = 0.1


class Moment(NamedTuple):
    """From `begins_at` up to but not including `ends_at`, in seconds since 1970."""

    begins_at: float
    ends_at: float


class Piece(NamedTuple):
    """What was captured at `at` (seconds since 1970) and the `length_s` after it stands at `media_s` of the result."""

    at: float
    media_s: float
    length_s: float


class Head(NamedTuple):
    """ftyp and moov of the segments that follow."""

    number: int
    data: bytes


class Segment(NamedTuple):
    """Begins with a keyframe. `duration_s` is that of its pictures."""

    number: int
    head: int
    duration_s: float
    data: bytes


class _Picture(NamedTuple):
    """Times are ticks of the picture's track in its film; `first` and `end` are places in the file."""

    tick: int
    duration: int
    is_keyframe: bool
    first: int
    end: int


class _Sound(NamedTuple):
    tick: int
    first: int
    end: int


@dataclass
class _Index:
    """Where a film's samples lie."""

    head_end: int = 0
    pictures: list[_Picture] = field(default_factory=list)
    sounds: list[_Sound] = field(default_factory=list)


class Cutter:
    """`cut` gives the result piece by piece; afterwards `pieces` say where its times came from.

    `silence` is an AAC frame that fills holes of the sound: players stop where one of the two tracks does.
    """

    def __init__(self, folder: Path, manifest: Manifest, moments: Sequence[Moment], *, silence: bytes) -> None:
        self.pieces: list[Piece] = []
        self._folder = folder
        self._films = manifest.films
        self._moments = sorted(moments)
        self._silence = Sample(silence, AAC_SAMPLES)
        self._tick = self._sound_tick = 0  # the result's length so far, in ticks of its tracks
        self._ended_at = 0.0
        self._head = b""
        self._heads = self._segments = 0

    @property
    def duration_s(self) -> float:
        return self._tick / VIDEO_HZ

    def cut(self) -> Iterator[Head | Segment]:
        """In order; a head stands before its first segment. Raises: OSError, ValueError for a file that is no film."""
        for film in self._films:
            moments = [moment for moment in self._moments if moment.begins_at < film.ended_at and film.started_at < moment.ends_at]
            if not moments:
                continue
            with _open_film(self._folder / film.name) as data:
                index = _read_index(data)
                for moment in moments:
                    yield from self._cut_moment(data, index, film, moment)

    def _cut_moment(self, data: mmap.mmap, index: _Index, film: Film, moment: Moment) -> Iterator[Head | Segment]:
        begins_at = max(moment.begins_at, self._ended_at - JOINED_S)
        begin, end = (round((at - film.started_at) * VIDEO_HZ) for at in (begins_at, moment.ends_at))
        inside = [picture for picture in index.pictures if begin <= picture.tick < end]
        first = next((place for place, picture in enumerate(inside) if picture.is_keyframe), None)
        if first is None:
            return
        pictures = inside[first:]
        pictures[-1] = pictures[-1]._replace(duration=min(pictures[-1].duration, end - pictures[-1].tick))
        yield from self._change_head(bytes(data[: index.head_end]))
        shift = self._tick - pictures[0].tick
        sounds = self._sounds_of(index, film, pictures)
        for group in _groups(pictures):
            yield self._segment(data, group, sounds, shift)
        self._note_piece(film, pictures)

    def _sounds_of(self, index: _Index, film: Film, pictures: list[_Picture]) -> list[_Sound]:
        """In reverse, for taking from the end. What comes before the first picture belongs to the film before, if that was just now."""
        last = pictures[-1].tick + pictures[-1].duration
        is_joined = self._is_joined(film, pictures)
        begin = -AUDIO_HZ if is_joined else pictures[0].tick * AUDIO_HZ // VIDEO_HZ
        return [sound for sound in reversed(index.sounds) if begin <= sound.tick < last * AUDIO_HZ // VIDEO_HZ]

    def _is_joined(self, film: Film, pictures: list[_Picture]) -> bool:
        return abs(film.started_at + pictures[0].tick / VIDEO_HZ - self._ended_at) < JOINED_S

    def _change_head(self, head: bytes) -> Iterator[Head]:
        if head != self._head:
            self._head = head
            self._heads += 1
            yield Head(self._heads - 1, head)

    def _segment(self, data: mmap.mmap, pictures: list[_Picture], sounds: list[_Sound], shift: int) -> Segment:
        video = Run(pictures[0].tick + shift, [Sample(data[shot.first : shot.end], shot.duration, shot.is_keyframe) for shot in pictures])
        self._tick = video.start + video.duration
        audio = self._sound(data, sounds, shift)
        self._segments += 1
        return Segment(self._segments - 1, self._heads - 1, video.duration / VIDEO_HZ, fmp4.fragment(self._segments, video=video, audio=audio))

    def _sound(self, data: mmap.mmap, sounds: list[_Sound], shift: int) -> Run:
        """Without holes: each frame stands within half of its length of where it was heard. The last ones before another film are
        the first ones of that."""
        end, start = self._tick * AUDIO_HZ // VIDEO_HZ, self._sound_tick
        samples: list[Sample] = []
        while sounds and (place := sounds[-1].tick + round(shift * AUDIO_HZ / VIDEO_HZ)) < end:
            sound = sounds.pop()
            missing = (place - self._sound_tick + AAC_SAMPLES // 2) // AAC_SAMPLES
            if missing > 0:
                samples += self._fill(missing)
            elif place < self._sound_tick - AAC_SAMPLES // 2:
                continue  # its time has been given to other sound
            if not samples:
                start = self._sound_tick = max(place, self._sound_tick)
            samples.append(Sample(data[sound.first : sound.end], AAC_SAMPLES))
            self._sound_tick += AAC_SAMPLES
        if end - self._sound_tick > LAG:
            samples += self._fill((end - self._sound_tick - LAG // 2) // AAC_SAMPLES)
        return Run(start, samples)

    def _fill(self, count: int) -> list[Sample]:
        self._sound_tick += count * AAC_SAMPLES
        return [self._silence] * count

    def _note_piece(self, film: Film, pictures: list[_Picture]) -> None:
        at = film.started_at + pictures[0].tick / VIDEO_HZ
        length_s = (pictures[-1].tick + pictures[-1].duration - pictures[0].tick) / VIDEO_HZ
        last = self.pieces[-1] if self.pieces else None
        if last is not None and self._is_joined(film, pictures):
            self.pieces[-1] = last._replace(length_s=last.length_s + length_s)
        else:
            self.pieces.append(Piece(at, self.duration_s - length_s, length_s))
        self._ended_at = at + length_s


def _groups(pictures: list[_Picture]) -> Iterator[list[_Picture]]:
    """Cut at keyframes."""
    first = 0
    for place, picture in enumerate(pictures):
        if picture.is_keyframe and picture.tick - pictures[first].tick >= SEGMENT_S * VIDEO_HZ:
            yield pictures[first:place]
            first = place
    yield pictures[first:]


@contextmanager
def _open_film(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def _read_index(data: mmap.mmap) -> _Index:
    """Of a film as `recording` writes it. Raises: ValueError."""
    index, began = _Index(), 0
    for kind, first, end in fmp4.boxes(data):
        if kind == "moov":
            index.head_end = end
        elif kind == "moof":
            began = first - 8
            for inner, at, inner_end in fmp4.boxes(data, first, end):
                if inner == "traf":
                    _read_run(data, index, began, at, inner_end)
    if not index.head_end or not index.pictures:
        raise ValueError("no film")
    return index


def _read_run(data: mmap.mmap, index: _Index, began: int, first: int, end: int) -> None:
    inside = {name: at for name, at, _ in fmp4.boxes(data, first, end)}
    tick = int(unpack_from("!Q", data, inside["tfdt"] + 4)[0])
    count, offset = unpack_from("!II", data, inside["trun"] + 4)
    entry, place = inside["trun"] + 12, began + offset
    if unpack_from("!I", data, inside["tfhd"] + 4)[0] == VIDEO:
        for number in range(count):
            duration, size, flags = unpack_from("!III", data, entry + 12 * number)
            index.pictures.append(_Picture(tick, duration, flags == fmp4.KEYFRAME, place, place + size))
            tick, place = tick + duration, place + size
    else:
        for number in range(count):
            size = unpack_from("!I", data, entry + 4 * number)[0]
            index.sounds.append(_Sound(tick, place, place + size))
            tick, place = tick + AAC_SAMPLES, place + size
