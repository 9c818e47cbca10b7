"""The live part on disk, as it came: films that begin with keyframes, a new one when the picture's size changes.

The same fragments that viewers get are written by a thread of its own. Whatever the disk does, viewers are not disturbed.
"""

import errno
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import structlog

from realtime.rtc.errors import RtcError
from realtime.rtc.hls import fmp4, manifest
from realtime.rtc.hls.errors import RecordingDiskFull, RecordingFailed, RecordingTooLarge
from realtime.rtc.hls.fmp4 import AUDIO_HZ, VIDEO_HZ, Run
from realtime.rtc.hls.manifest import OPEN, Film, Manifest
from realtime.rtc.hls.segmenter import End, Head, Part, Piece

log = structlog.get_logger(__name__)

# 512 pieces are two minutes: a disk that is slower than that has failed.
MOST_WAITING = 512
MOST_WAITING_BYTES = 64 << 20
CLOSE_S = 20.0
LOOK_S = 0.2
LOOK_AT_DISK_BYTES = 16 << 20


@dataclass(frozen=True)
class Limits:
    """Of one recording. 8 GB are seven hours at 2.5 Mbit/s."""

    most_bytes: int = 8 << 30
    least_free_bytes: int = 1 << 30
    longest_film_s: float = 600.0


class Writer:
    """Blocking. Needs: one thread. After an error it is of no use any more."""

    def __init__(self, folder: Path, *, room: str, limits: Limits) -> None:
        """Raises: OSError."""
        self.manifest = Manifest(room)
        self._folder = folder
        self._limits = limits
        self._head: Head | None = None
        self._film: Film | None = None
        self._file: BinaryIO | None = None
        self._number = self._fragment = 0
        self._base_s = 0.0
        self._unseen_bytes = 0
        self._is_broken = False
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise FileExistsError(f"{folder} holds a recording already")
        self._lock = manifest.seize(folder)
        if self._lock is None:
            raise FileExistsError(f"{folder} is somebody else's")
        manifest.write(folder, self.manifest)

    def write(self, piece: Piece) -> None:
        """Raises: OSError, RecordingDiskFull, RecordingTooLarge."""
        if isinstance(piece, Head):
            self._head, self._is_broken = piece, True
        elif isinstance(piece, Part):
            if self._is_new_film(piece):
                self._close_film()
                self._open_film(piece)
            if self._film is not None:
                self._append(piece)

    def skip(self, count: int) -> None:
        """Parts are missing from here: what follows belongs to another film."""
        self._is_broken = True
        self.manifest = replace(self.manifest, missed=self.manifest.missed + count)

    def finish(self, failure: RtcError | None = None) -> None:
        """Raises: OSError."""
        self._close_film()
        told = {} if failure is None else {"code": failure.code, "params": failure.params}
        self.manifest = replace(self.manifest, is_finished=True, failure=told)
        manifest.write(self._folder, self.manifest)

    def release(self) -> None:
        """Others may have the folder."""
        assert self._lock is not None
        self._lock.close()

    def _is_new_film(self, part: Part) -> bool:
        if self._is_broken or part.is_after_pause:
            self._close_film()  # what does not fit is not appended, and the next film begins with a keyframe
        if self._film is None:
            return part.is_independent
        return part.is_independent and part.number == 0 and self._film.duration_s >= self._limits.longest_film_s

    def _open_film(self, part: Part) -> None:
        assert self._head is not None
        self._look_at_disk()
        self._number, self._fragment, self._is_broken = self._number + 1, 0, False
        # sound may begin a little before the picture: the film begins with whichever is first
        picture_s = part.video.start / VIDEO_HZ
        self._base_s = min(picture_s, part.audio.start / AUDIO_HZ) if part.audio.samples else picture_s
        width, height = self._head.parameters.size
        self._film = Film(f"{self._number:04}.mp4", part.at - (picture_s - self._base_s), width, height)
        self.manifest = self.manifest.with_film(self._film)
        manifest.write(self._folder, self.manifest)
        self._file = (self._folder / f"{self._film.name}{OPEN}").open("xb", buffering=0)
        self._put(self._head.data)

    def _append(self, part: Part) -> None:
        assert self._film is not None
        self._fragment += 1
        video = Run(part.video.start - round(self._base_s * VIDEO_HZ), part.video.samples)
        audio = Run(max(0, part.audio.start - round(self._base_s * AUDIO_HZ)), part.audio.samples)
        self._put(fmp4.fragment(self._fragment, video=video, audio=audio))
        self._film = replace(
            self._film,
            duration_s=(video.start + video.duration) / VIDEO_HZ,
            pictures=self._film.pictures + len(video.samples),
        )

    def _put(self, data: bytes) -> None:
        assert self._film is not None
        assert self._file is not None
        if self.manifest.size_bytes + self._film.size_bytes + len(data) > self._limits.most_bytes:
            raise RecordingTooLarge(most_bytes=self._limits.most_bytes)
        self._unseen_bytes += len(data)
        if self._unseen_bytes > LOOK_AT_DISK_BYTES:
            self._look_at_disk()
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]
        self._film = replace(self._film, size_bytes=self._film.size_bytes + len(data))

    def _look_at_disk(self) -> None:
        self._unseen_bytes = 0
        found = os.statvfs(self._folder)
        free_bytes = found.f_bavail * found.f_frsize
        if free_bytes < self._limits.least_free_bytes:
            raise RecordingDiskFull(free_bytes=free_bytes, least_bytes=self._limits.least_free_bytes)

    def _close_film(self) -> None:
        film, file, self._film, self._file = self._film, self._file, None, None
        if film is None or file is None:
            return
        open_file = self._folder / f"{film.name}{OPEN}"
        with file:
            file.truncate(film.size_bytes)  # a write that failed may have left its beginning
            os.fsync(file.fileno())
        if film.pictures:
            open_file.rename(self._folder / film.name)
            self.manifest = self.manifest.with_film(replace(film, is_closed=True))
        else:
            open_file.unlink()
            self.manifest = replace(self.manifest, films=tuple(held for held in self.manifest.films if held.name != film.name))
        manifest.write(self._folder, self.manifest)


