"""The process that stores events: once each, whatever falls, and what does not fit keeps nobody waiting."""

import os
import random
import signal
import time
from datetime import date
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections

from merchants.foundation.tenancy import in_schema
from rooms.insights.events import stream
from rooms.insights.events.messages import LikeEvent, Parcel, happened_ms
from rooms.insights.ingest import consumer as module
from rooms.insights.ingest import partitions
from rooms.insights.ingest.consumer import REFUSED_STREAM, Consumer, trim
from rooms.insights.queries import totals
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import Question, Slice
from rooms.program.air import client as valkey
from tests.rooms.insights.conftest import BEGIN_MS, plant, planted_uuid
from tests.rooms.insights.fold import funnel_of, visits_of
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db(transaction=True)

ALL = Question(Slice())
KILLS = int(os.environ.get("KILLS", "10"))


def drain(consumer: Consumer) -> int:
    stored = 0
    while taken := consumer.work(block_ms=1):
        stored += taken
    return stored


def rows(schema: str, what: str = "count(*)", table: str = "insights_event") -> Any:
    with in_schema(schema), connection.cursor() as cursor:
        cursor.execute(f"SELECT {what} FROM {table}")  # noqa: S608
        return cursor.fetchone()[0]


@pytest.fixture
def small() -> Planted:
    return plant("aurora", 60)


def like(number: int, *, count: int = 1, session: Any = None) -> Parcel:
    event = LikeEvent(id=UUID(int=BEGIN_MS + number << 80 | 7 << 76 | 2 << 62), count=count)
    viewer = planted_uuid(3, number)
    return Parcel("aurora", planted_uuid(7, 0), viewer, session or viewer, BEGIN_MS, [event])


def test_what_is_stored_is_acknowledged_and_leaves_the_stream(small: Planted) -> None:
    """And what came twice is stored once."""
    for parcel in [*small.parcels, *small.parcels]:
        stream.append(parcel)
    assert drain(Consumer("one")) == 2 * len(small.parcels)
    events = {event.id for parcel in small.parcels for event in parcel.events}
    assert rows("aurora") == rows("aurora", "count(DISTINCT id)") == len(events)
    assert stream.read_lag().entries == 0
    trim()
    assert valkey().xpending(stream.STREAM, stream.GROUP)["pending"] == 0


def test_nothing_unread_is_trimmed(small: Planted) -> None:
    """Only what is acknowledged goes: a batch that was read and not stored stays, and so does everything behind it."""
    for parcel in small.parcels:
        stream.append(parcel)
    consumer = Consumer("one", batch_entries=10)
    consumer.work(block_ms=1)
    valkey().xreadgroup(stream.GROUP, "fallen", {stream.STREAM: ">"}, count=10)
    valkey().xtrim(stream.STREAM, minid="0-1", approximate=False)
    trim()
    assert valkey().xlen(stream.STREAM) >= len(small.parcels) - 10
    assert stream.read_lag().entries == len(small.parcels) - 10
    assert drain(Consumer("two", abandoned_ms=0)) == len(small.parcels) - 10
    assert rows("aurora") == len({event.id for parcel in small.parcels for event in parcel.events})


def test_the_lag_is_said_to_prometheus(small: Planted, client: Any) -> None:
    """Entries that wait and the age of the oldest: before any consumer, while one has read and not stored, and after."""

    def said() -> list[float]:
        lines = client.get("/metrics").content.decode().splitlines()
        names = ("insights_events_waiting ", "insights_events_oldest_seconds ")
        return [float(line.split()[1]) for name in names for line in lines if line.startswith(name)]

    assert said() == [0, 0]
    for number in range(3):
        valkey().xadd(stream.STREAM, {"p": stream.encode([like(number)])}, id=f"{int(time.time() * 1000) - 90_000}-{number}")
    assert said() == [3, pytest.approx(90, abs=20)]
    consumer = Consumer("one", batch_entries=1)
    consumer.work(block_ms=1)
    valkey().xreadgroup(stream.GROUP, "fallen", {stream.STREAM: ">"}, count=1)
    assert said() == [2, pytest.approx(90, abs=20)]
    drain(Consumer("two", abandoned_ms=0))
    assert said() == [0, 0]


def test_shops_are_told_apart_by_the_parcel(small: Planted) -> None:
    other = plant("borealis", 10, seed=8)
    for parcel in [*small.parcels, *other.parcels]:
        stream.append(parcel)
    drain(Consumer("one"))
    assert rows("borealis") == sum(len(parcel.events) for parcel in other.parcels)
    assert rows("borealis", "count(DISTINCT session_id)", "insights_session_fact") == 10


def test_an_episode_of_another_shop_is_no_place_in_the_story(small: Planted) -> None:
    """Whatever a browser says, the story's seconds are those of the shop's own seasons."""
    for parcel in plant("borealis", 10, seed=8).parcels:
        parcel.schema = "aurora"
        stream.append(parcel)
    drain(Consumer("one"))
    assert rows("aurora") > 10
    assert rows("aurora", "count(*)", "insights_retention_bucket") == 0


