"""The live board: what has happened since the show began, and in the last minutes, second by second."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.ledger.queries import list_turnover
from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from merchants.tenants.queries import get_current_merchant
from realtime.presence import counts_key, sum_fresh
from realtime.publish import Topic
from rooms.insights.events.kinds import Kind
from rooms.program.air import client
from rooms.program.queries import RoomView

SPAN = timedelta(minutes=5)
BIN_S = 5


@dataclass(frozen=True)
class PulseBin:
    """`BIN_S` seconds that begin at `at`."""

    at: datetime
    danmaku: int
    taps: int
    orders: int


@dataclass(frozen=True)
class Pulse:
    """`online`: sockets now. The sums count from the show's start; money is the ledger's, net of what went back, in minor units."""

    is_on_air: bool
    online: int
    viewers: int
    danmaku: int
    likes: int
    taps: int
    orders: int
    net_minor: int
    currency: str
    started_at: datetime | None
    bins: list[PulseBin]


_COUNTED = f"""
SELECT count(DISTINCT event.viewer_id), count(*) FILTER (WHERE event.kind = {Kind.DANMAKU:d}),
    coalesce(sum(event.value) FILTER (WHERE event.kind = {Kind.LIKE:d}), 0)::bigint, count(*) FILTER (WHERE event.kind = {Kind.CUE_CLICKED:d})
FROM insights_event event WHERE event.tenant_id = %(tenant)s AND event.room_id = %(room)s AND event.at >= %(since)s AND event.at <= %(now)s
"""  # noqa: S608  our own numbers
_BINS = f"""
SELECT to_timestamp(floor(extract(epoch FROM event.at) / {BIN_S}) * {BIN_S}), count(*) FILTER (WHERE event.kind = {Kind.DANMAKU:d}),
    count(*) FILTER (WHERE event.kind = {Kind.CUE_CLICKED:d}), count(*) FILTER (WHERE event.kind = {Kind.PAID:d})
FROM insights_event event WHERE event.tenant_id = %(tenant)s AND event.room_id = %(room)s AND event.at >= %(since)s AND event.at <= %(now)s
    AND event.kind IN ({Kind.DANMAKU:d}, {Kind.CUE_CLICKED:d}, {Kind.PAID:d}) GROUP BY 1 ORDER BY 1
"""  # noqa: S608


def get_pulse(room: RoomView) -> Pulse:
    """Of a room that is on air; zeros of one that is not. Five queries and a look into Valkey. Raises: RedisError."""
    currency = get_current_merchant().currency
    if not room.is_on_air or room.started_at is None:
        return Pulse(False, 0, 0, 0, 0, 0, 0, 0, currency, None, [])
    now = clock.now()
    booked = list_turnover(currency=currency, since=room.started_at, until=now, room_id=room.id)
    (viewers, danmaku, likes, taps), *_ = _fetch(_COUNTED, room.id, room.started_at, now)
    return Pulse(
        is_on_air=True,
        online=sum_fresh(client().hgetall(counts_key(Topic.room(current_schema(), room.id))), now.timestamp())[0],
        viewers=viewers,
        danmaku=danmaku,
        likes=likes,
        taps=taps,
        orders=sum(one.sold_minor != 0 for one in booked),
        net_minor=sum(one.net_minor for one in booked),
        currency=currency,
        started_at=room.started_at,
        bins=[PulseBin(*row) for row in _fetch(_BINS, room.id, max(room.started_at, now - SPAN), now)],
    )


def _fetch(statement: str, room_id: UUID, since: datetime, now: datetime) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tenant": current_schema(), "room": room_id, "since": since, "now": now})
        return list(cursor.fetchall())
