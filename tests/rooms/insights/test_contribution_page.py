"""The office's page of contribution: the waterfall, its table and CSV, costs, and the arms of drama against pitch. Always two shops."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.contribution.actions import note_cost
from rooms.insights.contribution.arms import list_arms
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import get_season_contribution
from rooms.insights.contribution.waterfall import list_steps
from rooms.insights.experiments.actions import GoalDraft, VariantDraft, stop_experiment
from rooms.insights.experiments.models import ComparedRoom
from rooms.insights.experiments.queries import get_experiment
from rooms.program.models import Airing
from rooms.program.schedule import create_room
from tests.conftest import Shop
from tests.dramas.building import count_queries
from tests.rooms.building import HOST, Stage, count_rows
from tests.rooms.insights.building import ACTOR, run_experiment
from tests.rooms.insights.test_contribution import book, hold_show, pay_back

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/insights/contribution/"
MOST_QUERIES = 38  # frame and sign-in, seasons, the season's seven; six of the experiments, and six an arm


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    """A season with one show: 100 sold, 3 of fees, 20 paid back; production cost 60."""
    made = set_up(aurora)
    with in_schema(aurora.schema):
        began = clock.now() - timedelta(days=2)
        hold_show(made, began)
        pay_back(book(made, 10_000, 300, began + timedelta(seconds=20)), 2_000, began + timedelta(hours=1))
        note_cost(season_id=made.season.id, kind="production", amount_minor=6_000, actor=HOST)
        yield made


def test_the_steps_lead_from_sales_to_what_is_left(stage: Stage) -> None:
    """Each step stands on the one before it; half of the takings pays the goods."""
    found = get_season_contribution(stage.season.id, planned_shows=30, margin_permille=500)
    steps = [(step.name, step.amount.amount_minor, step.total.amount_minor) for step in list_steps(found)]
    assert steps == [
        ("sales", 10_000, 10_000),
        ("refunds", -2_000, 8_000),
        ("stripe_fees", -300, 7_700),
        ("takings", 7_700, 7_700),
        ("goods", -3_850, 3_850),
        ("margin", 3_850, 3_850),
        ("production", -6_000, -2_150),
        ("contribution", -2_150, -2_150),
    ]
    assert steps[-1][2] == found.left


def test_the_page_says_what_the_csv_says(stage: Stage, aurora: Shop, enter: Any) -> None:
    """The table, the chart's data and the file hold the same figures; a bounded number of queries. A plan that is none is said."""
    finance = enter(aurora, "finance")
    asked = {"season": str(stage.season.id), "planned_shows": "10", "margin_percent": "50"}
    answer = finance.get(PAGE, asked)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Too few shows have finished to say (1 so far). Keep going." in text
    assert "Note a cost" not in text  # finance looks
    table = finance.get(f"/api/v1/insights/seasons/{stage.season.id}/contribution.csv?planned_shows=10&margin_permille=500")
    assert table.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    state = answer.context["state"]["steps"]
    assert [(row["label"], Decimal(row["total"]) * 100) for row in rows] == [(step["label"], step["total_minor"]) for step in state]
    assert rows[1] == {"step": "refunds", "label": "Refunds", "amount": "-20.00", "total": "80.00", "currency": "USD"}
    assert count_queries(lambda: finance.get(PAGE)) <= MOST_QUERIES
    wrong = finance.get(PAGE, {"planned_shows": "-3", "margin_percent": "much", "season": "no-season"})
    assert "This plan cannot be computed" in wrong.content.decode()
    assert (wrong.status_code, wrong.context["found"].margin) == (200, 7_700)


