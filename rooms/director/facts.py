"""What the director did."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class CueFired(Fact):
    """A cue's moment was on air; its row in `cue_firing` proves that this is told once."""

    room_id: UUID
    airing_id: UUID
    program_seq: int
    cue_id: UUID
    cue_kind: str
    product_id: UUID | None
    position_ms: int
