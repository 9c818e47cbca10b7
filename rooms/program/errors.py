"""Refusals of the program."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class RoomNotFound(NotFound):
    code = "room_not_found"
    text = _("There is no such room in this shop.")


class SlugTaken(Conflict):
    code = "room_slug_taken"
    text = _("The address “%(slug)s” belongs to another room. Choose another one.")


class IllegalMove(Conflict):
    """`move` and `state` are labels, already translated."""

    code = "illegal_move"
    text = _("“%(move)s” is not possible while the room is %(state)s.")


class SeasonMissing(DomainError):
    code = "season_missing"
    http_status = 409
    text = _("The room has no season yet. Choose one in the office, then start again.")


class SeasonNotAirable(DomainError):
    code = "season_not_airable"
    http_status = 409
    text = _("The season is not approved for air. Ask the reviewer to approve it, then start again.")


class NoSuchEpisode(DomainError):
    """There is no next or previous episode, or the season does not hold the one that was asked for."""

    code = "no_such_episode"
    http_status = 409
    text = _("There is no further episode in this direction.")


class NoEpisodeRuns(Conflict):
    """Nothing ends by itself, so nothing can wait for its end."""

    code = "no_episode_runs"
    text = _("No episode is running whose end could be waited for. Go live at once instead.")


class NothingToUndo(Conflict):
    code = "nothing_to_undo"
    text = _("There is nothing to undo any more: a step can be taken back for 10 seconds.")


class NothingToReturnTo(Conflict):
    code = "nothing_to_return_to"
    text = _("No episode was interrupted, so there is nothing to go back to.")


class LeadLost(Exception):
    """Another director leads this room by now; what this one wanted to write is void."""
