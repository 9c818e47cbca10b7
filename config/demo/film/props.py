"""Things with a price: drawn once, used in the films and in the shop's pictures.

Every thing is drawn about a local origin, roughly 300 points high, so that a scene can place it at any size.
"""

from __future__ import annotations

import math

from config.demo.film.paint import Linear, Paint, across, down, glow, mix
from config.demo.film.paths import Path, along, ellipse, path, polygon, polyline, rect, sag, star
from config.demo.film.sheet import Sheet

GOLD = Linear((-60, -60), (60, 60), ((0, "#fff1c4", 1), (0.35, "#f0c56e", 1), (0.7, "#a8702a", 1), (1, "#ffdf98", 1)))
SILVER = Linear((-60, -60), (60, 60), ((0, "#ffffff", 1), (0.35, "#c9d2da", 1), (0.7, "#6a7682", 1), (1, "#eef4f8", 1)))


def _chain(sheet: Sheet, line: Path, paint: Paint, width: float, count: int) -> None:
    sheet.stroke(line, "#7a4c16", width * 0.7, 0.7)
    for x, y in along(line, count):
        sheet.fill(ellipse(x, y, width * 0.75, width * 0.6), paint if isinstance(paint, str) else "#f3cf84")
        sheet.fill(ellipse(x - width * 0.2, y - width * 0.2, width * 0.28), "#fff8e0", 0.9)


def draw_star_body(sheet: Sheet, reach: float, metal: Paint = GOLD) -> None:
    """A four-pointed star with facets, centred on the pen."""
    sheet.fill(star(0, 0, reach), metal)
    tips = star(0, 0, reach).lines[0]
    shades = (
        ("#fff6d8", 0.55),
        ("#5a3610", 0.42),
        ("#fff6d8", 0.2),
        ("#5a3610", 0.5),
        ("#5a3610", 0.2),
        ("#fff6d8", 0.3),
        ("#fff6d8", 0.4),
        ("#5a3610", 0.3),
    )
    for side, (shade, alpha) in enumerate(shades):
        sheet.fill(polygon([(0, 0), tuple(tips[side]), tuple(tips[(side + 1) % 8])]), shade, alpha)
    sheet.stroke(star(0, 0, reach), "#fff8e4", max(0.8, reach * 0.012), 0.6)
    sheet.fill(ellipse(0, 0, reach * 0.1), "#ffffff", 0.95)
    sheet.fill(ellipse(0, 0, reach * 0.3), "#ffffff", 0.35, blur=reach * 0.09, blend="add")


def draw_pendant(sheet: Sheet, *, drop: float = 300, reach: float = 86) -> None:
    """The North Star on its chain; the chain's ends rise `drop` above."""
    for side in (-1, 1):
        _chain(
            sheet,
            path(f"M{side * drop * 0.44},{-drop - reach * 1.2} C{side * drop * 0.4},{-drop * 0.6 - reach} {side * 22},{-reach - 60} 0,{-reach - 14}"),
            "#f3cf84",
            3.6,
            int(drop / 5.2),
        )
    sheet.stroke(ellipse(0, -reach - 6, 9, 10), "#a8702a", 4.4)
    sheet.stroke(ellipse(0, -reach - 6, 9, 10), "#ffe2a0", 2)
    draw_star_body(sheet, reach)


def draw_hoops(sheet: Sheet) -> None:
    """A pair of gold hoops with a wave in them."""
    for x, y, turn in ((-78, 6, -8), (82, -6, 10)):
        with sheet.placed(x, y, turn_deg=turn):
            sheet.stroke(ellipse(0, 0, 62, 80), "#7a4c16", 17)
            sheet.stroke(ellipse(0, 0, 62, 80), GOLD, 14)
            sheet.stroke(ellipse(0, 0, 65, 83, 170, 275), "#fffbe8", 3.4, 0.9, blur=0.5)
            sheet.stroke(ellipse(0, 0, 58, 76, 10, 80), "#6b4210", 3, 0.6, blur=0.6)
            for wave in range(9):
                angle = math.radians(40 + wave * 34)
                sheet.fill(ellipse(62 * math.cos(angle), 80 * math.sin(angle), 3.2), "#fff4cf", 0.7)
            sheet.stroke(path("M0,-86 C0,-112 18,-122 22,-98"), "#e9bd68", 4)


