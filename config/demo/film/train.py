"""The night train: inside the carriage, the seat it was left on, the platform it leaves."""

from __future__ import annotations

import random
from functools import lru_cache

import numpy as np

from config.demo.film import light
from config.demo.film.actors import MARA, THEO
from config.demo.film.city import towers
from config.demo.film.figures import draw_back_view, draw_far_figure
from config.demo.film.paint import across, down, glow, mix
from config.demo.film.paths import Path, ellipse, path, polygon, polyline, rect, sag, star
from config.demo.film.people import Lighting
from config.demo.film.plane import Plane, Weather, to_bytes
from config.demo.film.sheet import HEIGHT, WIDTH, Box, Sheet, soften
from config.demo.film.staging import Layers, Stage, profile_plane

WINDOW = Box(40, 170, 500, 590)


@lru_cache(maxsize=2)
def _passing_city(density: float, seed: int) -> Weather:
    """Streaks of lights behind the window, blurred by speed; the tile's edges meet."""
    speed, wide = 520, WIDTH * 3
    sheet = Sheet(density, Box(0, 0, wide, HEIGHT))
    dice = random.Random(seed + 40)
    for _ in range(90):
        x, y, reach = dice.uniform(0, wide), dice.uniform(240, 560), dice.uniform(20, 130)
        near = dice.random() ** 2
        colour = dice.choice(("#ffc27a", "#ffdca8", "#7fd0e6", "#ff8f5a", "#fff0d0"))
        for left in _wrapped(x - reach / 2, reach + 24, wide):
            sheet.fill(rect(left, y, reach, 2 + 6 * near, 3), colour, 0.25 + 0.5 * near, blur=1.5 + 3 * near)
    for _ in range(5):
        x = dice.uniform(100, wide - 100)
        sheet.shine(glow(x, dice.uniform(280, 380), 120, "#ffd9a0", 0.5, core=0.1, ry=90))
    tile = to_bytes(sheet.pixels)
    tile[..., 3] = 0
    mask = np.zeros((tile.shape[0], 1, 1), np.uint8)
    mask[round(WINDOW.top * density) - 40 : round(WINDOW.bottom * density) + 40] = 1
    tile *= mask
    wrapped = np.concatenate([tile, tile[:, : round(WIDTH * density)]], axis=1)
    return Weather(np.concatenate([wrapped, wrapped[:8]]), (-speed * density, 0))


def _wrapped(left: float, reach: float, wide: float) -> list[float]:
    """Where to draw something that may run over an edge of a tile that repeats."""
    return [place for place in (left, left - wide, left + wide) if place + reach > 0 and place - 24 < wide]


def _window_opening() -> Path:
    return rect(WINDOW.left, WINDOW.top, WINDOW.right - WINDOW.left, WINDOW.bottom - WINDOW.top, 46)


@lru_cache(maxsize=2)
def _carriage_wall(density: float) -> Plane:
    """The wall with the window cut out, a shelf above, and lamps."""
    sheet, warm = Sheet(density), "#ffb066"
    sheet.wash(down((0, "#0d0b0c", 1), (0.2, mix("#2a1c16", warm, 0.12), 1), (0.62, "#1c130f", 1), (1, "#070506", 1), top=-40, bottom=960))
    for seam in (-30, 255, 520):
        sheet.fill(rect(seam, -110, 2, 760), "#000000", 0.4)
    sheet.fill(rect(-90, 92, 760, 14, 4), "#120c0a")
    sheet.fill(rect(-90, 90, 760, 3), "#d9a066", 0.55)
    for x in range(-60, 640, 46):
        sheet.stroke(polyline([(x, 60), (x, 92)]), "#c08a50", 2, 0.35)
    opening = _window_opening()
    sheet.stroke(opening, "#3a281c", 16)
    sheet.stroke(opening, "#c79460", 2.6, 0.6)
    hole = sheet.mask(opening)
    sheet.pixels *= 1 - hole[..., None]
    sheet.fill(opening, across((0, "#7fb8d6", 0.10), (0.5, "#7fb8d6", 0.02), (1, "#7fb8d6", 0.12), left=40, right=500), 1.0)
    sheet.stroke(path("M120,560 L300,190"), "#cfe6f5", 26, 0.05, blur=8)
    for x in (66, 474):
        light.lamp_glow(sheet, x, 140, 120, strength=0.62)
    return Plane.of(sheet, 0.75, trim=False)


