"""The city at night: skies, towers, wires of bulbs, the river, the roof eleven floors up."""

from __future__ import annotations

import math
import random

from config.demo.film import light
from config.demo.film.actors import MARA, THEO
from config.demo.film.figures import draw_holding_hand
from config.demo.film.paint import Stop, down, glow
from config.demo.film.paths import along, ellipse, polygon, rect, sag, star
from config.demo.film.people import Lighting
from config.demo.film.plane import Plane
from config.demo.film.sheet import Box, Sheet, soften
from config.demo.film.staging import Layers, Stage, profile_plane

DUSK: tuple[Stop, ...] = (
    (0, "#040812", 1),
    (0.3, "#081a2b", 1),
    (0.46, "#12374b", 1),
    (0.56, "#3d5560", 1),
    (0.63, "#a9714f", 1),
    (0.72, "#5a3626", 1),
    (1, "#0a0d14", 1),
)
NIGHT: tuple[Stop, ...] = (
    (0, "#03050d", 1),
    (0.35, "#0a1430", 1),
    (0.55, "#1b2f5a", 1),
    (0.66, "#3a4f7a", 1),
    (0.75, "#1d2440", 1),
    (1, "#070a14", 1),
)
DAWN: tuple[Stop, ...] = (
    (0, "#16243c", 1),
    (0.3, "#3a4f70", 1),
    (0.48, "#8a7f92", 1),
    (0.58, "#e0a585", 1),
    (0.66, "#ffd9a8", 1),
    (0.75, "#8a6258", 1),
    (1, "#1a1c28", 1),
)
ROSE: tuple[Stop, ...] = (
    (0, "#0b0616", 1),
    (0.3, "#231038", 1),
    (0.48, "#55254e", 1),
    (0.58, "#a4485a", 1),
    (0.66, "#f0986a", 1),
    (0.75, "#5c2c3a", 1),
    (1, "#120a16", 1),
)
JADE: tuple[Stop, ...] = (
    (0, "#020a0c", 1),
    (0.32, "#06211f", 1),
    (0.5, "#11433d", 1),
    (0.6, "#3d6c58", 1),
    (0.67, "#b08a4e", 1),
    (0.76, "#3a3420", 1),
    (1, "#070d0c", 1),
)
SKIES = {"dusk": DUSK, "night": NIGHT, "dawn": DAWN, "rose": ROSE, "jade": JADE}
FAR = {"dusk": "#1d4254", "night": "#24365f", "dawn": "#66708c", "rose": "#4c2748", "jade": "#174840"}
NEAR = {"dusk": "#0b2231", "night": "#0c1630", "dawn": "#2c3850", "rose": "#200f26", "jade": "#07211f"}
_WINDOWS = ("#ffcf8a", "#fff0d0", "#ffb766", "#9fd4ea")


def towers(
    sheet: Sheet,
    seed: int,
    base: float,
    heights: tuple[float, float],
    widths: tuple[float, float],
    colour: str,
    *,
    lit: float = 0.28,
    glow_alpha: float = 0.75,
    step: float = 9.0,
) -> None:
    """A row of buildings with windows; `lit` is the share of windows with a light on."""
    dice = random.Random(seed)
    x = -110.0
    while x < 650:
        width, height = dice.uniform(*widths), dice.uniform(*heights)
        top = base - height
        sheet.fill(rect(x, top, width, height + 500), colour)
        if dice.random() < 0.35:
            sheet.fill(rect(x + width * dice.uniform(0.2, 0.7), top - 26, 1.6, 26), colour)
        if dice.random() < 0.3:
            sheet.fill(rect(x + width * 0.2, top - 8, width * 0.45, 8), colour)
        _windows(sheet, dice, x, top, width, base, step, lit, glow_alpha)
        x += width + dice.uniform(-2, 6)


def _windows(sheet: Sheet, dice: random.Random, x: float, top: float, width: float, base: float, step: float, lit: float, alpha: float) -> None:
    panes: dict[tuple[str, int], list] = {}
    y = top + 9
    while y < base + 90:
        row = lit * dice.uniform(0.3, 1.7)
        across = x + 5
        while across < x + width - 6:
            if dice.random() < row:
                key = (dice.choice(_WINDOWS), dice.randrange(3))
                panes.setdefault(key, []).append(rect(across, y, step * 0.42, step * 0.5))
            across += step * 0.8
        y += step * 1.25
    for (colour, level), boxes in panes.items():
        joined = boxes[0]
        for box in boxes[1:]:
            joined += box
        sheet.fill(joined, colour, alpha * (0.4 + 0.3 * level))


