"""Reads of rehearsals: which past shows there are, what runs, what a past crowd did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import current_schema
from rooms.engagement.models import Danmaku
from rooms.insights.events.kinds import Kind
from rooms.program.models import Airing, Room
from rooms.program.states import ON_AIR
from rooms.rehearsal.models import GhostRun
from rooms.rehearsal.tape import Moment, MomentKind, Tape

SHOWS_OFFERED = 24
# An evening of a large room; what comes after that is left out.
MOST_LINES = 20_000
MOST_EVENTS = 100_000
# Who has waited for the show since then is there at its beginning.
WAITING = timedelta(minutes=30)

_KINDS: dict[Kind, MomentKind] = {
    Kind.ENTER: "enter", Kind.EXIT: "exit", Kind.LIKE: "like", Kind.CUE_CLICKED: "tap", Kind.CHECKOUT: "order",
}  # fmt: skip

# A fair choice of viewers that is the same at each reading: by the digest of their id.
_VIEWERS = """
SELECT viewer_id FROM (
    SELECT viewer_id FROM danmaku WHERE airing_id = %(airing)s AND role = ''
    UNION SELECT viewer_id FROM comment WHERE airing_id = %(airing)s AND kind = 'comment' AND role = '' AND deleted_at IS NULL
    UNION SELECT viewer_id::text FROM insights_event WHERE tenant_id = %(tenant)s AND room_id = %(room)s AND at >= %(since)s AND at < %(until)s
) crowd ORDER BY md5(viewer_id) LIMIT %(ghosts)s
"""
_LINES = """
SELECT viewer_id, created_at, text FROM (
    SELECT viewer_id, created_at, text FROM danmaku line WHERE airing_id = %(airing)s AND role = ''
        AND NOT EXISTS (SELECT FROM hidden_danmaku hidden WHERE hidden.danmaku_id = line.id)
    UNION ALL
    SELECT viewer_id, created_at, text FROM comment WHERE airing_id = %(airing)s AND kind = 'comment' AND role = '' AND deleted_at IS NULL
) said WHERE viewer_id = ANY(%(viewers)s) ORDER BY created_at LIMIT %(most)s
"""
_EVENTS = """
SELECT viewer_id::text, at, kind, coalesce(value, 1) FROM insights_event
WHERE tenant_id = %(tenant)s AND room_id = %(room)s AND at >= %(opened)s AND at < %(until)s AND kind = ANY(%(kinds)s)
    AND (at >= %(since)s OR kind = ANY(%(coming)s)) AND viewer_id::text = ANY(%(viewers)s)
ORDER BY at LIMIT %(most)s
"""


@dataclass(frozen=True)
class PastShowView:
    """A show whose crowd can play. `lines`: how many danmaku it has."""

    id: UUID
    title: str
    started_at: datetime
    length_ms: int
    lines: int


@dataclass(frozen=True)
class RunView:
    """A run under way. `length_ms` of the past show."""

    id: UUID
    past_id: UUID
    title: str
    speed: int
    ghosts: int
    length_ms: int
    started_at: datetime
    stops_at: datetime
    by: str

    def position_ms(self, now_ms: int) -> int:
        """In the past show."""
        return min(self.length_ms, max(0, now_ms - wall.to_ms(self.started_at)) * self.speed)


@dataclass(frozen=True)
class RehearsalView:
    shows: list[PastShowView]
    run: RunView | None


def get_rehearsal(room_id: UUID) -> RehearsalView:
    """Of a rehearsal room. Two queries."""
    return RehearsalView(list_past_shows(), find_run(room_id))


def list_past_shows() -> list[PastShowView]:
    """The newest first, rehearsals left out. One query."""
    count = Danmaku.objects.filter(airing_id=OuterRef("pk")).order_by().values("airing_id").annotate(count=Count("pk")).values("count")
    shows = past_shows().annotate(lines=Coalesce(Subquery(count), 0)).order_by("-started_at")[:SHOWS_OFFERED]
    return [PastShowView(show.pk, show.title, show.started_at, length_ms(show), show.lines) for show in shows]


def past_shows() -> "models.QuerySet[Airing]":
    return Airing.objects.filter(withdrawn_at=None, ended_at__isnull=False, room__is_rehearsal=False)


def length_ms(show: Airing) -> int:
    assert show.ended_at is not None
    return max(0, wall.to_ms(show.ended_at) - wall.to_ms(show.started_at))


def find_run(room_id: UUID) -> RunView | None:
    """The run that plays now: in the show that is on air, before its end. One query."""
    run = (
        GhostRun.objects.select_related("past")
        .filter(room_id=room_id, stopped_at=None, stops_at__gt=wall.now(), room__state__in=ON_AIR, room__airing_id=models.F("during_id"))
        .first()
    )
    if run is None:
        return None
    return RunView(run.pk, run.past_id, run.past.title, run.speed, run.ghosts, length_ms(run.past), run.started_at, run.stops_at, run.by)


def is_rehearsal(room_id: UUID) -> bool:
    return Room.objects.filter(pk=room_id, is_rehearsal=True).exists()


def read_tape(past_id: UUID, ghosts: int) -> Tape:
    """What at most `ghosts` viewers of a past show did. Three queries. Needs: the show exists and is over."""
    show = Airing.objects.get(pk=past_id)
    values: dict[str, Any] = {
        "airing": show.pk,
        "room": show.room_id,
        "tenant": current_schema(),
        "opened": show.started_at - WAITING,
        "since": show.started_at,
        "until": show.ended_at,
        "coming": [int(Kind.ENTER), int(Kind.EXIT)],
        "ghosts": ghosts,
        "kinds": [int(kind) for kind in _KINDS],
    }
    numbers = {viewer_id: number for number, (viewer_id,) in enumerate(_fetch(_VIEWERS, values), start=1)}
    values["viewers"] = list(numbers)
    lines = [Moment(_after_ms(show, at), "line", numbers[viewer_id], text) for viewer_id, at, text in _fetch(_LINES, values | {"most": MOST_LINES})]
    acts = [
        Moment(_after_ms(show, at), _KINDS[Kind(kind)], numbers[viewer_id], count=int(count))
        for viewer_id, at, kind, count in _fetch(_EVENTS, values | {"most": MOST_EVENTS})
    ]
    return Tape([*lines, *acts], length_ms=length_ms(show))


def _after_ms(show: Airing, at: datetime) -> int:
    return max(0, wall.to_ms(at) - wall.to_ms(show.started_at))


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
