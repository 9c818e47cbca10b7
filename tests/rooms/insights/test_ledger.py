"""From an order to the funnel: the ledger's facts are the only word about checkouts and payments."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from commerce.orders.actions import Buyer, LineWish, begin_paying, pay_order, place_order
from commerce.stock.actions import set_stock
from merchants.foundation import clock, signing
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.insights.ingest.consumer import Consumer
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.queries.totals import list_summary
from rooms.pages.api import ATTRIBUTION_PURPOSE
from tests.dramas.building import make_product
from tests.rooms.building import HOST, Stage
from tests.rooms.insights.test_doors import PHONE, SESSION, event, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    return set_up(aurora)


def test_a_paid_order_is_the_last_step_of_its_buyers_visit(stage: Stage, aurora: Any, browse: Callable[..., Any]) -> None:
    """The browser tells of the way to the checkout; that, and what was paid, comes from the ledger, though it is told twice."""
    visitor = browse(aurora)
    with in_schema("aurora"):
        product = make_product("North Star pendant")
    which = {"product_id": str(product.id), "cue_id": str(new_id())}
    told = [event("enter", surface="room"), event("play", after_ms=300), *(event(kind, **which) for kind in ("cue.shown", "cue.clicked", "bag"))]
    sent = {"data": json.dumps({"session": SESSION, "events": told}), "content_type": "application/json", "headers": {"user-agent": PHONE}}
    assert visitor.post(f"/api/v1/rooms/{stage.slug}/events", **sent).status_code == 202
    viewer_id = str(waiting()[0].viewer_id)
    with in_schema("aurora"):
        variant_id = product.variants[0].id
        set_stock(variant_id=variant_id, available=3, reason="delivery", actor=HOST)
        moment = {"room_id": str(stage.room_id), "program_seq": 1, "position_ms": 5_000, "cue_id": which["cue_id"]}
        order = place_order(
            buyer=Buyer(viewer_id=viewer_id, email="dana@mail.test", ship_name="Dana", ship_address="1 Harbour Street, Leeds"),
            client_key="a key of one tap",
            lines=[LineWish(variant_id, 1)],
            attribution=signing.sign(ATTRIBUTION_PURPOSE, moment, 60),
        )
        assert order.room_id == stage.room_id
        with transaction.atomic(durable=True):
            begin_paying(order_id=order.id)
        for _ in range(2):
            with transaction.atomic(durable=True):
                pay_order(order_id=order.id, paid=order.total, at=clock.now())
    consumer = Consumer("one")
    while consumer.work(block_ms=1):
        pass
    with in_schema("aurora"):
        assert [row.sessions for row in get_port().list_funnel(Question(Slice(room_id=stage.room_id)))] == [1] * 7
        cue = Question(Slice(), cue_id=which["cue_id"])
        assert [row.sessions for row in get_port().list_funnel(cue)] == [1] * 7
        (summary,) = list_summary(Question(Slice()))
        assert (summary.orders, summary.revenue_minor) == (1, order.total.amount_minor)
    with in_schema("borealis"):
        assert list_summary(Question(Slice()))[0].sessions == 0
