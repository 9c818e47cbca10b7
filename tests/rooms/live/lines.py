"""The host's line as a node would tell of it, for stories that need no packets."""

from typing import Any
from uuid import UUID

from merchants.foundation.tenancy import current_schema
from realtime.rtc.names import RoomName
from realtime.rtc.overview import LIFETIME_MS, Overview, Publisher, encode, overview_key
from rooms.program.air import client


def sender(role: str = "primary", *, is_on_air: bool = True, heard_ms: int = 10, steady_ms: int = 6_000, **told: Any) -> Publisher:
    return Publisher("host", role, "", is_on_air, True, heard_ms, steady_ms, 12.5, (), **told)


def report(*, is_heard: bool = True, steady_ms: int = 6_000, senders: tuple[Publisher, ...] = (), node: str = "n1", **told: Any) -> Overview:
    lines = senders or (sender(steady_ms=steady_ms),)
    return Overview(node=node, is_heard=is_heard, publishers=lines, viewers=3, worst_loss_permille=0, round_trip_ms=20.0, **told)


def tell(room_id: UUID, overview: Overview | None = None) -> None:
    """Needs: the shop's schema. It holds for two seconds, as a node's own report."""
    client().set(overview_key(RoomName.of(current_schema(), room_id)), encode(overview or report()), px=LIFETIME_MS)
