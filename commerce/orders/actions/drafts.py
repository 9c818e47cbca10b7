"""An order that is ready to be written: its buyer and contents are checked, its prices are the server's."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commerce.catalog.queries import SellableVariant
from commerce.orders.facts import OrderPlaced
from commerce.orders.queries import OrderView
from commerce.stock.actions import Wish
from merchants.foundation.money import Money
from merchants.foundation.tenancy import current_schema


@dataclass(frozen=True)
class LineWish:
    """So many of a variant."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True)
class Buyer:
    """Who orders and where it goes. Name and address are needed only for goods that are sent."""

    viewer_id: str
    email: str
    ship_name: str = ""
    ship_address: str = ""
    user_id: UUID | None = None


@dataclass(frozen=True)
class Draft:
    """`wishes`: one a variant, by id. `trace`: the columns that the room's token gave. `language`: the buyer's."""

    buyer: Buyer
    client_key: str
    digest: str
    wishes: Sequence[LineWish]
    sellable: dict[UUID, SellableVariant]
    trace: dict[str, Any]
    language: str

    @property
    def total(self) -> Money:
        first, *rest = [self.sellable[wish.variant_id].price * wish.quantity for wish in self.wishes]
        for amount in rest:
            first = first + amount
        return first

    @property
    def limited(self) -> list[Wish]:
        """What must be in stock."""
        variants = [(wish, self.sellable[wish.variant_id]) for wish in self.wishes]
        return [Wish(wish.variant_id, wish.quantity, variant.product_title) for wish, variant in variants if variant.is_limited]


def claim_of(buyer: Buyer, client_key: str) -> str:
    """The advisory lock of whoever writes this buyer's key, held until its transaction ends.

    An order alone waits for it, then for the stock. A batch locks stock for many keys, so it only tries: the two cannot wait in a circle.
    """
    return f"order:{current_schema()}:{buyer.viewer_id}:{client_key}"


def number_of(year: str, number: int) -> str:
    """`A-2026-000123`: the shop's initial, the year, a sequence that never waits for another buyer and may have gaps."""
    return f"{current_schema()[0].upper()}-{year}-{number:06d}"


def fact_of(order: OrderView) -> OrderPlaced:
    return OrderPlaced(
        order_id=order.id,
        order_no=order.number,
        viewer_id=order.viewer_id,
        room_id=order.room_id,
        program_seq=order.program_seq,
        position_ms=order.position_ms,
        cue_id=order.cue_id,
        total_minor=order.total.amount_minor,
        currency=order.total.currency,
        at=order.placed_at,
    )
