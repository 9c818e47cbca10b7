"""Money by touch: equal to a plain fold over the same visits and bookings, and in sum to the ledger, to the minor unit."""

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction

from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale, Settlement
from commerce.ledger.queries import list_totals
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from rooms.insights.attribution.credit import credit, split_evenly
from rooms.insights.attribution.queries import (
    DIRECT,
    UNKNOWN,
    AttributionQuestion,
    get_totals,
    list_attributed_orders,
    list_attribution,
)
from rooms.insights.events import messages as m
from tests.dramas.building import count_queries
from tests.rooms.insights.building import sell
from tests.rooms.insights.fold import DAY_MS, Visit
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db

ORDERS, VISITS = 70, 400
DAY = timedelta(days=1)
NOTHING = Money(0, "USD")


@dataclass
class Booked:
    """An order and what was booked on it: (moment, sold, returned)."""

    order_id: UUID
    viewer: str
    room: UUID | None
    placed_ms: int
    bookings: list[tuple[datetime, int, int]] = field(default_factory=list)

    def within(self, since: date | None, until: date | None) -> tuple[int, int]:
        found = [one for one in self.bookings if (since is None or one[0].date() >= since) and (until is None or one[0].date() <= until)]
        return sum(sold for _, sold, _ in found), sum(back for _, _, back in found)


def book_order(rng: random.Random, visits: list[Visit], number: int) -> Booked:
    """An order some hours or weeks after a visit, paid, and perhaps refunded in part, in full, twice, or disputed."""
    visit = rng.choice(visits)
    placed_ms = visit.first_ms + rng.choice([1, 3_600_000, 2 * DAY_MS, 12 * DAY_MS])
    viewer = "by-hand" if number % 17 == 0 else str(visit.viewer)
    room = None if number % 11 == 0 else visit.room
    at, amount = datetime.fromtimestamp(placed_ms / 1000, UTC), rng.randrange(100, 20_000)
    order = sell(viewer, room_id=room, at=at, total_minor=amount)
    booked = Booked(order.pk, viewer, room, placed_ms, [(at, amount, 0)])
    trace, processor = OrderTrace(order.pk, order.number, room), ProcessorTrace(payment_intent=f"pi_{number}", balance_transaction=f"txn_{number}")
    money = Money(amount, "USD")
    ledger.post_capture(order=trace, processor=processor, sales=[Sale("SKU", 1, money)], at=at)
    ledger.post_fees(order=trace, processor=processor, presentment=money, settlement=Settlement(money, Money(30, "USD"), Money(5, "USD")), at=at)
    if number % 3 == 0:
        later, back = at + DAY * rng.randrange(0, 9), amount if number % 2 else amount // 3
        ledger.post_refund(order=trace, processor=processor, refund_id=f"re_{number}", amount=Money(back, "USD"), at=later)
        booked.bookings.append((later, 0, back))
        if number % 9 == 0:
            ledger.post_refund_failed(order=trace, processor=processor, refund_id=f"re_{number}", amount=Money(back, "USD"), at=later + DAY)
            booked.bookings.append((later + DAY, 0, -back))
    if number % 13 == 0:
        lost = Settlement(Money(-amount, "USD"), Money(1_500, "USD"), NOTHING)
        processor = ProcessorTrace(payment_intent=f"pi_{number}", balance_transaction=f"txn_dispute_{number}")
        ledger.post_dispute(order=trace, processor=processor, settlement=lost, at=at + DAY)
        booked.bookings.append((at + DAY, 0, amount))
    return booked


@pytest.fixture
def booked(planted: Planted, visits: list[Visit], db: None) -> Iterator[list[Booked]]:
    rng = random.Random(11)
    with in_schema("borealis"), transaction.atomic():
        book_order(random.Random(3), visits, 1)
    with in_schema("aurora"):
        with transaction.atomic():
            made = [book_order(rng, visits, number) for number in range(ORDERS)]
        yield made


def touches_of(order: Booked, visits: list[Visit], question: AttributionQuestion) -> list[str]:
    """Plain loops: the buyer's touches in the window before the order, the oldest first."""
    begin_ms = order.placed_ms - question.window_days * DAY_MS
    found: list[tuple[int, str]] = []
    for visit in visits:
        if str(visit.viewer) != order.viewer:
            continue
        if question.touch == "cue":
            found += [(at, str(cue)) for at, cue in taps_of(visit) if begin_ms < at <= order.placed_ms]
        elif begin_ms < visit.first_ms <= order.placed_ms:
            found.append((visit.first_ms, str(visit.room) if question.touch == "room" else (visit.entry.source or DIRECT)))
    return [name for _, name in sorted(found)] or [UNKNOWN]


def taps_of(visit: Visit) -> list[tuple[int, UUID]]:
    """The first tap of each card after its first showing."""
    taps = []
    for cue in {event.cue_id for event in visit.events if isinstance(event, m.CueShownEvent) and event.cue_id}:
        steps = visit.steps(cue)
        shown = next(place for place, (_, step) in enumerate(steps) if step == 3)
        taps += [(at, cue) for at, step in steps[shown:] if step == 4][:1]
    return taps


