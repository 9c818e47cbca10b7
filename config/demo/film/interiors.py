"""Rooms: the workshop, the office with blinds, the corridor with one door, the tea house."""

from __future__ import annotations

import math
import random

from config.demo.film import light
from config.demo.film.actors import INES, JULIAN, LAN, MARA, THEO
from config.demo.film.city import star_map, towers
from config.demo.film.figures import draw_far_figure
from config.demo.film.paint import across, down, glow, mix
from config.demo.film.paths import ellipse, path, polygon, polyline, rect, sag, star
from config.demo.film.people import Lighting
from config.demo.film.plane import Plane
from config.demo.film.props import draw_lamp, draw_teapot
from config.demo.film.sheet import Box, Sheet, soften
from config.demo.film.staging import Layers, Stage, profile_plane


def _wall(stage: Stage, top: str, middle: str, bottom: str) -> Sheet:
    sheet = stage.sheet()
    sheet.wash(down((0, top, 1), (0.5, middle, 1), (1, bottom, 1), top=-60, bottom=1000))
    return sheet


def _night_window(sheet: Sheet, x: float, y: float, width: float, height: float, seed: int) -> None:
    frame = rect(x, y, width, height, 4)
    sheet.fill(frame, down((0, "#0a1a30", 1), (0.7, "#1d4a62", 1), (1, "#3d5560", 1), top=y, bottom=y + height))
    clip = sheet.mask(frame)
    dice = random.Random(seed)
    for _ in range(24):
        sheet.fill(
            ellipse(x + dice.random() * width, y + height * (0.5 + 0.5 * dice.random()), dice.uniform(2, 8)),
            dice.choice(light.CITY),
            dice.uniform(0.1, 0.5),
            blur=1.5,
            clip=clip,
        )
    for mid in (rect(x + width / 2 - 3, y, 6, height), rect(x, y + height * 0.45, width, 6)):
        sheet.fill(mid, "#1c110b")
    sheet.stroke(frame, "#241710", 10)
    sheet.stroke(frame, "#9a6a42", 1.6, 0.6)


def _shelf(sheet: Sheet, x: float, y: float, width: float, seed: int, kind: str) -> None:
    dice = random.Random(seed)
    sheet.fill(rect(x, y, width, 9, 2), "#2e1c11")
    sheet.fill(rect(x, y - 1, width, 2), "#d9a066", 0.5)
    at = x + 8
    while at < x + width - 26:
        size = dice.uniform(22, 38)
        tall = dice.uniform(34, 68)
        colour = dice.choice(
            ("#b33a2c", "#d9b070", "#40594a", "#e5d6bd", "#6a4a7a", "#c98a4a")
            if kind == "tea"
            else ("#6d4a31", "#3d2a1e", "#b98a4a", "#44505a", "#8a3a34")
        )
        if kind == "tea":
            sheet.fill(
                rect(at, y - tall, size, tall, 6),
                across((0, mix(colour, "#000", 0.5), 1), (0.4, colour, 1), (1, mix(colour, "#000", 0.6), 1), left=at, right=at + size),
            )
            sheet.fill(rect(at + 3, y - tall - 6, size - 6, 8, 2), mix(colour, "#000000", 0.6))
        elif dice.random() < 0.4:
            sheet.stroke(ellipse(at + size / 2, y - 18, 13, 17), "#d9a85a", 2.2, 0.8)
        else:
            sheet.fill(rect(at, y - tall * 0.7, size, tall * 0.7, 3), colour)
            sheet.fill(rect(at + 4, y - tall * 0.4, size - 8, 3), "#ffe0a8", 0.4)
        at += size + dice.uniform(5, 16)


