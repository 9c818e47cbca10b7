"""What changed in the stock."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class StockChanged(Fact):
    """At most a few times a second for one variant, the last value always."""

    product_id: UUID
    variant_id: UUID
    available: int