def fold(orders: list[Booked], visits: list[Visit], question: AttributionQuestion) -> dict[tuple[str, str], list[float]]:
    """{(touch, model): [orders, gross, returned]}"""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0, 0])
    for order in sorted(orders, key=lambda one: one.order_id):
        sold, back = order.within(question.since, question.until)
        if question.room_id and order.room != question.room_id:
            continue
        touches = touches_of(order, visits, question)
        for place, touch in enumerate(touches):
            for model, is_all in (("first", place == 0), ("last", place == len(touches) - 1)):
                if is_all:
                    sums[touch, model] = [was + now for was, now in zip(sums[touch, model], [sold != 0, sold, back], strict=True)]
            shares = [(amount // len(touches)) + (place < amount % len(touches)) for amount in (sold, back)]
            even = [(sold != 0) / len(touches), *shares]
            sums[touch, "linear"] = [was + now for was, now in zip(sums[touch, "linear"], even, strict=True)]
    return sums


QUESTIONS: list[dict[str, Any]] = [
    {},
    {"window_days": 30},
    {"touch": "room"},
    {"touch": "cue", "window_days": 1},
    {"since": date(2026, 11, 19), "until": date(2026, 11, 22)},
    {"until": date(2026, 11, 19), "touch": "room", "window_days": 14},
]


def test_every_touch_gets_what_a_plain_fold_gives_it_and_all_together_what_the_ledger_says(booked: list[Booked], visits: list[Visit]) -> None:
    """First, last and linear; orders, money, and money that went back, in the span that is asked for; nothing gets lost."""
    for asked in QUESTIONS:
        question = AttributionQuestion(**asked)
        expected, rows, totals = fold(booked, visits, question), list_attribution(question), get_totals(question)
        assert rows
        for row in rows:
            for model in ("first", "last", "linear"):
                orders, gross, returned = expected.get((row.touch, model), [0.0, 0, 0])
                assert getattr(row, f"{model}_orders") == pytest.approx(orders, abs=1e-4)
                assert (getattr(row, f"{model}_gross_minor"), getattr(row, f"{model}_returned_minor")) == (gross, returned), (row.touch, model)
                assert getattr(row, f"{model}_net_minor") == gross - returned
        assert {touch for (touch, _), sums in expected.items() if any(sums)} <= {row.touch for row in rows}
        for model in ("first", "last", "linear"):
            for column in ("gross", "returned", "net"):
                assert sum(getattr(row, f"{model}_{column}_minor") for row in rows) == getattr(totals, f"{column}_minor")
            assert sum(getattr(row, f"{model}_orders") for row in rows) == pytest.approx(totals.orders, abs=1e-3)


def test_without_a_span_the_totals_are_the_ledgers_own(booked: list[Booked]) -> None:
    """Sales, and refunds with disputes; fees are no part of it."""
    totals, (of_ledger,) = get_totals(AttributionQuestion()), list_totals()
    assert totals.gross_minor == of_ledger.sales.amount_minor
    assert -totals.returned_minor == of_ledger.refunds.amount_minor + of_ledger.disputes.amount_minor
    assert totals.orders == of_ledger.count_payments == ORDERS


def test_orders_are_told_one_by_one_with_their_way(booked: list[Booked], visits: list[Visit]) -> None:
    question = AttributionQuestion(window_days=30)
    rows = {row.order_id: row for row in list_attributed_orders(question)}
    assert set(rows) == {order.order_id for order in booked}
    for order in booked:
        row, touches = rows[order.order_id], touches_of(order, visits, question)
        assert (row.gross_minor, row.returned_minor) == order.within(None, None)
        assert (row.first, row.last, row.touches) == (touches[0], touches[-1], 0 if touches == [UNKNOWN] else len(touches))
        assert row.path == " > ".join(touches)
    assert any(row.touches > 1 for row in rows.values())


def test_one_rooms_orders_and_the_queries_that_it_takes(booked: list[Booked], planted: Planted) -> None:
    room = planted.rooms[0]
    question = AttributionQuestion(room_id=room, window_days=30)
    sold = sum(order.within(None, None)[0] for order in booked if order.room == room)
    assert sum(row.linear_gross_minor for row in list_attribution(question)) == sold > 0
    # The ledger, the shop and its domain, the orders, the touches.
    assert count_queries(lambda: list_attribution(question)) == 5


def test_another_shop_sees_its_own_order_alone(booked: list[Booked]) -> None:
    """Its buyer is a viewer of ours: their visits here are no touch there."""
    with in_schema("borealis"):
        (row,) = list_attributed_orders(AttributionQuestion(window_days=90))
        assert (row.touches, row.first) == (0, UNKNOWN)
        assert row.order_id not in {order.order_id for order in booked}


@pytest.mark.parametrize(("amount", "parts", "expected"), [(100, 3, [34, 33, 33]), (-100, 3, [-33, -33, -34]), (2, 4, [1, 1, 0, 0]), (0, 2, [0, 0])])
def test_minor_units_are_split_without_a_rest(amount: int, parts: int, expected: list[int]) -> None:
    assert split_evenly(amount, parts) == expected
    assert all(sum(amounts) == amount for amounts in credit(amount, parts).values())


def test_an_order_without_an_id_of_ours_is_unknown_and_not_lost(planted: Planted, db: None) -> None:
    with in_schema("aurora"), transaction.atomic():
        order = sell("by-hand", room_id=None, at=datetime(2026, 11, 20, tzinfo=UTC), total_minor=700)
        ledger.post_capture(
            order=OrderTrace(new_id(), order.number), processor=ProcessorTrace(payment_intent="pi"), sales=[Sale("SKU", 1, Money(700, "USD"))],
            at=datetime(2026, 11, 20, tzinfo=UTC),
        )  # fmt: skip
        (row,) = list_attribution(AttributionQuestion())
        assert (row.touch, row.first_net_minor, row.last_net_minor, row.linear_net_minor) == (UNKNOWN, 700, 700, 700)