def workshop(stage: Stage) -> Layers:
    """The jeweller's room at night; options: `lit` lamp, `map` (the lamp throws stars), `pair`, `kind` jewels or tea."""
    kind = str(stage.option("kind", "jewels"))
    green = stage.mood == "jade"
    wall = _wall(stage, "#120b09", "#5b3a25" if not green else "#2c4238", "#160d09")
    for row in range(8):
        for column in range(-2, 10):
            wall.fill(
                rect(column * 74 - (row % 2) * 37, 150 + row * 58, 70, 54, 4),
                "#8c6544" if not green else "#4f7060",
                0.1 + 0.05 * ((row * 3 + column) % 4),
            )
    _night_window(wall, -10, 230, 170, 250, stage.seed)
    wall.pixels[:] = soften(wall.pixels, 2.2 * stage.density)
    shelves = stage.sheet()
    _shelf(shelves, 250, 330, 330, stage.seed + 1, kind)
    _shelf(shelves, 300, 450, 320, stage.seed + 2, kind)
    shelves.pixels[:] = soften(shelves.pixels, 1.5 * stage.density)
    lamp = stage.sheet()
    lamp.stroke(sag(290, -110, 290, 120, 0), "#070504", 3)
    lamp.fill(
        path("M232,170 C236,128 262,110 290,110 C318,110 344,128 348,170 Z"),
        across((0, "#090705", 1), (0.7, "#3a2a1e", 1), (1, "#8a6a48", 1), left=232, right=348),
    )
    lamp.fill(ellipse(290, 171, 56, 8), "#ffe9bb")
    lamp.shine(glow(290, 190, 330, "#ffb45e", 0.65, core=0.12))
    light.beam(lamp, [(240, 176), (340, 176), (560, 960), (10, 960)], "#ffb45e", 0.12, 30)
    layers: Layers = [Plane.of(wall, 0.25, trim=False), Plane.of(shelves, 0.4), Plane.of(lamp, 0.5, level=None)]
    if stage.option("map", False):
        stars = stage.sheet()
        star_map(stars, 270, 260, 260, 8)
        star_map(stars, 260, 240, 240, 21)
        layers.append(Plane.of(stars, 0.35, blend="add", level=lambda s: min(1.0, max(0.0, (s - 0.5) / 0.9))))
    rim = Lighting(key="#ffcf8a", rim="#5f9fc0" if not green else "#7fd0b0")
    if stage.option("pair", False):
        layers += [
            profile_plane(stage, 0, stage.actor(0, INES), rim, x=24, y=392, scale=1.06),
            profile_plane(stage, 1, stage.actor(1, THEO), rim, x=522, y=356, scale=1.1, flip=True),
        ]
    elif not stage.option("empty", False):
        layers.append(profile_plane(stage, 0, stage.actor(0, INES), rim, x=60, y=382, scale=1.2, gaze=str(stage.option("gaze", "down"))))
    layers.append(_bench(stage, kind, bool(stage.option("lit", False)), bool(stage.option("pair", False))))
    return [*layers, light.motes(stage.density, stage.seed, count=36)]


def _bench(stage: Stage, kind: str, lit: bool, pair: bool) -> Plane:
    sheet = stage.sheet()
    sheet.fill(rect(-90, 800, 760, 330), down((0, "#8a5a36", 1), (0.1, "#5a3820", 1), (0.6, "#1c100a", 1), (1, "#0a0604", 1), top=800, bottom=1020))
    sheet.fill(rect(-90, 798, 760, 3), "#ffd9a8", 0.6)
    if kind == "tea":
        with sheet.placed(280 if pair else 372, 716, 0.56 if pair else 0.62):
            draw_teapot(sheet)
        for x in (110, 400) if pair else (180, 250):
            sheet.fill(
                path(f"M{x},772 L{x + 46},772 C{x + 44},796 {x + 36},806 {x + 23},806 C{x + 10},806 {x + 2},796 {x},772 Z"),
                across((0, "#8fb8a4", 1), (0.4, "#dff0e4", 1), (1, "#5c8874", 1), left=x, right=x + 46),
            )
            sheet.fill(ellipse(x + 23, 772, 23, 5), "#a8642a")
    else:
        with sheet.placed(*((268, 600, 0.58) if pair else (396, 566, 0.66))):
            draw_lamp(sheet, lit=lit)
        sheet.fill(ellipse(190, 806, 58, 10), "#3a2a1c")
        for x in (150, 196, 232):
            sheet.stroke(ellipse(x, 796, 13, 9), "#f1c878", 3)
        for x, turn in ((70, -24), (96, -12)):
            with sheet.placed(x, 800, 1, turn_deg=turn):
                sheet.fill(rect(-3, -66, 6, 66, 3), "#9aa4ad")
                sheet.fill(rect(-6, -24, 12, 30, 5), "#a33a30")
    return Plane.of(sheet, 1.15)