def draw_bracelet(sheet: Sheet) -> None:
    """A chain bracelet with three charms: star, moon, key."""
    ring = ellipse(0, 0, 150, 94)
    sheet.stroke(ring, "#7a4c16", 5, 0.6)
    _chain(sheet, Path((ring.lines[0],), (True,)), "#f3cf84", 6.4, 62)
    for turn, kind in ((122, "star"), (90, "moon"), (58, "key")):
        x, y = 150 * math.cos(math.radians(turn)), 94 * math.sin(math.radians(turn))
        sheet.stroke(polyline([(x, y), (x, y + 22)]), "#e9bd68", 3)
        with sheet.placed(x, y + 48):
            if kind == "star":
                draw_star_body(sheet, 30)
            elif kind == "moon":
                sheet.fill(path("M8,-26 C-30,-22 -30,22 8,26 C-10,14 -10,-14 8,-26 Z"), GOLD)
                sheet.stroke(path("M8,-26 C-30,-22 -30,22 8,26"), "#fff8e0", 1.6, 0.8)
            else:
                sheet.stroke(ellipse(0, -14, 11), "#e9bd68", 5)
                sheet.fill(rect(-3, -4, 6, 36, 2), GOLD)
                sheet.fill(rect(2, 16, 12, 5) + rect(2, 25, 9, 5), GOLD)


def draw_ring(sheet: Sheet) -> None:
    """A signet ring with the star cut into its face."""
    sheet.stroke(ellipse(0, 44, 88, 84), "#7a4c16", 25)
    sheet.stroke(ellipse(0, 44, 88, 84), GOLD, 21)
    sheet.stroke(ellipse(0, 44, 94, 90, 160, 250), "#fffbe8", 4, 0.85, blur=0.6)
    sheet.fill(ellipse(0, -42, 62, 42), GOLD)
    sheet.fill(ellipse(0, -44, 50, 32), "#efc877")
    sheet.stroke(ellipse(0, -44, 50, 32), "#8a5a1e", 2.4, 0.7)
    sheet.fill(star(0, -44, 26), "#6b4210", 0.9)
    sheet.fill(ellipse(-22, -58, 20, 7), "#ffffff", 0.5, blur=4)


def draw_lamp(sheet: Sheet, *, lit: bool = True) -> None:
    """A table lamp whose shade has stars cut through it; about 360 high, its foot at y=350."""
    sheet.fill(ellipse(0, 352, 92, 15), "#000000", 0.4, blur=8)
    sheet.fill(ellipse(0, 342, 84, 15), across((0, "#5a3a18", 1), (0.4, "#f0c878", 1), (1, "#4a2c10", 1), left=-84, right=84))
    sheet.fill(
        path("M-14,340 C-8,300 -30,270 -22,240 C-16,216 -12,200 -12,170 L12,170 C12,200 16,216 22,240 C30,270 8,300 14,340 Z"),
        across((0, "#4a2c10", 1), (0.35, "#fbdc94", 1), (0.6, "#c08a3e", 1), (1, "#3a220c", 1), left=-28, right=28),
    )
    shade = path("M-62,-10 L62,-10 L128,176 C70,196 -70,196 -128,176 Z")
    cloth = ((0, "#ffe6b0", 1), (0.5, "#ffc466", 1), (1, "#b86a24", 1)) if lit else ((0, "#6a4a34", 1), (0.5, "#4a3224", 1), (1, "#20140e", 1))
    sheet.fill(shade, down(*cloth, top=-10, bottom=190))
    clip = sheet.mask(shade)
    sheet.fill(ellipse(-84, 130, 46, 130), "#3a1c08", 0.45, blur=20, clip=clip)
    for x, y, reach in ((-54, 128, 20), (0, 92, 25), (56, 132, 19), (-20, 36, 13), (30, 30, 11), (-88, 160, 10), (92, 164, 10), (4, 156, 12)):
        sheet.fill(star(x, y, reach), "#fffbe6" if lit else "#120a06", 1.0 if lit else 0.8)
        if lit:
            sheet.shine(glow(x, y, reach * 2.2, "#fff0c0", 0.5, core=0.2))
    sheet.stroke(path("M-62,-10 L62,-10"), "#e0b060", 5)
    sheet.stroke(path("M-128,176 C-70,196 70,196 128,176"), "#e0b060", 4)
    sheet.fill(ellipse(0, -20, 8, 11), "#e9bd68")
    if lit:
        sheet.shine(glow(0, 120, 430, "#ffb04e", 0.42, core=0.12))


