"""ClickHouse's answers: row by row those of PostgreSQL where events are in doubt, once for each event, and of one shop alone."""

# ruff: noqa: S608  our own table

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from merchants.foundation import clock
from merchants.foundation.tenancy import NoTenant, in_schema
from rooms.insights.clickhouse.connection import ask
from rooms.insights.clickhouse.table import TABLE, TYPES
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import COLUMNS, days_of
from rooms.insights.queries import clickhouse_statements as statements
from rooms.insights.queries.clickhouse import ClickHouseInsights
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import PostgresInsights
from rooms.insights.queries.shapes import DAY_MS, STEP_NAMES, Question, Slice
from tests.conftest import _empty_shops
from tests.dramas.building import make_season
from tests.rooms.insights import clickhouse
from tests.rooms.insights.conftest import BEGIN_MS, planted_uuid
from tests.rooms.insights.odd_evening import OddEvening

pytestmark = pytest.mark.django_db

ALL = Question(Slice())
QUESTIONS = (statements.funnel, statements.cue_funnel, statements.retention, statements.dwell, statements.cohorts)


@pytest.fixture(scope="module")
def odd(django_db_setup: None, django_db_blocker: Any, clickhouse_url: str) -> Iterator[OddEvening]:
    """The same parcels in both: in a few batches here; there in another order, half of them twice, and all of them in the other shop as well."""
    with django_db_blocker.unblock():
        with in_schema("aurora"):
            episodes = [episode.id for title in ("Ebb", "Flood") for episode in make_season(episodes=6, title=title).episodes[:2]]
        numbers = [planted_uuid(5, number) for number in range(45)]
        evening = OddEvening("aurora", numbers[:2], numbers[5:], episodes, numbers[2:5], BEGIN_MS)
        parcels = evening.parcels(visits=260, orders=700)
        ensure_days(days_of(parcels))
        places = Places()
        for begin in range(0, len(parcels), 250):
            store("aurora", parcels[begin : begin + 250], places)
        with clickhouse.in_use(clickhouse_url):
            again = [*parcels, *parcels[::2]]
            evening.dice.shuffle(again)
            clickhouse.write("aurora", again, at_once=300)
            clickhouse.write("borealis", [moved(parcel) for parcel in parcels])
        yield evening
        connections.close_all()
        _empty_shops(None)


def moved(parcel: Parcel) -> Parcel:
    """The same ids in the other shop."""
    return Parcel("borealis", parcel.room_id, parcel.viewer_id, parcel.session, parcel.received_ms, parcel.events)


@pytest.fixture(autouse=True)
def _in_aurora(odd: OddEvening, db: None, settings: Any, clickhouse_url: str) -> Iterator[None]:
    settings.CLICKHOUSE_URL = clickhouse_url
    with in_schema("aurora"):
        yield


def slices(odd: OddEvening) -> list[Slice]:
    season_ids = sorted(row.group for row in PostgresInsights().list_funnel(replace(ALL, split="season")) if row.step == 1 and row.group)
    day = clock.from_ms(odd.begin_ms).date()
    return [
        Slice(),
        Slice(room_id=odd.rooms[0]),
        Slice(season_id=season_ids[0]),
        Slice(source="mail", variant=""),
        Slice(variant="B", since=day + timedelta(days=1)),
        Slice(until=day),
        Slice(room_id=odd.viewers[0]),
    ]


def test_the_setting_chooses_the_engine(settings: Any) -> None:
    assert isinstance(get_port(), ClickHouseInsights)
    settings.CLICKHOUSE_URL = ""
    assert isinstance(get_port(), PostgresInsights)