@lru_cache(maxsize=2)
def _glass_drops(density: float, seed: int) -> Plane:
    sheet = Sheet(density)
    clip = sheet.mask(_window_opening())
    dice = random.Random(seed + 5)
    for _ in range(110):
        x, y, size = dice.uniform(50, 490), dice.uniform(180, 580), dice.uniform(0.8, 2.8)
        tail = dice.uniform(0, 34) if dice.random() < 0.3 else 0
        if tail:
            sheet.stroke(polyline([(x + tail * 0.5, y - tail * 0.6), (x, y)]), "#d9ecf8", size * 0.7, 0.16, clip=clip)
        sheet.fill(ellipse(x, y, size), "#e8f4fc", dice.uniform(0.15, 0.5), clip=clip)
    return Plane.of(sheet, 0.74)


def carriage(stage: Stage) -> Layers:
    """One or two people by the carriage window; options: `pair`, `dark` (seconds after which the lamps fail), `flip`, `gaze`."""
    outside = stage.sheet(1.5)
    outside.wash(down((0, "#050914", 1), (0.4, "#0d1d33", 1), (0.7, "#16283c", 1), (1, "#05070c", 1)))
    layers: Layers = [
        Plane.of(outside, 0.0, trim=False),
        _passing_city(stage.density, stage.seed),
        _carriage_wall(stage.density),
        _glass_drops(stage.density, stage.seed),
    ]
    rim = Lighting(key="#ffd39a", rim="#7fb8d6", rim_strength=0.85)
    if stage.option("pair", False):
        layers += [
            profile_plane(stage, 0, stage.actor(0, MARA), rim, x=30, y=380, scale=1.02),
            profile_plane(stage, 1, stage.actor(1, THEO), rim, x=520, y=362, scale=1.04, flip=True),
        ]
    else:
        flip = bool(stage.option("flip", False))
        place = 430 if flip else 110
        layers.append(
            profile_plane(stage, 0, stage.actor(0, MARA), rim, x=place, y=330, scale=1.3, flip=flip, gaze=str(stage.option("gaze", "open")))
        )
    layers += [_bench(stage), _warm_air(stage)]
    dark_at = stage.option("dark", None)
    return layers if dark_at is None else [*layers, *_power_cut(stage, float(str(dark_at)))]


def _power_cut(stage: Stage, at: float) -> Layers:
    """Darkness from that second on, in which only her star is bright."""
    veil = stage.sheet(8)
    veil.wash("#02040a", 0.8)
    spark = stage.sheet(2)
    light.sparkle(spark, 153, 676, 80)
    spark.shine(glow(153, 640, 190, "#ffcf80", 0.35, core=0.1))
    return [
        Plane.of(veil, 0.0, trim=False, level=lambda s: 1.0 if s > at else 0.0),
        Plane.of(spark, 1.0, blend="add", level=lambda s: 0.9 if s > at else 0.0),
    ]


def _bench(stage: Stage) -> Plane:
    sheet = stage.sheet()
    back = path("M-90,900 C60,868 480,868 640,900 L640,1100 L-90,1100 Z")
    sheet.fill(back, down((0, "#3a1418", 1), (0.3, "#1c0a0d", 1), (1, "#080405", 1), top=870, bottom=1070))
    sheet.stroke(path("M-90,900 C60,868 480,868 640,900"), "#e0896a", 2.4, 0.5, blur=0.8)
    return Plane.of(sheet, 1.35)


def _warm_air(stage: Stage) -> Plane:
    sheet = stage.sheet(3)
    sheet.shine(glow(66, 150, 330, "#ffa040", 0.22, core=0.1))
    sheet.shine(glow(474, 150, 330, "#ffa040", 0.22, core=0.1))
    return Plane.of(sheet, 1.2, blend="add")


