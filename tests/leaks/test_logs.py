"""The log: every entry of a request, a task and a socket says whose it is, and names nobody else."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ObjectDoesNotExist

from config.celery import app
from config.logs import make_formatter
from merchants.foundation.errors import DomainError
from tests.leaks import walk
from tests.leaks.expectations.addresses import SHOP
from tests.leaks.expectations.logs import OF_THE_PROCESS
from tests.leaks.expectations.tasks import TENANT
from tests.leaks.knocking import ask, path_of
from tests.leaks.server import Server
from tests.leaks.test_sockets import hear, seat, ticket
from tests.leaks.twins import OURS, OURS_HOST, PLATFORM_HOST, THEIRS, Twins, undone

HINT = "bind the shop (in_schema, structlog's contextvars) or add the entry with its reason to tests/leaks/expectations/logs.py"


class Book(logging.Handler):
    """Keeps what the product's own formatter would print."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(make_formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@contextmanager
def logbook() -> Iterator[Book]:
    book, root = Book(), logging.getLogger()
    level = root.level
    root.addHandler(book)
    root.setLevel(logging.INFO)
    try:
        yield book
    finally:
        root.removeHandler(book)
        root.setLevel(level)


def nameless(lines: list[str], schema: str) -> list[str]:
    """Entries that do not say `schema`, or that speak of the other shop."""
    wrong = []
    for line in lines:
        entry = json.loads(line) if line.startswith("{") else {"event": line}
        label = f"{entry.get('logger', '')} {entry.get('event', '')}"
        if entry.get("tenant") != schema and not any(re.match(pattern, label) for pattern in OF_THE_PROCESS):
            wrong.append(line[:300])
        if schema == OURS and f"{THEIRS}-canary" in line:
            wrong.append(line[:300])
    return wrong


@pytest.mark.parametrize("key", [key for key in walk.list_doors(walk.SHOP) if key in SHOP])
def test_entries_of_a_request_name_their_shop(key: str, twins: Twins) -> None:
    """A guest and the owner at every address; what goes wrong on the way is logged with the shop too."""
    door = SHOP[key]
    with logbook() as book, undone():
        for audience in ("guest", "owner"):
            ask(twins, door, next(iter(door.answers)), path_of(key, door, twins.shop.values), audience=audience)
    assert book.lines
    assert not nameless(book.lines, OURS), HINT


def test_entries_of_the_platform_name_the_platform(twins: Twins) -> None:
    """The console's requests belong to `public`."""
    with logbook() as book, undone():
        twins.browse("operator", host=PLATFORM_HOST).get("/admin/tenants/merchant/")
    assert book.lines
    assert not nameless(book.lines, "public")


@pytest.mark.parametrize("name", sorted(TENANT))
def test_entries_of_a_task_name_their_shop(name: str, twins: Twins) -> None:
    """Whatever a task logs, its failures too."""
    with logbook() as book, undone():
        logging.getLogger("leaks").info("before the task")
        try:
            app.tasks[name](schema=OURS, **TENANT[name](twins.shop.values))
        except (DomainError, ObjectDoesNotExist):
            pass
        logging.getLogger("leaks").info("after the task")
    before, *own, after = book.lines
    assert not nameless(own, OURS), HINT
    assert "tenant" not in json.loads(before)
    assert "tenant" not in json.loads(after)


async def test_entries_of_the_web_process_name_their_shop(twins: Twins, server: Server) -> None:
    """Requests and sockets on the real server: the shop on each entry, and no ticket in any."""
    start = len(server.log)
    await server.ask(OURS_HOST, "/rooms/harbour/")
    await server.ask(OURS_HOST, "/no/such/page/")
    async with seat(server, OURS, query={"ticket": ticket(twins, OURS)}) as socket:
        await hear(socket, '"ready"')
        await socket.send('{"k":"comment","text":"","ref":"1"}')
        await hear(socket, '"ref":"1"')
    lines = server.log[start:]
    assert any('"request_finished"' in line for line in lines)
    assert not nameless(lines, OURS), HINT
    assert "ticket=" not in "\n".join(lines)
