"""The office's page of insights: what the reports say of a room, for those who may see it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import escape

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.experiments.actions import stop_experiment
from rooms.insights.experiments.judging import request_verdict
from rooms.insights.experiments.queries import find_experiment_of_room
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import Question, Slice
from tests.dramas.building import count_queries
from tests.rooms.building import Stage
from tests.rooms.insights.building import expose_many, run_experiment
from tests.rooms.insights.conftest import plant, store_all
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db(transaction=True)

MOST_QUERIES = 15  # the office's frame and the sign-in are among them


@pytest.fixture
def visited(aurora: Any, set_up: Callable[..., Stage]) -> Iterator[tuple[Stage, Planted]]:
    stage = set_up(aurora)
    planted = plant("aurora", 80)
    for parcel in planted.parcels:
        parcel.room_id = stage.room_id
    store_all(planted)
    return stage, planted


def test_the_page_says_what_the_reports_say(visited: tuple[Stage, Planted], aurora: Any, enter: Callable[..., Any]) -> None:
    """The same counts in its table, in the charts' data and in the port; a bounded number of queries."""
    stage, _ = visited
    owner = enter(aurora, "owner")
    answer = owner.get("/insights/", {"room": stage.slug})
    assert answer.status_code == 200
    with in_schema("aurora"):
        steps = get_port().list_funnel(Question(Slice(room_id=stage.room_id)))
    assert [step["sessions"] for step in answer.context["state"]["funnel"]] == [step.sessions for step in steps]
    assert [step["sessions"] for step in answer.context["steps"]] == [step.sessions for step in steps]
    assert answer.context["steps"][0]["percent"] == 100
    assert f'room_id={stage.room_id}">CSV' in answer.content.decode()
    assert count_queries(lambda: owner.get("/insights/")) <= MOST_QUERIES


def test_a_shop_without_visits_and_a_role_without_the_right(
    visited: tuple[Stage, Planted], borealis: Any, aurora: Any, enter: Callable[..., Any]
) -> None:
    """The other shop's page is empty, whatever room it is asked for; a host is refused."""
    stage, _ = visited
    answer = enter(borealis, "owner").get("/insights/", {"room": stage.slug})
    assert answer.context["room"] is None
    assert "Nobody has visited a room yet" in answer.content.decode()
    assert enter(aurora, "host").get("/insights/").status_code == 403


def test_the_page_says_how_the_rooms_experiment_stands(visited: tuple[Stage, Planted], aurora: Any, enter: Callable[..., Any]) -> None:
    """The one that runs rather than one that is over; its words, its viewers, its course; none on the page of all rooms."""
    stage, _ = visited
    owner = enter(aurora, "owner")
    with in_schema("aurora"):
        over_id = run_experiment(stage, key="over", ago=timedelta(hours=2))
        stop_experiment(experiment_id=over_id, actor="ann", reason="")
        assert find_experiment_of_room(stage.room_id).id == over_id
        running_id = run_experiment(stage, key="running", ago=timedelta(hours=3))
        assert find_experiment_of_room(stage.room_id).id == running_id
    waiting = owner.get("/insights/", {"room": stage.slug}).content.decode()
    assert "No judgement has compared the variants yet." in waiting
    with in_schema("aurora"):
        expose_many(running_id, stage.room_id, 300, at=clock.now() - timedelta(hours=1))
        request_verdict(experiment_id=running_id)
        words = find_experiment_of_room(stage.room_id).judgement.sentence
    answer = owner.get("/insights/", {"room": stage.slug})
    assert escape(words) in answer.content.decode()
    assert answer.context["test"]["experiment"].id == running_id
    assert answer.context["state"]["course"] is None  # nobody has bought: nothing to draw
    assert owner.get("/insights/", {"room": ""}).context["test"] is None


def test_a_merchant_chooses_the_funnels_steps_and_hours(visited: tuple[Stage, Planted], aurora: Any, enter: Callable[..., Any]) -> None:
    """Table, chart and CSV tell of the same; what is no funnel is the usual one."""
    stage, _ = visited
    owner = enter(aurora, "owner")
    chosen = {"room": stage.slug, "steps": ["entered", "paid"], "window_h": "48"}
    answer = owner.get("/insights/", chosen)
    steps = answer.context["steps"]
    assert [step["sessions"] for step in answer.context["state"]["funnel"]] == [step["sessions"] for step in steps]
    assert len(steps) == 2
    csv = owner.get(f"/api/v1/insights/funnel.csv?{answer.context['funnel_query']}").content.decode()
    assert sum(int(line.split(",")[-1]) for line in csv.splitlines()[1:] if ",paid," in line) == steps[1]["sessions"]
    assert "within 48 hours" in answer.content.decode()
    for odd in ({"steps": ["paid"]}, {"steps": ["bought", "paid"]}, {"window_h": "0"}, {"window_h": "x"}, {"window_h": "169"}):
        page = owner.get("/insights/", {"room": stage.slug, **odd})
        assert len(page.context["steps"]) == 7
        assert "within 24 hours" in page.content.decode()
