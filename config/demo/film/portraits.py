"""People who face the camera: the hosts. Local coordinates: a head about 200 wide and 260 high, its chin near y=180."""

from __future__ import annotations

from dataclasses import dataclass

from config.demo.film.paint import Linear, Radial, across, down, mix
from config.demo.film.paths import ellipse, path, rect
from config.demo.film.sheet import Sheet


@dataclass(frozen=True)
class Host:
    """A host's look; skin from light to shade, hair and clothes from shade to light."""

    skin: tuple[str, str, str]
    hair: tuple[str, str]
    top: tuple[str, str]
    apron: str
    is_smiling: bool = True
    has_fringe: bool = False
    jewel: str = "#f1c878"


MAREN = Host(("#fbd9ba", "#e2a883", "#a5684a"), ("#2a140c", "#8a4a26"), ("#0f1a26", "#35506a"), "#1b1420", jewel="#f1c878")
LAN_HOST = Host(("#fadcc0", "#dfa884", "#9c6244"), ("#0b0a0c", "#40322c"), ("#e8dcc6", "#b8a284"), "#1f4a40", has_fringe=True, jewel="#9cc7b2")

_FACE = (
    "M100,34 C134,34 153,58 152,96 C151,120 146,142 134,158 C124,172 112,180 100,180 C88,180 76,172 66,158 C54,142 49,120 48,96 C47,58 66,34 100,34 Z"
)


def draw_host(sheet: Sheet, host: Host) -> None:
    """Head and shoulders."""
    light, middle, dark = host.skin
    _draw_hair_behind(sheet, host)
    _draw_shoulders(sheet, host)
    for x, tone in ((47, middle), (153, dark)):
        sheet.fill(ellipse(x, 110, 8, 15), tone)
    face = path(_FACE)
    sheet.fill(face, Radial((84, 92), 96, ((0, light, 1), (0.55, light, 1), (0.85, middle, 1), (1, dark, 1)), 118))
    clip = sheet.mask(face)
    sheet.fill(path("M112,28 C174,40 172,180 108,190 C142,160 148,90 112,28 Z"), dark, 0.4, blur=8, clip=clip)
    for x in (70, 130):
        sheet.fill(ellipse(x, 132, 15, 10), "#e8745c", 0.3, blur=4, clip=clip)
    sheet.fill(path("M58,172 C84,192 120,192 144,168 L140,210 H56 Z"), dark, 0.5, blur=4, clip=clip)
    sheet.fill(ellipse(80, 70, 28, 16), "#ffffff", 0.24, blur=8, clip=clip)
    _draw_eyes(sheet, host)
    sheet.stroke(path("M101,104 C103,118 108,124 109,130 C109,135.500 102,137 97,136"), dark, 2.1, 0.75)
    sheet.fill(ellipse(97.5, 122, 3, 9), "#ffffff", 0.3, blur=1)
    _draw_smile(sheet, host)
    sheet.stroke(face, "#fff0d8", 3.6, 0.35, blur=2, clip=clip)
    _draw_hair_over(sheet, host)
    for x in (46, 154):
        sheet.stroke(ellipse(x, 138, 6, 8), host.jewel, 2.6)


def _draw_eyes(sheet: Sheet, host: Host) -> None:
    lash = "#1c110d"
    for cx, side in ((79, -1), (121, 1)):
        sheet.fill(path(f"M{cx - 12},105 C{cx - 6},97 {cx + 6},97 {cx + 12},104 C{cx + 6},111 {cx - 6},111 {cx - 12},105 Z"), "#fbf2ea")
        sheet.fill(ellipse(cx + 1, 103.8, 5.9, 6.3), "#4a2c18")
        sheet.fill(ellipse(cx + 1, 103.8, 3, 3.2), "#120a06")
        sheet.fill(ellipse(cx + 3.2, 101.4, 1.7, 1.7), "#ffffff")
        sheet.stroke(path(f"M{cx - 13},105.500 C{cx - 7},96 {cx + 6},95.500 {cx + 12.500},103"), lash, 3, 0.95)
        sheet.stroke(path(f"M{cx + side * 11},103 L{cx + side * 15.5},99.500"), lash, 2, 0.9)
        sheet.stroke(path(f"M{cx - 10},110 C{cx - 4},112.500 {cx + 5},112.500 {cx + 10},109"), lash, 1, 0.35)
        inner, outer = cx - side * 12, cx + side * 15
        sheet.fill(
            path(f"M{inner},87 C{cx - side * 4},81.500 {cx + side * 6},79.500 {outer},85 C{cx + side * 6},83 {cx - side * 4},85 {inner},90.500 Z"),
            host.hair[0],
            0.8,
            blur=0.5,
        )


