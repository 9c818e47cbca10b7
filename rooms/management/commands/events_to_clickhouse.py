"""`manage.py events_to_clickhouse`: what PostgreSQL keeps of viewer events, to ClickHouse. May be ended and begun again at any time."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from merchants.foundation.tenancy import in_schema
from merchants.tenants.queries import list_schemas
from rooms.insights.clickhouse.connection import is_on
from rooms.insights.clickhouse.errors import ClickHouseAway
from rooms.insights.ingest.backfill import copy_days


class Command(BaseCommand):
    help = "Makes ClickHouse's table of viewer events and copies there what is missing of those that PostgreSQL keeps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", action="append", help="only this shop (its schema); may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_on():
            raise CommandError("CLICKHOUSE_URL is not set.")
        known = list_schemas()
        wanted = options["shop"] or known
        if unknown := sorted(set(wanted) - set(known)):
            raise CommandError(f"There is no shop {', '.join(unknown)}.")
        for schema in wanted:
            with in_schema(schema):
                self._copy(schema)

    def _copy(self, schema: str) -> None:
        try:
            for day in copy_days():
                self.stdout.write(f"{schema} {day.on_day}: {day.events} events, {day.missing} of them copied")
        except ClickHouseAway as refusal:
            raise CommandError("ClickHouse does not answer or refuses; the log says why. What was copied stays: begin again.") from refusal
