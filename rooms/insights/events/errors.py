"""Refusals of viewer events."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError, Unavailable


class EventsInvalid(DomainError):
    """`reason` is the checker's, in English: only programs send events."""

    code = "events_invalid"
    http_status = 422
    text = _("These events cannot be taken: %(reason)s")


class EventsTooLarge(DomainError):
    code = "events_too_large"
    http_status = 413
    text = _("A batch of events has at most %(most)s bytes.")


class EventsBehind(Unavailable):
    """More waits than the stream may hold: send again later."""

    code = "events_behind"
