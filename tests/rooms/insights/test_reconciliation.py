"""What pages, reports and letters say, recomputed from the raw events and the ledger: the same to the unit, for the same days."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import transaction
from django.utils import translation

from commerce.finance.exports import stream_orders_csv
from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale
from commerce.orders.models import Order
from merchants.accounts.models import User
from merchants.foundation import clock
from merchants.foundation.money import Money, format_money, to_decimal
from merchants.foundation.tenancy import in_schema
from rooms.insights.events.kinds import Kind
from rooms.insights.events.messages import PaidEvent, happened_ms
from rooms.insights.events.models import Event
from rooms.insights.letters.actions import send_letter
from rooms.insights.letters.models import InsightLetter
from tests.conftest import Shop
from tests.rooms.building import Stage
from tests.rooms.insights.building import sell
from tests.rooms.insights.conftest import plant, store_all

pytestmark = pytest.mark.django_db(transaction=True)

VISITS = 260
SPANS = [{}, {"since": "2026-11-19", "until": "2026-11-20"}]


@dataclass
class Evening:
    stage: Stage
    orders: int


@pytest.fixture
def evening(aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> Evening:
    """Planted visits of one room; for each payment that they told of, the order and its bookings; every third is given back in part."""
    stage, orders = set_up(aurora), 0
    planted = plant("aurora", VISITS)
    for parcel in planted.parcels:
        parcel.room_id = stage.room_id
    store_all(planted)
    with in_schema("aurora"), transaction.atomic():
        for parcel in planted.parcels:
            for event in parcel.events:
                if isinstance(event, PaidEvent):
                    _book(stage, str(parcel.viewer_id), event, orders)
                    orders += 1
    with in_schema("borealis"), transaction.atomic():
        _book(stage, str(planted.parcels[0].viewer_id), PaidEvent(id=planted._id(planted.begin_ms), amount_minor=1_234_567), 0)
    assert orders > 15
    return Evening(stage, orders)


def _book(stage: Stage, viewer: str, event: PaidEvent, number: int) -> None:
    at = clock.from_ms(happened_ms(event.id))
    order = sell(viewer, room_id=stage.room_id, at=at, total_minor=event.amount_minor)
    trace, processor = OrderTrace(order.pk, order.number, stage.room_id), ProcessorTrace(payment_intent=f"pi_{number}")
    ledger.post_capture(order=trace, processor=processor, sales=[Sale("SKU", 1, Money(event.amount_minor, "USD"))], at=at)
    if number % 3 == 0:
        back, later = event.amount_minor // 2, at + timedelta(hours=20)
        ledger.post_refund(order=trace, processor=processor, refund_id=f"re_{number}", amount=Money(back, "USD"), at=later)
        Order.objects.filter(pk=order.pk).update(refunded_minor=back, refunded_at=later)


def _is_within(at: datetime, days: dict[str, str]) -> bool:
    on = at.date()
    return (not days or on >= date.fromisoformat(days["since"])) and (not days or on <= date.fromisoformat(days["until"]))


def _from_the_csv(days: dict[str, str]) -> tuple[int, int, int]:
    """(orders, sold, given back) in minor units, from finance's own file."""
    text = b"".join(stream_orders_csv(schema="aurora", period=None, time_zone="UTC")).decode().removeprefix("\ufeff")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if _is_within(datetime.fromisoformat(row["occurred_at_utc"]), days)]
    minor = {name: sum(round(float(row[name]) * 100) for row in rows if row[name] and row["account_code"] == account) for name, account in
             (("gross", "sales"), ("debit", "refunds"))}  # fmt: skip
    return len({row["journal_id"] for row in rows if row["event_type"] == "capture"}), minor["gross"], minor["debit"]


def _from_raw_events(stage: Stage, days: dict[str, str]) -> dict[str, int]:
    """Visits and viewers by plain loops over the stored events; a visit's day is that of its first one."""
    visits: dict[Any, list[Any]] = {}
    for event in Event.objects.filter(room_id=stage.room_id, session_id__isnull=False).order_by("at"):
        visits.setdefault((event.session_id, event.viewer_id), []).append(event)
    seen: dict[Any, list[list[Any]]] = {}
    for (_session, viewer), events in visits.items():
        own = [event for event in events if event.kind not in (Kind.CHECKOUT, Kind.PAID)]
        if own and _is_within(own[0].at, days):
            seen.setdefault(viewer, []).append(events)
    acts = {Kind.DANMAKU, Kind.LIKE, Kind.GIFT, Kind.CUE_CLICKED}
    return {
        "visits": sum(len(own) for own in seen.values()),
        "viewers": len(seen),
        "interacted": sum(any(event.kind in acts for events in own for event in events) for own in seen.values()),
        "buyers": sum(any(event.kind == Kind.PAID for events in own for event in events) for own in seen.values()),
        "returned": sum(len({events[0].at.date() for events in own}) > 1 for own in seen.values()),
    }


