"""Refusals of the orders."""

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError


class OrderNotFound(DomainError):
    code = "order_not_found"
    http_status = 404
    text = _("This order does not exist here.")


class OrderClosed(DomainError):
    """`state`: the order's state, translated."""

    code = "order_closed"
    http_status = 409
    text = _("This order can no longer be changed: %(state)s.")


class OrderHasExpired(DomainError):
    code = "order_expired"
    http_status = 409
    text = _("The time to pay is over and the goods went back on the shelf. Start again; nothing was charged.")


class ClientKeyReused(DomainError):
    code = "client_key_reused"
    http_status = 409
    text = _("This purchase was sent before with other contents. Open the product again.")


class EmptyOrder(DomainError):
    code = "empty_order"
    http_status = 422
    text = _("There is nothing in this order. Choose a product first.")


class TooMuch(DomainError):
    """`most`: the limit."""

    code = "too_much"
    http_status = 422
    text = _("At most %(most)s of one article and %(lines)s articles in one order.")


class NotForSale(DomainError):
    code = "not_for_sale"
    http_status = 409
    text = _("One of these products is no longer for sale. Remove it and try again.")


class AmountMismatch(DomainError):
    """Stripe took another amount than the order's: a person must look, nothing is delivered."""

    code = "amount_mismatch"
    http_status = 409
    text = _("The amount paid (%(paid)s) differs from the order (%(due)s). The shop will contact you.")


class GoodsGone(DomainError):
    """The payment came after the hold had ended and the goods are sold: the money goes back."""

    code = "goods_gone"
    http_status = 409
    text = _("Your payment came after the goods were gone. You get your money back in full.")
