"""Copies of what PostgreSQL has stored. A batch is acknowledged once it is in both."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings

from rooms.insights.clickhouse import connection
from rooms.insights.clickhouse.errors import ClickHouseAway

# A restart of the server, a lost connection. What takes longer is tried again with the whole batch, which nobody has acknowledged.
PAUSES_S = (0.2, 1.0)


def append(rows: Sequence[tuple[Any, ...]]) -> None:
    """Write rows of `ingest.rows`; written before, they change nothing. Returns once ClickHouse has them.

    Raises: ClickHouseAway, after three tries.
    """
    if not rows:
        return
    columns = connection.fill(list(zip(*rows, strict=True)))
    for pause_s in PAUSES_S:
        try:
            return _append(columns)
        except ClickHouseAway:
            time.sleep(pause_s)
    _append(columns)


def _append(columns: Sequence[Sequence[Any]]) -> None:
    _ensure_table(settings.CLICKHOUSE_URL)
    connection.insert(columns)


@lru_cache(maxsize=2)
def _ensure_table(url: str) -> None:
    """Once a process."""
    connection.ensure_table()