def seat_left(stage: Stage) -> Layers:
    """Close on a velvet seat by the window, with what was left there; options: `what` (pendant, nothing, ticket)."""
    back = stage.sheet(1.5)
    back.wash(down((0, "#0b1626", 1), (0.42, "#16263a", 1), (0.43, "#1a0c0e", 1), (1, "#0a0405", 1)))
    light.bokeh(back, 18, stage.seed, Box(-60, 0, 600, 380), size=(14, 44), strength=(0.08, 0.3))
    seat = stage.sheet()
    cushion = path("M-90,470 C80,420 460,420 640,470 L640,1100 L-90,1100 Z")
    seat.fill(cushion, down((0, "#8a2a30", 1), (0.25, "#5c1a20", 1), (0.7, "#2a0c10", 1), (1, "#100506", 1), top=440, bottom=1000))
    clip = seat.mask(cushion)
    for seam in range(-1, 6):
        x = -40 + seam * 130
        seat.stroke(path(f"M{x},440 C{x - 14},600 {x - 30},800 {x - 60},1100"), "#1c070a", 5, 0.7, blur=3, clip=clip)
        seat.stroke(path(f"M{x + 7},440 C{x - 7},600 {x - 23},800 {x - 53},1100"), "#c85a58", 2, 0.25, blur=2, clip=clip)
    seat.stroke(path("M-90,470 C80,420 460,420 640,470"), "#ffb08a", 3, 0.6, blur=1.4)
    seat.fill(ellipse(270, 640, 240, 110), "#ffb066", 0.2, blur=50, blend="add")
    layers: Layers = [Plane.of(back, 0.1, trim=False), _streak(stage), Plane.of(seat, 0.9, trim=False)]
    what = stage.option("what", "pendant")
    if what != "nothing":
        thing = stage.sheet()
        _lying_pendant(thing)
        spark = stage.sheet()
        light.sparkle(spark, 262, 652, 90)
        layers += [Plane.of(thing, 1.0), Plane.of(spark, 1.0, blend="add", level=light.flicker(stage.seed, 0.5, 0.7))]
    return [*layers, light.motes(stage.density, stage.seed)]


def _streak(stage: Stage) -> Plane:
    sheet = stage.sheet(2)
    for y in (90, 170, 260):
        sheet.fill(rect(-400, y, 700, 8, 4), "#ffdca8", 0.3, blur=9, blend="over")
    return Plane.of(sheet, 0.2, blend="add", shift=lambda s: (-500 + (900 * s) % 1400, 0))


def _lying_pendant(sheet: Sheet) -> None:
    sheet.stroke(
        path("M90,520 C150,560 210,540 240,600 C250,624 256,632 262,640 C276,610 330,600 380,640 C430,680 470,640 520,660"), "#2a0a06", 5, 0.5, blur=4
    )
    sheet.stroke(path("M90,516 C150,556 210,536 240,596 C250,620 256,628 262,636 C276,606 330,596 380,636 C430,676 470,636 520,656"), "#b97f32", 3.4)
    sheet.stroke(
        path("M90,515 C150,555 210,535 240,595 C250,619 256,627 262,635 C276,605 330,595 380,635 C430,675 470,635 520,655"), "#ffe2a0", 1.6, 0.9
    )
    sheet.fill(star(268, 664, 58, 0.3, turn_deg=12), "#2a0806", 0.5, blur=7)
    sheet.fill(star(262, 652, 54, 0.3, turn_deg=12), "#e9bd68")
    for turn in range(4):
        tip = star(262, 652, 54, 0.3, turn_deg=12).lines[0]
        centre, point, waist = (262.0, 652.0), tuple(tip[turn * 2]), tuple(tip[(turn * 2 + 1) % 8])
        sheet.fill(polygon([centre, point, waist]), "#fff4d0" if turn in (0, 3) else "#7a4c16", 0.6)
    sheet.fill(ellipse(262, 652, 6), "#ffffff", 0.95)


# ---- the platform


