"""What may vary, and by what: a viewer inside a room, or a whole room, which is then one unit however many sit in it."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

VIEWER, ROOM = "viewer", "room"


class Kind(models.TextChoices):
    CUE_TIME = "cue_time", _("Time of the cards")
    CARD_DESIGN = "card_design", _("Design of the card")
    PRICE_DISPLAY = "price_display", _("How the price is shown")
    QUALITY_LADDER = "quality_ladder", _("Picture quality")
    EPISODE_ORDER = "episode_order", _("Order of the episodes")
    FREE_COUNT = "free_count", _("Number of free episodes")
    DRAMA_OR_LIVE = "drama_or_live", _("Drama or live host")


@dataclass(frozen=True)
class KindRule:
    """`unit`: who is split. `least_units` of each arm say something: of viewers a hundred, of rooms five.

    `is_sealed`: what is shown differs, so the variants are approved together with the season. Another rendition is the same picture.
    """

    unit: str
    least_units: int
    is_sealed: bool = False


KINDS: dict[str, KindRule] = {
    Kind.CUE_TIME: KindRule(VIEWER, 100, is_sealed=True),
    Kind.CARD_DESIGN: KindRule(VIEWER, 100, is_sealed=True),
    Kind.PRICE_DISPLAY: KindRule(VIEWER, 100, is_sealed=True),
    Kind.QUALITY_LADDER: KindRule(VIEWER, 100),
    Kind.EPISODE_ORDER: KindRule(ROOM, 5),
    Kind.FREE_COUNT: KindRule(ROOM, 5),
    Kind.DRAMA_OR_LIVE: KindRule(ROOM, 5),
}
