"""What is about to happen."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class CardAhead(Fact):
    """A card that many will tap comes in some seconds; its row in `card_preparation` proves that this is told once."""

    preparation_id: UUID
