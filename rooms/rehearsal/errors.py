"""Refusals of rehearsals."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, NotFound


class NotARehearsal(Conflict):
    code = "not_a_rehearsal"
    text = _("Ghosts play in rehearsal rooms alone. Open one in the office: Rooms, add, “rehearsal room”.")


class GhostsPlay(Conflict):
    code = "ghosts_play"
    text = _("Ghosts play in this room already. Stop them first.")


class PastShowNotFound(NotFound):
    code = "past_show_not_found"
    text = _("There is no such past show in this shop. Choose one that is over.")


class NoCrowd(Conflict):
    code = "no_crowd"
    text = _("Nobody wrote, liked or tapped in that show. Choose another one.")
