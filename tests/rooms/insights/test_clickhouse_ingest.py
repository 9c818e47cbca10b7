"""The way of events into ClickHouse: with PostgreSQL or not at all acknowledged, once, while either of them falls; and what was there before."""

import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from redis.exceptions import ConnectionError as ValkeyGone

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.clickhouse import connection, mirror
from rooms.insights.clickhouse.errors import ClickHouseAway
from rooms.insights.events import stream
from rooms.insights.ingest import backfill
from rooms.insights.ingest.consumer import REFUSED_STREAM, Consumer
from rooms.insights.queries.clickhouse import ClickHouseInsights
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import PostgresInsights
from rooms.insights.queries.shapes import Question, Slice
from rooms.program.air import client as valkey
from tests.rooms.building import Stage
from tests.rooms.insights import clickhouse
from tests.rooms.insights.conftest import BEGIN_MS, plant, planted_uuid, store_all
from tests.rooms.insights.planting import Planted
from tests.rooms.insights.test_consumer import drain, like, rows

pytestmark = pytest.mark.django_db(transaction=True)

ALL = Question(Slice())
NOBODY_LISTENS = "http://127.0.0.1:9/default"


@pytest.fixture(autouse=True)
def _in_use(db: None, settings: Any, clickhouse_url: str) -> None:
    settings.CLICKHOUSE_URL = clickhouse_url
    clickhouse.empty()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "PAUSES_S", (0, 0))


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What was logged of ClickHouse."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(connection, "log", SimpleNamespace(warning=lambda event, **of: lines.append({"event": event, **of})))
    return lines


def events_of(planted: Planted) -> int:
    return len({event.id for parcel in planted.parcels for event in parcel.events})


def test_what_is_acknowledged_is_in_both(settings: Any) -> None:
    """Two shops in one turn are one insert; the answers of both engines are the same."""
    ours, theirs = plant("aurora", 60), plant("borealis", 20, seed=8)
    for parcel in [*ours.parcels, *theirs.parcels, *ours.parcels[:40]]:
        stream.append(parcel)
    drain(Consumer("one"))
    assert stream.read_lag().entries == 0
    for one in (ours, theirs):
        assert clickhouse.count("uniqExact(id)", where=f"tenant_id = '{one.schema}'") == rows(one.schema) == events_of(one)
        with in_schema(one.schema):
            assert isinstance(get_port(), ClickHouseInsights)
            for ask in ("list_funnel", "list_retention", "list_dwell", "list_cohorts"):
                assert getattr(get_port(), ask)(ALL) == getattr(PostgresInsights(), ask)(ALL)


def test_while_it_is_away_nothing_is_acknowledged_and_nothing_lost(settings: Any, clickhouse_url: str, said: list[dict[str, Any]]) -> None:
    """Three tries, each told; PostgreSQL has the batch; once ClickHouse is back it gets it, and PostgreSQL counts nothing twice."""
    small = plant("aurora", 30)
    for parcel in small.parcels:
        stream.append(parcel)
    settings.CLICKHOUSE_URL = NOBODY_LISTENS
    with pytest.raises(ClickHouseAway):
        Consumer("one").work(block_ms=1)
    assert [(line["event"], line["doing"]) for line in said] == [("clickhouse_away", "create")] * 3
    assert "refused" in said[0]["reason"]
    assert stream.read_lag().entries == len(small.parcels)
    assert rows("aurora") > 0
    settings.CLICKHOUSE_URL = clickhouse_url
    assert drain(Consumer("two", abandoned_ms=0)) == len(small.parcels)
    assert stream.read_lag().entries == 0
    assert clickhouse.count("uniqExact(id)") == rows("aurora") == events_of(small)
    with in_schema("aurora"):
        assert ClickHouseInsights().list_dwell(ALL) == PostgresInsights().list_dwell(ALL)


