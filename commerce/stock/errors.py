"""Refusals of the stock."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError


class SoldOut(DomainError):
    """`available`: how many could be had."""

    code = "sold_out"
    http_status = 409
    text = _("“%(title)s” is sold out: %(available)s left. Others hold some; what they do not pay for comes back in a few minutes.")


class StockTooLow(DomainError):
    code = "stock_too_low"
    http_status = 422
    text = _("Only %(available)s can be taken away; the rest is held for buyers or sold.")


class StockBusy(DomainError):
    """`retry_after_s`: whole seconds. The order may have been written all the same; its key finds it."""

    code = "stock_busy"
    http_status = 503
    text = _("So many are buying this right now that your order did not get through in time. Try again: one tap is never two orders.")
