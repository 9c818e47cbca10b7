"""Who is in the films: looks and voices' names. Drawing is in `people.py`, sound in `voices.py`."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Actor:
    """One person's look.

    `skin`, `hair` and `coat` run from the shadow side to the lit side. `hair_cut` and `collar` name outlines in `people.py`.
    """

    build: str
    skin: tuple[str, str, str]
    hair: tuple[str, str]
    coat: tuple[str, str]
    hair_cut: str
    collar: str
    lips: str = "#8e3a38"
    lining: str = "#c9b79c"
    has_hoop: bool = False
    has_pendant: bool = False
    has_stubble: bool = False
    has_glasses: bool = False
    is_old: bool = False


MARA = Actor("woman", ("#1d1517", "#7a4a37", "#f7c397"), ("#0b0a0d", "#4a3022"), ("#0c1018", "#3a2a26"), "long", "coat", has_pendant=True)
MARA_HOOPS = replace(MARA, hair_cut="knot", has_hoop=True, has_pendant=False, coat=("#141019", "#5a2c38"), collar="round")
MARA_BARE = replace(MARA, has_pendant=False)
THEO = Actor(
    "man", ("#17110f", "#6b4331", "#efb381"), ("#08080a", "#33241a"), ("#0a0d13", "#2b2a2c"), "crop", "turned", lips="#6d3a30", has_stubble=True
)
THEO_CAP = replace(THEO, hair_cut="cap", coat=("#0b1220", "#27364f"))
INES = Actor(
    "woman",
    ("#241a18", "#8a5f49", "#f3cba6"),
    ("#55535a", "#e4ddd6"),
    ("#2a0f12", "#a03a34"),
    "bun",
    "shawl",
    lips="#9a4a48",
    lining="#d98a5a",
    has_glasses=True,
    is_old=True,
)
JULIAN = Actor(
    "man", ("#1b1416", "#71503f", "#f0c6a4"), ("#1a120c", "#7a5434"), ("#10131a", "#4a4f5c"), "swept", "suit", lips="#7a463c", lining="#e9e4dc"
)
EMIL = Actor("man", ("#221a17", "#84604c", "#efc7a2"), ("#6b6a70", "#efe9e2"), ("#0d1626", "#31486b"), "cap", "turned", is_old=True, has_stubble=True)

LAN = Actor(
    "woman", ("#1f1612", "#86543a", "#fbd0a4"), ("#08080a", "#3a2a24"), ("#0c1a1a", "#2f6058"), "bun", "crossed", lips="#a13f38", lining="#d9c08a"
)
WEI = Actor("man", ("#18120f", "#74503a", "#f2c193"), ("#070709", "#2a211c"), ("#0d0f14", "#39322f"), "swept", "turned", lips="#744036")
GRANDMA = Actor(
    "woman",
    ("#261b17", "#8f6750", "#f1caa5"),
    ("#5f5d62", "#ece6df"),
    ("#1d1030", "#5c3f7a"),
    "bun",
    "crossed",
    lips="#95504c",
    lining="#c9a86a",
    is_old=True,
)
COURIER = Actor("woman", ("#1c1411", "#7c4f3a", "#f4c49a"), ("#0c0a0a", "#5a3826"), ("#2a1408", "#b3562a"), "bob", "coat", lips="#96433c")
