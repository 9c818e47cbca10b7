"""Refusals of the crowd's messages."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import Conflict, DomainError, NotFound


class NotOnAir(Conflict):
    code = "room_off_air"
    text = _("The show is not on air, so nothing can fly across the picture now.")


class CommentNotFound(NotFound):
    code = "comment_not_found"
    text = _("This comment does not exist, or it was deleted.")


class NicknameFixed(Conflict):
    code = "nickname_fixed"
    text = _("You are signed in: your name here is that of your account.")


class NicknameTaken(DomainError):
    code = "nickname_refused"
    http_status = 422
    text = _("This name is kept for the shop's own people. Choose another one.")
