"""Socket messages of ghosts: kinds of their own, so that nothing takes a ghost for a viewer."""

from typing import ClassVar, Literal
from uuid import UUID

import msgspec

from realtime.messages import Lossy


class GhostLine(Lossy, tag="ghost"):
    """What somebody wrote in the past show. `ghost` counts the ghosts of the run from 1; who it was, nobody is told."""

    id: UUID
    ghost: int
    text: str
    position_ms: int


class GhostCounts(msgspec.Struct):
    """How many are in the room, and what they did since the run's beginning."""

    present: int = 0
    lines: int = 0
    likes: int = 0
    taps: int = 0
    orders: int = 0


class Ghosts(Lossy, tag="ghosts"):
    """Where a run stands in the past show. `is_over`: nothing more comes of it."""

    merge: ClassVar[Literal["sample", "latest"]] = "latest"

    run_id: UUID
    at_ms: int
    of_ms: int
    counts: GhostCounts
    is_over: bool
