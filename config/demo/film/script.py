"""The words of a story: shots, lines, cues, things for sale. No drawing here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from config.demo.film.score import Music

Texts = Mapping[str, str]
"""A text by language: `en` and `zh-hans`."""
LANGUAGES = ("en", "zh-hans")


@dataclass(frozen=True)
class Line:
    """Something said, `at` seconds into its shot. A person who is seen in the shot moves the mouth."""

    at: float
    who: str
    en: str
    zh: str

    @property
    def seconds(self) -> float:
        """How long it takes to say: about 16 letters a second, a little more for short lines."""
        return 0.45 + 0.061 * len(self.en)

    def text(self, language: str) -> str:
        """The line in that language."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True)
class Sound:
    """One sound of the world, `at` seconds into its shot."""

    at: float
    name: str
    force: float = 1.0


@dataclass(frozen=True)
class Sale:
    """A thing for sale appears in the picture: its card rises `at` seconds into the shot."""

    at: float
    product: str
    seconds: float = 8.0
    kind: str = "product"


@dataclass(frozen=True)
class Shot:
    """One look of the camera. `scene` names a scene, `cast` the looks in it, `bed` the sound under it."""

    scene: str
    seconds: float
    move: str = "push"
    mood: str = ""
    cast: tuple[str, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    sounds: tuple[Sound, ...] = ()
    sales: tuple[Sale, ...] = ()
    join: str = "cut"
    bed: str = ""
    seed: int = 1


@dataclass(frozen=True)
class Episode:
    """One episode: its shots in order, its music, its words for the shop. `poster_s` is the moment of its poster."""

    title: Texts
    synopsis: Texts
    shots: tuple[Shot, ...]
    music: Music
    poster_s: float

    @property
    def seconds(self) -> float:
        """Length of the film."""
        return sum(shot.seconds for shot in self.shots)

    @property
    def starts(self) -> list[float]:
        """When each shot starts, in seconds."""
        return [0.0, *accumulate(shot.seconds for shot in self.shots)][:-1]


@dataclass(frozen=True)
class Variant:
    """A kind of a product one can buy."""

    sku: str
    title: Texts
    price_minor: int
    stock: int


@dataclass(frozen=True)
class Product:
    """A thing for sale. `picture` names a drawing of `pictures.py`."""

    slug: str
    title: Texts
    subtitle: Texts
    description: Texts
    variants: tuple[Variant, ...]
    picture: str


@dataclass(frozen=True)
class Story:
    """A season, the shop that airs it, and what the shop sells."""

    slug: str
    shop: Texts
    tagline: Texts
    accent: str
    currency: str
    host: str
    title: Texts
    synopsis: Texts
    episodes: tuple[Episode, ...]
    products: tuple[Product, ...]


def words(en: str, zh: str) -> Texts:
    """A text in both languages."""
    return {"en": en, "zh-hans": zh}
