"""A web process loads at its start, hears which shop is about to sell, and opens its connections: bounded, and never in another's way."""

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError

from commerce.payments import readiness
from config.install import ROOT
from merchants.foundation.connections import fill_pool
from merchants.foundation.tenancy import in_schema
from rooms.preparation import listener as ears
from rooms.preparation import news
from rooms.preparation.listener import Listener
from rooms.preparation.news import tell_processes
from rooms.program.air import client

WAIT_S = 20
OWN = f"prepare-{os.getpid()}"


@pytest.fixture(autouse=True)
def _own_channel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Valkey's channels know no databases: web processes of other tests hear the usual one."""
    for module in (news, ears):
        monkeypatch.setattr(module, "CHANNEL", OWN)


@pytest.fixture
async def heard(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[list[str]]:
    """A listener at work; the shops it made itself ready for."""
    shops: list[str] = []

    async def open_connections(schema: str) -> int:
        shops.append(schema)
        if schema == "borealis":
            raise OperationalError
        return 3

    monkeypatch.setattr(ears, "_open_connections", open_connections)
    ear = Listener().start()
    await sync_to_async(_wait_for_ears)(1)
    yield shops
    await ear.close()
    await sync_to_async(_wait_for_ears)(0)


def _wait_for_ears(count: int) -> None:
    """A shop that nobody is: its word is heard by who listens, and nothing comes of it."""
    until = time.monotonic() + WAIT_S
    while client().publish(f"Not a shop:{OWN}", b"") != count:
        assert time.monotonic() < until
        time.sleep(0.02)


def _tell(schema: str) -> int:
    with in_schema(schema):
        return tell_processes()


async def _until(shops: list[str], wanted: list[str]) -> None:
    def wait() -> None:
        until = time.monotonic() + WAIT_S
        while shops != wanted:
            assert time.monotonic() < until, shops
            time.sleep(0.02)

    await sync_to_async(wait)()


async def test_each_shop_is_heard_by_its_own_name(aurora: Any, borealis: Any, heard: list[str]) -> None:
    """Once a minute at most; a failure, or a name that is no shop's, ends nothing."""
    tell = sync_to_async(_tell)
    assert await tell("aurora") == 1
    await _until(heard, ["aurora"])
    await tell("aurora")
    await tell("borealis")
    await _until(heard, ["aurora", "borealis"])
    await sync_to_async(client().publish)(f"Not a shop:{OWN}", b"")
    await tell("cassiopeia")
    await _until(heard, ["aurora", "borealis", "cassiopeia"])


def test_nobody_listens_and_nothing_fails(aurora: Any) -> None:
    assert _tell("aurora") == 0


def test_without_a_pool_there_is_nothing_to_open(aurora: Any) -> None:
    assert fill_pool("aurora", lambda: pytest.fail("nothing to look with")) == 0
    readiness.load()


_FILL = """
import django; django.setup()
from django.db import connection
from commerce.payments import readiness
from merchants.foundation.tenancy import in_schema, current_schema
for schema in ("aurora", "borealis", "nobody"):
    with in_schema(schema):
        print(readiness.open_connections(), end=" ")
print(connection.pool.get_stats()["pool_size"], current_schema())
connection.close_pool()
"""


@pytest.mark.django_db(transaction=True)
def test_a_pool_is_filled_but_for_two(aurora: Any, borealis: Any) -> None:
    """Six of eight, whichever shop asks, also one whose tables are not there; never more than the pool may have."""
    environment = os.environ | {"DATABASE_POOL_SIZE": "8", "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", _FILL], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == ["6", "6", "0", "6", "public"], done.stderr[-2000:]
