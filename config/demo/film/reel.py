"""The working process of one rendering: `python -m config.demo.film.reel STORY NUMBER FOLDER`.

Half of the pictures are drawn in each of two forked processes, the sound is made here; every process feeds its own encoder.
All report on standard output, so that a closed pipe (the parent has gone) ends them, and through their pipes the encoders.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np

from config.demo.film.projector import FPS, Projector, frame_of, parts
from config.demo.film.stories import STORIES

PARTS = 2
_REPORT_EVERY = 10
_JPEG_QUALITY = 88


def part_path(folder: Path, index: int) -> Path:
    """Where a run of shots is encoded to."""
    return folder / f"part{index}.mp4"


def encode_command(ffmpeg: str, width: int, height: int, out: Path) -> list[str]:
    """ffmpeg reading I420 frames from standard input; one thread, so that the bytes do not depend on the machine's cores."""
    return [
        ffmpeg, "-hide_banner", "-loglevel", "error", "-y",
        "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", str(FPS), "-i", "pipe:0",
        "-c:v", "libx264", "-preset", "ultrafast", "-crf", "22", "-g", str(FPS * 2), "-threads", "1",
        "-color_range", "tv", "-colorspace", "smpte170m", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-fflags", "+bitexact", "-flags:v", "+bitexact", "-f", "mp4", str(out),
    ]  # fmt: skip


def draw_part(story: str, number: int, index: int, folder: Path, ffmpeg: str, density: float) -> None:
    """Draw one run of shots and encode it; the poster is one of its frames."""
    cv2.setNumThreads(1)
    episode = STORIES[story].episodes[number - 1]
    first, last = parts(episode, PARTS)[index]
    projector = Projector(episode, density)
    poster_at = frame_of(episode.poster_s)
    command = encode_command(ffmpeg, projector.width, projector.height, part_path(folder, index))
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:  # noqa: S603  the configured ffmpeg
        assert encoder.stdin is not None
        try:
            for count, (at, frame) in enumerate(projector.frames(first, last), start=1):
                encoder.stdin.write(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGRA2YUV_I420)).data)
                if at == poster_at:
                    cv2.imwrite(str(folder / "poster.jpg"), frame[..., :3], [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
                if count % _REPORT_EVERY == 0:
                    sys.stdout.write(f"{index} {count}\n")
                    sys.stdout.flush()
        except BaseException:
            encoder.kill()
            raise
        encoder.stdin.close()
        if encoder.wait():
            raise SystemExit(f"ffmpeg ended with {encoder.returncode}")


def make_sound(story: str, number: int, folder: Path) -> None:
    """Compose and mix the episode's sound."""
    from config.demo.film.soundtrack import write_soundtrack

    write_soundtrack(STORIES[story].episodes[number - 1], number, folder / "sound.wav")


def main() -> None:
    """Make every part of one episode."""
    parser = argparse.ArgumentParser()
    parser.add_argument("story")
    parser.add_argument("number", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ffmpeg", required=True)
    parser.add_argument("--density", type=float, default=1.0)
    parser.add_argument("--niceness", type=int, default=0)
    given = parser.parse_args()
    os.nice(given.niceness)
    cv2.setNumThreads(1)
    multiprocessing.set_start_method("fork" if sys.platform == "linux" else "spawn")
    runs = parts(STORIES[given.story].episodes[given.number - 1], PARTS)
    pictures = [
        multiprocessing.Process(target=draw_part, args=(given.story, given.number, index, given.folder, given.ffmpeg, given.density), daemon=True)
        for index in range(len(runs))
    ]
    for picture in pictures:
        picture.start()
    make_sound(given.story, given.number, given.folder)
    for picture in pictures:
        picture.join()
    if any(picture.exitcode for picture in pictures):
        sys.exit("a picture process failed")


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:
        sys.exit("the parent process has gone")
