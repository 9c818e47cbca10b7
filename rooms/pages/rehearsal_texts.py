"""Texts of rehearsals at the desk and in a rehearsal's room; `rooms.pages.texts` carries them along."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REHEARSAL_OF_ROOM: dict[str, str | Promise] = {"ghost_number": _("Ghost %(number)s")}

REHEARSAL_OF_CONSOLE: dict[str, str | Promise] = {
    "rehearsal": _("Rehearsal"),
    "rehearsal_ghosts": _("Rehearsal, ghosts"),
    "ghosts_title": _("Ghosts"),
    "ghosts_count_nowhere": _("Counted nowhere, seen by staff alone"),
    "ghosts_no_shows": _("No show is over yet whose crowd could play."),
    "ghosts_of_show": _("The crowd of"),
    "ghosts_show": _("%(title)s, %(date)s, %(time)s, %(lines)s lines"),
    "ghosts_speed": _("Speed"),
    "ghosts_times": _("%(times)s times"),
    "ghosts_most": _("Ghosts at most"),
    "ghosts_start": _("Let them play"),
    "ghosts_need_air": _("Start the rehearsal first."),
    "ghosts_stop": _("Send them home"),
    "ghosts_play": _("%(title)s, %(times)s times: %(at)s of %(of)s"),
    "ghosts_present": _("There"),
    "ghosts_lines": _("Lines"),
    "ghosts_likes": _("Likes"),
    "ghosts_taps": _("Taps"),
    "ghosts_orders": _("Orders"),
}