def sky_plane(stage: Stage, mood: str, *, horizon: float = 580, has_stars: bool = True, moon: tuple[float, float, float] | None = None) -> Plane:
    """The sky down to behind the houses, with the city's glow on the horizon."""
    sheet = stage.sheet(1.5)
    sheet.wash(down(*SKIES[mood], top=horizon - 580, bottom=horizon + 380))
    if has_stars:
        light.stars(sheet, 70, stage.seed, horizon - 250)
    for band in range(3):
        sheet.fill(ellipse(120 + 160 * band, 200 + 46 * band, 230, 22), FAR[mood], 0.35, blur=26)
    if moon:
        x, y, radius = moon
        sheet.shine(glow(x, y, radius * 5, "#cfe0f5", 0.5, core=0.2))
        sheet.fill(ellipse(x, y, radius), "#f2ead8", 0.96, blur=0.8)
        sheet.fill(ellipse(x + radius * 0.3, y - radius * 0.2, radius * 0.3), "#cfc6b8", 0.5, blur=4)
    warm = "#ffb36b" if mood != "night" else "#8fb4ff"
    sheet.shine(glow(280, horizon - 10, 380, warm, 0.75, core=0.1, ry=210))
    return Plane.of(sheet, 0.0, trim=False)


def skyline_planes(stage: Stage, mood: str, base: float = 600) -> Layers:
    """Two rows of towers and the lights between them."""
    far = stage.sheet()
    towers(far, stage.seed + 4, base - 16, (110, 290), (34, 62), FAR[mood], lit=0.3, glow_alpha=0.5, step=8)
    far.pixels[:] = soften(far.pixels, 2.0 * stage.density)
    far.fill(rect(-110, base - 130, 800, 240), SKIES[mood][4][1], 0.16, blur=26)
    near = stage.sheet()
    towers(near, stage.seed + 19, base + 14, (50, 215), (44, 84), NEAR[mood], lit=0.24, step=10)
    near.pixels[:] = soften(near.pixels, 0.9 * stage.density)
    lights = stage.sheet()
    light.bokeh(lights, 30, stage.seed + 2, Box(-60, base - 110, 600, base + 90), size=(5, 16))
    return [Plane.of(far, 0.12), Plane.of(near, 0.28), Plane.of(lights, 0.4, blend="add")]


def bulb_wire(sheet: Sheet, x0: float, y0: float, x1: float, y1: float, drop: float, count: int, radius: float) -> None:
    """A wire of bulbs."""
    wire = sag(x0, y0, x1, y1, drop)
    sheet.stroke(wire, "#04070c", 1.9)
    for x, y in along(wire, count)[1:-1]:
        sheet.fill(rect(x - 1.6, y, 3.2, 5), "#0a0a0c")
        light.lamp_glow(sheet, x, y + 8, radius * 10, strength=0.95)


def _bulbs(stage: Stage) -> Layers:
    back = stage.sheet(1.5)
    bulb_wire(back, -50, 400, 600, 330, 20, 11, 2.7)
    front = stage.sheet()
    bulb_wire(front, -40, 285, 590, 350, 30, 9, 4.1)
    return [Plane.of(back, 0.5, level=light.flicker(3, 0.05)), Plane.of(front, 0.8, level=light.flicker(5, 0.06))]


def _parapet(stage: Stage) -> Plane:
    sheet = stage.sheet()
    sheet.fill(rect(-90, 742, 760, 400), down((0, "#241a16", 1), (0.12, "#0c0d13", 1), (1, "#040509", 1), top=742, bottom=1000))
    sheet.fill(rect(-90, 740, 760, 3), "#ffb673", 0.6, blur=0.8)
    return Plane.of(sheet, 0.7)


def _near_lights(stage: Stage) -> Plane:
    sheet = stage.sheet(2)
    light.bokeh(sheet, 9, stage.seed + 21, Box(-60, 780, 600, 1000), ("#ffb766", "#ffd9a0", "#5fb4d6"), size=(24, 60), strength=(0.05, 0.16))
    return Plane.of(sheet, 1.7, blend="add")


def rooftop(stage: Stage) -> Layers:
    """Two people on the roof under wires of bulbs; options: `held` (she or he holds out a pendant), `empty`."""
    mood = stage.mood or "dusk"
    layers: Layers = [sky_plane(stage, mood), *skyline_planes(stage, mood), *_bulbs(stage)]
    if stage.option("empty", False):
        return [*layers, _parapet(stage), _near_lights(stage)]
    between = stage.sheet(2)
    between.shine(glow(270, 520, 190, "#ffc27a", 0.34, core=0.2, ry=260))
    rim = Lighting(rim="#5fb4d6" if mood != "rose" else "#d07ab0")
    layers += [
        Plane.of(between, 0.7, blend="add"),
        profile_plane(stage, 0, stage.actor(0, MARA), rim, x=16, y=318, scale=1.12),
        profile_plane(stage, 1, stage.actor(1, THEO), rim, x=527, y=282, scale=1.16, flip=True),
    ]
    if stage.option("held", True):
        hand = stage.sheet()
        draw_holding_hand(hand, 300, 566, actor=stage.actor(1, THEO))
        layers.append(Plane.of(hand, 1.05, shift=lambda s: (0.8 * math.sin(1.1 * s), 1.5 * math.sin(1.35 * s + 0.6))))
        spark = stage.sheet()
        light.sparkle(spark, 283, 650, 62)
        layers.append(Plane.of(spark, 1.05, blend="add", level=light.flicker(9, 0.3, 0.85)))
    base = stage.sheet(2)
    base.fill(rect(-90, 640, 760, 500), down((0, "#04070b", 0), (0.5, "#04070b", 0.55), (1, "#04070b", 0.85), top=640, bottom=960))
    return [*layers, Plane.of(base, 1.1), _near_lights(stage)]


