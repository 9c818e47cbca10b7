"""Days begin by the merchant's clock, in both engines and after it is set to another zone; they are the finance CSV's days."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from merchants.foundation import clock
from merchants.foundation.errors import InvalidInput
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema
from merchants.tenants.actions import set_time_zone
from merchants.tenants.queries import get_time_zone
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.insights.queries import totals
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.queries.spans import moments_of_days
from rooms.insights.rollups.actions import redate
from tests.rooms.insights.conftest import plant
from tests.rooms.insights.fold import Visit, funnel_of, retention_of, visits_of
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db

VISITS = 400
# Ahead of UTC by no whole hour, far behind it, and where the clocks are changed.
ZONES = ("Asia/Kathmandu", "America/Los_Angeles", "Asia/Shanghai")
ALL = Question(Slice())


@pytest.fixture(autouse=True)
def _in_aurora(planted: Planted, db: None) -> Iterator[None]:
    with in_schema("aurora"):
        yield


def moved() -> int:
    """Date the visits anew. A commit would empty the working tables; a test has none."""
    found = redate()
    with connection.cursor() as cursor:
        for table in ("insights_fresh", "insights_signed", "insights_pair", "insights_refold"):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608  our own names
    return found


def day_of(visit: Visit, zone: str) -> date:
    return clock.from_ms(visit.first_ms).astimezone(ZoneInfo(zone)).date()


def sums_by_day() -> dict[date, tuple[int, int]]:
    return {row.on_day: (row.sessions, row.revenue_minor) for row in totals.list_days(ALL)}


def expected_by_day(visits: list[Visit], zone: str) -> dict[date, tuple[int, int]]:
    counts, revenue = Counter(day_of(visit, zone) for visit in visits), Counter[date]()
    for visit in visits:
        revenue[day_of(visit, zone)] += visit.revenue
    return {day: (count, revenue[day]) for day, count in counts.items()}


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_the_shops(visits: list[Visit], planted: Planted, zone: str) -> None:
    """Funnel and retention of each day equal the fold over the visits that began on it by that clock."""
    set_time_zone(schema="aurora", time_zone=zone)
    assert moved() > 0
    numbers = {episode: number for number, episode in enumerate(planted.episodes, start=1)}
    days = sorted({day_of(visit, zone) for visit in visits})
    assert len(days) >= 3
    for day in days:
        of_day, question = [visit for visit in visits if day_of(visit, zone) == day], Question(Slice(since=day, until=day))
        assert [row.sessions for row in get_port().list_funnel(question)] == funnel_of(of_day)
        assert {(row.episode, row.second): (row.watching, row.left) for row in get_port().list_retention(question)} == retention_of(of_day, numbers)
    assert sum(row.viewers for row in get_port().list_cohorts(ALL) if row.day == 0) == len({visit.viewer for visit in visits})


def test_sums_of_days_move_with_the_clock_and_nothing_is_lost(visits: list[Visit]) -> None:
    """There and back, each time as if all had been stored by that clock; a second time nothing moves."""
    for zone in (*ZONES, "UTC"):
        set_time_zone(schema="aurora", time_zone=zone)
        assert moved() > 0
        assert sums_by_day() == expected_by_day(visits, zone)
        assert moved() == 0


def test_what_comes_later_is_dated_by_the_new_clock() -> None:
    """Visits of a shop whose clock was set before they came."""
    late = plant("borealis", 0, seed=31)
    late.visits = 1_000  # numbers that no visit has yet
    late.plant(120)
    ensure_days(days_of(late.parcels))
    set_time_zone(schema="borealis", time_zone="Asia/Shanghai")
    with in_schema("borealis"):
        moved()
        before = Counter({row.on_day: row.sessions for row in totals.list_days(ALL)})
    store("borealis", late.parcels, Places())
    with in_schema("borealis"):
        after = Counter({row.on_day: row.sessions for row in totals.list_days(ALL)})
    assert after - before == Counter(day_of(visit, "Asia/Shanghai") for visit in visits_of(late.parcels))


def test_setting_the_clock_redates_this_shop_alone(visits: list[Visit], django_capture_on_commit_callbacks: Any) -> None:
    """By the fact that it leaves; the same zone again leaves none; a zone that no clock knows changes nothing."""
    with in_schema("borealis"):
        theirs = sums_by_day()
    with django_capture_on_commit_callbacks(execute=True):
        set_time_zone(schema="aurora", time_zone="Asia/Shanghai")
    assert sums_by_day() == expected_by_day(visits, "Asia/Shanghai")
    facts = FactRecord.objects.filter(kind="merchants.tenants.facts.TimeZoneChanged")
    assert facts.count() == 1
    set_time_zone(schema="aurora", time_zone="Asia/Shanghai")
    assert facts.count() == 1
    with pytest.raises(InvalidInput):
        set_time_zone(schema="aurora", time_zone="Mars/Olympus")
    assert get_time_zone() == "Asia/Shanghai"
    with in_schema("borealis"):
        assert get_time_zone() == "UTC"
        assert sums_by_day() == theirs


def test_a_day_of_the_ledger_is_as_long_as_it_was_there() -> None:
    """Where clocks go back, 25 hours; an open end stays open."""
    set_time_zone(schema="aurora", time_zone="America/Los_Angeles")
    begin, end = moments_of_days(date(2026, 11, 1), date(2026, 11, 1))
    assert begin is not None
    assert end is not None
    assert end.timestamp() - begin.timestamp() == timedelta(hours=25).total_seconds()
    assert begin == datetime(2026, 11, 1, 7, tzinfo=ZoneInfo("UTC"))
    assert moments_of_days(None, None) == (None, None)
    with connection.cursor() as cursor:  # where the clock was read is left again
        cursor.execute("SELECT current_schema()")
        assert cursor.fetchone() == ("aurora",)
