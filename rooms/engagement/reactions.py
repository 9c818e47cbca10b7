"""What the crowd is told about orders, and what is kept when a show closes."""

from commerce.orders.facts import OrderPaid
from rooms.engagement import actions, log
from rooms.program.facts import ShowClosed


def announce_purchase(fact: OrderPaid) -> None:
    if fact.room_id is not None:
        actions.announce_purchase(order_id=fact.order_id, room_id=fact.room_id)


def keep_the_show(fact: ShowClosed) -> None:
    """The replay needs every line and the final count."""
    log.waiting.drain()
    actions.save_likes(airing_id=fact.airing_id)
