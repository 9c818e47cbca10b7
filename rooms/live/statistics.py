"""What viewers saw of the host's line in a show, summed from the kept samples. Reads only; needs the tenant's schema."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, F, FloatField, Max, Q, Sum
from django.db.models.functions import TruncMinute

from rooms.live.models import Drill, WatchSample

MOST_MINUTES = 720
MOST_VIEWERS = 20_000
MOST_DRILLS = 50
# Below this a picture looks like a slide show.
FEW_PER_S = 15
MINUTE_MS = 60_000


@dataclass(frozen=True)
class TierQuality:
    """`frames_per_s` is the mean; `few_permille` of the time it was below 15. `stops_per_hour` of one viewer; `frozen_permille` of the time."""

    tier: str
    viewers: int
    watched_ms: int
    frames_per_s: float
    few_permille: int
    stops_per_hour: float
    frozen_permille: int
    lost_permille: float
    buffered_ms: float
    sizes: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class MinuteQuality:
    at: datetime
    viewers: int
    frames_per_s: float
    frozen_permille: int


@dataclass(frozen=True)
class ViewerQuality:
    """`viewer_id` is the one that engagement keeps as well."""

    viewer_id: str
    tier: str
    watched_ms: int
    width: int
    height: int
    frames_per_s: float
    freezes: int
    frozen_ms: int
    stalls: int
    lost_permille: float


def list_tiers(airing_id: UUID) -> list[TierQuality]:
    """Two queries."""
    samples = WatchSample.objects.filter(airing_id=airing_id)
    sizes: dict[str, list[tuple[str, int]]] = {}
    for row in samples.values("tier", "width", "height").annotate(watched=Sum("over_ms")).order_by("tier", "-watched"):
        sizes.setdefault(row["tier"], []).append((f"{row['width']}×{row['height']}", row["watched"]))
    few = Sum("over_ms", filter=Q(frames_per_s__lt=FEW_PER_S), default=0)
    rows: Any = samples.values("tier").annotate(viewers=Count("viewer_id", distinct=True), few=few, **_SUMS).order_by("tier")
    return [_tier(row, tuple(sizes.get(row["tier"], ())[:3])) for row in rows]


def list_minutes(airing_id: UUID) -> list[MinuteQuality]:
    """The first twelve hours of a show. One query."""
    rows = WatchSample.objects.filter(airing_id=airing_id).annotate(minute=TruncMinute("at")).values("minute")
    found: Any = rows.annotate(viewers=Count("viewer_id", distinct=True), **_SUMS).order_by("minute")[:MOST_MINUTES]
    return [
        MinuteQuality(row["minute"], row["viewers"], round(row["frames"] / row["watched"], 1), round(row["frozen"] * 1000 / row["watched"]))
        for row in found
    ]


def list_viewers(airing_id: UUID) -> Iterator[ViewerQuality]:
    """One row for each viewer and way to watch. One query."""
    rows = WatchSample.objects.filter(airing_id=airing_id).values("viewer_id", "tier")
    found: Any = rows.annotate(width=Max("width"), height=Max("height"), freezes_sum=Sum("freezes"), stalls_sum=Sum("stalls"), **_SUMS)
    for row in found.order_by("viewer_id", "tier")[:MOST_VIEWERS]:
        yield ViewerQuality(
            viewer_id=row["viewer_id"],
            tier=row["tier"],
            watched_ms=row["watched"],
            width=row["width"],
            height=row["height"],
            frames_per_s=round(row["frames"] / row["watched"], 1),
            freezes=row["freezes_sum"],
            frozen_ms=row["frozen"],
            stalls=row["stalls_sum"],
            lost_permille=round(row["lost"], 1),
        )


def count_frozen(airing_id: UUID, *, since: datetime) -> tuple[int, int | None]:
    """How many viewers have reported since then, and for how long the picture of the worst one stood still (None: nobody did)."""
    worst = WatchSample.objects.filter(airing_id=airing_id, at__gte=since).aggregate(
        viewers=Count("viewer_id", distinct=True), frozen=Max("frozen_ms")
    )
    return worst["viewers"], worst["frozen"]


def list_drills(room_id: UUID, limit: int = MOST_DRILLS) -> list[Drill]:
    """The newest first."""
    return list(Drill.objects.filter(room_id=room_id)[:limit])


_SUMS: dict[str, Any] = {
    "watched": Sum("over_ms"),
    "frames": Sum(F("frames_per_s") * F("over_ms"), output_field=FloatField()),
    "stops": Sum(F("freezes") + F("stalls")),
    "frozen": Sum("frozen_ms"),
    "lost": Avg("lost_permille"),
    "buffered": Avg("buffered_ms"),
}


def _tier(row: dict[str, Any], sizes: tuple[tuple[str, int], ...]) -> TierQuality:
    watched = row["watched"]
    return TierQuality(
        tier=row["tier"],
        viewers=row["viewers"],
        watched_ms=watched,
        frames_per_s=round(row["frames"] / watched, 1),
        few_permille=round(row["few"] * 1000 / watched),
        stops_per_hour=round(row["stops"] * 60 * MINUTE_MS / watched, 1),
        frozen_permille=round(row["frozen"] * 1000 / watched),
        lost_permille=round(row["lost"], 1),
        buffered_ms=round(row["buffered"]),
        sizes=sizes,
    )