def skyline(stage: Stage) -> Layers:
    """The city from afar with a lit train crossing the bridge; options: `train`, `moon`, `tower` (a lit top floor)."""
    mood = stage.mood or "night"
    layers: Layers = [
        sky_plane(stage, mood, horizon=560, moon=(400, 190, 34) if stage.option("moon", True) else None),
        *skyline_planes(stage, mood, 590),
    ]
    if stage.option("tower", False):
        layers.append(_tower(stage, mood))
    water = stage.sheet()
    water.fill(rect(-90, 640, 760, 500), down((0, NEAR[mood], 1), (0.35, "#060a16", 1), (1, "#020308", 1), top=640, bottom=1000))
    dice = random.Random(stage.seed)
    for _ in range(70):
        x, y = dice.uniform(-60, 600), dice.uniform(650, 980)
        water.fill(
            ellipse(x, y, dice.uniform(12, 60), dice.uniform(0.8, 2.2)),
            dice.choice(("#ffcf8a", "#ffb766", "#9fd4ea", "#e8f0ff")),
            dice.uniform(0.06, 0.3),
            blur=1.2,
            blend="add",
        )
    layers.append(Plane.of(water, 0.45))
    if stage.option("train", True):
        layers += [_train_afar(stage), _bridge(stage)]
    return [*layers, _near_lights(stage)]


def _tower(stage: Stage, mood: str) -> Plane:
    sheet = stage.sheet()
    sheet.fill(rect(196, 250, 120, 460), NEAR[mood])
    sheet.fill(rect(196, 250, 2, 460), FAR[mood], 0.8)
    for floor in range(11):
        y = 262 + floor * 36
        for column in range(5):
            on = floor == 0 or (floor * 7 + column * 3) % 5 == 0
            sheet.fill(rect(206 + column * 21, y, 14, 20), "#ffd891" if on else "#0a1222", 0.95 if floor == 0 else 0.5)
    sheet.shine(glow(256, 272, 110, "#ffc670", 0.7, core=0.25))
    bulb_wire(sheet, 190, 238, 322, 238, 5, 8, 1.3)
    return Plane.of(sheet, 0.36)


def _bridge(stage: Stage) -> Plane:
    sheet = stage.sheet()
    sheet.fill(rect(-90, 668, 760, 16), "#04060d")
    sheet.fill(rect(-90, 666, 760, 2), "#a9c4e8", 0.4)
    for pillar in range(-1, 6):
        x = -60 + pillar * 130
        sheet.fill(rect(x, 684, 16, 120), down((0, "#04060d", 1), (1, "#04060d", 0.2), top=684, bottom=804))
    return Plane.of(sheet, 0.62)


def _train_afar(stage: Stage) -> Plane:
    """A lit train; it crosses from left to right during the shot."""
    sheet = Sheet(stage.density, Box(-80, 600, 720, 720))
    for car in range(5):
        x = -70 + car * 152
        sheet.fill(rect(x, 634, 146, 34, 7), "#0c1220")
        for pane in range(7):
            sheet.fill(rect(x + 9 + pane * 19, 641, 13, 12, 2), "#ffe0a0")
            sheet.shine(glow(x + 15 + pane * 19, 647, 26, "#ffc46a", 0.3, core=0.2))
    light.lamp_glow(sheet, 690, 656, 46)
    start, travel = -560.0, 760.0
    return Plane.of(sheet, 0.6, shift=lambda s: (start + travel * s / max(stage.seconds, 1), 0))


def star_map(sheet: Sheet, x: float, y: float, reach: float, seed: int) -> None:
    """Lines of light between small stars, as a lamp throws them on a wall."""
    dice = random.Random(seed)
    points = [(x + dice.uniform(-reach, reach), y + dice.uniform(-reach, reach) * 0.8) for _ in range(11)]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        sheet.stroke(polygon([(x0, y0), (x1, y1)]), "#ffe0a0", 1.2, 0.35, blur=0.6, blend="add")
    for px, py in points:
        sheet.fill(star(px, py, dice.uniform(6, 13)), "#fff0c8", 0.9, blur=0.8, blend="add")
        sheet.shine(glow(px, py, 34, "#ffca70", 0.4))
