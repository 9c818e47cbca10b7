"""Refusals of the realtime floor, with the close codes that go with them."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError, Forbidden, TooManyRequests, Unavailable


class MessageInvalid(DomainError):
    """`reason` says which member is wrong and how, as the schema puts it."""

    code = "message_invalid"
    http_status = 422
    text = _("This message does not have the form it should: %(reason)s.")


class MessageTooLarge(DomainError):
    code = "message_too_large"
    http_status = 413
    text = _("This message is too long: %(bytes)s bytes, and %(most)s are allowed.")


class KindUnknown(DomainError):
    code = "kind_unknown"
    http_status = 404
    text = _("“%(kind)s” is not a kind of message that this place knows. Reload the page.")


class TookTooLong(Unavailable):
    code = "took_too_long"
    http_status = 504
    text = _("That took too long and was given up. Try again in a moment.")


class Leaving(DomainError):
    """A refusal after which the socket is closed with `close_code`; the browser's reconnection obeys it."""

    close_code: ClassVar[int] = 4400


class TicketInvalid(Leaving):
    """The browser fetches another ticket and comes back."""

    code = "ticket_invalid"
    http_status = 401
    close_code = 4401
    text = _("Your entry ticket does not fit this room. Reload the page.")


class TicketExpired(TicketInvalid):
    code = "ticket_expired"
    text = _("Your entry ticket has expired. Reload the page.")


class NotStaff(Leaving, Forbidden):
    code = "forbidden"
    http_status = 403
    close_code = 4403


class Crowded(Leaving, TooManyRequests):
    """Too many arrivals at once, or a browser that does not stop; `retry_after_s` says when to come back."""

    code = "too_many_requests"
    http_status = 429
    close_code = 4429


class Unreachable(Leaving, Unavailable):
    """A service behind the socket does not answer; `retry_after_s` says when to come back."""

    code = "unavailable"
    http_status = 503
    close_code = 4503