NOBODYS = [stream.encode([Parcel(schema, planted_uuid(1, 1), planted_uuid(1, 2), None, 1, [])]) for schema in ("nobody", "public", "template", 'a";')]


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x91\x01", *NOBODYS])
def test_what_cannot_be_read_or_has_no_shop_is_put_aside(small: Planted, body: bytes) -> None:
    valkey().xadd(stream.STREAM, {"p": body})
    stream.append(like(1))
    assert drain(Consumer("one")) == 2
    assert rows("aurora") == 1
    ((_, refused),) = valkey().xrange(REFUSED_STREAM)
    assert refused[b"p"] == body
    assert refused[b"reason"]


def test_one_that_does_not_fit_keeps_its_neighbours_from_nothing(small: Planted) -> None:
    """A visit whose likes leave the range of their column: its batch is put aside alone."""
    for number in range(8):
        stream.append(like(number))
    consumer = Consumer("one")
    drain(consumer)
    session = planted_uuid(3, 2)
    with in_schema("aurora"), connection.cursor() as cursor:
        cursor.execute("UPDATE insights_session_fact SET likes = 2147483600 WHERE session_id = %s", [session])
    for number in range(20, 28):
        stream.append(like(number, count=500, session=session if number == 23 else None))
    drain(consumer)
    assert rows("aurora") == 15
    assert valkey().xlen(REFUSED_STREAM) == 1


def test_a_database_that_does_not_answer_loses_nothing(small: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch stays pending and is stored once the database is back."""
    real, calls = module.store, []

    def fails_once(*args: Any) -> int:
        calls.append(args)
        if len(calls) == 1:
            connections.close_all()
            raise module.Error("gone")
        return real(*args)

    monkeypatch.setattr(module, "store", fails_once)
    stream.append(like(1))
    consumer = Consumer("one", abandoned_ms=0, tend_s=0)
    with pytest.raises(module.Error):
        consumer.work(block_ms=1)
    assert stream.read_lag().entries == 1
    assert consumer.work(block_ms=1) == 1
    assert rows("aurora") == 1


def test_a_database_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on the owner's connection, which makes the days: the process goes on by itself."""
    consumer, real, calls = Consumer("one"), partitions.ensure_days, []

    def away_once(days: Any) -> None:
        calls.append(days)
        if len(calls) == 1:
            raise psycopg.OperationalError("the database is starting")
        consumer.stop()
        real(days)

    monkeypatch.setattr(partitions, "ensure_days", away_once)
    consumer.run()
    assert len(calls) == 2


def test_days_are_made_once_and_forgotten_when_old() -> None:
    old, kept = date(2001, 5, 1), date(2001, 5, 2)
    partitions.ensure_days([old, kept])
    partitions.ensure_days([old, kept])
    assert partitions.drop_days_before(kept) == [old]
    assert partitions.drop_days_before(date(2001, 5, 3)) == [kept]


def test_the_lag_is_told_while_the_last_entry_is_acknowledged(small: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two questions to Valkey nothing is left waiting: the second one names no entry."""
    for parcel in small.parcels[:3]:
        stream.append(parcel)
    Consumer("one", batch_entries=1).work(block_ms=1)
    valkey().xreadgroup(stream.GROUP, "fallen", {stream.STREAM: ">"}, count=1)
    monkeypatch.setattr(type(valkey()), "xpending", lambda *_: {"pending": 0, "min": None})
    assert stream.read_lag().entries == 2


def start_child(number: int) -> int:
    """A consumer in a process of its own, on connections of its own."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            Consumer(f"child-{number}", abandoned_ms=100, tend_s=0.2, batch_entries=12).run()
        finally:
            os._exit(0)
    return pid


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_kills_at_random_lose_nothing_and_count_nothing_twice(small: Planted) -> None:
    """Two consumers at work, one of them killed with -9 at any moment, over and over."""
    planted = plant("aurora", 70 * KILLS, seed=11)
    for parcel in planted.parcels:
        stream.append(parcel)
    dice, children = random.Random(5), [start_child(0), start_child(1)]
    try:
        for number in range(KILLS):
            time.sleep(dice.uniform(0.03, 0.4))
            victim = dice.randrange(2)
            kill(children[victim])
            children[victim] = start_child(number + 2)
        deadline = time.monotonic() + 60 + KILLS
        while stream.read_lag().entries and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        for pid in children:
            kill(pid)
    visits = visits_of(planted.parcels)
    events = {event.id for parcel in planted.parcels for event in parcel.events}
    assert rows("aurora") == rows("aurora", "count(DISTINCT id)") == len(events)
    with in_schema("aurora"):
        assert [row.sessions for row in get_port().list_funnel(ALL)] == funnel_of(visits)
        (summary,) = totals.list_summary(ALL)
        assert sum(day.watched_ms for day in totals.list_days(ALL)) == summary.watched_ms == sum(visit.watched_ms for visit in visits)
        assert summary.revenue_minor == sum(visit.revenue for visit in visits)
    assert min(happened_ms(event_id) for event_id in events) >= BEGIN_MS