def test_the_process_goes_on_by_itself(settings: Any, clickhouse_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`run` waits and tries again; the first batch is taken up as an abandoned one."""
    stream.append(like(1))
    consumer, real, calls = Consumer("one", abandoned_ms=0, tend_s=0), mirror.append, []

    def away_once(found: Any) -> None:
        calls.append(found)
        if len(calls) == 1:
            raise ClickHouseAway
        real(found)
        consumer.stop()

    monkeypatch.setattr(mirror, "append", away_once)
    consumer.run()
    assert len(calls) == 2
    assert stream.read_lag().entries == 0
    assert clickhouse.count() == 1


def test_a_batch_that_was_written_and_not_acknowledged_counts_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process falls between the last store and the acknowledgement."""
    small = plant("aurora", 30)
    for parcel in small.parcels:
        stream.append(parcel)

    def gone(*_: Any) -> None:
        raise ValkeyGone

    with monkeypatch.context() as falling:
        falling.setattr(valkey(), "xack", gone)
        with pytest.raises(ValkeyGone):
            Consumer("one").work(block_ms=1)
    drain(Consumer("two", abandoned_ms=0))
    assert clickhouse.count() > clickhouse.count("uniqExact(id)") == events_of(small)
    with in_schema("aurora"):
        assert ClickHouseInsights().list_dwell(ALL) == PostgresInsights().list_dwell(ALL)
        assert ClickHouseInsights().list_cohorts(ALL) == PostgresInsights().list_cohorts(ALL)


def test_what_postgres_refuses_is_in_neither() -> None:
    """Likes out of their column's range: the batch of one viewer is put aside, its neighbours are in both."""
    stream.append(like(0))
    consumer, session = Consumer("one"), planted_uuid(3, 2)
    drain(consumer)
    stream.append(like(1, session=session))
    drain(consumer)
    with in_schema("aurora"), database.cursor() as cursor:
        cursor.execute("UPDATE insights_session_fact SET likes = 2147483600 WHERE session_id = %s", [session])
    for number in range(20, 28):
        stream.append(like(number, count=500, session=session if number == 23 else None))
    drain(consumer)
    assert valkey().xlen(REFUSED_STREAM) == 1
    assert clickhouse.count("uniqExact(id)") == rows("aurora") == 9


def test_without_the_setting_nothing_is_written(settings: Any) -> None:
    settings.CLICKHOUSE_URL = ""
    stream.append(like(1))
    assert drain(Consumer("one")) == 1
    assert rows("aurora") == 1
    with in_schema("aurora"):
        assert get_port().list_dwell(ALL)[0].sessions == 1


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/default"


def test_one_that_never_answers_is_given_up(settings: Any, silent: str, monkeypatch: pytest.MonkeyPatch, said: list[dict[str, Any]]) -> None:
    monkeypatch.setattr(connection, "ANSWER_TIMEOUT_S", 1)
    settings.CLICKHOUSE_URL = silent
    with in_schema("aurora"), pytest.raises(ClickHouseAway):
        get_port().list_dwell(ALL)
    assert "timed out" in said[0]["reason"].lower()


@pytest.mark.parametrize("change", [("/default", "/elsewhere"), ("insights:", "stranger:")])
def test_one_that_refuses_is_told_of(settings: Any, clickhouse_url: str, said: list[dict[str, Any]], change: tuple[str, str]) -> None:
    """A database that is not there, a stranger: the reason is in the log, not in the answer."""
    settings.CLICKHOUSE_URL = clickhouse_url.replace(*change)
    with in_schema("aurora"), pytest.raises(ClickHouseAway) as refused:
        get_port().list_funnel(ALL)
    assert re_code(said[0]["reason"]) in {"81", "516"}
    assert "Code" not in refused.value.message


def re_code(text: str) -> str:
    return text.partition("code: ")[2].split(",")[0]


# Doors ----------------------------------------------------------------------------------------


def test_a_reader_is_told_that_figures_are_away(settings: Any, aurora: Any, enter: Callable[..., Any], set_up: Callable[..., Stage]) -> None:
    """REST, CSV and the page: 503, in words, and the page with its frame."""
    stage, planted = set_up(aurora), plant("aurora", 40)
    for parcel in planted.parcels:
        parcel.room_id = stage.room_id
    store_all(planted)
    owner = enter(aurora, "owner")
    settings.CLICKHOUSE_URL = NOBODY_LISTENS
    for name in ("funnel", "retention", "drops", "dwell", "cohorts"):
        answer = owner.get(f"/api/v1/insights/{name}/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "insights_away")
        assert owner.get(f"/api/v1/insights/{name}.csv").status_code == 503
    assert owner.get("/api/v1/insights/summary/").json()["rows"][0]["sessions"] == 40
    page = owner.get("/insights/", {"room": stage.slug})
    assert page.status_code == 503
    assert 'role="alert"' in page.content.decode()
    assert 'id="state"' not in page.content.decode()


# What was there before ------------------------------------------------------------------------


def copied(*arguments: str) -> str:
    out = StringIO()
    with clock.frozen(clock.from_ms(BEGIN_MS) + timedelta(days=5)):
        call_command("events_to_clickhouse", *arguments, stdout=out)
    return out.getvalue()


def test_what_postgres_kept_is_copied_and_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """In pages, of every shop; begun again it has nothing to do; the answers are PostgreSQL's."""
    monkeypatch.setattr(backfill, "_PAGE", backfill._PAGE.replace(f"LIMIT {backfill.BATCH_ROWS}", "LIMIT 97"))
    ours, theirs = plant("aurora", 60), plant("borealis", 20, seed=8)
    store_all(ours)
    store_all(theirs)
    text = copied()
    assert {line.split()[0] for line in text.splitlines()} == {"aurora", "borealis"}
    assert clickhouse.count() == events_of(ours) + events_of(theirs)
    assert all(line.endswith(" 0 of them copied") for line in copied().splitlines())
    assert clickhouse.count() == events_of(ours) + events_of(theirs)
    for one in (ours, theirs):
        with in_schema(one.schema):
            for ask in ("list_funnel", "list_retention", "list_dwell", "list_cohorts"):
                assert getattr(ClickHouseInsights(), ask)(ALL) == getattr(PostgresInsights(), ask)(ALL)


def test_a_copy_that_was_ended_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Away in the middle of a day: what was written stays, that day is copied anew, and events count once."""
    monkeypatch.setattr(backfill, "_PAGE", backfill._PAGE.replace(f"LIMIT {backfill.BATCH_ROWS}", "LIMIT 97"))
    planted, real, pages = plant("aurora", 60), mirror.append, []
    store_all(planted)

    def away_later(found: Any) -> None:
        pages.append(found)
        if len(pages) == 4:
            raise ClickHouseAway
        real(found)

    with monkeypatch.context() as falling:
        falling.setattr(mirror, "append", away_later)
        with pytest.raises(CommandError, match="begin again"):
            copied("--shop", "aurora")
    assert clickhouse.count() == 3 * 97
    copied("--shop", "aurora")
    assert clickhouse.count("uniqExact(id)") == events_of(planted)
    with in_schema("aurora"):
        assert ClickHouseInsights().list_dwell(ALL) == PostgresInsights().list_dwell(ALL)


def test_the_copy_says_why_it_does_not_begin(settings: Any) -> None:
    with pytest.raises(CommandError, match="no shop nowhere"):
        copied("--shop", "nowhere")
    settings.CLICKHOUSE_URL = ""
    with pytest.raises(CommandError, match="CLICKHOUSE_URL is not set"):
        copied()
