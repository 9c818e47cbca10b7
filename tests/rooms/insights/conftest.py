"""Planted visits in the database of aurora, stored once for a module; a few in borealis beside them."""

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connections

from merchants.foundation.tenancy import in_schema
from rooms.insights.events import stream
from rooms.insights.ingest.consumer import REFUSED_STREAM
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.program.air import client
from tests.conftest import _empty_shops
from tests.dramas.building import make_season
from tests.rooms.insights import clickhouse
from tests.rooms.insights.fold import Visit, visits_of
from tests.rooms.insights.planting import Planted

VISITS, BATCH = 3_000, 700
BEGIN_MS = 1_795_000_000_000  # a fixed day, so that the same seed plants the same evening


@pytest.fixture(autouse=True)
def _empty_stream() -> None:
    """A benchmark on the same embedded services may have left one."""
    client().delete(stream.STREAM, REFUSED_STREAM)


def plant(schema: str, visits: int, *, seed: int = 7, begin_ms: int = BEGIN_MS) -> Planted:
    """Needs: the database. A season of the shop, three rooms, two cues."""
    with in_schema(schema):
        season = make_season(episodes=8, title=f"Planted {schema}")
    numbers = [planted_uuid(seed, number) for number in range(5)]
    return Planted(schema, numbers[:3], [episode.id for episode in season.episodes], numbers[3:], begin_ms, seed).plant(visits)


def planted_uuid(seed: int, number: int) -> UUID:
    return UUID(int=(seed << 32 | number + 1) << 80 | 4 << 76 | 2 << 62)


def store_all(planted: Planted, *, repeated: float = 0.1) -> None:
    """In any order, a tenth of it twice, in batches as the process reads them."""
    parcels, places = planted.shuffled(repeated=repeated), Places()
    ensure_days(days_of(parcels))
    for begin in range(0, len(parcels), BATCH):
        store(planted.schema, parcels[begin : begin + BATCH], places)


def stored(*planted: Planted) -> Iterator[None]:
    for one in planted:
        store_all(one)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("ANALYZE")  # as the server does by itself within a minute; unknown tables are joined row by row
    yield
    connections.close_all()
    _empty_shops(None)


@pytest.fixture(scope="module")
def both(request: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Planted, Planted]]:
    """A module that needs fewer visits says so: `VISITS`."""
    with django_db_blocker.unblock():
        ours, theirs = plant("aurora", getattr(request.module, "VISITS", VISITS)), plant("borealis", 60, seed=8)
        yield from ((ours, theirs) for _ in stored(ours, theirs))


@pytest.fixture(scope="module")
def planted(both: tuple[Planted, Planted]) -> Planted:
    return both[0]


@pytest.fixture(scope="session")
def clickhouse_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from clickhouse.serve(tmp_path_factory.mktemp("clickhouse"))


@pytest.fixture(scope="module")
def in_clickhouse(both: tuple[Planted, Planted], clickhouse_url: str, django_db_blocker: Any) -> str:
    """The same events there: in another order, three of ten parcels twice."""
    with django_db_blocker.unblock(), clickhouse.in_use(clickhouse_url):
        for one in both:
            clickhouse.write(one.schema, one.shuffled(repeated=0.3))
    return clickhouse_url


@pytest.fixture(params=["postgres", "clickhouse"])
def engine(request: pytest.FixtureRequest, settings: Any) -> str:
    """What is asked of the port is asked of both, one after the other."""
    settings.CLICKHOUSE_URL = request.getfixturevalue("in_clickhouse") if request.param == "clickhouse" else ""
    return str(request.param)


@pytest.fixture(scope="module")
def few(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A few visits in each shop."""
    with django_db_blocker.unblock():
        yield from stored(plant("aurora", 60), plant("borealis", 60, seed=8))


@pytest.fixture(scope="module")
def visits(planted: Planted) -> list[Visit]:
    """What the oracle makes of the same events."""
    return visits_of(planted.parcels)
