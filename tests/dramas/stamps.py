"""Films that say which frame of which episode they show: a barcode in the picture, read again from pixels.

Two rows of 16 cells in the middle of the picture: 12 bits of the frame's number and 4 of the episode, and below them the same
inverted, so that a black or torn picture is no valid stamp. A tone makes the sound.
"""

import subprocess
from pathlib import Path

import numpy as np
from django.conf import settings

WIDTH, HEIGHT, RATE = 360, 640, 30
CELLS = 16
CELL_WIDTH = 20
LEFT = (WIDTH - CELLS * CELL_WIDTH) // 2
ROW_TOP, ROW_HEIGHT = 280, 40


def stamped_frame(number: int, episode: int) -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """One grey picture. The background moves a little, so that no two frames are equal."""
    picture = np.full((HEIGHT, WIDTH), 96, dtype=np.uint8)
    picture[: HEIGHT // 4, :] = 64 + (number * 5 + np.arange(WIDTH)) % 64
    value = (episode & 0xF) << 12 | number & 0xFFF
    for cell in range(CELLS):
        bit = value >> (CELLS - 1 - cell) & 1
        left = LEFT + cell * CELL_WIDTH
        picture[ROW_TOP : ROW_TOP + ROW_HEIGHT, left : left + CELL_WIDTH] = 235 if bit else 16
        picture[ROW_TOP + ROW_HEIGHT : ROW_TOP + 2 * ROW_HEIGHT, left : left + CELL_WIDTH] = 16 if bit else 235
    return picture


def make_stamped_film(path: Path, *, seconds: float, episode: int) -> Path:
    """Encode a portrait film at 30 frames a second."""
    command = [
        *[settings.FFMPEG_BIN, "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"],
        *["-f", "lavfi", "-i", f"sine=frequency={220 + 60 * episode}:duration={seconds}"],
        *["-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)],
    ]
    frames = b"".join(stamped_frame(number, episode).tobytes() for number in range(round(seconds * RATE)))
    subprocess.run(command, input=frames, check=True, timeout=120)
    return path