@pytest.mark.parametrize("url", ["127.0.0.1:8123", "clickhouse://user@host/database"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    """In one sentence that shows what one looks like."""
    command = [sys.executable, "-c", "import config.settings"]
    done = subprocess.run(command, cwd=clickhouse.ROOT, env=os.environ | {"CLICKHOUSE_URL": url}, capture_output=True, text=True, check=False)
    assert done.returncode
    assert "CLICKHOUSE_URL is the address of ClickHouse's HTTP interface" in done.stderr.splitlines()[-1]


def test_odd_visits_are_in_doubt(odd: OddEvening) -> None:
    """Every step of the funnel is reached by some and missed by others, or the tests below would say little."""
    counts = [row.sessions for row in PostgresInsights().list_funnel(replace(ALL, window_ms=7 * DAY_MS))]
    assert counts == sorted(set(counts), reverse=True)
    assert len(counts) == len(STEP_NAMES)
    assert counts[-1] > 0


@pytest.mark.parametrize("window_ms", [0, 300_000, 7 * DAY_MS])
def test_the_funnel_is_row_by_row_that_of_postgres(odd: OddEvening, window_ms: int) -> None:
    for wanted, split in zip(slices(odd), ("season", "source", "variant", "room", "none", "season", "none"), strict=True):
        question = Question(wanted, window_ms=window_ms, split=split)
        assert ClickHouseInsights().list_funnel(question) == PostgresInsights().list_funnel(question), question


@pytest.mark.parametrize("window_ms", [300_000, 7 * DAY_MS])
def test_the_funnel_of_cues_is_row_by_row_that_of_postgres(odd: OddEvening, window_ms: int) -> None:
    """Of one cue, of an episode's cues, and of one cue where it was first shown in that episode."""
    of_what = [{"cue_id": odd.cues[0]}, {"episode_id": odd.episodes[0]}, {"cue_id": odd.cues[1], "episode_id": odd.episodes[2]}]
    for wanted, which in zip(slices(odd), of_what, strict=False):
        question = Question(wanted, window_ms=window_ms, split="variant", **which)
        assert ClickHouseInsights().list_funnel(question) == PostgresInsights().list_funnel(question), question


def test_retention_dwell_and_cohorts_are_row_by_row_those_of_postgres(odd: OddEvening) -> None:
    ours, theirs = ClickHouseInsights(), PostgresInsights()
    for wanted in slices(odd):
        question = Question(wanted)
        assert ours.list_retention(question) == theirs.list_retention(question), question
        assert ours.list_dwell(question) == theirs.list_dwell(question), question
        assert ours.list_cohorts(question) == theirs.list_cohorts(question), question
    assert len(theirs.list_cohorts(ALL)) > 3


def test_copies_lie_there_and_count_once() -> None:
    """However often an event was written: the table has not merged them yet, and the answers above were right all the same."""
    written, there = clickhouse.count(where="tenant_id = 'aurora'"), clickhouse.count("uniqExact(id)", where="tenant_id = 'aurora'")
    assert written > there
    assert ask(f"SELECT count() FROM {TABLE} FINAL", {}) == [(there,)]


def test_the_copy_that_was_received_first_stands(odd: OddEvening) -> None:
    """Whatever is written last: as in PostgreSQL, a resend changes nothing."""
    early = moved(odd.parcels(visits=1, orders=0)[0])
    late = Parcel(early.schema, early.room_id, early.viewer_id, early.session, early.received_ms + 1_000, early.events)
    said = f"SELECT DISTINCT toUnixTimestamp64Milli(received_at) FROM {TABLE} FINAL WHERE session_id = {{session:UUID}}"
    with in_schema("borealis"):
        for parcel, stands in ((late, late), (early, early), (late, early)):
            clickhouse.write("borealis", [parcel])
            assert ask(said, {"session": early.session}) == [(stands.received_ms,)]


def test_the_columns_are_those_of_the_rows() -> None:
    assert tuple(TYPES) == COLUMNS


# Isolation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_question_is_without_the_shop(question: Any) -> None:
    """The table is named once in a statement, and there with the shop."""
    for wanted in (ALL, Question(Slice(room_id=planted_uuid(5, 0)), cue_id=planted_uuid(5, 2), split="room")):
        statement = question(wanted)
        assert len(re.findall(rf"\b{TABLE}\b", statement)) == 1
        assert f"FROM {TABLE} FINAL WHERE tenant_id = {{tenant:String}}" in statement


def test_a_statement_that_forgets_the_shop_sees_one_shop() -> None:
    """The second lock: the server narrows the table whatever is asked; by name, in a join, past FINAL."""
    for schema in ("aurora", "borealis"):
        with in_schema(schema):
            assert ask(f"SELECT DISTINCT tenant_id FROM {TABLE}", {}) == [(schema,)]
            assert ask(f"SELECT DISTINCT told.tenant_id FROM {TABLE} AS told FINAL", {}) == [(schema,)]
            joined = ask(f"SELECT DISTINCT a.tenant_id, b.tenant_id FROM {TABLE} a INNER JOIN {TABLE} b ON a.id = b.id", {})
            assert joined == [(schema, schema)]
    with in_schema("public"):
        assert ask(f"SELECT count() FROM {TABLE}", {}) == [(0,)]


def test_equal_ids_in_two_shops_are_two_events(odd: OddEvening) -> None:
    """Rooms, viewers, visits and events of both have the same ids: each shop has its own numbers, and one that is written to changes alone."""
    ours = ClickHouseInsights().list_dwell(ALL)
    with in_schema("borealis"):
        theirs = ClickHouseInsights().list_dwell(ALL)
        clickhouse.write("borealis", [moved(parcel) for parcel in odd.parcels(visits=3, orders=1)])
        assert ClickHouseInsights().list_dwell(ALL)[0].sessions == theirs[0].sessions + 3
    assert ClickHouseInsights().list_dwell(ALL) == ours


def test_nobody_asks_without_a_shop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rooms.insights.clickhouse.connection.current_schema", lambda: "x' OR '1' = '1")
    with pytest.raises(NoTenant):
        ClickHouseInsights().list_dwell(ALL)