def _draw_smile(sheet: Sheet, host: Host) -> None:
    if host.is_smiling:
        sheet.fill(path("M82,150 C92,152.500 108,152.500 118,150 C113,160.500 107,163.500 100,163.500 C93,163.500 87,160.500 82,150 Z"), "#7a2a26")
        sheet.fill(
            path("M85,151.500 C94,153.500 106,153.500 115,151.500 C111,157 106,158.500 100,158.500 C94,158.500 89,157 85,151.500 Z"), "#fbf3ec"
        )
    sheet.fill(path("M81,150 C88,147 95,146 100,148 C105,146 112,147 119,150 C108,152.600 92,152.600 81,150 Z"), "#b8433c", 0.9)
    sheet.stroke(path("M88,160 C95,166 105,166 112,160"), "#b8433c", 3.4, 0.8)


def _draw_hair_behind(sheet: Sheet, host: Host) -> None:
    dark, lit = host.hair
    back = path(
        "M100,6 C148,4 176,40 175,94 C174,132 186,166 180,206 C172,236 142,240 128,216"
        " L72,216 C58,240 28,236 20,206 C14,166 26,132 25,94 C24,40 52,4 100,6 Z"
    )
    sheet.fill(back, Linear((20, 20), (180, 220), ((0, lit, 1), (0.4, dark, 1), (1, dark, 1))))
    clip = sheet.mask(back)
    for strand in (
        "M40,70 C30,120 34,170 36,220",
        "M32,90 C28,140 28,180 30,210",
        "M162,70 C170,120 168,170 166,220",
        "M52,180 C50,200 52,214 58,224",
    ):
        sheet.stroke(path(strand), lit, 2, 0.5, blur=1, clip=clip)


def _draw_hair_over(sheet: Sheet, host: Host) -> None:
    dark, lit = host.hair
    if host.has_fringe:
        fringe = "M44,122 C34,62 58,18 102,18 C146,18 166,62 156,122 C154,98 150,84 142,74 C122,82 84,84 60,74 C52,86 47,102 44,122 Z"
    else:
        fringe = "M45,126 C34,62 60,16 104,16 C148,16 166,62 155,126 C154,96 146,72 122,50 C112,72 76,84 58,84 C51,94 47,108 45,126 Z"
    outline = path(fringe)
    sheet.fill(outline, Linear((40, 20), (160, 110), ((0, lit, 1), (0.45, dark, 1), (1, dark, 1))))
    clip = sheet.mask(outline)
    sheet.stroke(path("M60,42 C78,28 106,24 128,32"), "#ffffff", 5, 0.24, blur=3, clip=clip)
    for strand in ("M64,36 C54,56 50,76 48,100", "M90,24 C76,44 64,62 58,80", "M118,24 C130,44 146,70 152,104"):
        sheet.stroke(path(strand), lit, 1.8, 0.5, blur=0.8, clip=clip)


def _draw_shoulders(sheet: Sheet, host: Host) -> None:
    light, middle, dark = host.skin
    shade, lit = host.top
    sheet.fill(
        path("M74,196 C68,208 38,214 6,228 C-30,244 -50,300 -56,460 L256,460 C250,300 230,244 194,228 C162,214 132,208 126,196 Z"),
        Linear((0, 210), (200, 420), ((0, lit, 1), (1, shade, 1))),
    )
    sheet.fill(path("M77,150 V202 C84,226 116,226 123,202 V150 Z"), down((0, dark, 1), (0.5, middle, 1), (1, middle, 1), top=160, bottom=220))
    sheet.fill(path("M62,206 C80,244 120,244 138,206 L124,199 C116,222 84,222 76,199 Z"), mix(shade, "#000000", 0.35), 0.8)
    sheet.fill(
        path("M50,236 C58,266 54,300 38,460 H162 C146,300 142,266 150,236 C142,240 136,268 128,280 H72 C64,268 58,240 50,236 Z"),
        across((0, mix(host.apron, "#ffffff", 0.12), 1), (1, host.apron, 1), left=40, right=160),
    )
    sheet.fill(rect(72, 279, 56, 2.4), "#ffffff", 0.25)