@pytest.mark.parametrize("days", SPANS)
def test_page_reports_letter_ledger_and_csv_say_the_same(evening: Evening, aurora: Shop, enter: Callable[..., Any], days: dict[str, str]) -> None:
    stage, owner = evening.stage, enter(aurora, "owner")
    page = owner.get("/insights/", {"room": stage.slug, **days}).context
    narrowed = {"room_id": str(stage.room_id), **days}
    rows = owner.get("/api/v1/insights/attribution/", narrowed).json()["rows"]
    (audience,) = owner.get("/api/v1/insights/audience/", narrowed).json()["rows"]
    with in_schema("aurora"):
        orders, sold, back = _from_the_csv(days)
        raw = _from_raw_events(stage, days)
        letter = InsightLetter.objects.create(
            kind="show", subject="one", person_id=_person("owner"), room_id=stage.room_id, due_at=clock.now(),
            since=days.get("since", "2026-11-01"), until=days.get("until", "2026-12-31"),
        )  # fmt: skip
        assert send_letter(letter_id=letter.pk)
    (sent,) = mail.outbox
    assert back > 0
    # Money: each model, the figures on the page, the letter.
    for model in ("first", "last", "linear"):
        assert sum(row[f"{model}_gross_minor"] for row in rows) == sold
        assert sum(row[f"{model}_returned_minor"] for row in rows) == back
        assert sum(row[f"{model}_net_minor"] for row in rows) == sold - back
        assert sum(row[f"{model}_orders"] for row in rows) == pytest.approx(orders)
    figures = dict(page["figures"])
    expected = {"Orders paid": str(orders), "Visits": str(raw["visits"]), "Viewers": str(raw["viewers"])}
    expected |= {name: format_money(Money(amount, "USD")) for name, amount in (("Sold", sold), ("Given back", back), ("Net revenue", sold - back))}
    expected |= {"Net revenue per viewer": format_money(Money(round((sold - back) / raw["viewers"]), "USD"))}
    for name, column in (("Took part", "interacted"), ("Bought", "buyers"), ("Came back another day", "returned")):
        expected[name] = f"{100 * raw[column] / raw['viewers']:.1f} %"
        assert audience[column] == raw[column]
    assert figures == expected
    for name, value in figures.items():
        assert f"{name}: {value}" in sent.body
        assert f'<td>{name}</td><td align="right"><b>{value}</b></td>' in sent.alternatives[0].content
    assert page["steps"][0]["sessions"] == raw["visits"]


def test_revenue_of_the_visits_is_what_the_ledger_sold_to_them(evening: Evening, aurora: Shop, enter: Callable[..., Any]) -> None:
    """The rollups hear of payments by facts, the ledger books them: without a span both have every order of every measured buyer."""
    owner = enter(aurora, "owner")
    (summary,) = owner.get("/api/v1/insights/summary/", {"room_id": str(evening.stage.room_id)}).json()["rows"]
    days = owner.get("/api/v1/insights/days/", {"room_id": str(evening.stage.room_id)}).json()["rows"]
    with in_schema("aurora"):
        orders, sold, _back = _from_the_csv({})
    assert (summary["orders"], summary["revenue_minor"]) == (orders, sold) == (evening.orders, sum(day["revenue_minor"] for day in days))


def test_the_charts_data_and_the_csvs_are_the_reports(evening: Evening, aurora: Shop, enter: Callable[..., Any]) -> None:
    """The line's seconds, the funnel's steps, and each CSV row by row."""
    owner = enter(aurora, "owner")
    state = owner.get("/insights/", {"room": evening.stage.slug}).context["state"]
    room = {"room_id": str(evening.stage.room_id)}
    assert json.loads(json.dumps(state["seconds"])) == owner.get("/api/v1/insights/retention/", room).json()["rows"]
    assert [step["sessions"] for step in state["funnel"]] == [row["sessions"] for row in owner.get("/api/v1/insights/funnel/", room).json()["rows"]]
    by_variant = owner.get("/api/v1/insights/funnel/", room | {"split": "variant"}).json()["rows"]
    drawn = [(variant["name"], step["sessions"]) for variant in state["variants"] for step in variant["steps"]]
    assert drawn == [(row["group"], row["sessions"]) for row in by_variant]
    for name in ("attribution", "attributed-orders", "audience"):
        rows = owner.get(f"/api/v1/insights/{name}/", room).json()["rows"]
        text = owner.get(f"/api/v1/insights/{name}.csv", room).content.decode().removeprefix("\ufeff")
        assert [{key: str(value) for key, value in row.items()} for row in rows] == list(csv.DictReader(io.StringIO(text)))
    assert len(owner.get("/api/v1/insights/attributed-orders/", room).json()["rows"]) == evening.orders


def test_the_letter_is_in_its_readers_language(evening: Evening, aurora: Shop, enter: Callable[..., Any]) -> None:
    enter(aurora, "owner")
    with in_schema("aurora"):
        User.objects.filter(role="owner").update(language="zh-hans")
        letter = InsightLetter.objects.create(
            kind="week", subject="2026-W47", person_id=_person("owner"), since="2026-11-16", until="2026-11-22", due_at=clock.now()
        )
        assert send_letter(letter_id=letter.pk)
        (sent,) = mail.outbox
        with translation.override("zh-hans"):
            _orders, sold, back = _from_the_csv({"since": "2026-11-16", "until": "2026-11-22"})
            assert f"净收入: {format_money(Money(sold - back, 'USD'))}" in sent.body
    assert "Net revenue" not in sent.body + sent.alternatives[0].content
    assert to_decimal(Money(sold - back, "USD")) > 0


def _person(role: str) -> Any:
    return User.objects.get(role=role).pk