def blinds(stage: Stage) -> Layers:
    """Two people against a window with blinds, cold light in stripes; options: `solo`."""
    back = stage.sheet()
    back.wash(down((0, "#05080c", 1), (0.5, "#0e161e", 1), (1, "#030507", 1)))
    pane = rect(96, 60, 356, 640)
    back.fill(pane, down((0, "#9fc6da", 1), (0.7, "#6f98b0", 1), (1, "#3a5468", 1), top=60, bottom=700))
    clip = back.mask(pane)
    town = back.like()
    towers(town, 9, 560, (80, 260), (40, 70), "#4a6c84", lit=0.2)
    town.pixels *= clip[..., None]
    back.put(town, 0.8, blur=3)
    for slat in range(31):
        y = 66 + slat * 20.6
        back.fill(rect(90, y, 368, 11), down((0, "#0a1016", 1), (1, "#24323e", 1), top=y, bottom=y + 11))
        back.fill(rect(90, y + 10.4, 368, 1.4), "#dff2fb", 0.5)
    for x in (170, 274, 380):
        back.stroke(polyline([(x, 60), (x, 700)]), "#0a0f14", 2.4)
    back.shine(glow(274, 340, 360, "#a8d8ee", 0.2, core=0.2))
    cold = Lighting(key="#bfe6f6", rim="#8fd0ea", key_strength=0.75, rim_strength=0.85)
    layers: Layers = [Plane.of(back, 0.2, trim=False)]
    layers.append(profile_plane(stage, 0, stage.actor(0, JULIAN), cold, x=8, y=350, scale=1.12))
    if not stage.option("solo", False):
        layers.append(profile_plane(stage, 1, stage.actor(1, MARA), cold, x=532, y=372, scale=1.06, flip=True))
    stripes = stage.sheet(2)
    for slat in range(12):
        y = 330 + slat * 46
        stripes.fill(polygon([(-90, y), (640, y - 60), (640, y - 46), (-90, y + 14)]), "#bfe6f6", 0.13, blur=4, blend="add")
    low = stage.sheet(2)
    low.fill(rect(-90, 760, 760, 400), down((0, "#03050a", 0), (1, "#03050a", 0.85), top=760, bottom=980))
    return [*layers, Plane.of(stripes, 1.0, blend="add"), Plane.of(low, 1.2)]


def corridor(stage: Stage) -> Layers:
    """A dark corridor; at its end a door opens and light falls through; options: `figure`, `opens_at` seconds."""
    teal = stage.mood != "amber"
    sheet = stage.sheet()
    deep, wall = ("#03090b", "#0e2226") if teal else ("#0a0603", "#2a190e")
    sheet.wash(deep)
    sheet.fill(polygon([(-90, -110), (196, 190), (196, 640), (-90, 1070)]), across((0, deep, 1), (1, wall, 1), left=-90, right=196))
    sheet.fill(polygon([(640, -110), (344, 190), (344, 640), (640, 1070)]), across((0, wall, 1), (1, deep, 1), left=344, right=640))
    sheet.fill(
        polygon([(-90, -110), (640, -110), (344, 190), (196, 190)]), down((0, deep, 1), (1, mix(wall, "#000000", 0.4), 1), top=-110, bottom=190)
    )
    sheet.fill(
        polygon([(-90, 1070), (640, 1070), (344, 640), (196, 640)]), down((0, mix(wall, "#000", 0.3), 1), (1, "#010203", 1), top=640, bottom=1070)
    )
    sheet.fill(rect(196, 190, 148, 450), wall)
    for share in (0.25, 0.5, 0.75):
        for side in (-1, 1):
            x = 270 + side * (74 + 286 * share)
            reach = 190 - 300 * share, 640 + 430 * share
            sheet.stroke(polyline([(x, reach[0]), (x, reach[1])]), "#000000", 3, 0.5, blur=1)
            sheet.stroke(polyline([(x + 4, reach[0] + 30), (x + 4, reach[1] - 30)]), "#4a8088" if teal else "#8a5a30", 1.2, 0.3)
    for index, y in enumerate((20, 110, 160)):
        sheet.shine(glow(270, y, 120 - 30 * index, "#7fc4dd" if teal else "#ffc070", 0.35, core=0.1))
    door_at = float(stage.option("opens_at", 0.8))  # type: ignore[arg-type]

    def opened(seconds: float) -> float:
        return min(1.0, max(0.0, (seconds - door_at) / 1.1))

    shine = stage.sheet()
    shine.fill(rect(222, 270, 96, 370), down((0, "#fff0c8", 1), (0.6, "#ffc878", 1), (1, "#d88a3c", 1), top=270, bottom=640))
    shine.shine(glow(270, 460, 330, "#ffb864", 0.6, core=0.15))
    light.beam(shine, [(224, 640), (316, 640), (470, 1070), (70, 1070)], "#ffb45e", 0.4, 20)
    layers: Layers = [Plane.of(sheet, 0.5, trim=False), Plane.of(shine, 0.52, blend="add", level=opened)]
    if stage.option("figure", True):
        person = stage.sheet()
        draw_far_figure(person, 270, 662, 1.85, "#040304", rim="#ffcf8a")
        person.fill(polygon([(252, 660), (288, 660), (330, 1040), (210, 1040)]), "#000000", 0.55, blur=9)
        layers.append(Plane.of(person, 0.6, level=None))
    return [*layers, light.motes(stage.density, stage.seed, count=30, strength=0.3)]


