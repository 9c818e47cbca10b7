"""What happened to a room's show."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class ShowStarted(Fact):
    room_id: UUID
    airing_id: UUID


@dataclass(frozen=True)
class ShowClosed(Fact):
    """The end can no longer be taken back; the show is a replay from now on."""

    room_id: UUID
    airing_id: UUID
