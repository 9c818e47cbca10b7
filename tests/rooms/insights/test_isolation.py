"""Rows of one shop in a shared table: the application's role sees and writes its own shop's alone, whatever the statement says."""

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django_tenants.utils import schema_context

from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema

pytestmark = pytest.mark.django_db

TABLES = (
    "insights_event",
    "insights_session_fact",
    "insights_cue_fact",
    "insights_retention_bucket",
    "insights_daily_fact",
    "insights_viewer_fact",
    "insights_report",
)


@pytest.fixture(autouse=True)
def _few(few: None, db: None) -> None:
    """Rows of both shops in every table."""


def ask(statement: str, values: Any = None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone() if cursor.description else cursor.rowcount


@pytest.mark.parametrize("table", TABLES)
def test_a_statement_without_a_condition_sees_one_shop(table: str) -> None:
    if table == "insights_report":
        for schema in ("aurora", "borealis"):
            with in_schema(schema):
                ask(f"INSERT INTO insights_report VALUES ('{schema}', 'funnel', %s, 'x', '{{}}', now())", [new_id()])  # noqa: S608
    seen = {}
    for schema in ("aurora", "borealis"):
        with in_schema(schema):
            seen[schema] = ask(f"SELECT count(*), array_agg(DISTINCT tenant_id) FROM {table}")  # noqa: S608
    for schema, (count, tenants) in seen.items():
        assert count > 0
        assert list(tenants) == [schema]
    with schema_context("public"):
        assert ask(f"SELECT count(*) FROM {table}") == (0,)  # noqa: S608


def test_a_row_of_another_shop_is_neither_written_nor_changed() -> None:
    with in_schema("aurora"):
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask("INSERT INTO insights_viewer_fact VALUES ('borealis', %s, '', %s, 1, 0, 0, 0, 0, 0)", [new_id(), new_id()])
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask("UPDATE insights_session_fact SET tenant_id = 'borealis'")
        assert ask("UPDATE insights_session_fact SET likes = 0 WHERE tenant_id = 'borealis'") == 0
        assert ask("DELETE FROM insights_event WHERE tenant_id = 'borealis'") == 0


def test_the_days_behind_the_table_cannot_be_reached_past_the_policy() -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        found = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = '_insights' LIMIT 1").fetchone()
    assert found
    with in_schema("aurora"), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        ask(f'SELECT count(*) FROM "_insights"."{found[0]}"')  # noqa: S608


def test_the_applications_role_owns_nothing_and_passes_no_policy() -> None:
    assert ask("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user") == (False, False)
    owned = ask("SELECT count(*) FROM pg_tables WHERE tablename = ANY(%s) AND tableowner = current_user", [list(TABLES)])
    guarded = ask("SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND relrowsecurity", [list(TABLES)])
    assert (owned, guarded) == ((0,), (len(TABLES),))