def draw_candle(sheet: Sheet) -> None:
    """A candle in amber glass."""
    sheet.fill(ellipse(0, 152, 108, 16), "#000000", 0.4, blur=8)
    sheet.fill(
        rect(-96, -80, 192, 232, 22), across((0, "#3a1808", 1), (0.3, "#c8742c", 1), (0.55, "#8a441a", 1), (1, "#2a1006", 1), left=-96, right=96)
    )
    sheet.fill(ellipse(0, -70, 92, 17), "#f6d9a0")
    sheet.fill(rect(-64, -6, 128, 96, 3), "#f6ead2")
    sheet.fill(star(0, 40, 30), "#a8702a")
    sheet.fill(rect(-84, -60, 12, 190, 6), "#ffffff", 0.22)
    sheet.fill(
        path("M0,-152 C18,-122 22,-104 0,-86 C-22,-104 -16,-124 0,-152 Z"),
        down((0, "#fff6d0", 1), (0.6, "#ffc040", 1), (1, "#e06a20", 1), top=-152, bottom=-86),
    )
    sheet.shine(glow(0, -112, 190, "#ffb04e", 0.7, core=0.12))


# ---- the tea house


def draw_teapot(sheet: Sheet, *, clay: str = "#8a3f28") -> None:
    """A round clay teapot."""
    dark, bright = mix(clay, "#000000", 0.7), mix(clay, "#ffffff", 0.32)
    sheet.fill(ellipse(4, 134, 150, 18), "#000000", 0.45, blur=9)
    sheet.stroke(path("M106,-34 C196,-54 202,84 104,76"), dark, 25)
    sheet.stroke(path("M106,-34 C196,-54 202,84 104,76"), clay, 19)
    sheet.stroke(path("M112,-38 C182,-48 186,40 150,66"), bright, 3, 0.6, blur=1)
    sheet.fill(
        path("M-96,30 C-150,24 -150,-56 -196,-72 L-176,-92 C-120,-84 -112,-20 -84,-34 Z"),
        Linear((-190, -80), (-80, 40), ((0, bright, 1), (0.4, clay, 1), (1, dark, 1))),
    )
    body = path("M-122,30 C-122,-60 -70,-86 0,-86 C70,-86 122,-60 122,30 C122,92 70,132 0,132 C-70,132 -122,92 -122,30 Z")
    sheet.fill(body, Linear((-110, -60), (100, 120), ((0, bright, 1), (0.3, clay, 1), (0.75, mix(clay, dark, 0.6), 1), (1, dark, 1))))
    clip = sheet.mask(body)
    sheet.fill(ellipse(-52, -28, 34, 24), "#ffe2c4", 0.5, blur=12, clip=clip)
    sheet.stroke(body, "#ffd9a8", 3, 0.35, blur=1, clip=clip)
    sheet.fill(path("M-62,-80 C-52,-108 52,-108 62,-80 C30,-70 -30,-70 -62,-80 Z"), Linear((-50, -100), (60, -76), ((0, bright, 1), (1, dark, 1))))
    sheet.fill(ellipse(0, -114, 16, 14), Linear((-12, -124), (12, -104), ((0, bright, 1), (1, dark, 1))))


