"""Pictures for the shop: products, host, logo, posters. JPEG or PNG files, deterministic.

`write_pictures(story, folder)` writes them all; names are in `PictureSet`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from config.demo.film import light, props
from config.demo.film.actors import GRANDMA, INES, JULIAN, LAN, MARA_BARE, THEO, WEI
from config.demo.film.camera import View
from config.demo.film.paint import Linear, Radial, down, glow, mix
from config.demo.film.paths import ellipse, path, polygon, rect, star
from config.demo.film.plane import to_bytes
from config.demo.film.portraits import LAN_HOST, MAREN, draw_host
from config.demo.film.scenes import SCENES
from config.demo.film.sheet import Box, Sheet
from config.demo.film.staging import Stage
from config.demo.film.stories import STORIES

PRODUCT_BOX = Box(0, 0, 480, 640)
_QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]


@dataclass(frozen=True)
class PictureSet:
    """Where a story's pictures are. Products by slug, 960x1280; posters 720x1280 and 1600x900."""

    products: dict[str, Path]
    host: Path
    logo: Path
    poster: Path
    poster_wide: Path
    upcoming: Path
    upcoming_wide: Path


@dataclass(frozen=True)
class _Still:
    """A thing on a lit ground: its drawing, place, size, the ground's colours, and how high it stands."""

    draw: Callable[[Sheet], None]
    y: float
    scale: float
    ground: tuple[str, str]
    foot: float | None = None


_STILLS = {
    "pendant": _Still(props.draw_pendant, 390, 1.0, ("#f6eee3", "#d9c8b2")),
    "hoops": _Still(props.draw_hoops, 330, 1.15, ("#eef2ee", "#bccac2")),
    "bracelet": _Still(props.draw_bracelet, 290, 1.12, ("#efedf2", "#bfbbca")),
    "ring": _Still(props.draw_ring, 320, 1.3, ("#f3e7e0", "#cbae9f"), 129),
    "lamp": _Still(props.draw_lamp, 190, 0.98, ("#4a3628", "#17100b"), 352),
    "candle": _Still(props.draw_candle, 340, 1.25, ("#efe2d0", "#c2a582"), 152),
    "cup": _Still(props.draw_cup, 330, 1.35, ("#eef1e8", "#bccdbd"), 108),
    "tin": _Still(props.draw_tin, 320, 1.3, ("#f2ecdd", "#d2c19c"), 162),
    "teapot": _Still(props.draw_teapot, 330, 1.12, ("#f0e6da", "#c8ab90"), 132),
    "lantern": _Still(props.draw_lantern, 330, 1.2, ("#2c2530", "#0e0b12")),
}


def product_picture(name: str, width: int = 960) -> np.ndarray:
    """A product on its ground, (h, w, 3) 8 bits, 3:4."""
    still = _STILLS[name]
    sheet = Sheet(width / 480, PRODUCT_BOX)
    near, far = still.ground
    is_dark = name in ("lamp", "lantern")
    sheet.wash(Radial((216, 230), 520, ((0, near, 1), (0.55, mix(near, far, 0.45), 1), (1, far, 1))))
    if still.foot is not None:
        edge = still.y + still.foot * still.scale - 26
        sheet.fill(
            rect(0, edge, 480, 640 - edge), Linear((0, edge), (0, 640), ((0, mix(far, "#000000", 0.06), 1), (1, mix(far, "#000000", 0.3), 1))), 0.7
        )
        sheet.fill(ellipse(240, edge + 30, 210, 26), "#000000", 0.16, blur=16)
    if not is_dark:
        _cast_shadow(sheet, still)
    with sheet.placed(240, still.y, still.scale):
        still.draw(sheet)
    if name == "pendant":
        light.sparkle(sheet, 240, still.y, 54, strength=0.7)
    return to_bytes(sheet.pixels)[..., :3]