class Recorder:
    """The loop's side: never waits. `failure` says why the recording ended early."""

    def __init__(self, folder: Path, *, room: str, limits: Limits | None = None, on_failure: Callable[[RtcError], None] | None = None) -> None:
        """`on_failure` is called in the recorder's thread."""
        self.folder = folder
        self.failure: RtcError | None = None
        self._room = room
        self._limits = limits or Limits()
        self._on_failure = on_failure
        self._waiting: queue.Queue[tuple[Piece, int]] = queue.Queue(MOST_WAITING)
        # One is counted by the loop, the other by the thread.
        self._given_bytes = self._taken_bytes = 0
        self._missed = 0
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if self.failure is not None or isinstance(piece, End):
                continue
            try:
                if isinstance(piece, Part) and self._given_bytes - self._taken_bytes > MOST_WAITING_BYTES:
                    raise queue.Full
                self._waiting.put_nowait((piece, self._missed))
                self._given_bytes += len(piece.data)
            except queue.Full:
                self._missed += 1

    def close(self) -> bool:
        """Blocking. Returns whether everything was written within 20 s."""
        self._is_closing.set()
        self._thread.join(CLOSE_S)
        return not self._thread.is_alive() and self.failure is None

    def _run(self) -> None:
        writer: Writer | None = None
        try:
            writer = Writer(self.folder, room=self._room, limits=self._limits)
            self._write_all(writer)
        except RtcError as error:
            self._fail(error)
        except OSError as error:
            self._fail(_named(error))
        if writer is None:
            return
        try:
            writer.finish(self.failure)
        except OSError as error:
            self._fail(_named(error))
        finally:
            writer.release()

    def _write_all(self, writer: Writer) -> None:
        seen = 0
        while True:
            try:
                piece, missed = self._waiting.get(timeout=LOOK_S)
            except queue.Empty:
                if self._is_closing.is_set():
                    return
                continue
            self._taken_bytes += len(piece.data) if isinstance(piece, Part | Head) else 0
            if missed != seen:
                writer.skip(missed - seen)
                seen = missed
            writer.write(piece)

    def _fail(self, error: RtcError) -> None:
        if self.failure is None:
            self.failure = error
            log.error("recording_failed", room=self._room, code=error.code, **error.params)
            if self._on_failure is not None:
                self._on_failure(error)


def _named(error: OSError) -> RtcError:
    return RecordingDiskFull(free_bytes=0, least_bytes=0) if error.errno in {errno.ENOSPC, errno.EDQUOT} else RecordingFailed(reason=str(error))
