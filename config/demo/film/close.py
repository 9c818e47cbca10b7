"""Close shots: one face, two faces, a thing that matters."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from config.demo.film import light, props
from config.demo.film.actors import MARA, THEO, Actor
from config.demo.film.figures import draw_back_view, draw_holding_hand, draw_open_palm
from config.demo.film.paint import Linear, Stop, across, down, glow
from config.demo.film.paths import ellipse, path, polygon, polyline, rect
from config.demo.film.people import Lighting
from config.demo.film.plane import Plane
from config.demo.film.sheet import Box, Sheet
from config.demo.film.staging import Layers, Stage, profile_plane

_GROUNDS: dict[str, tuple[tuple[Stop, ...], tuple[str, ...], Lighting]] = {
    "dusk": (((0, "#061420", 1), (0.5, "#16323f", 1), (0.75, "#5a4030", 1), (1, "#120c0c", 1)), light.CITY, Lighting(rim="#5fb4d6")),
    "warm": (((0, "#120a07", 1), (0.5, "#4a2c1a", 1), (0.8, "#2a170d", 1), (1, "#0a0504", 1)), light.WARM, Lighting(rim="#d9803c")),
    "cold": (
        ((0, "#04080e", 1), (0.5, "#1a2c3c", 1), (0.8, "#0c141c", 1), (1, "#030507", 1)),
        ("#bfe6f6", "#7fb8d6", "#e8f6ff"),
        Lighting(key="#cfeaf6", rim="#8fd0ea"),
    ),
    "rain": (
        ((0, "#050912", 1), (0.5, "#15243a", 1), (0.8, "#1c1a28", 1), (1, "#05060a", 1)),
        ("#ffb766", "#7fd0e6", "#e06a5a", "#ffdca8"),
        Lighting(rim="#7fb8d6"),
    ),
    "rose": (
        ((0, "#0b0616", 1), (0.5, "#3a1a3c", 1), (0.8, "#6a3038", 1), (1, "#0e060c", 1)),
        ("#ffb07a", "#ff8aa0", "#ffdca8", "#b07ad0"),
        Lighting(rim="#d07ab0"),
    ),
    "jade": (
        ((0, "#030c0c", 1), (0.5, "#14403a", 1), (0.8, "#3a3018", 1), (1, "#070a08", 1)),
        ("#ffc27a", "#8fe0b8", "#ffdca8", "#ff9a5a"),
        Lighting(rim="#7fd0b0"),
    ),
    "snow": (
        ((0, "#0c1626", 1), (0.5, "#33486a", 1), (0.8, "#5a6a86", 1), (1, "#121a28", 1)),
        ("#ffdca8", "#cfe6ff", "#ffc27a"),
        Lighting(key="#ffe6c0", rim="#bcd8f6"),
    ),
}


_SEPIA = ("#2a2016", "#4a3a28", "#8a7050")
_SEPIA_HER = Actor("woman", _SEPIA, ("#2a2016", "#6a543a"), ("#3a2c1e", "#6a543a"), "bun", "coat")
_SEPIA_HIM = Actor("man", _SEPIA, ("#1c150e", "#5a4832"), ("#2c2218", "#5a4832"), "cap", "turned")


def _ground(stage: Stage, mood: str, *, lights: int = 26) -> Layers:
    stops, colours, _ = _GROUNDS[mood]
    back = stage.sheet(1.5)
    back.wash(down(*stops))
    back.shine(glow(330, 470, 330, colours[0], 0.22, core=0.1))
    far = stage.sheet(1.5)
    light.bokeh(far, lights, stage.seed + 3, Box(-90, 60, 640, 820), colours, size=(9, 40), strength=(0.05, 0.26))
    near = stage.sheet(2)
    light.bokeh(near, 7, stage.seed + 8, Box(-90, 500, 640, 1000), colours, size=(40, 84), strength=(0.04, 0.12))
    return [Plane.of(back, 0.0, trim=False), Plane.of(far, 0.25, blend="add"), Plane.of(near, 1.7, blend="add")]


def _weather(stage: Stage) -> Layers:
    wanted = stage.option("weather", "")
    if wanted == "rain":
        return [light.rain(stage.density, stage.seed, strength=0.4)]
    if wanted == "snow":
        return [
            light.snow(stage.density, stage.seed, speed=80),
            light.snow(stage.density, stage.seed + 1, count=14, size=(6, 11), strength=0.4, speed=140),
        ]
    return []


def face(stage: Stage) -> Layers:
    """One face in profile; options: `flip`, `gaze`, `size`, `weather`, `hand` (something held up: pendant or letter)."""
    mood = stage.mood or "dusk"
    back, far, near = _ground(stage, mood)
    size = float(stage.option("size", 2.0))  # type: ignore[arg-type]
    flip = bool(stage.option("flip", False))
    x = 270 + (1 if flip else -1) * 78 * size
    person = profile_plane(
        stage, 0, stage.actor(0, MARA), _GROUNDS[mood][2], x=x, y=300 - 62 * size + 90, scale=size, flip=flip, gaze=str(stage.option("gaze", "open"))
    )
    layers: Layers = [back, far, person]
    held = stage.option("hand", "")
    if held:
        hand = stage.sheet()
        draw_holding_hand(hand, 330, 640, actor=stage.actor(0, MARA), what=str(held))
        layers.append(Plane.of(hand, 1.2, shift=lambda s: (0, 2 * math.sin(1.3 * s))))
        if held == "pendant":
            spark = stage.sheet()
            light.sparkle(spark, 313, 724, 70)
            layers.append(Plane.of(spark, 1.2, blend="add", level=light.flicker(stage.seed, 0.4, 0.8)))
    low = stage.sheet(2)
    low.fill(rect(-90, 700, 760, 460), down((0, "#020306", 0), (1, "#020306", 0.8), top=700, bottom=980))
    return [*layers, Plane.of(low, 1.1), *_weather(stage), near]


def two_faces(stage: Stage) -> Layers:
    """Two faces close enough to count lashes; options: `gap` (points further apart), `weather`, `gaze`."""
    mood = stage.mood or "dusk"
    back, far, near = _ground(stage, mood)
    lighting = _GROUNDS[mood][2]
    gap = float(stage.option("gap", 0))  # type: ignore[arg-type]
    gaze = str(stage.option("gaze", "open"))
    between = stage.sheet(2)
    between.shine(glow(272, 440, 170, "#ffd9a0" if mood not in ("cold", "snow") else "#dff2fb", 0.42, core=0.2, ry=300))
    return [
        back,
        far,
        Plane.of(between, 0.6, blend="add"),
        profile_plane(stage, 0, stage.actor(0, MARA), lighting, x=-24 - gap, y=274, scale=1.72, turn_deg=-3, gaze=gaze),
        profile_plane(stage, 1, stage.actor(1, THEO), lighting, x=562 + gap, y=236, scale=1.74, flip=True, turn_deg=3, gaze=gaze),
        *_weather(stage),
        near,
    ]


_THINGS: dict[str, tuple[Callable[[Sheet], None], float, float, float]] = {
    "pendant": (props.draw_pendant, 270, 500, 1.15),
    "hoops": (props.draw_hoops, 270, 470, 1.35),
    "bracelet": (props.draw_bracelet, 270, 430, 1.25),
    "ring": (props.draw_ring, 270, 460, 1.4),
    "lamp": (props.draw_lamp, 270, 300, 1.35),
    "candle": (props.draw_candle, 270, 480, 1.3),
    "teapot": (props.draw_teapot, 276, 500, 1.15),
    "cup": (props.draw_cup, 270, 500, 1.5),
    "empty_cup": (partial(props.draw_cup, tea=None), 270, 500, 1.5),
    "tin": (props.draw_tin, 270, 480, 1.35),
    "lantern": (props.draw_lantern, 270, 430, 1.3),
}
_STANDING = {"lamp": 350, "candle": 152, "teapot": 132, "cup": 108, "empty_cup": 108, "tin": 162, "ring": 128}


def thing(stage: Stage) -> Layers:
    """A thing alone in its light; options: `what`, `steam`, `palm` (it lies on an open hand)."""
    what = str(stage.option("what", "pendant"))
    mood = stage.mood or "warm"
    back, far, near = _ground(stage, mood, lights=32)
    draw, x, y, scale = _THINGS[what]
    layers: Layers = [back, far]
    if stage.option("palm", False):
        hand = stage.sheet()
        draw_open_palm(hand, 200, 640, actor=stage.actor(0, MARA), scale=1.5)
        layers.append(Plane.of(hand, 0.95, shift=lambda s: (0, 2 * math.sin(1.2 * s))))
        y, scale = 520, scale * 0.55
    elif what in _STANDING:
        table = stage.sheet()
        top = y + _STANDING[what] * scale - 6
        table.fill(rect(-90, top, 760, 700), down((0, "#6a4428", 1), (0.12, "#3a2415", 1), (0.7, "#0c0704", 1), top=top, bottom=top + 320))
        table.fill(rect(-90, top, 760, 2.4), "#ffd9a8", 0.5)
        table.fill(ellipse(x, top + 46, 170 * scale, 30), "#ffc070", 0.22, blur=24, blend="add")
        layers.append(Plane.of(table, 0.9))
    item = stage.sheet()
    with item.placed(x, y, scale):
        draw(item)
    hangs = what in ("pendant", "hoops", "lantern") and not stage.option("palm", False)
    layers.append(Plane.of(item, 1.0, shift=(lambda s: (3.4 * math.sin(1.1 * s), 0)) if hangs else _still))
    spark = stage.sheet()
    light.sparkle(spark, x - 2, y - (2 if what == "pendant" else 50 * scale), 110 * scale, strength=0.8)
    if what in ("pendant", "ring"):
        layers.append(Plane.of(spark, 1.0, blend="add", level=light.flicker(stage.seed, 0.55, 0.7)))
    if stage.option("steam", False):
        layers.append(_steam(stage, x, y - 90 * scale))
    return [*layers, light.motes(stage.density, stage.seed), near]


def _still(_seconds: float) -> tuple[float, float]:
    """Nothing moves."""
    return 0.0, 0.0


def _steam(stage: Stage, x: float, y: float) -> Plane:
    sheet = stage.sheet(2)
    for dx, wide, alpha in ((-34, 17, 0.3), (10, 22, 0.34), (48, 13, 0.24)):
        sheet.stroke(
            path(
                f"M{x + dx},{y} C{x + dx - 44},{y - 70} {x + dx + 44},{y - 140} {x + dx - 4},{y - 220}"
                f" C{x + dx - 40},{y - 290} {x + dx + 30},{y - 340} {x + dx + 6},{y - 430}"
            ),
            "#fff4e2",
            wide,
            alpha,
            blur=13,
        )
    return Plane.of(sheet, 1.05, shift=lambda s: (7 * math.sin(0.9 * s), -16 * s), level=lambda s: 0.85 + 0.15 * math.sin(1.7 * s))


def letter(stage: Stage) -> Layers:
    """A letter and an old photograph on a table under a lamp; options: `photo`, `ticket`."""
    table = stage.sheet()
    table.wash(down((0, "#2a180d", 1), (0.5, "#4a2c18", 1), (1, "#120a05", 1)))
    for row in range(9):
        table.stroke(path(f"M-90,{row * 130 - 60} C140,{row * 130 - 90} 380,{row * 130 - 30} 640,{row * 130 - 70}"), "#1a0e06", 2.4, 0.5, blur=1)
    table.shine(glow(250, 420, 480, "#ffb45e", 0.5, core=0.14))
    paper = stage.sheet()
    with paper.placed(250, 470, 1, turn_deg=-7):
        paper.fill(rect(-160, -230, 330, 470), "#000000", 0.5, blur=16)
        paper.fill(rect(-165, -240, 330, 470, 3), _paper())
        for row in range(13):
            wide = 250 - (row * 53) % 90
            paper.stroke(
                path(
                    f"M-130,{-180 + row * 29} C{-130 + wide * 0.3},{-186 + row * 29}"
                    f" {-130 + wide * 0.7},{-174 + row * 29} {-130 + wide},{-181 + row * 29}"
                ),
                "#4a3826",
                2.2,
                0.6,
            )
        paper.stroke(polyline([(-165, -6), (165, -2)]), "#b89868", 2, 0.4)
    layers: Layers = [Plane.of(table, 0.6, trim=False), Plane.of(paper, 0.8)]
    if stage.option("photo", True):
        layers.append(_photograph(stage))
    return [*layers, light.motes(stage.density, stage.seed)]


def _paper() -> Linear:
    """Old paper, browner towards its edge."""
    return down((0, "#fdf0d4", 1), (0.6, "#f0dcb4", 1), (1, "#cfae7c", 1), top=-240, bottom=240)


def _photograph(stage: Stage) -> Plane:
    sheet = stage.sheet()
    with sheet.placed(340, 610, 1, turn_deg=9):
        sheet.fill(rect(-130, -160, 270, 330), "#000000", 0.55, blur=14)
        sheet.fill(rect(-136, -168, 270, 330, 3), "#f4ead6")
        inner = rect(-118, -150, 234, 270)
        sheet.fill(inner, down((0, "#b59a74", 1), (0.7, "#7a6144", 1), (1, "#4a3826", 1), top=-150, bottom=120))
        clip = sheet.mask(inner)
        people = sheet.like()
        draw_back_view(people, -44, -84, 0.5, _SEPIA_HER, rim="#f0dcb4")
        draw_back_view(people, 44, -96, 0.54, _SEPIA_HIM, rim="#f0dcb4")
        people.pixels *= clip[..., None]
        sheet.put(people, 0.95)
        sheet.fill(polygon([(-118, -150), (20, -150), (-60, 120), (-118, 120)]), "#ffffff", 0.1)
    return Plane.of(sheet, 1.0)


def street(stage: Stage) -> Layers:
    """A wet lane with one lit door; options: `weather`, `figure`, `umbrella`."""
    mood = stage.mood or "jade"
    sheet = stage.sheet()
    sheet.wash(down((0, "#03080c", 1), (0.45, "#10242a" if mood == "jade" else "#141c30", 1), (1, "#04070a", 1)))
    sheet.fill(polygon([(-90, -110), (150, 150), (150, 660), (-90, 860)]), across((0, "#04080a", 1), (1, "#132026", 1), left=-90, right=150))
    sheet.fill(polygon([(640, -110), (400, 150), (400, 660), (640, 860)]), across((0, "#1c1a16", 1), (1, "#07080a", 1), left=400, right=640))
    for row in range(5):
        for side, x in ((-1, 40), (1, 470)):
            sheet.fill(rect(x - 26, 120 + row * 104, 46, 54, 3), "#ffca7a" if (row + side) % 3 == 0 else "#16262c", 0.75)
    sheet.fill(
        polygon([(-90, 860), (150, 660), (400, 660), (640, 860), (640, 1070), (-90, 1070)]),
        down((0, "#24302e", 1), (1, "#05080a", 1), top=660, bottom=1000),
    )
    front = stage.sheet()
    front.fill(rect(150, 250, 250, 420), "#150f0b")
    front.fill(polygon([(120, 260), (275, 190), (430, 260), (430, 280), (120, 280)]), "#2a1a10")
    front.fill(
        rect(178, 330, 84, 330, 4) + rect(288, 330, 84, 330, 4), down((0, "#ffe6b0", 1), (0.6, "#ffb75e", 1), (1, "#c9702a", 1), top=330, bottom=660)
    )
    for x in (206, 234, 316, 344):
        front.fill(rect(x, 330, 4, 330), "#3a2010")
    for y in (400, 480, 560):
        front.fill(rect(178, y, 84, 4) + rect(288, y, 84, 4), "#3a2010")
    front.shine(glow(275, 480, 330, "#ffab52", 0.6, core=0.12))
    light.beam(front, [(178, 662), (372, 662), (520, 1070), (40, 1070)], "#ffab52", 0.3, 24)
    for x in (160, 390):
        with front.placed(x, 330, 0.34):
            props.draw_lantern(front)
    layers: Layers = [Plane.of(sheet, 0.4, trim=False), Plane.of(front, 0.5)]
    if stage.option("figure", True):
        person = stage.sheet()
        actor = stage.actor(0, THEO)
        umbrella = stage.option("umbrella", "#2f6a5c")
        draw_back_view(person, 262, 480, 0.96, actor, rim="#ffbf72", umbrella=str(umbrella) if umbrella else None)
        layers.append(Plane.of(person, 1.0, shift=lambda s: (0, 1.0 * math.sin(1.6 * s))))
    if stage.option("weather", "rain") == "rain":
        layers += [
            light.rain(stage.density, stage.seed),
            light.rain(stage.density, stage.seed + 1, count=50, length=(60, 130), strength=0.34, speed=2100),
        ]
    elif stage.option("weather", "") == "snow":
        layers += [light.snow(stage.density, stage.seed)]
    return layers
