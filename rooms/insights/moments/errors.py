"""Refusals of suggestions."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict


class MomentGone(Conflict):
    code = "moment_gone"
    text = _("Nothing stands out at %(at)s any more. Reload the page: more viewers have been counted meanwhile.")


class NothingToMove(Conflict):
    code = "moment_without_card"
    text = _("No card can be moved for this. Put a card on the timeline first.")


class RoomlessSeason(Conflict):
    code = "moment_without_room"
    text = _("No room shows this season yet. Make a room first; viewers are split there.")
