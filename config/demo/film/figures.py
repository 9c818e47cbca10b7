"""Hands, and people seen whole and small: from behind, on a platform, in a doorway."""

from __future__ import annotations

from config.demo.film.actors import Actor
from config.demo.film.paint import Linear, across, down, glow, mix
from config.demo.film.paths import ellipse, path, polyline, rect, star
from config.demo.film.sheet import Sheet


def draw_holding_hand(sheet: Sheet, x: float, y: float, *, actor: Actor, what: str = "pendant") -> None:
    """A forearm from the right whose fingers hold something that hangs, at (x, y)."""
    dark, lit = actor.coat
    skin_dark, skin_mid, skin_lit = actor.skin
    with sheet.placed(x, y):
        sheet.fill(
            path("M66,4 C104,40 150,104 190,190 L122,236 C92,160 58,92 26,44 Z"),
            Linear((40, 120), (150, 90), ((0, mix(dark, lit, 0.3), 1), (1, dark, 1))),
        )
        sheet.stroke(path("M66,4 C104,40 150,104 190,190"), "#5fb4d6", 2.4, 0.55, blur=0.8)
        sheet.stroke(path("M26,44 C58,92 92,160 118,226"), "#ffd9a0", 2.6, 0.8, blur=0.8)
        sheet.fill(path("M22,42 L60,0 L74,14 L34,56 Z"), mix(lit, "#ffffff", 0.1))
        skin = Linear((-18, 20), (60, 30), ((0, skin_lit, 1), (0.6, mix(skin_mid, skin_lit, 0.5), 1), (1, skin_mid, 1)))
        sheet.fill(path("M-10,34 C-20,26 -22,12 -14,3 C-8,-6 6,-10 18,-7 C34,-5 50,2 58,12 C62,24 52,42 36,50 C20,54 2,46 -10,34 Z"), skin)
        for knuckle in ("M-12,8 C-2,0 10,2 18,8", "M-14,20 C-4,12 8,14 16,20", "M-8,32 C0,24 10,26 16,31"):
            sheet.stroke(path(knuckle), mix(skin_dark, skin_mid, 0.3), 1.7, 0.7)
        sheet.fill(path("M-16,4 C-24,8 -26,18 -20,26 C-14,28 -8,20 -6,12 Z"), skin_lit, 0.95)
        sheet.stroke(path("M-10,34 C-20,26 -22,12 -14,3 C-8,-6 6,-10 18,-7"), "#fff0d0", 1.8, 0.6, blur=0.6)
        if what == "pendant":
            sheet.stroke(path("M-20,22 C-26,44 -24,58 -18,72 M-8,30 C-12,46 -14,60 -18,72"), "#ffe0a0", 1.5)
            sheet.shine(glow(-17, 84, 62, "#ffcf80", 0.8, core=0.2))
            sheet.fill(star(-17, 84, 16), "#ffe7a8")
            sheet.fill(star(-17, 84, 38, 0.1), "#fff4d6", 0.5, blur=0.8)
        elif what == "letter":
            sheet.fill(path("M-60,-30 L10,-44 L24,40 L-46,52 Z"), Linear((-60, -30), (20, 50), ((0, "#fff4dc", 1), (1, "#c9a878", 1))))
            for row in range(6):
                sheet.stroke(polyline([(-48 + row * 2, -18 + row * 11), (4 + row * 1.5 - (row % 3) * 12, -28 + row * 11)]), "#5a4630", 1.4, 0.55)