def _cast_shadow(sheet: Sheet, still: _Still) -> None:
    """The thing's own outline, soft and dark, down and to the right."""
    under = Sheet(sheet.density / 2, sheet.box)
    with under.placed(252, still.y + 16, still.scale):
        still.draw(under)
    shade = cv2.extractChannel(under.pixels, 3)
    under.pixels = cv2.merge([shade * 0.16, shade * 0.1, shade * 0.08, shade])
    sheet.put(under, 0.3, blur=11)


def host_portrait(story: str, width: int = 800) -> np.ndarray:
    """The host in the shop's light, square."""
    sheet = Sheet(width / 400, Box(0, 0, 400, 400))
    warm = story == "aurora"
    top, low = ("#4a2f1f", "#160d09") if warm else ("#2f5348", "#0a1512")
    sheet.wash(Radial((150, 120), 420, ((0, mix(top, "#ffd9a0", 0.25), 1), (0.5, top, 1), (1, low, 1))))
    light.bokeh(sheet, 20, 6, Box(0, 0, 400, 260), light.WARM, size=(8, 30), strength=(0.08, 0.3))
    light.lamp_glow(sheet, 334, 66, 150, strength=0.7)
    with sheet.placed(52, 70, 1.48):
        draw_host(sheet, MAREN if warm else LAN_HOST)
    return to_bytes(sheet.pixels)[..., :3]


def logo(story: str, width: int = 512) -> np.ndarray:
    """The shop's mark on a round ground, BGRA."""
    sheet = Sheet(width / 200, Box(0, 0, 200, 200))
    if story == "aurora":
        sheet.fill(ellipse(100, 100, 100), "#f4e8d8")
        sheet.fill(star(100, 100, 74, 0.26), Linear((50, 40), (150, 160), ((0, "#d59a3c", 1), (1, "#8a541a", 1))))
        sheet.fill(polygon([(100, 26), (100, 100), (113, 87)]), "#ffffff", 0.35)
    else:
        sheet.fill(ellipse(100, 100, 100), "#16382f")
        sheet.fill(ellipse(100, 92, 56), "#f2e6c6")
        sheet.fill(ellipse(124, 80, 50), "#16382f")
        sheet.fill(path("M46,128 C70,112 130,112 154,128 C150,156 126,168 100,168 C74,168 50,156 46,128 Z"), "#9cc7b2")
        sheet.fill(ellipse(100, 128, 54, 9), "#d9efe2")
    return to_bytes(sheet.pixels)


def _scene_still(name: str, stage: Stage, width: int, height: int, zoom: float, look_y: float = 0) -> np.ndarray:
    frame = np.zeros((height, width, 4), np.uint8)
    for layer in SCENES[name](stage):
        layer.lay(frame, View(0, look_y, zoom), 2.2, stage.density)
    return cv2.multiply(frame, light.vignette(width, height, 0.5), scale=1 / 255)[..., :3]


def poster(story: str, kind: str = "room") -> np.ndarray:
    """A room's portrait poster, 720x1280. `kind` is room or upcoming."""
    density = 720 / 540
    scenes = {
        ("aurora", "room"): ("rooftop", Stage(density, 4, (MARA_BARE, THEO), seed=2)),
        ("aurora", "upcoming"): ("thing", Stage(density, 4, (), seed=3, mood="rose", options={"what": "pendant"})),
        ("borealis", "room"): ("street", Stage(density, 4, (WEI,), seed=2)),
        ("borealis", "upcoming"): ("thing", Stage(density, 4, (), seed=4, mood="jade", options={"what": "teapot", "steam": True})),
    }
    name, stage = scenes[story, kind]
    return _scene_still(name, stage, 720, 1280, 1.03)


