"""The course of a verdict on the experiment's page, as chart, table and CSV. Always two shops."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.experiments import course
from rooms.insights.experiments.actions import GoalDraft
from rooms.insights.experiments.course import course_state, list_course
from rooms.insights.experiments.errors import ExperimentNotFound
from tests.conftest import Shop
from tests.dramas.building import count_queries
from tests.rooms.building import Stage
from tests.rooms.insights.building import draft_experiment, expose_many, run_experiment
from tests.rooms.insights.test_judging import WEEK, judged, numbers, sell_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


@pytest.fixture
def judged_twice(stage: Stage) -> Any:
    """Four hundred viewers; a few sales, judged; more sales, judged again."""
    experiment_id = run_experiment(stage, ago=WEEK, goals=[GoalDraft("buyers"), GoalDraft("refunds", is_guardrail=True)])
    dealt = expose_many(experiment_id, stage.room_id, 400, at=clock.now() - timedelta(days=2))
    rows = []
    for more in (10, 40):
        for variant in numbers(experiment_id):
            sell_to(dealt, variant, more, stage, refunded_minor=100)
        rows.append(judged(experiment_id))
    return experiment_id, rows


def test_each_judgement_is_a_point_of_each_line(judged_twice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In order of time, as it was judged then; the guardrail's line comes last and says so; of a long course the newest part is shown."""
    experiment_id, rows = judged_twice
    points = [point for point in list_course(experiment_id) if point.goal == "buyers"]
    for point, row in zip(points, rows, strict=True):
        (kept,) = [one for one in row.comparisons if one["goal"] == "buyers"]
        assert (point.judged_at, point.verdict, point.variant) == (row.judged_at, row.code, "Ten seconds later")
        assert (point.lift, point.low, point.high) == (kept["lift"], kept["low"], kept["high"])
    state = course_state(experiment_id)
    assert [line["name"] for line in state["lines"]] == [
        "Ten seconds later · viewers who buy",
        "Ten seconds later · money paid back a viewer (guardrail)",
    ]
    assert [point["at_ms"] for point in state["lines"][0]["points"]] == [clock.to_ms(row.judged_at) for row in rows]
    assert count_queries(lambda: list_course(experiment_id)) == 3
    monkeypatch.setattr(course, "MOST_JUDGEMENTS", 1)
    assert {point.judged_at for point in list_course(experiment_id)} == {rows[-1].judged_at}


def test_the_page_has_chart_table_and_file(judged_twice: Any, aurora: Shop, enter: Any) -> None:
    """The newest interval in the table; the CSV holds every point; the sentence in English and Chinese."""
    experiment_id, rows = judged_twice
    owner, page = enter(aurora, "owner"), f"/admin/rooms/experiment/{experiment_id}/change/"
    text = owner.get(page).content.decode()
    assert 'id="course-state"' in text
    assert "Course of the verdict" in text
    assert "Not decided yet" in text
    assert "How many viewers does it take?" not in text  # the plan is fixed
    assert "尚无定论" in owner.get(page, headers={"accept-language": "zh-hans"}).content.decode()
    answer = enter(aurora, "finance").get(f"/api/v1/insights/experiments/{experiment_id}/course.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    table = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(table) == 4
    assert [float(row["low"]) for row in table if row["goal"] == "buyers"] == [row.comparisons[0]["low"] for row in rows]


def test_a_draft_has_no_course_and_strangers_no_file(stage: Stage, aurora: Shop, borealis: Shop, enter: Any) -> None:
    """The page says that nothing was judged; the other shop has no such experiment; a host may not look."""
    experiment_id = draft_experiment(stage)
    text = enter(aurora, "owner").get(f"/admin/rooms/experiment/{experiment_id}/change/").content.decode()
    assert "No judgement has compared the variants yet." in text
    assert "How many viewers does it take?" in text
    address = f"/api/v1/insights/experiments/{experiment_id}/course.csv"
    assert enter(borealis, "owner").get(address).status_code == 404
    assert enter(aurora, "host").get(address).status_code == 403
    with in_schema(borealis.schema), pytest.raises(ExperimentNotFound):
        list_course(experiment_id)
