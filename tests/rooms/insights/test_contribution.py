"""Does a season pay: what it cost against what its shows left, from the ledger, for one shop."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from commerce.ledger import actions as ledger
from dramas.seasons.errors import SeasonNotFound
from merchants.foundation import clock
from merchants.foundation.errors import InvalidInput
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from rooms.director.actions import direct
from rooms.insights.contribution.actions import note_cost
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import get_season_contribution, weigh
from rooms.insights.stats.contribution import get_contribution
from rooms.program.actions import end_show, start_show
from rooms.program.models import Airing
from rooms.program.schedule import schedule_show
from tests.conftest import Shop
from tests.rooms.building import HOST, Stage, count_rows


def test_the_sums_of_a_season() -> None:
    """Six shows of 100 each, half of it margin, cost 250: 50 are left, five shows were enough."""
    found = get_contribution(cost=250, takings=[100] * 6, margin_permille=500, planned_shows=6)
    assert (found.margin, found.left, found.shows, found.break_even_shows) == (300, 50, 6, 5)


@pytest.mark.parametrize(
    ("cost", "takings", "code"),
    [
        (1_000, [900, 1_100, 1_000, 950, 1_050, 1_020, 980, 1_010], "scale"),
        (90_000, [900, 1_100, 1_000, 950, 1_050, 1_020, 980, 1_010], "stop"),
        (30_000, [0, 4_000, 100, 2_500, 0, 300, 1_000, 150], "keep_going"),
        (1_000, [9_000, 9_100, 9_050, 9_010], "too_few"),
        (1_000, [], "too_few"),
    ],
)
def test_the_gate(cost: int, takings: list[int], code: str) -> None:
    """Scale or stop only when the whole interval says so; four shows never do."""
    assert get_contribution(cost=cost, takings=takings, margin_permille=1000, planned_shows=30).code == code


def test_shows_that_leave_nothing_never_break_even() -> None:
    """More refunds than sales."""
    assert get_contribution(cost=100, takings=[-10] * 6, margin_permille=1000, planned_shows=30).break_even_shows is None


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage], transactional_db: None) -> Any:
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


def hold_show(stage: Stage, began: datetime) -> None:
    for after_s, story in ((0, start_show), (40, end_show)):
        with clock.frozen(began + timedelta(seconds=after_s)):
            story(room_id=stage.room_id, actor=HOST)
    direct(room_id=stage.room_id)
    schedule_show(room_id=stage.room_id, at=None, actor=HOST)


def book(stage: Stage, gross_minor: int, fee_minor: int, at: datetime) -> ledger.OrderTrace:
    """A sale in the room, as its payment books it."""
    name, fee = str(new_id()), Money(fee_minor, "USD")
    trace = ledger.OrderTrace(order_id=new_id(), order_no=name[:20], room_id=stage.room_id)
    processor = ledger.ProcessorTrace(payment_intent=f"pi_{name}", charge=f"ch_{name}", balance_transaction=f"txn_{name}")
    gross = Money(gross_minor, "USD")
    with transaction.atomic():
        ledger.post_capture(order=trace, processor=processor, sales=[ledger.Sale("SKU", 1, gross)], at=at)
        settlement = ledger.Settlement(gross=gross, stripe_fee=fee, platform_fee=Money(0, "USD"))
        ledger.post_fees(order=trace, processor=processor, presentment=gross, settlement=settlement, at=at)
    return trace


def pay_back(sold: ledger.OrderTrace, amount_minor: int, at: datetime) -> None:
    """A refund of such a sale; the processor keeps its fee."""
    refund_id, amount = f"re_{new_id()}", Money(amount_minor, "USD")
    with transaction.atomic():
        ledger.post_refund(order=sold, processor=ledger.ProcessorTrace(refund_of=refund_id), refund_id=refund_id, amount=amount, at=at)


def test_a_show_has_what_was_booked_until_the_next_one(stage: Stage) -> None:
    """Two shows; a sale after the first one's end is still its own; fees are taken off; another room's sale does not count."""
    began = clock.now() - timedelta(days=2)
    hold_show(stage, began)
    hold_show(stage, began + timedelta(days=1))
    book(stage, 10_000, 300, began + timedelta(seconds=20))
    book(stage, 5_000, 100, began + timedelta(hours=5))
    book(stage, 2_000, 50, began + timedelta(days=1, seconds=10))
    note_cost(season_id=stage.season.id, kind="production", amount_minor=20_000, actor=HOST)
    note_cost(season_id=stage.season.id, kind="production", amount_minor=-5_000, note="typed wrongly", actor=HOST)
    found = get_season_contribution(stage.season.id, planned_shows=30, margin_permille=1000)
    assert (found.shows, found.margin, found.costs, found.left) == (2, 9_700 + 4_900 + 1_950, {"production": 15_000}, 16_550 - 15_000)
    assert (found.code, found.low) == ("too_few", None)
    assert found.sentence == "Too few shows have finished to say (2 so far). Keep going."


def test_a_refund_is_taken_from_the_show_of_its_sale(stage: Stage) -> None:
    """However late it comes: here after the next show has begun. By account it all adds up to what is left."""
    began = clock.now() - timedelta(days=2)
    hold_show(stage, began)
    hold_show(stage, began + timedelta(days=1))
    sold = book(stage, 10_000, 300, began + timedelta(seconds=20))
    book(stage, 2_000, 50, began + timedelta(days=1, seconds=10))
    pay_back(sold, 10_000, began + timedelta(days=1, hours=3))
    book(stage, 700, 0, began - timedelta(days=1))
    shows = list(Airing.objects.order_by("started_at"))
    first, second = (weigh([show], {}, planned_shows=30, margin_permille=500) for show in shows)
    assert (dict(first.flows), first.margin) == ({"sales": 10_000, "stripe_fees": -300, "refunds": -10_000}, -150)
    assert (second.margin, second.goods) == (975, 975)
    both = weigh(shows, {"production": 5_000}, planned_shows=30, margin_permille=500)
    assert sum(both.flows.values()) - both.goods - both.cost == both.left == 825 - 5_000


@pytest.mark.parametrize(("kind", "amount"), [("rent", 100), ("media", 0), ("media", 10**13)])
def test_a_wrong_cost_is_refused(stage: Stage, kind: str, amount: int) -> None:
    """Nothing is written."""
    before = count_rows("season_cost", "audit_entry")
    with pytest.raises(InvalidInput):
        note_cost(season_id=stage.season.id, kind=kind, amount_minor=amount, actor=HOST)
    assert count_rows("season_cost", "audit_entry") == before


def test_costs_stay_in_their_shop(stage: Stage, aurora: Shop, borealis: Shop, enter: Any) -> None:
    """An editor notes, finance reads; the other shop has no such season."""
    base = f"/api/v1/insights/seasons/{stage.season.id}"
    cost = {"kind": "gift", "amount_minor": 900}
    assert enter(aurora, "editor").post(f"{base}/costs/", cost, content_type="application/json").status_code == 201
    finance = enter(aurora, "finance")
    assert finance.post(f"{base}/costs/", cost, content_type="application/json").status_code == 403
    assert finance.get(f"{base}/contribution/?planned_shows=10").json()["costs"] == {"gift": 900}
    assert enter(borealis, "editor").post(f"{base}/costs/", cost, content_type="application/json").status_code == 404
    with in_schema(borealis.schema):
        assert not SeasonCost.objects.exists()
        with pytest.raises(SeasonNotFound):
            get_season_contribution(stage.season.id, planned_shows=10, margin_permille=1000)
