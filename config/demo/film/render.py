"""Rendering an episode: pictures and sound in parallel processes, joined by ffmpeg, kept under the digest of what made them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

from config.demo.film.captions import as_webvtt, list_captions
from config.demo.film.projector import FPS, frame_of, parts
from config.demo.film.reel import PARTS, part_path
from config.demo.film.script import LANGUAGES, Episode
from config.demo.film.stories import STORIES

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]
_JOB_TIMEOUT_S = 300
_JOIN_TIMEOUT_S = 60
# Large pictures and sounds are allocated thousands of times: without these, glibc gives the memory back and clears it again each time.
_WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "536870912",
}
Progress = Callable[[float], None]


class RenderFailed(Exception):
    """A rendering process failed; the text says which and what it said."""


class RenderStopped(Exception):
    """`should_stop` asked for an end."""


@dataclass(frozen=True)
class RenderedCue:
    """A moment at which something happens in the room."""

    at_ms: int
    duration_ms: int
    product_slug: str
    kind: str


@dataclass(frozen=True)
class RenderedEpisode:
    """A finished source film and what a shop needs to publish it. Texts and captions by language (`en`, `zh-hans`)."""

    story: str
    number: int
    video_path: Path
    poster_path: Path
    captions: Mapping[str, Path]
    cues: tuple[RenderedCue, ...]
    title: Mapping[str, str]
    synopsis: Mapping[str, str]
    duration_ms: int


def list_cues(episode: Episode) -> tuple[RenderedCue, ...]:
    """The episode's cues by time, cut to its end."""
    end = round(episode.seconds * 1000)
    cues = []
    for shot, start in zip(episode.shots, episode.starts, strict=True):
        for sale in shot.sales:
            at = round((start + sale.at) * 1000)
            cues.append(RenderedCue(at, min(round(sale.seconds * 1000), end - at), sale.product, sale.kind))
    return tuple(sorted(cues, key=lambda cue: cue.at_ms))


def default_ffmpeg() -> str:
    """The ffmpeg of the imageio-ffmpeg wheel."""
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


@lru_cache(maxsize=8)
def _made_by(ffmpeg: str) -> str:
    """Digest of everything that decides the bytes: our code, the libraries, the encoder."""
    import cv2
    import numpy as np

    digest = hashlib.sha256(f"{cv2.__version__} {np.__version__}".encode())
    try:
        version = subprocess.run([ffmpeg, "-version"], capture_output=True, timeout=20, check=True)  # noqa: S603  the configured ffmpeg
    except (OSError, subprocess.SubprocessError) as cause:
        raise RenderFailed(f"ffmpeg cannot be run: {ffmpeg}") from cause
    digest.update(version.stdout.splitlines()[0])
    for source in sorted(_HERE.rglob("*.py")):
        digest.update(source.name.encode())
        digest.update(source.read_bytes())
    return digest.hexdigest()


def episode_folder(story: str, number: int, out_dir: Path, ffmpeg: str | None = None, density: float = 1.0) -> Path:
    """Where the episode is, or will be, kept."""
    digest = hashlib.sha256(f"{_made_by(ffmpeg or default_ffmpeg())} {story} {number} {density}".encode()).hexdigest()
    return out_dir / f"{story}-{number:02d}-{digest[:16]}"


def render_episode(
    story: str,
    number: int,
    out_dir: Path,
    on_progress: Progress | None = None,
    *,
    ffmpeg: str | None = None,
    density: float = 1.0,
    should_stop: Callable[[], bool] | None = None,
    niceness: int = 0,
) -> RenderedEpisode:
    """Render an episode (numbers from 1), or return it at once when the same bytes were made before.

    `niceness` (0 to 19) lets other processes go first. At most three processes and two encoders run; all are ended when
    this function ends, however it does.
    Raises: RenderFailed, RenderStopped, KeyError (no such story), IndexError (no such episode).
    """
    episode = STORIES[story].episodes[number - 1] if number > 0 else _missing(number)
    encoder = ffmpeg or default_ffmpeg()
    folder = episode_folder(story, number, out_dir, encoder, density)
    if not (folder / "film.mp4").exists():
        out_dir.mkdir(parents=True, exist_ok=True)
        _sweep(out_dir)
        work = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".part", dir=out_dir))
        try:
            making = _Rendering(story, number, episode, work, encoder, density, niceness, on_progress or _ignored, should_stop or _never)
            making.run()
            _settle(work, folder)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    if on_progress:
        on_progress(1.0)
    return _described(story, number, episode, folder)