def test_costs_are_noted_in_whole_units_and_taken_back(stage: Stage, aurora: Shop, borealis: Shop, enter: Any) -> None:
    """With the shop's decimals; what cannot be noted is said, and nothing is written; another shop's season is none."""
    editor, cost = enter(aurora, "editor"), f"{PAGE}cost/"
    body = {"season": str(stage.season.id), "kind": "media", "amount": "1200.50", "note": "posters"}
    assert "Noted: $1,200.50." in editor.post(cost, body, follow=True).content.decode()
    assert "Noted: −$0.50." in editor.post(cost, body | {"amount": "-0.50"}, follow=True).content.decode()
    with in_schema(aurora.schema):
        assert sum(SeasonCost.objects.filter(kind="media").values_list("amount_minor", flat=True)) == 120_000
        before = count_rows("season_cost", "audit_entry")
    for wrong in ({"amount": "1.005"}, {"amount": "much"}, {"amount": "0"}, {"kind": "rent"}, {"season": "x"}):
        assert "Not noted" in (said := editor.post(cost, body | wrong, follow=True).content.decode()) or "≠ 0" in said
    assert enter(aurora, "finance").post(cost, body).status_code == 403
    assert enter(borealis, "editor").post(cost, body).status_code == 302
    with in_schema(aurora.schema):
        assert count_rows("season_cost", "audit_entry") == before
    with in_schema(borealis.schema):
        assert not SeasonCost.objects.exists()


def test_a_shop_without_a_season_and_a_role_without_the_right(stage: Stage, aurora: Shop, borealis: Shop, enter: Any) -> None:
    """The other shop's page is empty, whatever season it is asked for; a host is refused; in Chinese, in Chinese."""
    theirs = enter(borealis, "owner")
    text = theirs.get(PAGE, {"season": str(stage.season.id)}).content.decode()
    assert "There is no season yet" in text
    assert "No experiment has dealt rooms" in text
    assert theirs.get(f"/api/v1/insights/seasons/{stage.season.id}/contribution.csv").status_code == 404
    assert enter(aurora, "host").get(PAGE).status_code == 403
    owner = enter(aurora, "owner")
    assert "短剧在这里划算吗？" in owner.get(PAGE, headers={"accept-language": "zh-hans"}).content.decode()


def test_drama_and_pitch_are_weighed_by_the_shows_of_their_rooms(stage: Stage, aurora: Shop, enter: Any) -> None:
    """Fifteen rooms, five an arm: an arm has its rooms' shows since the start, and the season's cost; a live pitch bears no production."""
    note_cost(season_id=stage.season.id, kind="media", amount_minor=1_000, actor=HOST)
    rooms = [stage.room_id, *(create_room(slug=f"r{number}", title="Room", season_id=stage.season.id, actor=HOST) for number in range(14))]
    arms = [VariantDraft(title=arm.title(), payload={"arm": arm}) for arm in ("drama", "pitch", "mixed")]
    ago = timedelta(days=1)
    experiment_id = run_experiment(stage, ago=ago, kind="drama_or_live", room_ids=rooms, variants=arms, goals=[GoalDraft("takings")])
    at = clock.now() - timedelta(hours=5)
    dealt: dict[str, Any] = {}
    for compared in ComparedRoom.objects.select_related("variant", "room").order_by("room_id"):
        dealt.setdefault(compared.variant.title, compared.room)
    for title, sold in (("Drama", 9_000), ("Pitch", 4_000)):
        room = dealt[title]
        Airing.objects.create(room=room, season_id=stage.season.id, title=title, started_at=at, ended_at=at + timedelta(hours=1))
        book(Stage(room.pk, room.slug, stage.season), sold, 0, at + timedelta(minutes=5))
    found = {arm.variant: arm for arm in list_arms(get_experiment(experiment_id), planned_shows=10, margin_permille=1000)}
    assert [arm.rooms for arm in found.values()] == [5, 5, 5]
    assert {name: (arm.weighed.shows, arm.weighed.margin, arm.weighed.cost, arm.weighed.left) for name, arm in found.items()} == {
        "Drama": (1, 9_000, 7_000, 2_000),
        "Pitch": (1, 4_000, 1_000, 3_000),
        "Mixed": (0, 0, 0, 0),
    }
    assert {arm.weighed.code for arm in found.values()} == {"too_few"}
    stop_experiment(experiment_id=experiment_id, reason="", actor=ACTOR)
    Airing.objects.create(room=dealt["Mixed"], season_id=stage.season.id, title="late", started_at=clock.now(), ended_at=clock.now())
    assert list_arms(get_experiment(experiment_id), planned_shows=10, margin_permille=1000)[2].weighed.shows == 0
    owner = enter(aurora, "owner")
    text = owner.get(PAGE).content.decode()
    assert "Do later cards sell more?" in text
    assert "Live pitch" in text
    assert count_queries(lambda: owner.get(PAGE)) <= MOST_QUERIES
