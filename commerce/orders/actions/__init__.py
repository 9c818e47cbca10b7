"""Stories of the orders: the bag, placing, and what becomes of an order."""

from commerce.orders.actions.bag import put_in_bag
from commerce.orders.actions.drafts import Buyer, LineWish
from commerce.orders.actions.lifecycle import begin_paying, cancel_order, expire_order, pay_order, refund_order_in_full
from commerce.orders.actions.placing import place_order

__all__ = ["Buyer", "LineWish", "begin_paying", "cancel_order", "expire_order", "pay_order", "place_order", "put_in_bag", "refund_order_in_full"]