def draw_back_view(sheet: Sheet, x: float, y: float, scale: float, actor: Actor, *, rim: str = "#ffcf8a", umbrella: str | None = None) -> None:
    """Someone from behind, feet near local y=420; with an umbrella when a colour is given."""
    coat = actor.coat
    with sheet.placed(x, y, scale):
        sheet.fill(ellipse(0, 424, 74, 9), "#000000", 0.5, blur=6)
        for leg in (-17, 17):
            sheet.fill(rect(leg - 11, 330, 22, 92, 6), down((0, coat[0], 1), (1, "#030305", 1), top=330, bottom=420))
        body = path("M-26,92 C-62,104 -74,140 -76,200 L-70,346 C-40,356 40,356 70,346 L76,200 C74,140 62,104 26,92 Z")
        sheet.fill(body, across((0, coat[0], 1), (0.5, mix(coat[0], coat[1], 0.5), 1), (1, coat[1], 1), left=-76, right=76))
        clip = sheet.mask(body)
        sheet.stroke(path("M0,120 L0,350"), "#000000", 2, 0.4, blur=1)
        sheet.stroke(body, across((0, rim, 0.7), (0.5, rim, 0.05), (1, rim, 1), left=-76, right=76), 4, 0.8, blur=1, clip=clip)
        _back_head(sheet, actor, rim)
        if umbrella:
            _umbrella(sheet, umbrella, rim)


_LONG = "M0,8 C30,8 42,34 40,62 C40,96 34,120 24,134 C10,140 -10,140 -24,134 C-34,120 -40,96 -40,62 C-42,34 -30,8 0,8 Z"
_ROUND = "M0,14 C25,14 35,34 34,56 C33,76 22,92 0,92 C-22,92 -33,76 -34,56 C-35,34 -25,14 0,14 Z"


def _back_head(sheet: Sheet, actor: Actor, rim: str) -> None:
    hair, coat = actor.hair, actor.coat
    is_long = actor.hair_cut in ("long", "bob")
    if not is_long:
        skin = actor.skin[1]
        sheet.fill(rect(-15, 70, 30, 40, 8), down((0, skin, 1), (1, mix(skin, "#000000", 0.6), 1), top=74, bottom=108))
        for x in (-35, 35):
            sheet.fill(ellipse(x, 60, 6, 10), mix(skin, "#000000", 0.25))
        sheet.fill(path("M-34,112 C-30,92 30,92 34,112 L30,124 L-30,124 Z"), mix(coat[0], coat[1], 0.7))
    head = path(_LONG if is_long else _ROUND)
    sheet.fill(head, across((0, hair[0], 1), (0.6, hair[0], 1), (1, hair[1], 1), left=-40, right=40))
    clip = sheet.mask(head)
    for strand in (-20, -6, 10, 24):
        sheet.stroke(path(f"M{strand * 0.4},14 C{strand},40 {strand * 1.1},80 {strand * 0.9},130"), hair[1], 1.4, 0.5, blur=0.8, clip=clip)
    edge = across((0, rim, 0.6), (0.5, rim, 0), (1, rim, 1), left=-40, right=40)
    sheet.stroke(head, edge, 3.4, 0.9, blur=1, clip=clip)
    if actor.hair_cut in ("bun", "knot"):
        bun = ellipse(0, 34 if actor.hair_cut == "bun" else 76, 19, 17)
        sheet.fill(bun, across((0, hair[0], 1), (1, mix(hair[0], hair[1], 0.7), 1), left=-19, right=19))
        sheet.stroke(bun, edge, 2.6, 0.9, blur=0.8)
    if actor.hair_cut == "cap":
        sheet.fill(path("M-38,44 C-40,14 -22,-2 0,-2 C22,-2 40,14 38,44 Z"), across((0, coat[0], 1), (1, coat[1], 1), left=-38, right=38))
        sheet.fill(rect(-40, 40, 80, 9, 3), "#07080c")
        sheet.stroke(path("M-38,43 L38,43"), "#e0b45a", 1.6, 0.8)


