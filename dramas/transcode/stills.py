"""Poster and storyboard, taken from key frames of our own renditions: 25 times cheaper than decoding the source again."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
from PIL import Image, ImageFilter, ImageStat

from dramas.transcode.plan import Storyboard

POSTER_CANDIDATES = 40
POSTER_FROM, POSTER_TO = 0.02, 0.6  # of the whole: past a fade-in, before the twist
JPEG_QUALITY = 82


def key_frames(chunks: Iterable[Path]) -> Iterator[Image.Image]:
    """The first picture of every group, in order."""
    for chunk in chunks:
        with av.open(str(chunk), format="mov") as source:
            stream = source.streams.video[0]
            stream.codec_context.skip_frame = "NONKEY"
            for frame in source.decode(stream):
                yield frame.to_image()


def draw_storyboard(pictures: Iterable[Image.Image], board: Storyboard) -> bytes:
    """All tiles in one JPEG, row by row."""
    rows = -(-board.tiles // board.columns)
    sheet = Image.new("RGB", (board.columns * board.tile_width, rows * board.tile_height))
    for number, picture in enumerate(pictures):
        tile, rest = divmod(number, board.gops_per_tile)
        if rest or tile >= board.tiles:
            continue
        small = picture.resize((board.tile_width, board.tile_height), Image.Resampling.BILINEAR)
        sheet.paste(small, (tile % board.columns * board.tile_width, tile // board.columns * board.tile_height))
    return jpeg(sheet, quality=70)


def storyboard_vtt(board: Storyboard, tile_ms: int, duration_ms: int, image_name: str) -> str:
    """WebVTT with media fragments (`#xywh=`), which players use for scrubbing."""
    lines = ["WEBVTT", ""]
    for tile in range(board.tiles):
        left, top = tile % board.columns * board.tile_width, tile // board.columns * board.tile_height
        lines += [
            f"{_clock(tile * tile_ms)} --> {_clock(min((tile + 1) * tile_ms, duration_ms))}",
            f"{image_name}#xywh={left},{top},{board.tile_width},{board.tile_height}",
            "",
        ]
    return "\n".join(lines)


def choose_poster(pictures: list[Image.Image]) -> int:
    """The number of the picture that shows most: sharp, neither black nor white, from the first part of the story."""
    first, last = int(len(pictures) * POSTER_FROM), max(1, int(len(pictures) * POSTER_TO))
    step = max(1, (last - first) // POSTER_CANDIDATES)
    return max(range(first, max(last, first + 1), step), key=lambda number: _worth(pictures[number]))


def _worth(picture: Image.Image) -> float:
    """Detail (deviation of the edges) times contrast, none for a picture that is nearly black or white."""
    small = picture.convert("L").resize((96, 96))
    light = ImageStat.Stat(small)
    if not 16 < light.mean[0] < 240:
        return light.stddev[0] / 1000
    edges = ImageStat.Stat(small.filter(ImageFilter.FIND_EDGES).crop((2, 2, 94, 94)))
    return float(edges.stddev[0] * min(light.stddev[0], 60.0))


def jpeg(picture: Image.Image, *, quality: int = JPEG_QUALITY) -> bytes:
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=quality, optimize=True)
    return sink.getvalue()


def _clock(at_ms: int) -> str:
    whole, thousandths = divmod(at_ms, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"