def draw_cup(sheet: Sheet, *, glaze: str = "#9cc7b2", tea: str | None = "#b0682c") -> None:
    """A celadon cup; empty when there is no `tea`."""
    dark, bright = mix(glaze, "#06201a", 0.6), mix(glaze, "#ffffff", 0.6)
    sheet.fill(ellipse(0, 112, 110, 15), "#000000", 0.4, blur=8)
    body = path("M-120,-62 C-116,30 -76,100 -40,108 L40,108 C76,100 116,30 120,-62 Z")
    sheet.fill(body, across((0, dark, 1), (0.3, bright, 1), (0.55, glaze, 1), (1, dark, 1), left=-120, right=120))
    clip = sheet.mask(body)
    for crack in ("M-70,-50 L-50,0 L-62,50 L-30,90", "M20,-50 L10,10 L40,40 L28,100", "M80,-40 L66,0 L84,30"):
        sheet.stroke(path(crack), dark, 1.3, 0.4, clip=clip)
    sheet.fill(ellipse(0, -62, 120, 27), bright)
    if tea is None:
        inside = Linear((-90, -80), (90, -40), ((0, mix(glaze, "#06201a", 0.75), 1), (0.6, mix(glaze, "#06201a", 0.35), 1), (1, glaze, 1)))
        sheet.fill(ellipse(0, -58, 108, 22), inside)
        sheet.fill(ellipse(14, -46, 40, 7), "#7a4a22", 0.5, blur=2)
        return
    surface = Linear((-90, -70), (90, -50), ((0, mix(tea, "#ffffff", 0.25), 1), (0.5, tea, 1), (1, mix(tea, "#000000", 0.5), 1)))
    sheet.fill(ellipse(0, -58, 107, 21), surface)
    sheet.fill(ellipse(-40, -62, 30, 6), "#fff0d0", 0.4, blur=3)


def draw_tin(sheet: Sheet, *, colour: str = "#1f4a40", sign: str = "moon") -> None:
    """A tea tin with an emblem."""
    dark, bright = mix(colour, "#000000", 0.65), mix(colour, "#ffffff", 0.25)
    sheet.fill(ellipse(6, 164, 122, 18), "#000000", 0.42, blur=9)
    sheet.fill(rect(-104, -110, 208, 272, 14), across((0, dark, 1), (0.25, bright, 1), (0.5, colour, 1), (1, dark, 1), left=-104, right=104))
    sheet.fill(
        rect(-110, -160, 220, 64, 10), across((0, "#5a4420", 1), (0.3, "#f6dfa0", 1), (0.6, "#b08a40", 1), (1, "#4a3414", 1), left=-110, right=110)
    )
    sheet.fill(rect(-74, -66, 148, 186, 74), "#f4ead2")
    sheet.stroke(rect(-74, -66, 148, 186, 74), "#b08a40", 3)
    if sign == "moon":
        sheet.fill(ellipse(0, -4, 36), "#d9a84e")
        sheet.fill(ellipse(15, -12, 32), "#f4ead2")
    else:
        sheet.fill(path("M0,-44 C30,-20 30,14 0,34 C-30,14 -30,-20 0,-44 Z"), "#5c8a5a")
        sheet.stroke(polyline([(0, -36), (0, 60)]), "#33583a", 3)
    for row, reach in enumerate((46, 32, 40)):
        sheet.fill(rect(-reach / 2, 66 + row * 13, reach, 4, 2), "#5a4a30", 0.6)


def draw_lantern(sheet: Sheet) -> None:
    """A paper lantern to carry."""
    sheet.stroke(sag(-60, -190, 60, -190, 34), "#3a2412", 5)
    sheet.fill(rect(-60, -164, 120, 18, 5), "#3a2412")
    body = ellipse(0, -20, 118, 132)
    sheet.fill(body, across((0, "#9a2a1a", 1), (0.35, "#ff8a50", 1), (0.55, "#ffc890", 1), (1, "#8a2014", 1), left=-118, right=118))
    for reach in (30, 62, 92):
        sheet.stroke(ellipse(0, -20, reach, 132), "#6a160e", 2.4, 0.5)
    sheet.fill(rect(-60, 106, 120, 18, 5), "#3a2412")
    for x in (-14, 0, 14):
        sheet.fill(rect(x - 2, 124, 4, 62), "#e0a040")
    sheet.shine(glow(0, -20, 240, "#ff8a44", 0.5, core=0.2))
