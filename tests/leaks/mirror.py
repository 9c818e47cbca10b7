"""The second shop as the first one's mirror: every row under the same key, every file under the same name, each with its own canary.

What is written of a shop carries its name (`aurora-canary …`), so one replaced word makes the twin's text, and whoever finds the
word `borealis` in an answer of aurora has found a leak.
"""

import os
import shutil
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

# Equal in both shops from the start (the template's), or an answer to who asked (sessions).
NOT_MIRRORED = ("django_migrations", "django_content_type", "django_session")
# Files whose readers stop at the end of what they know: a canary behind it does no harm.
CANARY_FILE_MARK = b"\n# %s-canary\n"


def mirror_rows(source: str, target: str) -> None:
    """Copy every table of the schema `source` into the empty `target`, primary keys and all. Lookup tables, equal in every shop, stay."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in _tables(owner, source):
            names = {"source": sql.Identifier(source, table), "target": sql.Identifier(target, table)}
            owner.execute(
                sql.SQL(
                    "INSERT INTO {target} SELECT (json_populate_record(NULL::{target},"
                    " replace(replace(to_json(r)::text, %(a)s, %(b)s), %(A)s, %(B)s)::json)).*"
                    " FROM {source} r WHERE NOT EXISTS (SELECT 1 FROM {target})"
                ).format(**names),
                {"a": source, "b": target, "A": source.title(), "B": target.title()},
            )
        _align_sequences(owner, source, target)


def _tables(owner: psycopg.Connection, schema: str) -> list[str]:
    found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> ALL(%s)", (schema, list(NOT_MIRRORED)))
    return [table for (table,) in found.fetchall()]


def _align_sequences(owner: psycopg.Connection, source: str, target: str) -> None:
    """New rows of the twin get the numbers that they would get here."""
    for name, last in owner.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = %s", (source,)).fetchall():
        if last is not None:
            owner.execute("SELECT setval(%s::regclass, %s)", (f'"{target}"."{name}"', last))


def mirror_files(root: Path, source: str, target: str) -> None:
    """Copy a shop's folder below `root`; each file of either shop ends with its shop's canary."""
    if not (root / source).exists():
        return
    shutil.copytree(root / source, root / target)
    for shop in (source, target):
        for path in (root / shop).rglob("*"):
            if path.is_file():
                with path.open("ab") as file:
                    file.write(CANARY_FILE_MARK % shop.encode())


def digest_of(schema: str) -> dict[str, str]:
    """A fingerprint of each table's rows, read in the current transaction: also what is not committed yet shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> 'django_migrations' ORDER BY 1", [schema])
        tables = [table for (table,) in cursor.fetchall()]
        # Rows in any order have the same sum.
        parts = [
            f"SELECT '{table}', count(*) || ':' || coalesce(sum(hashtextextended(r::text, 0)::numeric), 0) FROM \"{schema}\".\"{table}\" r"  # noqa: S608  names of the catalogue
            for table in tables
        ]
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def files_of(root: Path, schema: str) -> dict[str, int]:
    """Names and sizes of a shop's files below `root`."""
    folder = root / schema
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()}