def _umbrella(sheet: Sheet, colour: str, rim: str) -> None:
    dark, bright = mix(colour, "#000000", 0.65), mix(colour, "#ffffff", 0.15)
    sheet.stroke(path("M52,-100 L52,240"), "#15161a", 4)
    sheet.fill(ellipse(56, 176, 13, 11), "#8a5a40")
    canopy = path(
        "M-128,-18 C-118,-118 -30,-152 52,-152 C134,-152 222,-118 232,-18 C214,-36 186,-36 166,-18 C146,-36"
        " 112,-38 92,-18 C72,-38 34,-38 12,-18 C-8,-36 -40,-36 -60,-18 C-80,-36 -110,-36 -128,-18 Z"
    )
    sheet.fill(canopy, Linear((-100, -40), (200, -120), ((0, dark, 1), (0.6, colour, 1), (1, bright, 1))))
    clip = sheet.mask(canopy)
    for rib in (
        "M52,-152 C10,-130 -40,-80 -60,-18",
        "M52,-152 C40,-120 18,-70 12,-18",
        "M52,-152 C66,-120 88,-70 92,-18",
        "M52,-152 C100,-130 150,-80 166,-18",
    ):
        sheet.stroke(path(rib), "#000000", 1.6, 0.35, clip=clip)
    sheet.stroke(canopy, across((0, rim, 0.2), (0.6, rim, 0.4), (1, rim, 1), left=-128, right=232), 4, 0.85, blur=1.2, clip=clip)
    sheet.stroke(path("M52,-152 L52,-168"), "#15161a", 4)


def draw_far_figure(sheet: Sheet, x: float, y: float, scale: float, colour: str = "#05060a", rim: str | None = None) -> None:
    """A small standing silhouette, feet at (x, y)."""
    with sheet.placed(x, y, scale):
        shape = path(
            "M-9,0 L-11,-70 C-16,-96 -16,-124 -12,-132 C-8,-138 -5,-138 -5,-142 C-11,-148 -11,-168"
            " 0,-169 C11,-168 11,-148 5,-142 C5,-138 8,-138 12,-132 C16,-124 16,-96 11,-70 L9,0 Z"
        )
        sheet.fill(shape, colour)
        if rim:
            sheet.stroke(shape, rim, 1.8, 0.8, blur=0.6)


def draw_open_palm(sheet: Sheet, x: float, y: float, *, actor: Actor, scale: float = 1.0) -> None:
    """A hand palm up, seen from the side, rising from the lower left; something can lie at local (96, -14)."""
    dark, lit = actor.coat
    skin_dark, skin_mid, skin_lit = actor.skin
    skin = Linear((0, 30), (150, -20), ((0, skin_mid, 1), (0.5, mix(skin_mid, skin_lit, 0.6), 1), (1, skin_lit, 1)))
    with sheet.placed(x, y, scale):
        sheet.fill(
            path("M-240,300 L-120,60 C-90,30 -50,10 -20,8 L20,70 C-20,120 -80,220 -110,330 Z"),
            Linear((-200, 200), (0, 60), ((0, dark, 1), (1, lit, 1))),
        )
        sheet.stroke(path("M-240,300 L-120,60 C-90,30 -50,10 -20,8"), "#ffd9a0", 2.4, 0.6, blur=0.9)
        sheet.fill(
            path(
                "M-26,10 C0,-6 30,-10 60,-6 C100,-4 140,-14 176,-30 C188,-34 196,-26 188,-18 C170,-2 150,8 130,14"
                " C150,14 172,10 190,8 C200,8 202,18 192,22 C160,32 120,38 86,46 C60,60 36,72 16,74 C0,60 -16,34 -26,10 Z"
            ),
            skin,
        )
        for crease in ("M60,-4 C78,6 100,10 130,14", "M20,4 C40,20 60,26 86,28", "M86,46 C110,38 150,30 176,24"):
            sheet.stroke(path(crease), skin_dark, 1.7, 0.5, blur=0.4)
        sheet.stroke(path("M-26,10 C0,-6 30,-10 60,-6 C100,-4 140,-14 176,-30"), "#fff0d0", 2.2, 0.7, blur=0.8)
