"""Refusals of what people write. Each says what happened and when or how it may work."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError, Forbidden, TooManyRequests


class Muted(Forbidden):
    """`retry_after_s`: whole seconds until the mute ends."""

    code = "muted"
    text = _("The host has muted you here. You can write again in %(retry_after_s)s seconds.")


class Banned(Forbidden):
    code = "banned"
    text = _("You can no longer write in this shop. Contact the merchant if you think this is a mistake.")


class SlowMode(TooManyRequests):
    code = "slow_mode"
    text = _("Slow mode is on. You can write again in %(retry_after_s)s seconds.")


class WordRefused(DomainError):
    code = "word_refused"
    http_status = 422
    text = _("This message holds a word that the shop does not allow. Say it another way.")


class TextEmpty(DomainError):
    code = "text_empty"
    http_status = 422
    text = _("Write something first.")


class TextTooLong(DomainError):
    code = "text_too_long"
    http_status = 422
    text = _("This is %(length)s characters long; %(most)s are allowed.")


class ChatClosed(DomainError):
    code = "chat_closed"
    http_status = 409
    text = _("The show is over, so nobody can write here any more.")
