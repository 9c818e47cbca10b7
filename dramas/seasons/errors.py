"""Refusals of this slice."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class SeasonNotFound(NotFound):
    code = "season_not_found"
    text = _("This season does not exist, or no longer.")


class EpisodeNotFound(NotFound):
    code = "episode_not_found"
    text = _("This episode does not exist, or no longer.")


class CueNotFound(NotFound):
    code = "cue_not_found"
    text = _("This cue does not exist, or no longer.")


class SlugTaken(Conflict):
    code = "season_slug_taken"
    text = _("The address “%(slug)s” belongs to another season. Choose another one.")


class SeasonAired(Conflict):
    code = "season_aired"
    text = _("A season that has aired stays, for its replays and orders. Make a new one instead.")


class SeasonFull(Conflict):
    code = "season_full"
    text = _("A season holds at most %(most)s episodes.")


class OrderOutdated(Conflict):
    code = "episode_order_outdated"
    text = _("An episode was added or removed meanwhile. Reload, then move it again.")


class RulesBroken(DomainError):
    """`count` findings stand in the way; the season page lists them."""

    code = "season_rules_broken"
    http_status = 409
    text = _("The season cannot be approved yet: %(count)s points are open. The list “Before air” says where.")


class NotApproved(Conflict):
    code = "season_not_approved"
    text = _("This season is not approved, or was edited since. Have it approved before it airs.")


class DigestOutdated(Conflict):
    """The content changed between reading and sealing."""

    code = "season_digest_outdated"
    text = _("The season changed while you were reading it. Look at the changes, then approve again.")


class CueInvalid(DomainError):
    """`field` names the input, `reason` says what is wrong and how to mend it, already translated."""

    code = "cue_invalid"
    http_status = 422
    text = _("%(reason)s")


class CaptionsInvalid(DomainError):
    """`line` counts from 1."""

    code = "captions_invalid"
    http_status = 422
    text = _("Line %(line)s: %(reason)s")


class TimeInvalid(DomainError):
    code = "time_invalid"
    http_status = 422
    text = _("“%(given)s” is not a time. Write minutes, seconds and thousandths: 02:13.400.")
