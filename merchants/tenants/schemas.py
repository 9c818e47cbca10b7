"""Schemas: the template, clones of it, and what the application's role may do in them.

The clone is pg-clone-schema (ships inside django-tenants), run as the schemas' owner; a shop is ready in about a third of a
second instead of the seconds that migrations take.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.conf import settings
from django_tenants.clone import CLONE_SCHEMA_FUNCTION
from psycopg import sql

APPEND_ONLY = "append-only"


@contextmanager
def owner_connection() -> Iterator[psycopg.Connection]:
    """A connection as the role that owns the schemas; commits at the end of the block."""
    with psycopg.connect(settings.DATABASE_OWNER_URL, connect_timeout=5, options="-c statement_timeout=60000") as connection:
        yield connection


def install_clone_function(connection: psycopg.Connection) -> None:
    owner = connection.info.user
    connection.execute(CLONE_SCHEMA_FUNCTION.format(db_user=owner))  # type: ignore[arg-type]  # a constant of the library, no input in it


def clone_template(schema: str) -> None:
    """Copy the migrated template, rows of lookup tables included, into the new schema `schema`."""
    with owner_connection() as connection:
        connection.execute("SELECT public.clone_schema(%s, %s, 'DATA')", (settings.TEMPLATE_SCHEMA, schema))
        grant_application(connection, schema)


def drop_schema(schema: str) -> None:
    with owner_connection() as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))


def grant_application(connection: psycopg.Connection, schema: str) -> None:
    """Rows, not structure: the application reads and writes, but tables commented `append-only` it can only add to."""
    role = settings.APPLICATION_ROLE
    if role == connection.info.user:
        return
    names = {"schema": sql.Identifier(schema), "role": sql.Identifier(role)}
    for grant in (
        "GRANT USAGE ON SCHEMA {schema} TO {role}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    ):
        connection.execute(sql.SQL(grant).format(**names))
    for (table,) in connection.execute(
        "SELECT c.relname FROM pg_class c WHERE c.relnamespace = %s::regnamespace AND obj_description(c.oid, 'pg_class') = %s",
        (schema, APPEND_ONLY),
    ).fetchall():
        connection.execute(sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {}.{} FROM {}").format(names["schema"], sql.Identifier(table), names["role"]))
