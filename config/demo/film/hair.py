"""Hair and caps of people in profile: what lies behind the face, and what lies over it."""

from __future__ import annotations

import numpy as np

from config.demo.film.actors import Actor
from config.demo.film.paint import Linear, across
from config.demo.film.paths import Path, ellipse, path
from config.demo.film.sheet import Sheet

_CUTS = {
    "long": "M126,52 C128,24 102,8 72,9 C36,11 10,38 7,80 C5,116 14,150 6,192 C0,228 -18,252 -14,292 C-10,326 24,338 54,326 C84,312 92,262 92,214"
    " C82,200 78,180 80,158 C82,138 92,128 99,112 C104,98 112,84 121,74 C126,68 127,60 126,52 Z",
    "bob": "M126,54 C128,24 102,8 72,9 C34,11 8,40 6,84 C5,120 10,150 8,182 C12,206 40,214 62,204 C82,200 92,186 92,166 C88,148 92,132 99,114"
    " C104,98 112,84 121,74 C126,68 127,60 126,54 Z",
    "knot": "M124,50 C124,24 100,10 74,11 C42,13 20,36 18,70 C17,98 26,124 44,142 C54,150"
    " 64,150 70,140 C70,124 70,110 78,100 C92,96 104,88 116,74 C122,66 125,58 124,50 Z",
    "bun": "M124,50 C124,24 100,10 74,11 C42,13 20,36 18,70 C17,98 26,126 46,144 C56,150"
    " 66,148 70,138 C69,122 70,110 78,101 C92,97 106,88 117,73 C122,66 125,58 124,50 Z",
    "crop": "M130,50 C132,26 110,6 80,7 C42,8 16,34 16,74 C16,104 26,130 40,150"
    " C46,158 52,164 56,170 L66,164 C66,148 66,138 68,128 C66,112 68,100 76,96"
    " C80,102 82,110 84,114 L90,112 C90,98 93,86 99,76 C111,72 127,64 130,50 Z",
    "swept": "M132,46 C146,34 140,14 112,7 C92,1 58,2 38,18 C18,34 12,58 15,84 C18,110"
    " 28,132 42,150 C48,156 54,160 58,166 L66,160 C66,146 66,136 68,126"
    " C66,112 68,100 76,96 C80,102 82,110 84,114 L90,112 C90,96 94,82 104,72 C116,72 128,66 134,56 C136,52 135,48 132,46 Z",
    "cap": "M128,60 C118,66 106,70 96,78 C91,88 90,100 90,112 L84,114 C82,108 80,102 76,96 C68,100"
    " 66,112 68,128 C66,138 66,148 66,164 L56,170 C40,150 26,124 20,92 C18,76 22,62 30,56 Z",
}
_BUN = {"bun": (22, 78, 27, 25), "knot": (14, 112, 22, 26)}
_STRANDS = {
    "long": (
        "M118,46 C88,56 70,98 72,150 C74,192 66,250 46,312",
        "M108,36 C66,46 48,98 52,150 C54,202 44,252 26,300",
        "M124,58 C104,74 92,104 90,132",
        "M94,206 C92,254 82,292 62,322",
        "M92,24 C50,32 28,70 30,130",
    ),
    "bob": (
        "M118,46 C88,56 68,98 70,150 C70,176 66,190 56,204",
        "M106,36 C64,46 44,98 46,150 C46,176 42,190 32,206",
        "M124,58 C104,74 92,104 90,140",
    ),
    "knot": ("M120,48 C96,40 60,54 34,100", "M112,34 C82,28 48,44 28,82", "M118,62 C98,72 80,86 70,112", "M94,20 C66,20 42,32 26,60"),
    "bun": ("M120,48 C96,42 60,52 36,80", "M112,34 C82,30 50,44 32,72", "M116,62 C94,70 76,80 60,112", "M94,20 C66,20 42,32 28,58"),
    "crop": ("M124,44 C104,30 74,30 50,46", "M118,32 C92,20 62,24 40,44"),
    "swept": ("M130,40 C108,22 70,22 44,44", "M126,30 C100,12 64,14 38,36", "M132,50 C112,42 86,46 66,62", "M120,64 C104,64 92,72 84,92"),
    "cap": (),
}