def lift(stage: Stage) -> Layers:
    """A lift's brass dial that climbs to eleven; lit doors below."""
    sheet = _wall(stage, "#120a08", "#3a2418", "#0a0605")
    for x in (-40, 570):
        sheet.fill(rect(x, -110, 12, 1200), "#c08a4a", 0.3)
    sheet.fill(rect(70, 420, 400, 700, 6), "#0a0706")
    sheet.fill(rect(84, 434, 183, 700), across((0, "#6a4a24", 1), (0.5, "#d9a85a", 1), (1, "#5a3c1c", 1), left=84, right=267))
    sheet.fill(rect(273, 434, 183, 700), across((0, "#5a3c1c", 1), (0.5, "#d9a85a", 1), (1, "#6a4a24", 1), left=273, right=456))
    for x in (175, 365):
        for reach in (70, 50, 30):
            sheet.stroke(polygon([(x, 640 - reach * 1.6), (x + reach, 640), (x, 640 + reach * 1.6), (x - reach, 640)]), "#2a1a0c", 3, 0.6)
    sheet.fill(rect(266, 434, 8, 700), "#ffdf9a", 0.9, blur=2)
    sheet.fill(ellipse(270, 330, 176, 176, 180, 360) + polyline([(94, 330), (446, 330)]), "#140d09")
    dial = ellipse(270, 330, 160, 160, 180, 360)
    sheet.fill(dial, "#f2e2bd")
    sheet.stroke(dial, "#b98a3e", 7)
    points = []
    for floor in range(12):
        angle = math.radians(180 + 180 * (floor + 0.5) / 12)
        points.append((270 + 128 * math.cos(angle), 330 + 128 * math.sin(angle)))
        sheet.fill(ellipse(*points[-1], 7 if floor != 11 else 12), "#3a2412" if floor != 11 else "#c02a30")
    sheet.fill(star(*points[11], 10), "#fff0c8")
    hand = Sheet(stage.density, Box(100, 160, 440, 500))
    sheet.shine(glow(270, 300, 300, "#ffcf80", 0.4, core=0.1))
    layers: Layers = [Plane.of(sheet, 0.6, trim=False)]
    start, end = 200.0, 349.0
    for step in range(24):
        share = step / 23
        angle = math.radians(start + (end - start) * share * share * (3 - 2 * share))
        needle = Sheet(stage.density, hand.box)
        needle.stroke(polyline([(270, 328), (270 + 118 * math.cos(angle), 328 + 118 * math.sin(angle))]), "#7a1a1e", 5)
        needle.fill(ellipse(270, 328, 12), "#b98a3e")
        low, high = stage.seconds * 0.8 * step / 24, stage.seconds * 0.8 * (step + 1) / 24
        last = step == 23
        layers.append(Plane.of(needle, 0.6, level=lambda s, low=low, high=high, last=last: 1.0 if low <= s and (s < high or last) else 0.0))
    return [*layers, light.motes(stage.density, stage.seed)]


def teahouse(stage: Stage) -> Layers:
    """The tea house after midnight: lanterns, a counter, one or two guests; options: `pair`, `empty`."""
    return _with_lanterns(stage, workshop(_as_tea(stage)))


def _as_tea(stage: Stage) -> Stage:
    cast = stage.cast or (LAN,)
    return Stage(stage.density, stage.seconds, cast, stage.speaking, stage.seed, stage.mood or "jade", {**stage.options, "kind": "tea"})


def _with_lanterns(stage: Stage, layers: Layers) -> Layers:
    sheet = stage.sheet()
    for x, y, size in ((90, 150, 1.0), (470, 110, 1.25)):
        with sheet.placed(x, y, size):
            sheet.stroke(polyline([(0, -300), (0, -52)]), "#070504", 2)
            sheet.fill(
                ellipse(0, 0, 44, 50), across((0, "#8a1c14", 1), (0.45, "#ff7a44", 1), (0.6, "#ffb070", 1), (1, "#8a1c14", 1), left=-44, right=44)
            )
            for reach in (14, 30):
                sheet.stroke(ellipse(0, 0, reach, 50), "#5a100c", 1.4, 0.5)
            sheet.fill(rect(-20, -56, 40, 9, 3), "#2a1408")
            sheet.fill(rect(-20, 47, 40, 9, 3), "#2a1408")
            sheet.fill(rect(-2, 56, 4, 40), "#e0a040")
            sheet.shine(glow(0, 0, 150, "#ff8a4a", 0.5, core=0.2))
    return [*layers, Plane.of(sheet, 1.3, shift=lambda s: (2.2 * math.sin(0.9 * s), 0))]
