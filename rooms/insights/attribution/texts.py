"""Touches in words."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from rooms.insights.attribution.queries import DIRECT, UNKNOWN


def say_touch(kind: str, touch: str, names: Mapping[str, str]) -> str:
    """`names`: of rooms or cards by their id; one that is gone is called by what it was."""
    if touch == UNKNOWN:
        return _("No visit known")
    if touch == DIRECT:
        return _("Without a source")
    if kind == "source":
        return touch
    return names.get(touch) or (_("A room that is gone") if kind == "room" else _("A card that is gone"))
