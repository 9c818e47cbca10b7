"""Refusals of the stage, in words for those who ask and for the host."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, Forbidden, NotFound, TooManyRequests


class StageClosed(Conflict):
    """Guests come on stage while the host is live, not before and not after."""

    code = "stage_closed"
    text = _("The host is not live, so nobody can come on stage right now.")


class QueueFull(Conflict):
    """`most` people wait already."""

    code = "stage_queue_full"
    text = _("Many people are waiting to come on stage. Try again in a few minutes.")


class StageFull(Conflict):
    """`most` guests are backstage or on stage."""

    code = "stage_full"
    text = _("The stage is full: %(most)s guests at a time. Remove somebody first.")


class AskedTooOften(TooManyRequests):
    code = "stage_too_often"
    text = _("You have asked several times already. Try again in %(retry_after_s)s seconds.")


class KeptOffStage(Forbidden):
    """Muted in the room, or banned from the shop."""

    code = "kept_off_stage"
    text = _("People whom the host has muted cannot come on stage.")


class NotInvited(Forbidden):
    code = "not_invited"
    text = _("The host has not invited you on stage.")


class LineNotForYou(Forbidden):
    """A guest's line, before the host has let them on."""

    code = "line_not_for_you"
    text = _("This guest is not on stage.")


class GuestNotFound(NotFound):
    code = "guest_not_found"
    text = _("This guest has left.")


class NotBackstage(Conflict):
    code = "not_backstage"
    text = _("Ask the guest backstage first, so that you see and hear them before everybody does.")


class GuestNotHeard(Conflict):
    code = "guest_not_heard"
    text = _("Nothing arrives from this guest yet. Wait until you see or hear them.")