def _missing(number: int) -> Episode:
    raise IndexError(f"episodes are numbered from 1, not {number}")


def _ignored(_share: float) -> None:
    """Nobody wants to hear of progress."""


def _never() -> bool:
    """Nobody wants it to stop."""
    return False


def _sweep(out_dir: Path) -> None:
    """Remove what a killed rendering left behind."""
    for left in out_dir.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > 2 * _JOB_TIMEOUT_S:
                shutil.rmtree(left, ignore_errors=True)


def _settle(work: Path, folder: Path) -> None:
    """Rename into place; when another process was faster, its result is the same."""
    try:
        work.rename(folder)
    except OSError:
        if not (folder / "film.mp4").exists():
            raise


def _described(story: str, number: int, episode: Episode, folder: Path) -> RenderedEpisode:
    return RenderedEpisode(
        story, number, folder / "film.mp4", folder / "poster.jpg", {language: folder / f"{language}.vtt" for language in LANGUAGES},
        list_cues(episode), episode.title, episode.synopsis, round(frame_of(episode.seconds) * 1000 / FPS),
    )  # fmt: skip


@dataclass
class _Rendering:
    """One episode in the making, in the folder `work`."""

    story: str
    number: int
    episode: Episode
    work: Path
    ffmpeg: str
    density: float
    niceness: int
    on_progress: Progress
    should_stop: Callable[[], bool]
    done: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        """Make every file of the episode's folder."""
        command = [sys.executable, "-m", "config.demo.film.reel", self.story, str(self.number), str(self.work)]
        command += ["--ffmpeg", self.ffmpeg, "--density", str(self.density), "--niceness", str(self.niceness)]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH", "")))),
            **_WORKER_ENVIRONMENT,
        }
        errors = self.work / "errors.txt"
        with errors.open("w") as said:
            worker = subprocess.Popen(  # noqa: S603  our own module
                command, stdout=subprocess.PIPE, stderr=said, text=True, cwd=_ROOT, env=environment, start_new_session=True
            )
            threading.Thread(target=self._listen, args=(worker,), daemon=True).start()
            try:
                self._write_words()
                self._wait(worker)
            finally:
                _end(worker)
        if worker.returncode:
            raise RenderFailed(f"{self.story}/{self.number}: {errors.read_text().strip()[-600:]}")
        errors.unlink()
        self._join([part_path(self.work, index) for index in range(len(parts(self.episode, PARTS)))])

    def _listen(self, worker: subprocess.Popen[str]) -> None:
        assert worker.stdout is not None
        for line in worker.stdout:
            part, _, count = line.partition(" ")
            if count.strip().isdigit():
                self.done[part] = int(count)

    def _wait(self, worker: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + _JOB_TIMEOUT_S
        while worker.poll() is None:
            if self.should_stop():
                raise RenderStopped(f"{self.story}/{self.number} was stopped")
            if time.monotonic() > deadline:
                raise RenderFailed(f"{self.story}/{self.number} took longer than {_JOB_TIMEOUT_S} s")
            self.on_progress(min(0.97, sum(self.done.values()) / frame_of(self.episode.seconds)))
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(0.1)

    def _write_words(self) -> None:
        for language in LANGUAGES:
            (self.work / f"{language}.vtt").write_text(as_webvtt(list_captions(self.episode, language)), encoding="utf-8")
        cues = [asdict(cue) for cue in list_cues(self.episode)]
        (self.work / "cues.json").write_text(json.dumps(cues, indent=1), encoding="utf-8")

    def _join(self, pictures: list[Path]) -> None:
        listing = self.work / "parts.txt"
        listing.write_text("".join(f"file '{picture.name}'\n" for picture in pictures), encoding="utf-8")
        film = self.work / "film.part.mp4"
        command = [
            self.ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "error", "-y", "-f", "concat", "-safe", "1",
            "-i", str(listing), "-i", str(self.work / "sound.wav"),
            "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "128k", "-map_metadata", "-1",
            "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4", str(film),
        ]  # fmt: skip
        result = subprocess.run(command, capture_output=True, text=True, timeout=_JOIN_TIMEOUT_S, check=False)  # noqa: S603  the configured ffmpeg
        if result.returncode:
            raise RenderFailed(f"{self.story}/{self.number}: joining failed: {result.stderr.strip()[-400:]}")
        for leftover in (*pictures, listing, self.work / "sound.wav"):
            leftover.unlink()
        film.rename(self.work / "film.mp4")


def _end(worker: subprocess.Popen[str]) -> None:
    """End the worker and everything it started: they are one session, led by the worker."""
    if worker.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
