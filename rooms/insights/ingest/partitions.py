"""Days of the event table: made ahead by the owner, since the application owns nothing."""

from collections.abc import Iterable
from datetime import date, timedelta

import structlog
from psycopg import sql

from merchants.tenants.schemas import owner_connection

log = structlog.get_logger(__name__)

DAYS_SCHEMA = "_insights"
DAYS_AHEAD = 3
# Late events reach two days back.
DAYS_BEHIND = 3
_MAKING = 7_310_001  # advisory lock: one process makes days at a time


def days_around(day: date) -> list[date]:
    return [day + timedelta(days=offset) for offset in range(-DAYS_BEHIND, DAYS_AHEAD + 1)]


def ensure_days(days: Iterable[date]) -> None:
    """Make the partitions of these days that do not exist yet.

    Attached rather than made in place: that takes a lock which neither readers nor writers of the table feel.
    """
    with owner_connection() as owner:
        owner.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
        for day in sorted(set(days)):
            name = sql.Identifier(DAYS_SCHEMA, f"event_{day:%Y%m%d}")
            if owner.execute("SELECT to_regclass(%s)", (f'"{DAYS_SCHEMA}".event_{day:%Y%m%d}',)).fetchone() != (None,):
                continue
            owner.execute(sql.SQL("CREATE TABLE {} (LIKE public.insights_event INCLUDING ALL)").format(name))
            owner.execute(
                sql.SQL("ALTER TABLE public.insights_event ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                    name, sql.Literal(f"{day} 00:00+00"), sql.Literal(f"{day + timedelta(days=1)} 00:00+00")
                )
            )
            log.info("day_made", day=str(day))


def drop_days_before(day: date) -> list[date]:
    """Forget the raw events of days before `day`; what was rolled up of them stays. Returns the days that went."""
    with owner_connection() as owner:
        names = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (DAYS_SCHEMA,)).fetchall()
        old = sorted(found for (name,) in names if (found := _day_of(name)) < day)
        for gone in old:
            owner.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(DAYS_SCHEMA, f"event_{gone:%Y%m%d}")))
    return old


def _day_of(name: str) -> date:
    digits = name.removeprefix("event_")
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
