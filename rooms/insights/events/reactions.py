"""What insights hear from the order ledger. Orders that began outside of a room belong to no funnel."""

from commerce.orders.facts import OrderPaid, OrderPlaced
from rooms.insights.events.actions import take_order_event
from rooms.insights.events.messages import CheckoutEvent, PaidEvent


def count_checkout(fact: OrderPlaced) -> None:
    _take(fact, CheckoutEvent)


def count_payment(fact: OrderPaid) -> None:
    _take(fact, PaidEvent)


def _take(fact: OrderPlaced | OrderPaid, step: type[CheckoutEvent] | type[PaidEvent]) -> None:
    if fact.room_id is None:
        return
    take_order_event(
        step=step,
        order_id=fact.order_id,
        room_id=fact.room_id,
        viewer_id=fact.viewer_id,
        program_seq=fact.program_seq or 0,
        position_ms=fact.position_ms or 0,
        cue_id=fact.cue_id,
        amount_minor=fact.total_minor,
        at=fact.at,
    )
