"""What changed in the catalog."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class PriceChanged(Fact):
    product_id: UUID


@dataclass(frozen=True)
class ProductChanged(Fact):
    """Title, pictures, variants, or whether it is for sale."""

    product_id: UUID
