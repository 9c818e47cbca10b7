"""What an error report says, read by a server that stands in Sentry's place: the real SDK's envelopes, from a process with the real settings."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from config.install import ROOT

SECRET = "word-of-a-signed-link"
# A page and a task break in the middle of their work, as nobody foresaw; the database's own message would name a person.
BREAK = f"""
from unittest.mock import patch
from django.test import Client
from rooms.insights.letters import actions, tasks
from rooms.pages import views

def fail(*_):
    person = {SECRET!r}
    raise RuntimeError("no such row\\nDETAIL: Key (email)=(ann@shop.test) " + person)

with patch.object(views, "get_lobby", fail), patch.object(actions, "owe_week_letters", fail):
    for shop in ("aurora", "borealis"):
        assert Client(raise_request_exception=False, headers={{"host": shop + ".localhost"}}).get("/?word={SECRET}").status_code == 500
        assert tasks.tend_letters.apply(kwargs={{"schema": shop}}).failed()
"""


class Reports(ThreadingHTTPServer):
    """Keeps the events of the envelopes that arrive."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.bodies: list[str] = []

    @property
    def events(self) -> list[dict[str, Any]]:
        items = [json.loads(line) for body in self.bodies for line in body.splitlines() if line.startswith("{")]
        return [item for item in items if "exception" in item]


class _Door(BaseHTTPRequestHandler):
    server: Reports

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append((gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body).decode())
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def reports() -> Iterator[Reports]:
    with Reports() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.django_db(transaction=True)
def test_an_unforeseen_error_is_reported_with_its_shop_and_without_persons(reports: Reports) -> None:
    environment = os.environ | {"SENTRY_DSN": f"http://key@127.0.0.1:{reports.server_port}/1"}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", BREAK], cwd=ROOT, env=environment, check=True, timeout=60, capture_output=True)
    raised = [(event["tags"]["tenant"], event["exception"]["values"][-1]) for event in reports.events]
    told = [(shop, error["type"], error["value"]) for shop, error in raised]
    assert told == [(shop, "RuntimeError", "no such row") for shop in ("aurora", "borealis") for _ in ("page", "task")]
    whole = "".join(reports.bodies)
    assert "rooms/pages/views.py" in whole
    assert "rooms/insights/letters/tasks.py" in whole
    for private in (SECRET, "ann@shop.test", "aurora.localhost"):
        assert private not in whole, private


def test_without_an_address_nothing_is_loaded() -> None:
    """Whoever names no DSN has no reporter in the process."""
    look = "import sys; assert not any(name.startswith('sentry_sdk') for name in sys.modules)"
    environment = {name: value for name, value in os.environ.items() if name != "SENTRY_DSN"}
    subprocess.run([sys.executable, "manage.py", "shell", "-c", look], cwd=ROOT, env=environment, check=True, timeout=60)
