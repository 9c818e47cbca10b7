"""Makes everything a plan asks for, in an order people feel: sound, a preview that plays within seconds, then the ladder.

All state is files. Every result is written as `.part`, synced and renamed, under a folder named after the plan's key; a result that
exists is right and is not made again. So a job killed at any moment and started again, here or by another worker on the same
folder, redoes at most the one unit that was in flight and ends with the same bytes. One worker works on a folder at a time.

Kept free of the database: `Watcher` carries news out, and its exceptions carry a cancellation in.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import av

from dramas.transcode.cmaf import Muxer
from dramas.transcode.ffmpeg import LOUDNESS_LUFS, Ffmpeg, Loudness, measure_arguments, sound_arguments, unit_arguments
from dramas.transcode.limits import limits_for
from dramas.transcode.plan import Plan, Rung, Unit
from dramas.transcode.publish import EditionWriter, Kind
from dramas.transcode.refusal import Refusal
from dramas.transcode.stills import choose_poster, draw_storyboard, jpeg, key_frames

POSTER_MAX_SHORT_SIDE = 720
DECODE_WEIGHT = 900_000  # a frame's decode costs about as much as encoding this many pixels
SOUND_SHARE, FINISH_SHARE = 0.03, 0.03
# A sound track that is off the target by so many LU is made once more; by more than this, it is so short or still that nothing helps.
OFF_LU, TOO_FAR_OFF_LU = 0.5, 6.0


class FolderBusy(Exception):
    """Another worker is at work in this folder."""


class Watcher(Protocol):
    """Who wants to know. Any method may raise, which stops the work and kills what runs."""

    def on_progress(self, step: str, share: float) -> None:
        """`share` of the whole, 0 to 1, never falling; at least every half second while something runs."""

    def on_unit(self, name: str, elapsed_ms: int) -> None:
        """A unit was made (one that already existed is not reported)."""

    def on_edition(self, edition: EditionWriter, manifest: dict[str, Any]) -> None:
        """Something can be played: the preview once it has begun (growing), once it is whole, and the full edition."""


@dataclass(frozen=True)
class Workplace:
    """A job's tools: the source through ffmpeg, its folder for intermediate results, and how to open editions."""

    ffmpeg: Ffmpeg
    plan: Plan
    folder: Path
    open_edition: Callable[[Kind], EditionWriter]
    watcher: Watcher


def run_pipeline(place: Workplace) -> dict[str, Any]:
    """Do what is left to do; the manifest of the full edition.

    Raises: FolderBusy; Refusal("damaged"); ProcessFailed, ProcessTimedOut; MuxFailed, PublishFailed; whatever the watcher raises.
    """
    place.folder.mkdir(parents=True, exist_ok=True)
    with _only_worker(place.folder):
        run = _Run(place)
        sound = run.make_sound()
        if place.plan.preview is not None:
            run.make_preview(place.plan.preview, sound)
        for unit in place.plan.units:
            run.make_unit(unit)
        return run.make_full_edition(sound)