def has_ear_shown(actor: Actor) -> bool:
    """Long hair covers the ear."""
    return actor.hair_cut not in ("long", "bob")


def draw_hair_back(sheet: Sheet, actor: Actor, rim: str, strength: float) -> None:
    """What lies behind the head: a bun."""
    if actor.hair_cut not in _BUN:
        return
    cx, cy, rx, ry = _BUN[actor.hair_cut]
    bun = ellipse(cx, cy, rx, ry)
    sheet.fill(bun, Linear((cx - rx, cy - ry), (cx + rx, cy + ry), ((0, actor.hair[1], 1), (0.5, actor.hair[0], 1), (1, actor.hair[0], 1))))
    clip = sheet.mask(bun)
    for turn in (0.35, 0.65, 0.9):
        sheet.stroke(ellipse(cx + 3, cy, rx * turn, ry * turn, 150, 330), actor.hair[1], 1.4, 0.5, blur=0.6, clip=clip)
    sheet.stroke(bun, across((0, rim, 1), (0.7, rim, 0.1), (1, rim, 0), left=cx - rx, right=cx + rx), 3.6, strength, blur=0.9, clip=clip)


def draw_hair_front(sheet: Sheet, actor: Actor, rim: str, strength: float, face: np.ndarray) -> None:
    """What lies over the head, with strands and a rim of light; `face` is the face's mask."""
    outline = path(_CUTS[actor.hair_cut])
    dark, lit = actor.hair
    if actor.has_stubble:
        _draw_stubble(sheet, actor, face)
    sheet.fill(outline, Linear((20, 150), (118, 24), ((0, dark, 1), (0.55, dark, 1), (1, lit, 1))))
    clip = sheet.mask(outline)
    sheet.fill(ellipse(96, 34, 34, 16), lit, 0.55, blur=9, clip=clip)
    for strand in _STRANDS[actor.hair_cut]:
        sheet.stroke(path(strand), lit, 1.7, 0.55, blur=0.8, clip=clip)
    sheet.stroke(outline, across((0, rim, 1), (0.55, rim, 0.12), (1, rim, 0), left=-10, right=110), 4.4, strength, blur=0.9, clip=clip)
    sheet.stroke(outline, across((0, "#ffd9a0", 0), (0.7, "#ffd9a0", 0.1), (1, "#ffd9a0", 0.75), left=60, right=132), 3.0, 0.8, blur=0.9, clip=clip)
    if actor.hair_cut == "cap":
        _draw_cap(sheet, actor, rim, strength)


def _draw_stubble(sheet: Sheet, actor: Actor, face: np.ndarray) -> None:
    beard = path(
        "M148,188 C142,197 131,199 119,195 C104,190 88,180 80,160 C84,150 88,142 92,140"
        " C98,158 112,170 128,172 C134,168 142,166 147,168 C151,176 151,182 148,188 Z"
    )
    sheet.fill(beard, actor.hair[0] if not actor.is_old else "#d8d2ca", 0.42 if not actor.is_old else 0.6, blur=2.2, clip=face)


def _draw_cap(sheet: Sheet, actor: Actor, rim: str, strength: float) -> None:
    dark, lit = actor.coat
    crown: Path = path("M22,58 C14,34 26,10 66,2 C104,-4 136,6 140,26 C142,36 138,46 132,50 C98,42 58,44 22,58 Z")
    sheet.fill(crown, Linear((20, 40), (140, 10), ((0, dark, 1), (0.6, lit, 1), (1, lit, 1))))
    clip = sheet.mask(crown)
    sheet.stroke(crown, across((0, rim, 1), (0.5, rim, 0.15), (1, "#ffd9a0", 0.8), left=14, right=142), 3.6, strength, blur=0.9, clip=clip)
    sheet.fill(path("M24,56 C58,42 98,40 133,48 L131,63 C98,56 58,58 28,72 Z"), "#0a0c12")
    sheet.stroke(path("M26,64 C58,50 98,48 132,56"), "#e0b45a", 2.2, 0.9)
    sheet.fill(path("M104,56 C124,54 150,62 160,72 C146,74 122,70 104,66 Z"), "#07080c")
    sheet.stroke(path("M110,57 C130,56 150,63 160,71"), "#ffe0a8", 1.4, 0.7)
    sheet.fill(ellipse(122, 44, 5.5), "#f0c66a")
