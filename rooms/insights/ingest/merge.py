"""A batch of one shop into its tables: events, and everything rolled up from them, in one transaction."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.db import connection, transaction

from merchants.foundation.tenancy import in_schema
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import COLUMNS, TYPES, episodes_of, rows_of
from rooms.insights.rollups.actions import lock_days, prepare, roll_up

log = structlog.get_logger(__name__)

_STAGING = "CREATE TEMP TABLE IF NOT EXISTS insights_staging (LIKE public.insights_event INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
_COPY = f"COPY insights_staging ({', '.join(COLUMNS)}) FROM STDIN (FORMAT BINARY)"
_MERGE = f"""
WITH fresh AS (
    INSERT INTO insights_event ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM insights_staging ON CONFLICT DO NOTHING RETURNING *
)
INSERT INTO insights_fresh ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM fresh
"""  # noqa: S608  our own columns


def store(schema: str, parcels: Sequence[Parcel], places: Places, stored: list[tuple[Any, ...]] | None = None) -> int:
    """Store what is new of the parcels of one shop. Returns how many events that was; the rest was there already.

    `stored` is given the rows of all of them once they are committed.
    Batches travel side by side and are merged one after the other within a shop: rollups read what the batch before has written.
    Needs: the days' partitions. Raises: DatabaseError (nothing changed).
    """
    with in_schema(schema), transaction.atomic(), connection.cursor() as cursor:
        rows = rows_of(parcels, places.find(episodes_of(parcels)))
        kept = list(rows) if stored is not None else []
        _stage(cursor)
        with connection.wrap_database_errors, cursor.copy(_COPY) as copy:
            copy.set_types(TYPES)
            for row in kept or rows:
                copy.write_row(row)
        fresh = _merge()
    if stored is not None:
        stored += kept
    return fresh


def _stage(cursor: Any) -> None:
    """Make the connection's temporary tables, `insights_staging` among them. Needs: an open transaction."""
    cursor.execute(_STAGING)
    prepare(cursor)


def _merge() -> int:
    """Store what is new of the rows in `insights_staging`, and roll it up. Returns how many events that was.

    Needs: the shop's schema, in an open transaction in which `_stage` has run.
    """
    zone = lock_days()
    with connection.cursor() as cursor:
        cursor.execute(_MERGE)
        fresh = int(cursor.rowcount)
        if fresh:
            roll_up(cursor, zone=zone)
    return fresh
