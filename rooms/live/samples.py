"""Viewers' figures on their way to the database, and for the fortnight that they are kept there."""

from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

import msgspec

from merchants.foundation import clock as wall
from merchants.foundation.ids import new_id
from rooms.live.messages import Figures
from rooms.live.models import WatchSample
from rooms.program.aside import Aside

KEPT = timedelta(days=14)
MOST_SWEPT = 20_000


class Sample(msgspec.Struct):
    """A report as it is saved: `rooms.live.models.WatchSample`."""

    id: UUID
    airing_id: UUID
    viewer_id: str
    at: datetime
    tier: str
    over_ms: int
    width: int
    height: int
    frames_per_s: float
    freezes: int
    frozen_ms: int
    stalls: int
    lost_permille: int
    decode_ms: float
    buffered_ms: float
    round_trip_ms: float | None

    @classmethod
    def of(cls, told: Figures, *, airing_id: UUID, viewer_id: str, at: datetime) -> Self:
        shared = {name: getattr(told, name) for name in SHARED}
        return cls(id=new_id(), airing_id=airing_id, viewer_id=viewer_id, at=at, **shared)


SHARED = tuple(name for name in Sample.__struct_fields__ if name not in {"id", "airing_id", "viewer_id", "at"})
# At 40 reports a second its capacity is twenty minutes without a worker.
waiting = Aside("figures", Sample, WatchSample, capacity=50_000, batch=1_000)


def sweep() -> int:
    """Forget what is older than a fortnight, a bounded number at a time. Returns how many."""
    old = WatchSample.objects.filter(at__lt=wall.now() - KEPT).order_by("at").values_list("pk", flat=True)[:MOST_SWEPT]
    return WatchSample.objects.filter(pk__in=list(old)).delete()[0]
