"""The states of an order and the moves between them. A payment can arrive after the end: then the goods or the money go to the buyer."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrderState(models.TextChoices):
    PENDING = "pending", _("Placed")
    PAYING = "paying", _("Waiting for payment")
    PAID = "paid", _("Paid")
    REFUNDED = "refunded", _("Refunded")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


MOVES: dict[OrderState, frozenset[OrderState]] = {
    OrderState.PENDING: frozenset({OrderState.PAYING, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.PAYING: frozenset({OrderState.PAID, OrderState.EXPIRED, OrderState.CANCELLED}),
    OrderState.PAID: frozenset({OrderState.REFUNDED}),
    OrderState.EXPIRED: frozenset({OrderState.PAID, OrderState.REFUNDED}),
    OrderState.CANCELLED: frozenset({OrderState.PAID, OrderState.REFUNDED}),
    OrderState.REFUNDED: frozenset(),
}

PAYABLE = frozenset({OrderState.PENDING, OrderState.PAYING})


def can_move(before: str, after: OrderState) -> bool:
    return after in MOVES[OrderState(before)]
