"""Rows that a story has written once, written again in one go: a season of six episodes takes sixty statements, and hundreds of tests begin
with one."""

import json
from collections.abc import Callable, Hashable
from typing import Any

from django.db import connection, transaction

from merchants.foundation.tenancy import current_schema

Rows = dict[str, list[str]]

_kept: dict[Hashable, tuple[Any, Rows]] = {}


def kept(key: Hashable, build: Callable[[], Any]) -> Any:
    """What `build()` returns: by running it the first time, from its rows afterwards. The same ids each time.

    Needs: the shop's schema, without anything that `build` would meet, and that it changes no row that stood there before.
    """
    key = (current_schema(), key)
    if key in _kept:
        result, rows = _kept[key]
        _write(rows)
        return result
    before = _read()
    result = build()
    after = _read()
    assert all(rows <= after[table] for table, rows in before.items()), "it changed what stood there before"
    _kept[key] = result, {table: sorted(rows - before[table]) for table, rows in after.items() if rows - before[table]}
    return result


def _read() -> dict[str, set[str]]:
    """Every row of the shop as JSON, by table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [current_schema()])
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', to_jsonb(row)::text FROM \"{table}\" AS row" for table in tables))  # noqa: S608  our own tables
        found: dict[str, set[str]] = {table: set() for table in tables}
        for table, row in cursor.fetchall():
            found[table].add(row)
    return found


def _write(rows: Rows) -> None:
    with transaction.atomic(), connection.cursor() as cursor:  # foreign keys are checked at its end
        for table, lines in rows.items():
            cursor.execute(
                f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)',  # noqa: S608  our own tables
                [json.dumps([json.loads(line) for line in lines])],
            )
