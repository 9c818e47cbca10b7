"""Migrations over many shops: work out the SQL once on the template, replay it in every shop.

Django's own way plans and introspects each shop anew, about a second a shop. Shops are clones of the template, so the same
statements fit all of them; a migration that runs Python, or a shop that stands elsewhere than the template, takes Django's way.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations import Migration, RunPython
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django_tenants.utils import schema_context
from psycopg import sql

from merchants.tenants import schemas
from merchants.tenants.models import Merchant


@dataclass(frozen=True)
class PlannedMigration:
    """`statements` fit every schema that stands where the template stands; they carry no schema name."""

    app: str
    name: str
    statements: Sequence[str]
    is_atomic: bool


def migrate_shops(*, on_progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Bring the template and every shop to the current migrations. Returns how many shops were touched.

    Needs: the connection's role owns the schemas.
    """
    with schema_context("public"):
        shops = list(Merchant.objects.exclude(schema_name=settings.TEMPLATE_SCHEMA).order_by("pk").values_list("schema_name", flat=True))
    pending, planned = _plan()
    before = _recorded(settings.TEMPLATE_SCHEMA)
    _migrate_by_django(settings.TEMPLATE_SCHEMA)
    if not pending:
        shops = [shop for shop in shops if _recorded(shop) != before]
    for done, shop in enumerate(shops, start=1):
        if planned is not None and _recorded(shop) == before:
            with schemas.owner_connection() as owner:
                replay(owner, shop, planned)
        else:
            _migrate_by_django(shop)
        on_progress(done, len(shops))
    return len(shops)


def _plan() -> tuple[bool, list[PlannedMigration] | None]:
    """Whether the template lacks migrations, and their SQL; None when one of them runs Python or the template is empty."""
    with schema_context(settings.TEMPLATE_SCHEMA, include_public=False):
        executor = MigrationExecutor(connection)
        steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
        migrations = [migration for migration, _ in steps]
        if not executor.loader.applied_migrations or any(_runs_python(migration) for migration in migrations):
            return bool(migrations), None
        state = executor.loader.project_state(list(executor.loader.applied_migrations), at_end=True) if migrations else ProjectState()
        return bool(migrations), collect(migrations, state)


def _runs_python(migration: Migration) -> bool:
    return any(isinstance(operation, RunPython) for operation in migration.operations)


def collect(migrations: Iterable[Migration], state: ProjectState) -> list[PlannedMigration]:
    """The SQL of `migrations` from `state` on, as `sqlmigrate` would print it."""
    planned = []
    for migration in migrations:
        with connection.schema_editor(collect_sql=True, atomic=migration.atomic) as editor:
            state = migration.apply(state, editor, collect_sql=True)
        statements = [line for line in editor.collected_sql if line.strip() and not line.lstrip().startswith("--")]
        planned.append(PlannedMigration(migration.app_label, migration.name, statements, migration.atomic))
    return planned


def replay(owner: psycopg.Connection, shop: str, planned: Sequence[PlannedMigration]) -> None:
    """Run the statements in `shop` and record them; all or nothing a migration, unless it says otherwise."""
    owner.execute(sql.SQL("SET search_path TO {}, public").format(sql.Identifier(shop)))
    owner.commit()
    for migration in planned:
        owner.autocommit = not migration.is_atomic
        for statement in migration.statements:
            owner.execute(statement)  # type: ignore[arg-type]  # Django's own SQL, no input in it
        owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", (migration.app, migration.name))
        if migration.is_atomic:
            owner.commit()
    owner.autocommit = False


def _recorded(schema: str) -> set[tuple[str, str]]:
    with schemas.owner_connection() as owner:
        if owner.execute("SELECT to_regclass(%s)", (f"{schema}.django_migrations",)).fetchone() == (None,):
            return set()
        table = sql.SQL("SELECT app, name FROM {}.django_migrations").format(sql.Identifier(schema))
        return {(app, name) for app, name in owner.execute(table).fetchall()}


def _migrate_by_django(schema: str) -> None:
    call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0)
