"""Reference prices: what may be struck out beside a price.

The rule is article 6a of the EU's Directive 98/6/EC, applied to every shop: the lowest price of the thirty days before the
reduction. A product that was not for sale for so long has none, nor has a reduction that is itself older than that: it is the price.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from commerce.catalog.models import PriceChange
from merchants.foundation import clock
from merchants.foundation.money import Money

WINDOW = timedelta(days=30)


@dataclass(frozen=True)
class ReferencePrice:
    """`before` stood before `now`, which it belongs to: beside any other price it says nothing."""

    variant_id: UUID
    now: Money
    before: Money


def list_reference_prices(product_ids: Iterable[UUID]) -> list[ReferencePrice]:
    """Of the variants for sale that have one now. One query."""
    changes = PriceChange.objects.filter(variant__product__in=list(product_ids), variant__is_active=True).order_by("variant_id", "at", "id")
    by_variant: dict[UUID, list[PriceChange]] = {}
    for change in changes:
        by_variant.setdefault(change.variant_id, []).append(change)
    found = []
    for variant_id, history in by_variant.items():
        now = history[-1]
        before_minor = find_reference([(one.at, one.price_minor) for one in history if one.currency == now.currency], clock.now())
        if before_minor is not None:
            found.append(ReferencePrice(variant_id, Money(now.price_minor, now.currency), Money(before_minor, now.currency)))
    return found


def find_reference(history: Sequence[tuple[datetime, int]], now: datetime) -> int | None:
    """From every price a variant had, each with the moment from which it held, the oldest first. Pure."""
    if len(history) < 2:
        return None
    (reduced_at, price), begins = history[-1], history[-1][0] - WINDOW
    if reduced_at < now - WINDOW or history[0][0] > begins:
        return None
    ends = [at for at, _ in history[1:]]
    held = [minor for (_, minor), until in zip(history, ends, strict=False) if until > begins]
    return min(held) if held and min(held) > price else None