def _train_at_platform(stage: Stage, moving: str) -> Plane:
    """A train along the platform; `moving` is in, out, or stands."""
    sheet = Sheet(stage.density, Box(-80, 210, 1460, 600))
    sheet.fill(rect(-80, 250, 1540, 300), down((0, "#243244", 1), (0.2, "#131c2a", 1), (0.72, "#0b1018", 1), (1, "#05070b", 1), top=250, bottom=550))
    sheet.fill(rect(-80, 470, 1540, 12), "#a03038", 0.9)
    sheet.fill(rect(-80, 250, 1540, 3), "#a9c4e8", 0.5)
    for pane in range(10):
        x = -50 + pane * 152
        if pane % 4 == 3:
            sheet.fill(rect(x + 10, 290, 92, 258, 6), "#0a0f17")
            sheet.fill(rect(x + 20, 306, 32, 120, 6), "#ffd898", 0.9)
            sheet.fill(rect(x + 60, 306, 32, 120, 6), "#ffd898", 0.9)
            continue
        sheet.fill(rect(x, 304, 126, 126, 12), down((0, "#ffe6b0", 1), (0.6, "#f7bf72", 1), (1, "#a86a34", 1), top=304, bottom=430))
        sheet.fill(rect(x + 6, 400, 50, 30, 8), "#4a1c1c", 0.9)
        sheet.fill(rect(x + 70, 400, 50, 30, 8), "#4a1c1c", 0.9)
        if pane % 3 == 1:
            with sheet.placed(x + 40, 430, 0.55):
                draw_far_figure(sheet, 0, 40, 0.9, "#1a0e0c")
        sheet.fill(rect(x - 12, 290, 150, 160), "#ffb862", 0.16, blur=20, blend="add")
    shifts = {
        "in": lambda s: (-940 + 940 * min(1.0, 1 - (1 - min(s / max(stage.seconds * 0.85, 0.1), 1)) ** 2.2), 0),
        "out": lambda s: (-60 - 34 * s * s - 30 * s, 0),
    }
    return Plane.of(sheet, 0.5, trim=False, shift=shifts.get(moving, lambda s: (-60, 0)))


def platform(stage: Stage) -> Layers:
    """A platform at night; options: `weather` rain, snow or none; `train` in, out, stands or none; `figure`; `umbrella`; `two`."""
    snowing = stage.option("weather", "rain") == "snow"
    back = stage.sheet(1.5)
    back.wash(down((0, "#05070e", 1), (0.3, "#101b2c", 1), (0.55, "#22364c" if not snowing else "#3a4a66", 1), (1, "#070a10", 1)))
    back.shine(glow(420, 420, 420, "#ffb66a", 0.35, core=0.1, ry=240))
    town = stage.sheet(1.5)
    towers(town, stage.seed + 2, 500, (60, 190), (40, 80), "#0c1522", lit=0.16, glow_alpha=0.5)
    town.pixels[:] = soften(town.pixels, 1.6)
    layers: Layers = [Plane.of(back, 0.0, trim=False), Plane.of(town, 0.15)]
    train = str(stage.option("train", "stands"))
    if train != "none":
        layers.append(_train_at_platform(stage, train))
    layers += [_platform_floor(stage, snowing), _canopy(stage)]
    if stage.option("figure", True):
        layers += _platform_people(stage)
    if snowing:
        layers += [
            light.snow(stage.density, stage.seed, speed=70),
            light.snow(stage.density, stage.seed + 1, count=26, size=(4, 9), strength=0.5, speed=150),
        ]
    elif stage.option("weather", "rain") == "rain":
        layers += [
            light.rain(stage.density, stage.seed),
            light.rain(stage.density, stage.seed + 1, count=60, length=(60, 130), strength=0.36, speed=2100),
        ]
    return layers


def _platform_floor(stage: Stage, snowing: bool) -> Plane:
    sheet = stage.sheet()
    sheet.fill(
        rect(-90, 560, 760, 560),
        down(
            (0, "#2a3442" if not snowing else "#8fa2bc", 1),
            (0.08, "#131a24" if not snowing else "#5a6c88", 1),
            (1, "#06080c" if not snowing else "#1a2434", 1),
            top=560,
            bottom=1000,
        ),
    )
    sheet.fill(rect(-90, 572, 760, 12), "#e0b04a", 0.75 if not snowing else 0.3)
    dice = random.Random(stage.seed)
    for _ in range(26):
        sheet.fill(
            ellipse(dice.uniform(-60, 600), dice.uniform(600, 980), dice.uniform(24, 110), dice.uniform(3, 10)),
            dice.choice(("#ffc27a", "#ffd9a0", "#9fd4ea")),
            dice.uniform(0.05, 0.2),
            blur=6,
            blend="add",
        )
    for x in (60, 190, 330, 470):
        sheet.fill(rect(x, 586, 40, 330), down((0, "#ffcf8a", 0.22), (1, "#ffcf8a", 0), top=586, bottom=900), 1, blur=9, blend="add")
    return Plane.of(sheet, 0.6)


