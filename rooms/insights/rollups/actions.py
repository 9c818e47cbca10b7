"""Rolling up what is new."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from merchants.foundation.tenancy import current_schema
from merchants.tenants.queries import get_time_zone
from rooms.insights.rollups import statements


def prepare(cursor: Any) -> None:
    """Make the connection's temporary tables. Needs: an open transaction, at whose end they are empty again."""
    for statement in statements.TEMPORARY:
        cursor.execute(statement)


def lock_days() -> str:
    """From here to the transaction's end nobody else changes the shop's rollups; the IANA zone in which its days begin.

    Needs: the shop's schema; an open transaction. A cursor that was opened before stands in the platform's schema: open another.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"insights:{current_schema()}"])
    return get_time_zone()


def roll_up(cursor: Any, *, zone: str) -> None:
    """Bring every rollup of the shop in line with the events in `insights_fresh`, which are in the event table as well.

    `zone`: IANA name of the zone in which the shop's days begin.
    Needs: the shop's schema; an open transaction that holds the shop's lock and has not changed a rollup yet.
    """
    tenant = {"tenant": current_schema()}
    cursor.execute(statements.SIGN, tenant | {"sign": -1})
    cursor.execute(statements.VISITS, tenant | {"zone": zone})
    cursor.execute(statements.PAIRS, tenant)
    if cursor.rowcount:
        cursor.execute("SELECT min(at), max(at) FROM insights_fresh")
        from_at, to_at = cursor.fetchone()
        span = {"from_at": from_at, "to_at": to_at + timedelta(days=statements.ATTRIBUTION_DAYS)}
        cursor.execute(statements.ATTRIBUTE, tenant | span)
    _fold_steps(cursor, tenant)
    cursor.execute(statements.SIGN, tenant | {"sign": 1})
    for statement in (statements.RETENTION, statements.DAYS, statements.VIEWERS):
        cursor.execute(statement, tenant)


def redate() -> int:
    """Count every visit on the day on which it began by the shop's clock, which has been set to another zone. Returns how many moved.

    The ingest of this shop waits meanwhile. Twice changes nothing.
    """
    with transaction.atomic(durable=True):
        zone = lock_days()
        with connection.cursor() as cursor:
            prepare(cursor)
            tenant = {"tenant": current_schema()}
            cursor.execute(statements.SIGN_MISDATED, tenant | {"zone": zone})
            moved = int(cursor.rowcount)
            cursor.execute(statements.REDATE, tenant | {"zone": zone})
            cursor.execute(statements.SIGN_REDATED, tenant)
            for statement in (statements.RETENTION, statements.DAYS):
                cursor.execute(statement, tenant)
    return moved


def _fold_steps(cursor: Any, tenant: dict[str, str]) -> None:
    cursor.execute(statements.REFOLD, tenant)
    if not cursor.rowcount:
        return
    cursor.execute("SELECT min(first_at), max(first_at) FROM insights_refold")
    from_at, to_at = cursor.fetchone()
    span = {"from_at": from_at, "to_at": to_at + timedelta(days=statements.LONGEST_VISIT_DAYS)}
    cursor.execute(statements.FUNNEL, tenant | span)
    cursor.execute(statements.CUES, tenant | span)