@contextmanager
def _only_worker(folder: Path) -> Iterator[None]:
    """The kernel lets go of the lock when the process dies, however it dies."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderBusy(str(folder)) from error
        yield


class _Run:
    """One pass over the plan."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._plan = place.plan
        self._whole = sum(_weight(unit) for unit in place.plan.units)
        self._done = 0
        self._counted: set[str] = set()

    # results -------------------------------------------------------------------------------

    def make_sound(self) -> Path:
        """Measure, normalise and encode the sound once for all renditions; once more when it came out too quiet or too loud."""
        target = self._place.folder / "sound.m4a"
        if target.exists():
            return target
        loudness = self._measure(self._place.ffmpeg.input(), 0.0) if self._place.ffmpeg.probe.has_audio else None
        with _whole_files([target]) as parts:
            self._encode_sound(loudness, parts[0])
            if loudness is not None and not loudness.is_silence:
                off_lu = LOUDNESS_LUFS - self._measure(["-f", "mov", "-i", f"file:{parts[0]}"], SOUND_SHARE / 2).integrated
                if OFF_LU < abs(off_lu) < TOO_FAR_OFF_LU:
                    self._encode_sound(loudness, parts[0], offset_lu=off_lu)
        return target

    def _encode_sound(self, loudness: Loudness | None, output: Path, *, offset_lu: float = 0.0) -> None:
        arguments = sound_arguments(self._place.ffmpeg, self._plan, loudness, output, offset_lu=offset_lu)
        self._run(arguments, SOUND_SHARE / 2)

    def _measure(self, source: list[str], share: float) -> Loudness:
        return Loudness.read(self._run(measure_arguments(source), share))

    def _run(self, arguments: list[str], share: float) -> str:
        return self._place.ffmpeg.run(arguments, limits_for(self._plan.duration_ms / 1000), lambda _frames: self._report("sound", share))

    def make_unit(self, unit: Unit) -> None:
        """Encode a chunk, unless that was done.

        Raises: Refusal("damaged") when frames are missing: the source ends or breaks where its probe saw frames.
        """
        targets = {rung: self._chunk_path(unit, rung) for rung in unit.rungs}
        if not all(target.exists() for target in targets.values()):
            started = time.monotonic()
            with _whole_files(list(targets.values())) as parts:
                outputs = dict(zip(unit.rungs, parts, strict=True))
                self._encode(unit, outputs)
                if any(_count_frames(part) != unit.chunk.frames for part in parts):
                    raise Refusal("damaged")
            self._place.watcher.on_unit(unit.name, round((time.monotonic() - started) * 1000))
        self._count(unit)

    def _encode(self, unit: Unit, outputs: dict[Rung, Path]) -> None:
        step = "preview" if self._plan.preview in unit.rungs else "ladder"

        def report(frames: int) -> None:
            part = min(1.0, frames / unit.chunk.frames) * _weight(unit)
            self._report(step, self._share(self._done + part))

        arguments = unit_arguments(self._place.ffmpeg, self._plan, unit, outputs)
        seconds = float(unit.chunk.frames / self._plan.frame_rate)
        self._place.ffmpeg.run(arguments, limits_for(seconds * max(1, len(unit.rungs))), report)

    def make_preview(self, rung: Rung, sound: Path) -> None:
        """The smallest rendition, playable from its first chunk on.

        After a restart the segments already out are put again (the same bytes), but the playlist is only written where it
        grows: a player must never see it shrink.
        """
        edition = self._place.open_edition("preview")
        muxer = Muxer(self._plan, rung, sound)
        units = self._plan.units_of(rung)
        for number, unit in enumerate(units):
            self.make_unit(unit)
            self._append(edition, rung, muxer, unit)
            following = units[number + 1] if number + 1 < len(units) else None
            if following is not None and not self._chunk_path(following, rung).exists() and edition.renditions[0].frames:
                if number == 0:
                    edition.put_stills(self._poster(rung, [self._chunk_path(unit, rung)]), None)
                edition.write_playlists(is_growing=True)
                self._place.watcher.on_edition(edition, edition.manifest(is_growing=True))
        self._close_rendition(edition, rung, muxer)
        edition.put_stills(self._poster(rung), self._storyboard(rung))
        self._place.watcher.on_edition(edition, edition.finish())

    def make_full_edition(self, sound: Path) -> dict[str, Any]:
        """Cut every rendition into segments, add the stills, verify, close."""
        edition = self._place.open_edition("full")
        for number, rung in enumerate(self._plan.rungs):
            muxer = Muxer(self._plan, rung, sound)
            for unit in self._plan.units_of(rung):
                self._append(edition, rung, muxer, unit)
                self._report("publish", 1 - FINISH_SHARE * (1 - number / len(self._plan.rungs)))
            self._close_rendition(edition, rung, muxer)
        sharpest = next((rung for rung in self._plan.rungs if min(rung.width, rung.height) <= POSTER_MAX_SHORT_SIDE), self._plan.rungs[-1])
        edition.put_stills(self._poster(sharpest), self._storyboard(self._plan.rungs[-1]))
        manifest = edition.finish()
        self._place.watcher.on_edition(edition, manifest)
        return manifest

    def _append(self, edition: EditionWriter, rung: Rung, muxer: Muxer, unit: Unit) -> None:
        segments = muxer.add(self._chunk_path(unit, rung), unit.chunk.frames)
        edition.append(rung, muxer.codecs, muxer.init, segments)

    def _close_rendition(self, edition: EditionWriter, rung: Rung, muxer: Muxer) -> None:
        edition.append(rung, muxer.codecs, muxer.init, muxer.finish())

    # pictures ------------------------------------------------------------------------------

    def _chunks_of(self, rung: Rung) -> list[Path]:
        return [self._chunk_path(unit, rung) for unit in self._plan.units_of(rung)]

    def _storyboard(self, rung: Rung) -> bytes:
        return draw_storyboard(key_frames(self._chunks_of(rung)), self._plan.storyboard)

    def _poster(self, rung: Rung, chunks: list[Path] | None = None) -> bytes:
        """Chosen among the smallest rendition's key frames, drawn from `rung`."""
        smallest = self._plan.rungs[-1]
        small = list(key_frames(chunks or self._chunks_of(smallest)))
        chosen = choose_poster(small)
        if rung == smallest:
            return jpeg(small[chosen])
        for number, picture in enumerate(key_frames(self._chunks_of(rung))):
            if number == chosen:
                return jpeg(picture)
        return jpeg(small[chosen])

    # progress ------------------------------------------------------------------------------

    def _chunk_path(self, unit: Unit, rung: Rung) -> Path:
        return self._place.folder / f"{unit.name}.{rung.name}.mp4"

    def _count(self, unit: Unit) -> None:
        if unit.name not in self._counted:
            self._counted.add(unit.name)
            self._done += _weight(unit)
            self._report("preview" if self._plan.preview in unit.rungs else "ladder", self._share(self._done))

    def _share(self, weight: float) -> float:
        return SOUND_SHARE + (1 - SOUND_SHARE - FINISH_SHARE) * weight / self._whole

    def _report(self, step: str, share: float) -> None:
        self._place.watcher.on_progress(step, min(share, 1.0))


def _weight(unit: Unit) -> int:
    """What a unit costs, roughly, in encoded pixels."""
    return unit.chunk.frames * (DECODE_WEIGHT + sum(rung.width * rung.height for rung in unit.rungs))


def _count_frames(path: Path) -> int:
    """Pictures in a file of ours."""
    with av.open(str(path), format="mov") as source:
        return sum(1 for packet in source.demux(source.streams.video[0]) if packet.size)


@contextmanager
def _whole_files(targets: list[Path]) -> Iterator[list[Path]]:
    """Write to the yielded `.part` paths; they are synced and renamed together at the end, or removed after an error."""
    parts = [target.with_name(f"{target.name}.part") for target in targets]
    try:
        yield parts
        for part in parts:
            with part.open("rb+") as file:
                os.fsync(file.fileno())
        for part, target in zip(parts, targets, strict=True):
            os.replace(part, target)
    finally:
        for part in parts:
            part.unlink(missing_ok=True)
