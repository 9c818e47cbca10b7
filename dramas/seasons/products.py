"""The few questions this slice asks the catalogue."""

from collections.abc import Iterable
from uuid import UUID

from commerce.catalog.queries import SellableVariant, list_cards, list_sellable


def is_known_product(product_id: UUID) -> bool:
    """Whether the product is in this shop's catalogue."""
    return bool(list_known_products([product_id]))


def list_known_products(product_ids: Iterable[UUID]) -> set[UUID]:
    """Those of `product_ids` that are in this shop's catalogue."""
    return {card.id for card in list_cards(set(product_ids))}


def list_unlocks(variant_ids: Iterable[UUID]) -> dict[UUID, SellableVariant]:
    """Those of `variant_ids` that can be bought now, with what they grant."""
    return list_sellable(list(set(variant_ids)))
