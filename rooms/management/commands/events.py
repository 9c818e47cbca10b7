"""`manage.py events`: viewer events from the stream to the database. Run one or several; any of them may be killed."""

import gc
import os
import secrets
import signal
import socket
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandError

from rooms.insights.ingest.consumer import Consumer

log = structlog.get_logger(__name__)

# One reads and copies while the database merges the other's batch.
CONSUMERS = 2


class Command(BaseCommand):
    help = "Stores viewer events and keeps their rollups. May run several times."
    requires_system_checks = ()  # they load every page of the office; `make check` has them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--consumers", type=int, default=CONSUMERS, help="how many batches this process works on at a time")

    def handle(self, *args: Any, **options: Any) -> None:
        name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        consumers = [Consumer(f"{name}-{number}") for number in range(options["consumers"])]

        def stop(*_: Any) -> None:
            for consumer in consumers:
                consumer.stop()

        def work(consumer: Consumer) -> None:
            """A defect ends the process, which is started again; a thread that fell alone would never be missed."""
            try:
                consumer.run()
            finally:
                ended.append(consumer.was_stopped)
                stop()

        ended: list[bool] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        # Batches are thousands of objects without a cycle among them: looking for one every 700 of them takes a tenth of the time.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        log.info("events_ready", consumer=name)
        threads = [threading.Thread(target=work, args=[consumer], name=f"events-{number}") for number, consumer in enumerate(consumers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if not all(ended):
            raise CommandError("A consumer fell; see the log above.")
