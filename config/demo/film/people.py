"""People in profile, facing right, drawn from the neck's shadow to the rim of light.

Local coordinates: the crown is near y=16, the chin near y=193, the nose's tip near x=158; shoulders fall to y=760.
A face has a mouth that opens (0 to 1) and eyes that are `open`, `down` or `shut`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from config.demo.film.actors import Actor
from config.demo.film.hair import draw_hair_back, draw_hair_front, has_ear_shown
from config.demo.film.paint import Linear, across, mix
from config.demo.film.paths import Path, ellipse, path, star
from config.demo.film.sheet import Sheet

FACE_BOX = (112, 84, 166, 200)
"""Left, top, right, bottom of what changes when a person speaks or blinks."""
NECK_SHORT = 32
"""How far the shoulders come up towards the chin."""


@dataclass(frozen=True)
class Lighting:
    """Where light comes from in a scene: `key` on the face, `rim` behind the head, `shade` how dark the far side is."""

    key: str = "#ffd9a0"
    rim: str = "#6fb6d9"
    key_strength: float = 0.9
    rim_strength: float = 0.75
    shade: float = 0.0


def _woman_face(o: float) -> str:
    return (
        "M110,34 C125,42 135.500,57 137.500,75 C138.200,82 135.800,88 135.200,94 C136.800,104 145.500,115.500 155,126.500"
        " C158.500,130.500 156.800,135 152,136.200 C149.200,136.900 147.600,138 147.400,140.500 C148.400,142.700 151.900,144.600 153.200,147.600"
        f" C154.100,150.300 151.200,152.200 148.900,153.200 L{148.6 - 3 * o},{153.6 + 2.4 * o}"
        f" C{151.6 - o},{154.8 + 6 * o} {153 - o},{157.6 + 6 * o} {151.4 - o},{160.8 + 6 * o}"
        f" C{149.8 - o},{163.6 + 6 * o} {146.8 - o},{164.8 + 6 * o} {146.4 - o},{167.8 + 6 * o}"
        f" C{148.2 - 1.5 * o},{172.6 + 6 * o} {149.3 - 1.5 * o},{178.6 + 6 * o} {146 - 2 * o},{184.8 + 5.5 * o}"
        f" C{141.6 - 2 * o},{192.2 + 5 * o} {131 - 2 * o},{194.4 + 4 * o} {120 - o},{190.8 + 3 * o}"
        " C114,189 109,187 105,186 C100,200 100,224 106,242 C109,252 117,259 128,265 L34,300 C44,266 50,232 48,190 L50,60 Z"
    )


def _man_face(o: float) -> str:
    return (
        "M112,34 C128,42 137.500,58 138.500,76 C141,80 140.500,85.500 137.200,90 C137.200,101 147,115 156.500,126.500"
        " C160,131 157,136.400 151.500,137.400 C148.800,138 147.800,139.600 148,142 C149.200,144 152.200,146.200 152.800,149"
        f" C153,151.600 150.800,153 148.900,153.800 L{148 - 3 * o},{154.4 + 2.6 * o}"
        f" C{151.4 - o},{155.6 + 6.5 * o} {152.8 - o},{158.4 + 6.5 * o} {151 - o},{161.4 + 6.5 * o}"
        f" C{149 - o},{164.4 + 6.5 * o} {146.800 - o},{166 + 6.5 * o} {147.200 - o},{169.400 + 6.5 * o}"
        f" C{150 - 1.5 * o},{174 + 6.5 * o} {151.500 - 1.5 * o},{181 + 6.5 * o} {148 - 2 * o},{187.600 + 6 * o}"
        f" C{142.500 - 2 * o},{196 + 5 * o} {131 - 2 * o},{198.500 + 4 * o} {119 - o},{194.500 + 3 * o}"
        " C111,192 105,188.500 100,186.500 C95,204 95,226 101,246 C104,256 112,264 124,272 L20,306 C36,270 44,232 44,190 L46,60 Z"
    )


_BODIES = {
    "woman": "M124,262 C150,272 176,288 190,322 C204,364 210,440 220,900 L-74,900"
    " C-64,470 -56,390 -38,344 C-22,312 14,292 52,282 C76,296 108,288 124,262 Z",
    "man": "M112,256 C136,272 174,286 202,312 C228,340 238,420 248,900 L-100,900"
    " C-90,452 -84,366 -52,326 C-28,298 16,288 44,270 C64,292 98,284 112,256 Z",
}


def draw_profile(sheet: Sheet, actor: Actor, light: Lighting, *, mouth: float = 0.0, eyes: str = "open") -> None:
    """One person at the pen, facing right."""
    face = path((_woman_face if actor.build == "woman" else _man_face)(round(mouth, 2)))
    body = path(_BODIES[actor.build])
    draw_hair_back(sheet, actor, light.rim, light.rim_strength)
    face_clip = sheet.mask(face)
    _draw_skin(sheet, actor, face, face_clip)
    _draw_eye(sheet, actor, eyes)
    _draw_mouth(sheet, actor, mouth, face_clip)
    if actor.is_old:
        _draw_age(sheet, face_clip)
    if has_ear_shown(actor):
        _draw_ear(sheet, actor)
    _edge(sheet, face, light.key, 3.4, light.key_strength, face_clip, front=True)
    with sheet.placed(0, -NECK_SHORT):
        _draw_body(sheet, actor, body, light)
    draw_hair_front(sheet, actor, light.rim, light.rim_strength, face_clip)
    if actor.has_glasses:
        _draw_glasses(sheet, light)
    if actor.has_pendant:
        with sheet.placed(0, -NECK_SHORT):
            draw_worn_pendant(sheet)
    if actor.has_hoop:
        draw_worn_hoop(sheet)
    if light.shade:
        sheet.fill(face + body, "#03050a", light.shade)


def _draw_skin(sheet: Sheet, actor: Actor, face: Path, clip: np.ndarray) -> None:
    dark, middle, lit = actor.skin
    sheet.fill(
        face,
        Linear(
            (52, 40), (158, 66), ((0, dark, 1), (0.28, mix(dark, middle, 0.45), 1), (0.62, middle, 1), (0.86, mix(middle, lit, 0.7), 1), (1, lit, 1))
        ),
    )
    sheet.fill(ellipse(129, 142, 15, 26), lit, 0.34, blur=8, clip=clip)
    sheet.fill(ellipse(120, 62, 13, 20), lit, 0.26, blur=8, clip=clip)
    sheet.fill(ellipse(124, 140, 10, 8), "#c8503c", 0.16, blur=5, clip=clip)
    sheet.fill(path("M56,176 C84,196 112,206 148,198 L140,240 L60,300 L40,300 Z"), "#05040a", 0.62, blur=8, clip=clip)
    sheet.fill(ellipse(128, 96, 10, 7), "#1a0b08", 0.36, blur=3, clip=clip)
    sheet.fill(path("M140,126 C141,133 146,138 152,137 C148,139 141,139 138,134 Z"), "#2a100a", 0.4, blur=1.2, clip=clip)
    sheet.stroke(path("M146,102 C150,110 154,118 156,125"), "#fff1d8", 2.2, 0.35, blur=1.6, clip=clip)


def _draw_eye(sheet: Sheet, actor: Actor, eyes: str) -> None:
    dark = "#160c0a"
    weight = 2.5 if actor.build == "woman" else 1.9
    brow = "M115,87.500 C121,80.500 130,79.500 136.500,83.500" if actor.build == "woman" else "M113,88 C120,82 131,82 138,86.500"
    tone = mix(actor.hair[0], "#c9c2bb", 0.55) if actor.is_old else "#120a08"
    sheet.stroke(path(brow), tone, 2.5 if actor.build == "woman" else 4.2, 0.85, blur=0.5)
    if eyes == "open":
        sheet.fill(path("M121,99.500 C126,94 132,93.600 136,96.600 L134.600,103 C130,105.400 125,103.600 121,99.500 Z"), "#efe2d6", 0.82)
        sheet.fill(ellipse(132.6, 98.9, 2.7, 4.1), "#2a1710")
        sheet.fill(ellipse(133.4, 97.3, 0.9, 1.1), "#ffffff", 0.95)
        sheet.stroke(path("M119.500,99.800 C125,92.600 132,92 137,95.800 L139.600,94.400"), dark, weight, 0.95)
        sheet.stroke(path("M122,91.800 C127,88.600 132,88.600 135.600,90.600"), dark, 1.1, 0.4)
    elif eyes == "down":
        sheet.fill(path("M120,98 C126,93 132,93.400 136.500,97 C132,103.400 125,103.400 120,98 Z"), mix(actor.skin[1], actor.skin[2], 0.5), 0.9)
        sheet.stroke(path("M120,98.600 C125.500,103.400 131.500,103.800 136.400,100 L139.200,101.600"), dark, weight, 0.92)
    else:
        sheet.stroke(path("M120.500,99.500 C126,104.200 132,104.200 136.800,100.600 L139.400,102.600"), dark, weight, 0.9)


def _draw_mouth(sheet: Sheet, actor: Actor, o: float, clip: np.ndarray) -> None:
    if o > 0.05:
        sheet.fill(
            path(f"M150.500,151.600 C146,152.600 141,153.400 136.500,154.400 C141,{156 + 4 * o} 146,{157 + 5 * o} 150,{157 + 6 * o} L152,152 Z"),
            "#2a0a0a",
            0.9,
            clip=clip,
        )
    sheet.fill(
        path("M147.600,141 C149,143.600 154,145 154,148.600 C153,151.800 146,153.200 136.500,153.800 C141,150.600 144.500,146 147.600,141 Z"),
        actor.lips,
        0.72,
        clip=clip,
    )
    low = 6 * o
    edge = f"M137,{154.2 + low * 0.2} C142,{154 + low * 0.6} 148,{153.8 + low} 151,{154.4 + low}"
    lower = (
        f"{edge} C154.500,{157 + low} 153,{162 + low} 148,{163.4 + low} C143.500,{162.8 + low} 139.500,{158.6 + low * 0.7} 137,{154.2 + low * 0.2} Z"
    )
    sheet.fill(path(lower), actor.lips, 0.66, clip=clip)
    sheet.fill(ellipse(148.5, 157.4 + low, 2.6, 1.7), "#ffd9c8", 0.35, blur=1, clip=clip)
    if o <= 0.05:
        sheet.stroke(path("M135.500,154.200 C141,153.400 147,153.800 151,153.400"), "#3a1210", 1.3, 0.7, clip=clip)


def _draw_age(sheet: Sheet, clip: np.ndarray) -> None:
    for line in (
        "M118,104 C121,109 126,111.500 131,111",
        "M136,138 C132,143 129.500,148 129.500,154",
        "M112,98 L104,95",
        "M112,101.500 L104.500,102",
        "M124,58 C128,58 132,60 135,63",
        "M120,66 C126,66 132,68 136,71",
    ):
        sheet.stroke(path(line), "#2a120c", 1.2, 0.34, blur=0.5, clip=clip)


def _draw_ear(sheet: Sheet, actor: Actor) -> None:
    dark, middle, lit = actor.skin
    sheet.fill(
        path("M74,100 C85,93 91,106 88,119 C86,130 79,136 74.500,131 C69.500,124 68,106 74,100 Z"),
        Linear((68, 100), (92, 120), ((0, middle, 1), (1, mix(middle, lit, 0.35), 1))),
    )
    sheet.stroke(path("M76,106 C83,103 85,114 80,124 M77,113 C80,113 81,117 79,120"), "#20100c", 1.5, 0.5)


def _draw_body(sheet: Sheet, actor: Actor, body: Path, light: Lighting) -> None:
    dark, lit = actor.coat
    man = actor.build == "man"
    sheet.fill(body, across((0, dark, 1), (0.55, mix(dark, lit, 0.2), 1), (1, lit, 1), left=-60, right=230 if man else 205))
    clip = sheet.mask(body)
    sheet.fill(path("M40,320 C60,420 50,600 20,900 L-10,900 C20,620 20,430 40,320 Z"), "#000000", 0.35, blur=9, clip=clip)
    sheet.fill(path("M150,330 C168,420 160,600 150,900 L128,900 C140,620 146,420 150,330 Z"), lit, 0.35, blur=10, clip=clip)
    _draw_collar(sheet, actor, man)
    _edge(sheet, body, light.key, 4.0, light.key_strength * 0.6, clip, front=True, left=90, right=220)
    _edge(sheet, body, light.rim, 4.5, light.rim_strength, clip, front=False, left=-80, right=60)


def _draw_collar(sheet: Sheet, actor: Actor, man: bool) -> None:
    dark, lit = actor.coat
    edge = mix(lit, "#ffffff", 0.18)
    if actor.collar == "turned":
        sheet.fill(
            path("M34,292 C36,258 52,240 70,246 C86,266 108,276 128,284 C124,306 110,326 104,352 C80,336 44,330 34,292 Z"),
            Linear((30, 260), (128, 320), ((0, dark, 1), (1, mix(dark, lit, 0.8), 1))),
        )
        sheet.stroke(path("M70,246 C86,266 108,276 128,284 C124,306 110,326 104,352"), edge, 1.8, 0.5)
    elif actor.collar == "suit":
        sheet.fill(path("M44,270 C66,262 92,262 112,256 C120,272 126,292 122,330 C100,310 66,300 44,270 Z"), actor.lining, 0.85)
        sheet.fill(path("M38,270 C64,286 96,300 122,340 C126,400 120,460 124,560 C96,460 50,340 30,286 Z"), mix(dark, lit, 0.35))
        sheet.stroke(path("M38,270 C64,286 96,300 122,340"), edge, 1.8, 0.5)
        sheet.fill(path("M112,292 L122,300 L126,420 L114,400 Z"), "#5a1820", 0.9)
    elif actor.collar in ("crossed", "shawl"):
        sheet.fill(path("M44,278 C70,268 96,262 112,250 C126,262 132,276 128,292 C110,330 92,400 88,480 C66,400 40,330 30,296 Z"), actor.lining, 0.55)
        sheet.fill(path("M38,276 C66,300 96,330 116,420 L96,520 C70,420 34,340 22,300 Z"), mix(dark, lit, 0.5))
        sheet.stroke(path("M38,276 C66,300 96,330 116,420"), mix(actor.lining, "#ffffff", 0.2), 2, 0.55)
    elif actor.collar == "coat":
        sheet.fill(
            path("M36,292 C52,270 74,262 92,270 C104,276 116,270 126,262 C134,280 132,308 118,336 C92,326 56,318 36,292 Z"),
            Linear((36, 270), (130, 310), ((0, dark, 1), (1, mix(dark, lit, 0.9), 1))),
        )
        sheet.stroke(path("M126,262 C134,280 132,308 118,336"), edge, 1.8, 0.45)
    else:
        sheet.stroke(path("M52,286 C76,298 106,290 124,264"), edge, 2, 0.5)


def _draw_glasses(sheet: Sheet, light: Lighting) -> None:
    sheet.stroke(ellipse(135, 101, 7.5, 10.5), "#caa15a", 1.6, 0.9)
    sheet.stroke(path("M127.500,99 C110,96 96,97 82,104"), "#caa15a", 1.5, 0.85)
    sheet.fill(ellipse(135, 101, 6.5, 9.5), light.key, 0.12)


def draw_worn_pendant(sheet: Sheet) -> None:
    """The star on its chain at the throat."""
    sheet.stroke(path("M70,262 C90,290 108,304 120,312 C126,300 128,286 126,270"), "#f0cf86", 1.3, 0.85)
    sheet.fill(ellipse(120, 322, 16), "#ffd27a", 0.55, blur=7, blend="add")
    sheet.fill(star(120, 322, 11), "#ffe7a8")


def draw_worn_hoop(sheet: Sheet) -> None:
    """A gold hoop hanging from the ear."""
    sheet.fill(ellipse(80, 152, 20), "#ffcc70", 0.35, blur=8, blend="add")
    sheet.stroke(ellipse(80, 151, 14, 18), "#8a5a1e", 5)
    sheet.stroke(ellipse(80, 151, 14, 18), "#f1c878", 3.4)
    sheet.stroke(ellipse(80, 151, 14, 18, 200, 290), "#fff6d8", 1.8, 0.95)


def _edge(
    sheet: Sheet, outline: Path, colour: str, width: float, strength: float, clip: np.ndarray, *, front: bool, left: float = 84, right: float = 158
) -> None:
    """A thin light along the inner edge of an outline, only on the side the light comes from."""
    if strength <= 0:
        return
    sides = ((0.0, colour, 0.0), (0.45, colour, 0.05), (1.0, colour, 1.0)) if front else ((0.0, colour, 1.0), (0.6, colour, 0.1), (1.0, colour, 0.0))
    sheet.stroke(outline, across(*sides, left=left, right=right), width, strength, blur=0.9, clip=clip)
