"""From what a source is to what will be made of it. Pure: the same probe gives the same plan, byte for byte.

A plan is a list of *units*. A unit is one run of ffmpeg: one chunk of time, decoded once, encoded into one or several renditions.
Chunks lie on the grid of the output's own frames, so that a unit's result depends on nothing but the source and the plan; a killed
job therefore continues with the first unit that has no result, and ends with the bytes it would have had.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import ceil

from dramas.transcode.probe import Probe

RECIPE = 1  # raise it when the same plan would give other bytes: results under the old number are not reused

GOP_S = 2
CHUNK_GOPS = 12  # 24 s: what a kill -9 costs at most
PREVIEW_CHUNK_GOPS = (2, 4, 12)  # the first seconds at once, then larger steps; the last number repeats
MAX_FRAME_RATE = 30
STORYBOARD_MAX_TILES = 120
STORYBOARD_TILE_SHORT_SIDE = 90


@dataclass(frozen=True)
class Rung:
    """One rendition. `crf` sets its quality, `max_kbit` caps what a second may take (the buffer holds two).

    Figures: veryfast at these CRFs gave 4.2 / 1.9 / 0.4 Mbit/s for 1080p / 720p / 360p on hard material.
    """

    name: str
    width: int
    height: int
    crf: int
    max_kbit: int


LADDER = ((1080, 23, 4500), (720, 23, 2200), (480, 24, 1100), (360, 25, 650))  # short side, crf, max_kbit


@dataclass(frozen=True)
class Chunk:
    """A span of output frames."""

    number: int
    first_frame: int
    frames: int


@dataclass(frozen=True)
class Unit:
    """One run of ffmpeg: `chunk`, decoded once, into each of `rungs`."""

    name: str
    chunk: Chunk
    rungs: tuple[Rung, ...]
    is_last: bool


@dataclass(frozen=True)
class Storyboard:
    """Small pictures for scrubbing: one every `gops_per_tile` groups of pictures, `columns` in a row."""

    tile_width: int
    tile_height: int
    gops_per_tile: int
    tiles: int
    columns: int


@dataclass(frozen=True)
class Plan:
    """Everything a job will make. `rungs` run from large to small; `units` are in the order of work, the preview's first."""

    key: str
    rungs: tuple[Rung, ...]
    preview: Rung | None
    frame_rate: Fraction
    gop_frames: int
    frames: int
    units: tuple[Unit, ...]
    storyboard: Storyboard

    @property
    def duration_ms(self) -> int:
        return round(self.frames / self.frame_rate * 1000)

    def units_of(self, rung: Rung) -> list[Unit]:
        """The units that together are one rendition, in order of time."""
        return [unit for unit in self.units if rung in unit.rungs]


def make_plan(probe: Probe, *, with_preview: bool = True, chunk_gops: int = CHUNK_GOPS) -> Plan:
    """Plan the transcode.

    Args:
        with_preview: the smallest rendition is made first, alone, so that people can watch within seconds. Without it every
            rendition comes from one decode, which saves a second decode of the whole source.
        chunk_gops: groups of pictures a unit covers.
    """
    rate = output_rate(Fraction(probe.frame_rate), has_variable_rate=probe.has_variable_rate)
    gop_frames = round(GOP_S * rate)
    frames = max(1, round(probe.duration_ms * rate / 1000))
    rungs = ladder_for(probe.width, probe.height)
    preview = rungs[-1] if with_preview else None
    rest = tuple(rung for rung in rungs if rung != preview)
    units = _units("ladder", rest, frames, gop_frames, (chunk_gops,)) if rest else []
    if preview is not None:
        units = _units("preview", (preview,), frames, gop_frames, (*PREVIEW_CHUNK_GOPS[:-1], chunk_gops)) + units
    shape = {
        "recipe": RECIPE,
        "source": probe.sha256,
        "rate": str(rate),
        "frames": frames,
        "rungs": [asdict(rung) for rung in rungs],
        "units": [(unit.name, unit.chunk.first_frame, unit.chunk.frames) for unit in units],
    }
    key = hashlib.sha256(json.dumps(shape, sort_keys=True).encode()).hexdigest()[:24]
    return Plan(
        key=key,
        rungs=rungs,
        preview=preview,
        frame_rate=rate,
        gop_frames=gop_frames,
        frames=frames,
        units=tuple(units),
        storyboard=_storyboard(frames, gop_frames, rungs[-1]),
    )


def output_rate(rate: Fraction, *, has_variable_rate: bool) -> Fraction:
    """The constant rate of every rendition, at most 30: faster sources are halved (59.94 gives 29.97), uneven ones become 25 or 30."""
    if has_variable_rate or rate <= 0:
        return Fraction(25) if rate == 25 else Fraction(MAX_FRAME_RATE)
    while rate > Fraction(MAX_FRAME_RATE) * Fraction(101, 100):
        rate /= 2
    return min(rate, Fraction(MAX_FRAME_RATE)) if rate >= 5 else Fraction(5)


def ladder_for(width: int, height: int) -> tuple[Rung, ...]:
    """Renditions for a displayed size, large to small, by its short side. Never larger than the source.

    A source within 10 % of a step counts as that step at its own size (1920×1012 is "1080p", and stays 1012 high). One smaller than
    every step gets a single rendition of its own size.
    """
    short = min(width, height)
    fitting = [(side, crf, kbit) for side, crf, kbit in LADDER if short >= side * 0.9]
    if not fitting:
        return (_rung(f"{_even(short)}p", width, height, short, 25, 650),)
    return tuple(_rung(f"{side}p", width, height, min(side, short), crf, kbit) for side, crf, kbit in fitting)


def _rung(name: str, width: int, height: int, short: int, crf: int, max_kbit: int) -> Rung:
    scale = Fraction(short, min(width, height))
    return Rung(name, _even(width * scale), _even(height * scale), crf, max_kbit)


def _even(side: Fraction | int) -> int:
    """4:2:0 pictures need even sides."""
    return max(2, int(side) // 2 * 2)


def _units(stage: str, rungs: tuple[Rung, ...], frames: int, gop_frames: int, gops: tuple[int, ...]) -> list[Unit]:
    chunks = list(_chunks(frames, gop_frames, gops))
    return [Unit(f"{stage}-{chunk.number:04d}", chunk, rungs, is_last=chunk is chunks[-1]) for chunk in chunks]


def _chunks(frames: int, gop_frames: int, gops: tuple[int, ...]) -> list[Chunk]:
    """Cut `frames` into chunks of `gops` groups each (the last number repeats). A remainder below one group joins the chunk before it."""
    chunks: list[Chunk] = []
    at = 0
    while at < frames:
        length = gops[min(len(chunks), len(gops) - 1)] * gop_frames
        if frames - at - length < gop_frames:
            length = frames - at
        chunks.append(Chunk(len(chunks), at, length))
        at += length
    return chunks


def _storyboard(frames: int, gop_frames: int, smallest: Rung) -> Storyboard:
    gops = ceil(frames / gop_frames)
    step = ceil(gops / STORYBOARD_MAX_TILES)
    scale = Fraction(STORYBOARD_TILE_SHORT_SIDE, min(smallest.width, smallest.height))
    tiles = ceil(gops / step)
    return Storyboard(_even(smallest.width * scale), _even(smallest.height * scale), step, tiles, columns=min(10, tiles))
