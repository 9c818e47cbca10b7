"""Pictures for the README: in `docs/pictures` under `make pictures`, otherwise beside what the browser tests leave."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from config.install import ROOT

ARE_KEPT = bool(os.environ.get("KEEP_PICTURES"))
FOLDER = ROOT / ("docs/pictures" if ARE_KEPT else "tests/browser/output/pictures")
# Four times the pixels: only pictures that are kept are worth it.
PHONE_SCALE = 2 if ARE_KEPT else 1
LARGEST_PX = 1440
GAP_PX, GROUND = 24, "#0b0b0f"


def keep_picture(png: bytes, name: str) -> Path:
    """`name`.jpg, at most 1440 pixels wide or high."""
    with Image.open(io.BytesIO(png)) as picture:
        return _save(picture.convert("RGB"), name)


def keep_sheet(paths: Sequence[Path], name: str, *, columns: int, width_px: int) -> Path:
    """The pictures beside each other, each `width_px` wide, all of the first one's shape."""
    tiles = []
    for path in paths:
        with Image.open(path) as picture:
            tiles.append(picture.convert("RGB").resize((width_px, round(width_px * picture.height / picture.width)), Image.Resampling.LANCZOS))
    height_px = tiles[0].height
    rows = -(-len(tiles) // columns)
    sheet = Image.new("RGB", (columns * (width_px + GAP_PX) + GAP_PX, rows * (height_px + GAP_PX) + GAP_PX), GROUND)
    for place, tile in enumerate(tiles):
        sheet.paste(tile, (GAP_PX + place % columns * (width_px + GAP_PX), GAP_PX + place // columns * (height_px + GAP_PX)))
    return _save(sheet, name)


def _save(picture: Image.Image, name: str) -> Path:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.jpg"
    picture.thumbnail((LARGEST_PX, LARGEST_PX))
    picture.save(path, quality=82, optimize=True)
    return path
