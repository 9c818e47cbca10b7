"""What tenancy costs: making a merchant, a request, a migration over many shops."""

import json
import sys
import time

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations import AddField, Migration  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.db.models import TextField  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django_tenants.utils import schema_context  # noqa: E402

from merchants.accounts.models import User  # noqa: E402
from merchants.tenants import rollout, schemas  # noqa: E402
from merchants.tenants.actions import create_merchant  # noqa: E402
from merchants.tenants.middleware import TenantMiddleware  # noqa: E402
from merchants.tenants.models import Merchant  # noqa: E402
from tests.load.report import median, print_row  # noqa: E402

CLONES, MIGRATED = 5, 2
REQUESTS, ROUNDS = 1_500, 7
SHOPS = 500
MIGRATE_BUDGET_S = 75.0


def main() -> None:
    for bench in (_bench_request, _bench_clone, _bench_migrate):
        if not sys.argv[1:] or bench.__name__.removeprefix("_bench_") in sys.argv[1:]:
            bench()


def _timed(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def _bench_clone() -> None:
    """A merchant by the product's own sign-up story, beside django-tenants' usual way: run every migration in a new schema."""
    clones = [_timed(lambda number=number: create_merchant(name="Clone", subdomain=f"clone{number}")) for number in range(CLONES)]
    migrated = [_timed(lambda number=number: _create_by_migrations(f"migrated{number}")) for number in range(MIGRATED)]
    print_row("tenants/clone", ours=median(clones), unit="s", peer="migrations", peers=median(migrated), goal=">= 5", is_ratio_inverted=True)


def _create_by_migrations(schema: str) -> None:
    with schemas.owner_connection() as owner:
        owner.execute(f'CREATE SCHEMA "{schema}" AUTHORIZATION CURRENT_USER')
    _as_owner(lambda: call_command("migrate_schemas", schema_name=schema, interactive=False, verbosity=0))


def _as_owner(work: object) -> None:
    """Migrations run as the schemas' owner; the same process may not keep the application's connection."""
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict["USER"] = settings.DATABASE_OWNER_URL.split("//")[1].split(":")[0]
    try:
        work()  # type: ignore[operator]
    finally:
        connection.close()
        connection.settings_dict.update(kept)


def _view(request: HttpRequest) -> HttpResponse:
    """One indexed query and a small page, as most requests have."""
    people = list(User.objects.order_by("pk").values("email")[:20])
    return HttpResponse(json.dumps(people))


def _bench_request() -> None:
    """The same view with the tenant's middleware and on a connection that already stands in the schema."""
    with schema_context("aurora"):
        for number in range(20):
            User.objects.create_user(email=f"bench{number}@aurora.test")
    factory = RequestFactory()
    with_tenancy = TenantMiddleware(_view)

    def ours() -> None:
        for _ in range(REQUESTS):
            with_tenancy(factory.get("/", headers={"host": "aurora.localhost"}))

    def peer() -> None:
        with schema_context("aurora"):
            for _ in range(REQUESTS):
                _view(factory.get("/", headers={"host": "aurora.localhost"}))

    ours(), peer()
    pairs = [(_timed(ours), _timed(peer)) for _ in range(ROUNDS)]
    scale = 1e6 / REQUESTS
    print_row(
        "tenants/request",
        ours=median([mine for mine, _ in pairs]) * scale,
        unit="µs",
        peer="no tenancy",
        peers=median([theirs for _, theirs in pairs]) * scale,
        goal="<= 1.15",
    )


def _bench_migrate() -> None:
    """One additive migration over 500 shops: plan once on the template, replay in each."""
    for number in range(max(SHOPS - Merchant.objects.count(), 0)):
        _bare_shop(f"bare{number}")
    shops = list(Merchant.objects.exclude(schema_name=settings.TEMPLATE_SCHEMA).values_list("schema_name", flat=True))
    migration = Migration("9999_bench", "merchants")
    migration.operations = [AddField("factrecord", "bench_note", TextField(default="", db_default=""))]

    def roll_out() -> None:
        with schema_context(settings.TEMPLATE_SCHEMA, include_public=False):
            loader = MigrationExecutor(connection).loader
            planned = rollout.collect([migration], loader.project_state(loader.graph.leaf_nodes("merchants")))
        for shop in shops:
            with schemas.owner_connection() as owner:
                rollout.replay(owner, shop, planned)

    took = _timed(roll_out)
    print_row("tenants/migrate", ours=took * SHOPS / len(shops), unit="s", peer="budget", peers=MIGRATE_BUDGET_S, goal="<= 1.0")


def _bare_shop(schema: str) -> None:
    schemas.clone_template(schema)
    with schema_context("public"):
        Merchant.objects.create(schema_name=schema, name=schema)


if __name__ == "__main__":
    main()
