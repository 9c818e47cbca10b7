"""What a variant of each kind may be. The lists are closed: the room page draws every entry of them itself. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from rooms.insights.experiments.errors import VariantInvalid
from rooms.insights.experiments.kinds import Kind

# Short sides of the ladder that `dramas.transcode.plan` makes.
LINES = (360, 480, 720, 1080)


class CardDesign(models.TextChoices):
    FULL = "full", _("Picture, text and stock")
    COMPACT = "compact", _("One low row: small picture, title, price")
    COUNTDOWN = "countdown", _("Picture, text and a bar of the stock that is left")


class PriceDisplay(models.TextChoices):
    """The same price in other words; never another price, and no reference that the product did not have."""

    PLAIN = "plain", _("The price")
    REFERENCE = "reference", _("With the lowest price of the thirty days before, where it was higher")
    SHORT = "short", _("Whole amounts without decimals")


class Arm(models.TextChoices):
    """What a room of the arm shows. The answer is the host's and the season's; the deal says it to people."""

    DRAMA = "drama", _("Drama")
    PITCH = "pitch", _("Live pitch")
    MIXED = "mixed", _("Drama and pitch")


@dataclass(frozen=True)
class _Field:
    values: Collection[str | int]
    is_needed: bool = True


_FIELDS: Mapping[str, Mapping[str, _Field]] = {
    Kind.CARD_DESIGN: {"design": _Field(CardDesign.values)},
    Kind.PRICE_DISPLAY: {"display": _Field(PriceDisplay.values)},
    Kind.QUALITY_LADDER: {"start": _Field(LINES, is_needed=False), "top": _Field(LINES, is_needed=False)},
    Kind.DRAMA_OR_LIVE: {"arm": _Field(Arm.values, is_needed=False)},
}
# Kinds whose variants differ by their payload alone.
BY_PAYLOAD = frozenset({Kind.CARD_DESIGN, Kind.PRICE_DISPLAY, Kind.QUALITY_LADDER})


def check_payload(kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload as it is kept: known names, known values; None and "" are left out. Raises: VariantInvalid."""
    fields = _FIELDS.get(kind, {})
    given = {name: value for name, value in payload.items() if value not in (None, "")}
    if unknown := sorted(given.keys() - fields.keys()):
        raise VariantInvalid(field="payload", reason=_("“%(name)s” does not belong to what varies here.") % {"name": unknown[0][:40]})
    for name, field in fields.items():
        known = ", ".join(str(value) for value in field.values)
        if name not in given and field.is_needed:
            raise VariantInvalid(field="payload", reason=_("“%(name)s” is missing; choose one of: %(known)s.") % {"name": name, "known": known})
        if name in given and not _is_one_of(given[name], field.values):
            raise VariantInvalid(field="payload", reason=_("“%(name)s” has to be one of: %(known)s.") % {"name": name, "known": known})
    if given.get("start", 0) > given.get("top", LINES[-1]):
        raise VariantInvalid(field="payload", reason=_("The first quality lies above the best one. Lower it, or raise the best one."))
    return given


def say_payload(payload: Mapping[str, Any]) -> str:
    """In the reader's language; "" for an empty one."""
    said = [str(choices(payload[name]).label) for name, choices in _LABELS.items() if name in payload]
    said += [str(text) % {"lines": payload[name]} for name, text in _LADDER_TEXTS.items() if name in payload]
    return ", ".join(said)


_LABELS: Mapping[str, type[models.TextChoices]] = {"design": CardDesign, "display": PriceDisplay, "arm": Arm}
_LADDER_TEXTS = {"start": _("begins with %(lines)sp"), "top": _("%(lines)sp at most")}


def _is_one_of(value: Any, values: Collection[str | int]) -> bool:
    """`True` is no number of lines."""
    return isinstance(value, (str, int)) and not isinstance(value, bool) and value in values