def poster_wide(story: str, kind: str = "room") -> np.ndarray:
    """A landscape poster, 1600x900: two people to the right, room for words on the left."""
    from config.demo.film.people import Lighting, draw_profile

    sheet = Sheet(2.0, Box(0, 0, 800, 450))
    mood = {"aurora": ("#040812", "#12374b", "#a9714f"), "borealis": ("#020a0c", "#11433d", "#b08a4e")}[story]
    sheet.wash(down((0, mood[0], 1), (0.55, mood[1], 1), (0.88, mood[2], 1), (1, mix(mood[2], "#000000", 0.5), 1), top=0, bottom=450))
    light.stars(sheet, 60, 4, 200)
    _wide_city(sheet, story)
    sheet.shine(glow(560, 260, 200, "#ffc27a", 0.5, core=0.2))
    cast = {
        ("aurora", "room"): (MARA_BARE, THEO),
        ("aurora", "upcoming"): (INES, JULIAN),
        ("borealis", "room"): (LAN, WEI),
        ("borealis", "upcoming"): (LAN, GRANDMA),
    }
    left, right = cast[story, kind]
    rim = Lighting(rim="#5fb4d6" if story == "aurora" else "#7fd0b0")
    with sheet.placed(420, 112, 0.78):
        draw_profile(sheet, left, rim)
    with sheet.placed(722, 92, 0.8, flip=True):
        draw_profile(sheet, right, rim)
    light.sparkle(sheet, 572, 352, 34)
    sheet.fill(rect(0, 0, 420, 450), Linear((0, 0), (420, 0), ((0, "#020308", 0.8), (0.6, "#020308", 0.4), (1, "#020308", 0))))
    sheet.fill(rect(0, 330, 800, 120), down((0, "#020308", 0), (1, "#020308", 0.75), top=330, bottom=450))
    light.bokeh(sheet, 7, 3, Box(0, 330, 800, 450), ("#ffb766", "#ffd9a0", "#5fb4d6"), size=(14, 40), strength=(0.05, 0.15))
    return to_bytes(sheet.pixels)[..., :3]


def _wide_city(sheet: Sheet, story: str) -> None:
    from config.demo.film.city import FAR, NEAR, bulb_wire, towers

    mood = "dusk" if story == "aurora" else "jade"
    for seed, base, heights, colour, alpha in ((11, 400, (70, 200), FAR[mood], 0.5), (23, 425, (30, 120), NEAR[mood], 0.8)):
        rows = sheet.like()
        towers(rows, seed, base, heights, (28, 60), colour, lit=0.28, glow_alpha=alpha, step=7)
        with rows.placed(500, 0):
            towers(rows, seed + 1, base, heights, (28, 60), colour, lit=0.28, glow_alpha=alpha, step=7)
        sheet.put(rows, 1.0, blur=1.2 if seed == 11 else 0.5)
    light.bokeh(sheet, 40, 5, Box(0, 320, 800, 450), light.CITY, size=(3, 12))
    bulb_wire(sheet, -20, 90, 820, 70, 26, 18, 2.6)
    bulb_wire(sheet, -20, 150, 820, 118, 18, 24, 1.8)


def write_pictures(story: str, folder: Path) -> PictureSet:
    """Write every picture of the story; existing ones are left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    products = {product.slug: _kept(folder / f"{product.slug}.jpg", partial(product_picture, product.picture)) for product in STORIES[story].products}
    return PictureSet(
        products,
        _kept(folder / "host.jpg", lambda: host_portrait(story)),
        _kept(folder / "logo.png", lambda: logo(story)),
        _kept(folder / "poster.jpg", lambda: poster(story)),
        _kept(folder / "poster-wide.jpg", lambda: poster_wide(story)),
        _kept(folder / "upcoming.jpg", lambda: poster(story, "upcoming")),
        _kept(folder / "upcoming-wide.jpg", lambda: poster_wide(story, "upcoming")),
    )


def _kept(target: Path, draw: Callable[[], np.ndarray]) -> Path:
    if not target.exists():
        part = target.with_name(f"{target.stem}.part{target.suffix}")
        if not cv2.imwrite(str(part), draw(), _QUALITY if target.suffix == ".jpg" else []):
            raise OSError(f"could not write {part}")
        part.rename(target)
    return target
