"""SQLite in WAL mode with one writer: what a transaction committed survives a kill of the process.

`synchronous=NORMAL` keeps every commit through kill -9; only a power cut may lose the last ones, never corrupt.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commerce.sandbox.wire.errors import Json, missing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE, account TEXT NOT NULL, kind TEXT NOT NULL, created INTEGER NOT NULL,
  body TEXT NOT NULL, hidden TEXT NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS objects_listing ON objects(account, kind, seq);
CREATE INDEX IF NOT EXISTS objects_unfinished ON objects(kind, json_extract(body, '$.status'))
  WHERE kind IN ('checkout.session', 'balance_transaction', 'payout', 'payment_intent');
CREATE INDEX IF NOT EXISTS objects_failing ON objects(json_extract(hidden, '$.fails_at')) WHERE json_extract(hidden, '$.fails_at') IS NOT NULL;
CREATE INDEX IF NOT EXISTS objects_age ON objects(kind, created);
CREATE TABLE IF NOT EXISTS requests (
  account TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
  request_id TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (account, key)) STRICT;
CREATE TABLE IF NOT EXISTS deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL, endpoint TEXT NOT NULL, copy INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
  due_at_ms INTEGER NOT NULL, first_at_ms INTEGER NOT NULL, last_status INTEGER, last_error TEXT) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries(due_at_ms) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries(event);
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted; ids are objects of that list."""

    limit: int = 10
    starting_after: str | None = None
    ending_before: str | None = None


class Store:
    """Objects as JSON bodies with a private part (`hidden`) that no answer shows."""

    def __init__(self, path: Path | str) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA busy_timeout=5000"):
            self.connection.execute(statement)
        self.connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file; committed state is already in it."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; not nestable."""
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    def insert(self, account: str, body: Json, hidden: Json | None = None) -> None:
        """Add an object under its `id` and `object`. Raises sqlite3.IntegrityError when the id is taken."""
        self.connection.execute(
            "INSERT INTO objects (id, account, kind, created, body, hidden) VALUES (?, ?, ?, ?, ?, ?)",
            (body["id"], account, body["object"], body.get("created", 0), json.dumps(body), json.dumps(hidden or {})),
        )

    def save(self, body: Json) -> None:
        """Replace an object's public body."""
        self.connection.execute("UPDATE objects SET body = ? WHERE id = ?", (json.dumps(body), body["id"]))

    def find(self, account: str, identifier: str, kind: str | None = None) -> Json | None:
        """The object of that account, or None: another account's object is as absent as one that never was."""
        row = self.connection.execute("SELECT body, kind FROM objects WHERE id = ? AND account = ?", (identifier, account)).fetchone()
        if row is None or (kind is not None and row[1] != kind):
            return None
        return dict(json.loads(row[0]))

    def get(self, account: str, kind: str, identifier: str, param: str = "id") -> Json:
        """Like `find`, but raises ApiError 404."""
        body = self.find(account, identifier, kind)
        if body is None:
            raise missing(kind, identifier, param)
        return body

    def owner_of(self, identifier: str) -> str | None:
        """The account that holds an object, for work that time or a page starts rather than a keyed call."""
        row = self.connection.execute("SELECT account FROM objects WHERE id = ?", (identifier,)).fetchone()
        return row[0] if row else None

    def hidden(self, identifier: str) -> Json:
        """The private part of an object."""
        row = self.connection.execute("SELECT hidden FROM objects WHERE id = ?", (identifier,)).fetchone()
        return dict(json.loads(row[0])) if row else {}

    def hide(self, identifier: str, **values: Any) -> None:
        """Merge values into an object's private part."""
        merged = {**self.hidden(identifier), **values}
        self.connection.execute("UPDATE objects SET hidden = ? WHERE id = ?", (json.dumps(merged), identifier))

    def page(
        self, account: str, kind: str, page: Page, where: Mapping[str, Any] | None = None, created: Mapping[str, int] | None = None
    ) -> tuple[list[Json], bool]:
        """One page, newest first, and whether more follows in the direction asked for.

        `where` maps JSON paths (`$.customer`) to a value or a list of values. Raises: ApiError 404 for an unknown cursor.
        """
        clauses, values = _conditions(where or {}, created or {})
        backwards = page.ending_before is not None
        cursor = page.ending_before or page.starting_after
        if cursor:
            clauses.append("seq > ?" if backwards else "seq < ?")
            values.append(self._seq(account, kind, cursor, "ending_before" if backwards else "starting_after"))
        order = "ASC" if backwards else "DESC"
        sql = f"SELECT body FROM objects WHERE {' AND '.join(['account = ?', 'kind = ?', *clauses])} ORDER BY seq {order} LIMIT ?"  # noqa: S608
        rows = self.connection.execute(sql, (account, kind, *values, page.limit + 1)).fetchall()
        found = [dict(json.loads(row[0])) for row in rows[: page.limit]]
        return (found[::-1] if backwards else found), len(rows) > page.limit

    def _seq(self, account: str, kind: str, identifier: str, param: str) -> int:
        row = self.connection.execute("SELECT seq FROM objects WHERE id = ? AND account = ? AND kind = ?", (identifier, account, kind)).fetchone()
        if row is None:
            raise missing(kind, identifier, param)
        return int(row[0])

    def setting(self, name: str, default: str) -> str:
        """A named value kept across restarts."""
        row = self.connection.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return row[0] if row else default

    def set_setting(self, name: str, value: str) -> None:
        """Keep a named value."""
        self.connection.execute("INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", (name, value))


def _conditions(where: Mapping[str, Any], created: Mapping[str, int]) -> tuple[list[str], list[Any]]:
    clauses: list[str] = []
    values: list[Any] = []
    for path, wanted in where.items():
        options = wanted if isinstance(wanted, list) else [wanted]
        clauses.append(f"json_extract(body, ?) IN ({', '.join('?' * len(options))})")
        values += [path, *options]
    for bound, sign in (("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")):
        if bound in created:
            clauses.append(f"created {sign} ?")
            values.append(created[bound])
    return clauses, values
