"""What became of orders."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class OrderPlaced(Fact):
    """`position_ms` is the second of the program at which the buyer tapped, as far as the attribution token said."""

    order_id: UUID
    order_no: str
    viewer_id: str
    room_id: UUID | None
    program_seq: int | None
    position_ms: int | None
    cue_id: str
    total_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class OrderPaid(Fact):
    order_id: UUID
    order_no: str
    viewer_id: str
    room_id: UUID | None
    program_seq: int | None
    position_ms: int | None
    cue_id: str
    total_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class OrderRefunded(Fact):
    order_id: UUID
    order_no: str
    viewer_id: str
    room_id: UUID | None
    amount_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True)
class OrderExpired(Fact):
    order_id: UUID
    order_no: str
    viewer_id: str
    room_id: UUID | None
    at: datetime
