"""Refusals of the tenants slice."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError


class SubdomainTaken(DomainError):
    code = "subdomain_taken"
    http_status = 409
    text = _("The address “%(subdomain)s” is taken. Choose another.")


class SubdomainInvalid(DomainError):
    code = "subdomain_invalid"
    http_status = 422
    text = _("An address has 3 to 30 letters a–z, digits or hyphens, and begins with a letter.")
