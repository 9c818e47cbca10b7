"""Danmaku on their way to the database."""

from datetime import datetime
from uuid import UUID

import msgspec

from rooms.engagement.models import Danmaku
from rooms.program.aside import Aside


class Line(msgspec.Struct):
    """One danmaku as it is saved."""

    id: UUID
    room_id: UUID
    airing_id: UUID
    episode_id: UUID | None
    program_seq: int
    position_ms: int
    viewer_id: str
    nickname: str
    role: str
    text: str
    created_at: datetime


# At 500 lines a second its capacity is more than six minutes without a worker.
waiting = Aside("danmaku", Line, Danmaku, capacity=200_000, batch=2_000)
