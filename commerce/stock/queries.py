"""Reads of the stock."""

from dataclasses import dataclass
from uuid import UUID

from commerce.stock.models import Level


@dataclass(frozen=True)
class LevelView:
    """Units of one variant; `total` is what was received, less what was written off."""

    variant_id: UUID
    available: int
    held: int
    sold: int

    @property
    def total(self) -> int:
        return self.available + self.held + self.sold


@dataclass(frozen=True)
class LowStock:
    """A variant that is about to sell out."""

    product_id: UUID
    title: str
    available: int


def get_level(variant_id: UUID) -> LevelView:
    """The level of a variant; zeros when nothing was ever received."""
    level = Level.objects.filter(pk=variant_id).first() or Level(variant_id=variant_id)
    return LevelView(variant_id=variant_id, available=level.available, held=level.held, sold=level.sold)


def list_low(*, below: int = 5, limit: int = 10) -> list[LowStock]:
    """Variants for sale with fewer than `below` units, the scarcest first."""
    levels = Level.objects.select_related("variant__product").filter(
        available__lt=below, variant__is_active=True, variant__is_limited=True, variant__product__is_published=True
    )
    return [LowStock(level.variant.product_id, str(level.variant), level.available) for level in levels.order_by("available", "pk")[:limit]]
