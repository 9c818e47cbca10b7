"""The reports' doors: by permission, one shop's numbers, JSON and CSV alike; and reports that are kept."""

import csv
import io
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from django.db import connection

from merchants.foundation.tenancy import in_schema
from rooms.insights.events.models import Report
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import FunnelRow, Question, Slice
from rooms.insights.queries.tables import render_csv
from rooms.insights.reports import actions
from rooms.insights.reports.readers import READERS
from rooms.insights.reports.tasks import compute_reports
from tests.dramas.building import count_queries
from tests.rooms.insights.conftest import planted_uuid

pytestmark = pytest.mark.django_db

ROOM = planted_uuid(7, 0)
# Session, person and shop; the report's own one; leaving the transaction.
MOST_QUERIES = 4


@pytest.fixture(autouse=True)
def _few(few: None, db: None) -> None:
    """Rows of both shops in every table."""


@pytest.fixture
def owner(aurora: Any, enter: Callable[..., Any]) -> Any:
    return enter(aurora, "owner")


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_report_is_the_same_as_json_and_as_csv(owner: Any, name: str) -> None:
    rows = owner.get(f"/api/v1/insights/{name}/").json()["rows"]
    answer = owner.get(f"/api/v1/insights/{name}.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="aurora-{name}.csv"'
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    table = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert list(table[0] if table else [field.name for field in fields(READERS[name].row)]) == [field.name for field in fields(READERS[name].row)]
    assert [{key: str(value) for key, value in row.items()} for row in rows] == table
    assert rows or name == "drops"


@pytest.mark.parametrize("name", sorted(READERS))
def test_a_report_costs_one_query(aurora: Any, owner: Any, name: str) -> None:
    assert count_queries(lambda: owner.get(f"/api/v1/insights/{name}/")) <= MOST_QUERIES


@pytest.mark.parametrize("role", ["host", "moderator"])
def test_who_may_not_see_insights_is_refused(aurora: Any, enter: Callable[..., Any], browse: Callable[..., Any], role: str) -> None:
    assert enter(aurora, role).get("/api/v1/insights/funnel/").status_code == 403
    assert browse(aurora).get("/api/v1/insights/funnel.csv").status_code == 401


def test_two_shops_with_equal_rooms_see_their_own_numbers(aurora: Any, borealis: Any, enter: Callable[..., Any]) -> None:
    """The rooms of both seeds differ; asked for the other's, a shop finds nothing."""
    for shop, own, foreign in ((aurora, 7, 8), (borealis, 8, 7)):
        visitor = enter(shop, "editor")
        found = visitor.get("/api/v1/insights/funnel/", {"split": "room"}).json()["rows"]
        assert {row["group"] for row in found} <= {str(planted_uuid(own, number)) for number in range(3)}
        assert sum(row["sessions"] for row in found if row["step"] == 1) == 60
        assert visitor.get("/api/v1/insights/summary/", {"room_id": str(planted_uuid(foreign, 0))}).json()["rows"][0]["sessions"] == 0


@pytest.mark.parametrize(
    ("name", "query", "field"),
    [
        ("funnel", {"room_id": "x"}, "room_id"),
        ("funnel", {"window_h": "0"}, "window_h"),
        ("funnel", {"window_h": "169"}, "window_h"),
        ("funnel", {"steps": "paid"}, "steps"),
        ("funnel", {"steps": "paid,entered"}, "steps"),
        ("funnel", {"steps": "entered,entered"}, "steps"),
        ("funnel", {"steps": "entered,bought"}, "steps"),
        ("funnel", {"steps": "entered,paid", "cue_id": "00000000-0000-4000-8000-000000000000"}, "steps"),
        ("dwell", {"steps": "entered,paid"}, "steps"),
        ("funnel", {"split": "mood"}, "split"),
        ("days", {"since": "yesterday"}, "since"),
        ("days", {"season_id": str(ROOM)}, "season_id"),
        ("retention", {"cue_id": str(ROOM)}, "cue_id"),
        ("viewers", {"since": "2026-01-01"}, "since"),
    ],
)
def test_a_question_that_a_report_does_not_know_is_refused(owner: Any, name: str, query: dict[str, str], field: str) -> None:
    """Rather than answered as if nothing had been asked."""
    answer = owner.get(f"/api/v1/insights/{name}/", query)
    assert answer.status_code == 422
    assert answer.json()["error"]["params"]["field"] == field


def test_a_window_and_a_split_are_heard(owner: Any) -> None:
    short = owner.get("/api/v1/insights/funnel/", {"window_h": "1", "split": "variant"}).json()["rows"]
    with in_schema("aurora"):
        expected = get_port().list_funnel(Question(Slice(), window_ms=3_600_000, split="variant"))
    assert [(row["group"], row["step"], row["sessions"]) for row in short] == [(row.group, row.step, row.sessions) for row in expected]


def test_a_cell_that_looks_like_a_formula_is_text() -> None:
    """Groups are words of strangers; numbers stay numbers."""
    text = render_csv(FunnelRow, [FunnelRow("=HYPERLINK(1)", 1, "entered", -5), FunnelRow(" +1", 1, "entered", 3)])
    assert text.splitlines()[1:] == ["'=HYPERLINK(1),1,entered,-5", "' +1,1,entered,3"]


def test_a_kept_report_is_computed_anew_only_when_its_inputs_change() -> None:
    with in_schema("aurora"):
        assert actions.compute_report(kind="funnel", room_id=ROOM)
        kept = Report.objects.get(kind="funnel", room_id=ROOM)
        assert [row["sessions"] for row in kept.body["rows"]] == [row.sessions for row in get_port().list_funnel(Question(Slice(room_id=ROOM)))]
        assert not actions.compute_report(kind="funnel", room_id=ROOM)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE insights_daily_fact SET likes = likes + 1 WHERE room_id = %s", [ROOM])
        assert actions.compute_report(kind="funnel", room_id=ROOM)
        assert Report.objects.get(kind="funnel", room_id=ROOM).inputs_digest != kept.inputs_digest
        assert actions.digest_inputs(kind="funnel", room_id=ROOM) != actions.digest_inputs(kind="dwell", room_id=ROOM)


@pytest.mark.django_db(transaction=False)
def test_the_task_keeps_every_report_of_every_visited_room(django_capture_on_commit_callbacks: Any) -> None:
    """In its own shop alone."""
    with in_schema("aurora"), django_capture_on_commit_callbacks(execute=True):
        compute_reports(schema="aurora")
    with in_schema("aurora"):
        rooms = actions.list_measured_rooms()
        assert len(rooms) == 3
        assert Report.objects.count() == len(rooms) * len(actions.KEPT)
    with in_schema("borealis"):
        assert Report.objects.count() == 0
