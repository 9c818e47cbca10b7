"""`manage.py generate_types [--check]`: TypeScript types of the socket's messages."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from realtime.table import load_table
from realtime.typescript import render

TARGET = Path(__file__).resolve().parents[2] / "frontend" / "messages.gen.ts"


class Command(BaseCommand):
    help = "Writes realtime/frontend/messages.gen.ts from the structs in the socket table."
    requires_system_checks = ()  # type: ignore[assignment]  # `make check` runs it without a database

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail when the file is not current, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        text = render(load_table())
        if options["check"]:
            if not TARGET.exists() or TARGET.read_text() != text:
                raise CommandError("realtime/frontend/messages.gen.ts is not current; run `manage.py generate_types`.")
            return
        TARGET.write_text(text)
        self.stdout.write(f"{TARGET.name}: {text.count('export interface')} types")
