"""What a recording's folder holds, and how it is put in order after a crash. Blocking: call from a thread."""

import fcntl
import json
import mmap
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from realtime.rtc.hls import fmp4

NAME = "manifest.json"
OPEN = ".part"
LOCK = "lock"
VERSION = 1


@dataclass(frozen=True)
class Film:
    """A file of one picture size. `started_at` is when its time 0 was captured (seconds since 1970): between two films lies a
    pause, or nothing. It begins with a keyframe."""

    name: str
    started_at: float
    width: int
    height: int
    duration_s: float = 0.0
    pictures: int = 0
    size_bytes: int = 0
    is_closed: bool = False

    @property
    def ended_at(self) -> float:
        return self.started_at + self.duration_s


@dataclass(frozen=True)
class Manifest:
    """`failure` is {"code", "params"} of what ended the recording early; `missed` parts could not be written in time."""

    room: str
    films: tuple[Film, ...] = ()
    is_finished: bool = False
    missed: int = 0
    failure: dict[str, Any] = field(default_factory=dict)

    @property
    def size_bytes(self) -> int:
        return sum(film.size_bytes for film in self.films)

    def with_film(self, film: Film) -> "Manifest":
        """In the place of the film of the same name, or after all others."""
        others = [held for held in self.films if held.name != film.name]
        return replace(self, films=tuple(sorted([*others, film], key=lambda held: held.name)))


def seize(folder: Path) -> IO[bytes] | None:
    """The folder for oneself, until what is returned is closed or the process dies; None while somebody else has it: who records
    there, or takes the films away. Raises: OSError."""
    lock = (folder / LOCK).open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def write(folder: Path, manifest: Manifest) -> None:
    """Whole or not at all. Raises: OSError."""
    text = json.dumps({"version": VERSION, **asdict(manifest)}, indent=1)
    draft = folder / f"{NAME}.new"
    with draft.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(folder / NAME)
    sync_folder(folder)


def read(folder: Path) -> Manifest:
    """Raises: OSError, ValueError for a text that is no manifest."""
    told = json.loads((folder / NAME).read_text())
    if not isinstance(told, dict) or told.pop("version", None) != VERSION:
        raise ValueError("not a manifest of this version")
    try:
        films = tuple(Film(**film) for film in told.pop("films"))
        return Manifest(films=films, **told)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a manifest: {error}") from error


def recover(folder: Path) -> Manifest:
    """Close what a killed process left open, up to its last whole fragment. Safe to repeat. Needs: the folder seized.

    Raises: OSError, ValueError.
    """
    manifest = read(folder)
    for film in manifest.films:
        open_file, closed_file = folder / f"{film.name}{OPEN}", folder / film.name
        if film.is_closed:
            continue
        if open_file.exists():
            _cut_torn_end(open_file)
            sync_file(open_file)
            open_file.rename(closed_file)
        films = tuple(held for held in manifest.films if held.name != film.name)
        manifest = replace(manifest, films=films)
        if closed_file.exists():
            duration, pictures, size_bytes = _measure(closed_file)
            if pictures:
                closed = replace(film, duration_s=duration, pictures=pictures, size_bytes=size_bytes, is_closed=True)
                manifest = manifest.with_film(closed)
            else:
                closed_file.unlink()
    manifest = replace(manifest, is_finished=True)
    write(folder, manifest)
    return manifest


def sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cut_torn_end(path: Path) -> None:
    whole = _walk(path)[3]
    os.truncate(path, whole)


def _measure(path: Path) -> tuple[float, int, int]:
    """Seconds, pictures, bytes."""
    end, pictures, size_bytes, _ = _walk(path)
    return end / fmp4.VIDEO_HZ, pictures, size_bytes


def _walk(path: Path) -> tuple[int, int, int, int]:
    """(end of the last picture in ticks, pictures, bytes, bytes up to the last whole fragment)."""
    size_bytes = path.stat().st_size
    if size_bytes == 0:
        return 0, 0, 0, 0
    end_tick = pictures = whole = 0
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        moof: tuple[int, int] | None = None
        for kind, first, end in fmp4.boxes(data):
            if kind == "moof":
                moof = first, end
            elif kind == "mdat" and moof is not None:
                start, duration, count = fmp4.video_span(data[moof[0] : moof[1]])
                if count:
                    end_tick = start + duration
                pictures, whole, moof = pictures + count, end, None
            elif kind == "moov":
                whole = end
    return end_tick, pictures, size_bytes, whole
