"""Socket messages of cards, products and the bag."""

from typing import Any
from uuid import UUID

import msgspec

from realtime.messages import Lossless


class Price(msgspec.Struct):
    """`text` is formatted in the shop's currency."""

    amount_minor: int
    currency: str
    text: str


class ProductVariant(msgspec.Struct):
    """`available` is 99 for goods without stock (`is_limited` false)."""

    id: UUID
    title: str
    price: Price
    available: int
    stock_total: int
    is_limited: bool


class ProductView(msgspec.Struct):
    """What a card shows of a product, as commerce's `ProductCard` gives it. Of two, the one with the later `as_of_ms` holds."""

    id: UUID
    slug: str
    title: str
    subtitle: str
    image_url: str
    badge: str
    is_published: bool
    variants: list[ProductVariant]
    as_of_ms: int


class RaisedCardView(msgspec.Struct):
    """A card that the host raised. Cards of an episode's cues are the client's own business: it has the cue list.

    `cue_id` is set when the host fired that cue by hand.
    """

    id: UUID
    product_id: UUID
    cue_id: UUID | None
    raised_at_ms: int
    expires_at_ms: int
    program_seq: int
    position_ms: int


class Card(Lossless, tag="card"):
    """Show this card. Of two with the same id the later `expires_at_ms` holds; an id that was lowered never comes back."""

    card: RaisedCardView
    product: ProductView


class CardLower(Lossless, tag="card.lower"):
    """Take a card down: `card_id` of a raised one, or `cue_id` (with the `program_seq` of its entry) of a cue's."""

    card_id: UUID | None = None
    cue_id: UUID | None = None
    program_seq: int = 0


class Product(Lossless, tag="product"):
    """Price, stock or text of a product in the bag changed."""

    product: ProductView


class Bag(Lossless, tag="bag"):
    """The bag in order, and the product that the host explains now. Of two, the one with the greater `revision` holds."""

    revision: int
    product_ids: list[UUID]
    pinned_id: UUID | None
    products: list[ProductView]


class Cue(Lossless, tag="cue"):
    """A cue that the host fired by hand, for kinds other than a card."""

    cue_id: UUID
    kind: str
    payload: dict[str, Any]
    duration_ms: int
    fired_at_ms: int
    program_seq: int
    position_ms: int
