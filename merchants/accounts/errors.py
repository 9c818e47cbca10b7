"""Refusals of the accounts slice."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError


class PasswordTooWeak(DomainError):
    """`reason` comes translated from Django's validators."""

    code = "password_too_weak"
    http_status = 422
    text = "%(reason)s"


class EmailInvalid(DomainError):
    code = "email_invalid"
    http_status = 422
    text = _("“%(email)s” is not an e-mail address.")


class AlreadyOnTheStaff(DomainError):
    code = "already_on_the_staff"
    http_status = 409
    text = _("%(email)s already works in this shop. Change the role in the list of people.")


class InvitationUsed(DomainError):
    code = "invitation_used"
    http_status = 409
    text = _("This invitation was used already. Sign in, or ask for a new one.")


class LastOwner(DomainError):
    code = "last_owner"
    http_status = 409
    text = _("A shop keeps at least one owner. Make somebody else an owner first.")