def _canopy(stage: Stage) -> Plane:
    sheet = stage.sheet()
    sheet.fill(polygon([(-90, -110), (640, -110), (640, 96), (-90, 150)]), "#07090f")
    sheet.stroke(polyline([(-90, 150), (640, 96)]), "#c9d8ec", 2, 0.35)
    for x in (70, 470):
        sheet.fill(rect(x, 110, 16, 500), across((0, "#05070b", 1), (1, "#2a3848", 1), left=x, right=x + 16))
    for x, y in ((160, 138), (370, 122)):
        sheet.stroke(sag(x, y - 20, x, y, 0), "#05070b", 2)
        light.lamp_glow(sheet, x, y + 8, 150, strength=0.9)
    _clock(sheet, 270, 196, 42, *_time_of(stage))
    return Plane.of(sheet, 0.78)


def _time_of(stage: Stage) -> tuple[float, float]:
    hour, minute = str(stage.option("time", "23:02")).split(":")
    return int(hour), int(minute)


def _clock(sheet: Sheet, x: float, y: float, radius: float, hour: float, minute: float) -> None:
    sheet.fill(rect(x - 2, y - radius - 60, 4, 62), "#05070b")
    sheet.shine(glow(x, y, radius * 2.6, "#ffe6b8", 0.35, core=0.3))
    sheet.fill(ellipse(x, y, radius), "#f7efdc")
    sheet.stroke(ellipse(x, y, radius), "#14161c", radius * 0.12)
    for mark in range(12):
        angle = np.pi * mark / 6
        long = 0.72 if mark % 3 else 0.64
        sheet.stroke(
            polyline(
                [
                    (x + radius * long * np.sin(angle), y - radius * long * np.cos(angle)),
                    (x + radius * 0.84 * np.sin(angle), y - radius * 0.84 * np.cos(angle)),
                ]
            ),
            "#14161c",
            radius * 0.06,
        )
    for turn, reach, width in ((np.pi / 6 * (hour % 12 + minute / 60), 0.46, 0.1), (np.pi / 30 * minute, 0.72, 0.065)):
        sheet.stroke(polyline([(x, y), (x + radius * reach * np.sin(turn), y - radius * reach * np.cos(turn))]), "#14161c", radius * width)
    sheet.fill(ellipse(x, y, radius * 0.07), "#b02a30")


def _platform_people(stage: Stage) -> Layers:
    first = stage.actor(0, MARA)
    umbrella = stage.option("umbrella", "#c22a34")
    sheet = stage.sheet()
    draw_back_view(sheet, 180 if stage.option("two", False) else 250, 470, 1.02, first, umbrella=str(umbrella) if umbrella else None)
    planes: Layers = [Plane.of(sheet, 1.0, shift=lambda s: (0, 0.8 * np.sin(1.6 * s)))]
    if stage.option("two", False):
        second = stage.actor(1, THEO)
        other = stage.sheet()
        draw_back_view(other, 372, 452, 1.08, second)
        planes.append(Plane.of(other, 1.0))
    return planes


def clock(stage: Stage) -> Layers:
    """The station clock, close; option `time`, e.g. 23:02, which moves on by the minute."""
    back = stage.sheet(1.5)
    back.wash(down((0, "#070b16", 1), (0.5, "#16233a", 1), (1, "#05070c", 1)))
    light.bokeh(back, 30, stage.seed, Box(-60, 100, 600, 900), size=(12, 50), strength=(0.05, 0.25))
    face = stage.sheet()
    _clock(face, 270, 440, 190, *_time_of(stage))
    return [
        Plane.of(back, 0.1, trim=False),
        Plane.of(face, 0.8),
        light.snow(stage.density, stage.seed) if stage.option("weather", "") == "snow" else light.motes(stage.density, stage.seed),
    ]
