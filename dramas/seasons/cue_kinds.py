"""Kinds of cues: what each of them needs. Kinds of the upper floors stand beside `CARD` in the roof's table."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from dramas.seasons.errors import CueInvalid

CARD_LINE_LENGTH = 120


@dataclass(frozen=True)
class CueKind:
    """`read` takes the payload as a browser sent it and gives back what is kept, or raises CueInvalid."""

    name: str
    label: Promise
    needs_product: bool
    read: Callable[[dict[str, Any]], dict[str, Any]]


def get_cue_kind(name: str) -> CueKind:
    """Raises: CueInvalid for a kind that this installation does not have."""
    kind = _kinds().get(name)
    if kind is None:
        raise CueInvalid(field="kind", reason=_("There is no cue of the kind “%(kind)s”.") % {"kind": name[:24]})
    return kind


def list_cue_kinds() -> list[CueKind]:
    return list(_kinds().values())


@cache
def _kinds() -> dict[str, CueKind]:
    table: dict[str, str] = import_string(settings.CUE_KINDS_TABLE)
    return {name: import_string(path) for name, path in table.items()}


def _read_card(payload: dict[str, Any]) -> dict[str, Any]:
    """Shape kept: {"line": str} — the sentence on the card, may be empty."""
    line = payload.get("line", "")
    if not isinstance(line, str) or len(line) > CARD_LINE_LENGTH:
        raise CueInvalid(field="line", reason=_("The line on a card has at most %(most)s characters.") % {"most": CARD_LINE_LENGTH})
    return {"line": " ".join(line.split())}


CARD = CueKind(name="card", label=_("Card"), needs_product=True, read=_read_card)
