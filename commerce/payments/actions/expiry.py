"""Orders whose time to pay is over."""

from commerce.orders.actions import expire_order
from commerce.orders.queries import list_due_orders
from commerce.payments.actions.checkout import close_sessions_soon
from merchants.foundation import clock


def expire_due_orders() -> int:
    """End unpaid orders and close their sessions at Stripe. Returns how many ended.

    A payment that wins the race is settled afterwards: the goods are taken anew, or the money goes back.
    """
    ended = 0
    for order_id in list_due_orders(now=clock.now()):
        if expire_order(order_id=order_id):
            close_sessions_soon(order_id=order_id)
            ended += 1
    return ended
