"""Bring the public schema, the template and every shop to the current migrations, then renew the application's grants."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django_tenants.utils import schema_context

from merchants.tenants import schemas
from merchants.tenants.models import Merchant
from merchants.tenants.rollout import migrate_shops


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()  # they load every page of the office

    def handle(self, *args: Any, **options: Any) -> None:
        verbosity = options["verbosity"]
        call_command("migrate_schemas", shared=True, interactive=False, verbosity=verbosity)
        self._ensure_template()
        migrate_shops(on_progress=lambda done, total: self._show(done, total, verbosity))
        with schema_context("public"):
            names = list(Merchant.objects.values_list("schema_name", flat=True))
        connection.close()
        with schemas.owner_connection() as owner:
            schemas.install_clone_function(owner)
            for schema in dict.fromkeys(["public", settings.TEMPLATE_SCHEMA, *names]):
                schemas.grant_application(owner, schema)

    def _show(self, done: int, total: int, verbosity: int) -> None:
        if verbosity and (done == total or done % 10 == 0):
            self.stdout.write(f"{done} of {total} shops migrated")

    def _ensure_template(self) -> None:
        """The template is a row like a shop's, so that migrations reach it; it has no domain, so no request does."""
        with schemas.owner_connection() as owner:
            owner.execute(f'CREATE SCHEMA IF NOT EXISTS "{settings.TEMPLATE_SCHEMA}"')  # type: ignore[arg-type]  # our own setting
        with schema_context("public"):
            Merchant.objects.get_or_create(schema_name=settings.TEMPLATE_SCHEMA, defaults={"name": "template", "status": Merchant.Status.SUSPENDED})
