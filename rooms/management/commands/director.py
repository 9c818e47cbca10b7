"""`manage.py director`: fires what is due in every room. Run one or several; each room has one leader."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from rooms.director.loop import LEASE_MS, Director


class Command(BaseCommand):
    help = "Directs the rooms on air: episode to episode, loops, scheduled starts, timed cues. May run several times."
    requires_system_checks = ()  # they load every page of the office; `make check` has them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lease-ms", type=int, default=LEASE_MS, help="how long a room stays with a leader that has died")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(_run(options["lease_ms"]))


async def _run(lease_ms: int) -> None:
    director = Director(lease_ms=lease_ms)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, director.stop)
    await director.run()
