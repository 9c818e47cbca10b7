"""What PostgreSQL keeps of viewer events, copied to ClickHouse, a day at a time. Begun again, it goes on with what is missing."""

# ruff: noqa: S608  what is put in are our own columns

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from rooms.insights.clickhouse import mirror
from rooms.insights.clickhouse.connection import ask, ensure_table
from rooms.insights.clickhouse.table import TABLE
from rooms.insights.events.kinds import OF_LEDGER
from rooms.insights.ingest.consumer import DAYS_KEPT
from rooms.insights.ingest.partitions import DAYS_AHEAD
from rooms.insights.ingest.rows import COLUMNS

BATCH_ROWS = 50_000

_OF_DAY = "tenant_id = %(tenant)s AND at >= %(day)s::timestamptz AND at < %(day)s::timestamptz + interval '1 day'"
_COUNT = f"SELECT count(*) FROM insights_event WHERE {_OF_DAY}"
# Which visit an order belongs to is a thing of the rollups: ClickHouse works it out when it is asked.
_SAID = {"session_id": f"CASE WHEN kind NOT IN ({', '.join(str(int(kind)) for kind in OF_LEDGER)}) THEN session_id END"}
_PAGE = f"""
SELECT {", ".join(_SAID.get(name, name) for name in COLUMNS)} FROM insights_event
WHERE {_OF_DAY} AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT {BATCH_ROWS}
"""
_COUNTS_THERE = f"SELECT toDate(at) AS on_day, count() FROM {TABLE} FINAL WHERE tenant_id = {{tenant:String}} GROUP BY on_day"


@dataclass(frozen=True)
class CopiedDay:
    """A day of a shop: `events` that PostgreSQL has, of which `missing` were not in ClickHouse before."""

    on_day: date
    events: int
    missing: int


def copy_days() -> Iterator[CopiedDay]:
    """Copy the shop's days of which ClickHouse has fewer events, the oldest first; days without events are left out.

    Needs: the shop's schema, no transaction. Raises: ClickHouseAway (what was copied stays).
    """
    ensure_table()
    there = {on_day: int(count) for on_day, count in ask(_COUNTS_THERE, {})}
    today = clock.now().date()
    for offset in range(-DAYS_KEPT, DAYS_AHEAD + 1):
        day = today + timedelta(days=offset)
        ((events,),) = _fetch(_COUNT, day)
        missing = max(0, events - there.get(day, 0))
        if missing:
            _copy_day(day)
        if events:
            yield CopiedDay(day, events, missing)


def _copy_day(day: date) -> None:
    after = None
    while rows := _fetch(_PAGE, day, after=after):
        mirror.append(rows)
        after = rows[-1][COLUMNS.index("id")]


def _fetch(statement: str, day: date, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tenant": current_schema(), "day": f"{day} 00:00+00", **values})
        return list(cursor.fetchall())
