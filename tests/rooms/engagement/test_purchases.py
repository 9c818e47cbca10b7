"""A paid order is announced in its room."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from commerce.orders.actions import Buyer, LineWish, place_order
from commerce.orders.facts import OrderPaid
from commerce.stock.actions import set_stock
from merchants.foundation import clock
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema
from rooms.engagement import actions
from rooms.engagement.models import Comment
from rooms.engagement.reactions import announce_purchase
from rooms.program.actions import start_show
from tests.dramas.building import make_product
from tests.rooms.building import HOST, Stage, heard

pytestmark = pytest.mark.django_db(transaction=True)


def buy(room_id: UUID | None, *, ship_name: str = "Dana Scully", viewer_id: str = "dana") -> OrderPaid:
    """Order one pendant, and give the fact that commerce emits once it is paid."""
    product = make_product("North Star pendant")
    variant_id = product.variants[0].id
    set_stock(variant_id=variant_id, available=3, reason="delivery", actor=HOST)
    buyer = Buyer(viewer_id=viewer_id, email="dana@mail.test", ship_name=ship_name, ship_address="1 Harbour Street, Leeds")
    order = place_order(buyer=buyer, client_key=f"key-{variant_id}", lines=[LineWish(variant_id, 1)])
    return OrderPaid(
        order_id=order.id, order_no=order.number, viewer_id=viewer_id, room_id=room_id, program_seq=1, position_ms=5_000, cue_id="",
        total_minor=order.total.amount_minor, currency=order.total.currency, at=clock.now(),
    )  # fmt: skip


def test_everybody_reads_that_somebody_bought(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """First name and product, once, however often the fact is delivered."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
        fact = buy(stage.room_id)
        for _ in range(2):
            announce_purchase(fact)
        lines = [message["comment"] for message in heard(stage.room_id) if message["k"] == "comment"]
        assert [(line["kind"], line["nickname"], line["text"]) for line in lines] == [("bought", "Dana", "North Star pendant")]


def test_a_buyer_who_spoke_is_called_by_that_name(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """Never by e-mail or family name."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
        actions.post_comment(room_id=stage.room_id, viewer_id="dana", nickname="starbuck", role="", text="mine!", program_seq=0, position_ms=0)
        announce_purchase(buy(stage.room_id))
        assert [line.nickname for line in Comment.objects.filter(kind="bought")] == ["starbuck"]


def test_an_order_outside_of_a_show_is_nobodys_news(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Without a room, for a room off air, or for a room of another shop."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        announce_purchase(buy(None))
        announce_purchase(buy(stage.room_id))
        start_show(room_id=stage.room_id, actor=HOST)
    with in_schema(borealis.schema):
        announce_purchase(buy(stage.room_id))
    with in_schema(aurora.schema):
        assert not Comment.objects.exists()
        assert not FactRecord.objects.filter(delivered_at=None).exists()
