"""Stripe's events: lost, late, doubled, shuffled, forged; whatever arrives, money moves once."""

import hashlib
import hmac
import json
import random
import time

import pytest
from django.conf import settings
from django.test import Client

from commerce.ledger.models import Journal
from commerce.ledger.queries import get_balance
from commerce.orders.models import OrderMail
from commerce.orders.states import OrderState
from commerce.payments.actions import expire_due_orders, process_event, retry_events, settle_order, sweep_events
from commerce.payments.inbox.models import StripeEvent
from commerce.payments.models import Attempt, Refund
from merchants.foundation.tenancy import in_schema
from tests.commerce.payment_desk import WEBHOOK_SECRET
from tests.commerce.sandbox.running import Sandbox
from tests.commerce.test_payments import balance_of, clearing
from tests.commerce.test_stock import let_holds_lapse

pytestmark = pytest.mark.django_db(transaction=True)


def post(body: bytes, signature: str) -> int:
    client = Client(headers={"host": settings.ALLOWED_DOMAIN})
    return client.post("/stripe/webhooks/", data=body, content_type="application/json", headers={"Stripe-Signature": signature}).status_code


def sign(body: bytes, at: float, secret: str = WEBHOOK_SECRET, scheme: str = "v1") -> str:
    digest = hmac.new(secret.encode(), f"{int(at)}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={int(at)},{scheme}={digest}"


def test_doubled_and_shuffled_events_move_money_once(desk, aurora, sell, mailoutbox):
    """Every event three times, in random order: one capture, one fee entry, one receipt; the ledger equals the balance."""
    checkouts = [desk.buy(sell(aurora, price_minor=1000 + index)) for index in range(4)]
    for checkout in checkouts:
        desk.submit(checkout)
    desk.wait_for_events(4, kind="checkout.session.completed")
    sent = list(desk.listener.received)  # a later one may be on its way
    storm = sent * 3
    random.Random(7).shuffle(storm)
    assert set(desk.deliver(storm)) == {200}
    with in_schema(aurora.schema):
        assert {desk.order(checkout.order.id).state for checkout in checkouts} == {OrderState.PAID}
        assert Journal.objects.count() == 8
        assert clearing() == balance_of(desk)
    assert len(mailoutbox) == 4
    assert StripeEvent.objects.count() == len({delivery.event["id"] for delivery in sent})
    assert not StripeEvent.objects.exclude(state=StripeEvent.State.DONE).exists()


def test_lost_events_are_found_by_the_sweep(desk, aurora, sell):
    """No webhook ever came: events.list brings the order to paid, and a second sweep changes nothing."""
    checkout = desk.buy(sell(aurora))
    desk.control("knobs", {"drop": True})
    try:
        desk.submit(checkout)
    finally:
        desk.control("knobs", {"reset": True})
    assert desk.order(checkout.order.id).state == OrderState.PAYING
    with in_schema(aurora.schema):
        assert sweep_events() > 0
        assert desk.order(checkout.order.id).state == OrderState.PAID
        assert sweep_events() == 0
        assert clearing() == balance_of(desk)


@pytest.mark.parametrize("case", ["wrong secret", "altered body", "too old", "in the future", "no signature", "other scheme", "no number"])
def test_forged_message_is_refused_and_changes_nothing(desk, aurora, sell, case):
    """What Stripe did not sign within five minutes is answered with 400, and not even stored."""
    checkout = desk.buy(sell(aurora))
    desk.submit(checkout)
    body = desk.wait_for_events(1, kind="checkout.session.completed")[0].body
    now = time.time()
    altered = body.replace(b'"amount_total"', b'"amount_totaI"')
    forged = {
        "wrong secret": (body, sign(body, now, "whsec_other")),
        "altered body": (altered, sign(body, now)),
        "too old": (body, sign(body, now - 301)),
        "in the future": (body, sign(body, now + 3600)),
        "no signature": (body, ""),
        "other scheme": (body, sign(body, now, scheme="v0")),
        "no number": (body, f"t=x,{sign(body, now).split(',')[1]}"),
    }[case]
    assert post(*forged) == 400
    assert not StripeEvent.objects.exists()
    assert desk.order(checkout.order.id).state == OrderState.PAYING
    assert post(body, sign(body, now)) == 200
    assert desk.order(checkout.order.id).state == OrderState.PAID


def test_signed_event_that_lies_moves_nothing(desk, aurora, sell):
    """An event only names what to look at: a well-signed one about an unpaid session leaves the order unpaid."""
    checkout = desk.buy(sell(aurora))
    subject = {
        "id": checkout.session_id,
        "object": "checkout.session",
        "payment_status": "paid",
        "metadata": {"attempt": str(_attempt(desk, checkout).pk)},
    }
    event = {"id": "evt_lie", "object": "event", "type": "checkout.session.completed", "created": int(time.time()), "livemode": False}
    event |= {"account": checkout.account, "data": {"object": subject}}
    body = json.dumps(event).encode()
    assert post(body, sign(body, time.time())) == 200
    assert desk.order(checkout.order.id).state == OrderState.PAYING
    with in_schema(aurora.schema):
        assert not Journal.objects.exists()


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"account": "acct_unknown"}, "unknown shop"), ({"livemode": True}, "other mode"), ({"account": None}, "no shop named")],
)
def test_events_of_nobody_we_know_are_kept_aside(desk, aurora, sell, change, reason):
    """Another account, another mode, no shop named: 200, quarantined, nothing done."""
    checkout = desk.buy(sell(aurora))
    desk.submit(checkout)
    event = json.loads(desk.wait_for_events(1, kind="payment_intent.succeeded")[0].body) | change
    event["data"]["object"]["metadata"] = {}
    body = json.dumps(event).encode()
    assert post(body, sign(body, time.time())) == 200
    assert list(StripeEvent.objects.values_list("state", "reason")) == [("quarantined", reason)]
    assert desk.order(checkout.order.id).state == OrderState.PAYING


def test_event_of_one_shop_cannot_touch_the_other(open_desk, aurora, borealis, sell):
    """Aurora's attempt named by borealis's account is unknown there."""
    desks = [open_desk(aurora), open_desk(borealis)]
    checkouts = [desk.buy(sell(desk.shop)) for desk in desks]
    desks[0].submit(checkouts[0])
    event = json.loads(desks[0].wait_for_events(1, kind="checkout.session.completed")[0].body)
    event["account"] = checkouts[1].account
    body = json.dumps(event).encode()
    assert post(body, sign(body, time.time())) == 200
    assert StripeEvent.objects.get().state == StripeEvent.State.QUARANTINED
    assert desks[0].order(checkouts[0].order.id).state == OrderState.PAYING
    assert desks[1].order(checkouts[1].order.id).state == OrderState.PAYING


def test_event_waits_while_stripe_does_not_answer(desk, aurora, sell):
    """The event is stored and answered with 200; acted on when Stripe answers again."""
    from django.db.models.functions import Now

    checkout = desk.buy(sell(aurora))
    desk.submit(checkout)
    delivery = desk.wait_for_events(1, kind="checkout.session.completed")[0]
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    assert desk.deliver([delivery]) == [200]
    assert StripeEvent.objects.get().state == StripeEvent.State.RECEIVED
    settings.STRIPE_API_BASE = desk.sandbox.base
    StripeEvent.objects.update(next_attempt_at=Now())
    with in_schema(aurora.schema):
        assert retry_events() == 1
    assert desk.order(checkout.order.id).state == OrderState.PAID
    assert StripeEvent.objects.get().state == StripeEvent.State.DONE


def test_payment_after_expiry_gets_the_goods_when_there_are_any(desk, aurora, sell, level_of):
    """The hold ended, the unit is still there: the late payment buys it."""
    card = sell(aurora, stock=1)
    checkout = desk.buy(card)
    desk.submit(checkout)  # paid at Stripe, but nobody has told us yet
    let_holds_lapse(aurora.schema)
    with in_schema(aurora.schema):
        assert expire_due_orders() == 1
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAID
    assert level_of(aurora, card).sold == 1


def test_payment_after_expiry_goes_back_when_the_goods_are_gone(desk, aurora, sell, level_of, mailoutbox):
    """Somebody else bought the last unit: the late buyer's money returns in full, the ledger equals the balance."""
    card = sell(aurora, stock=1)
    late = desk.buy(card)
    desk.control("knobs", {"drop": True})
    desk.submit(late)
    let_holds_lapse(aurora.schema)
    with in_schema(aurora.schema):
        from commerce.orders.actions import expire_order

        assert expire_order(order_id=late.order.id)
    winner = desk.buy(card)
    desk.submit(winner)
    desk.control("knobs", {"reset": True})
    with in_schema(aurora.schema):
        settle_order(order_id=winner.order.id)
        settle_order(order_id=late.order.id)
        order = desk.order(late.order.id)
        assert (order.state, order.refunded) == (OrderState.REFUNDED, order.total)
        assert Refund.objects.get().reason == Refund.Reason.GOODS_GONE
        assert desk.order(winner.order.id).state == OrderState.PAID
        assert clearing() == balance_of(desk)
        assert get_balance("refunds", "USD") == order.total
        assert OrderMail.objects.get(order_id=late.order.id).kind == "refund"
    level = level_of(aurora, card)
    assert (level.available, level.held, level.sold) == (0, 0, 1)


def test_paid_another_amount_delivers_nothing_and_is_shown(desk, aurora, sell):
    """When Stripe took another amount than the order's, nothing is delivered, the ledger has what came, finance sees it."""
    from commerce.finance.reconcile import reconcile
    from commerce.orders.models import Order

    checkout = desk.buy(sell(aurora))
    with in_schema(aurora.schema):
        Order.objects.filter(pk=checkout.order.id).update(total_minor=9900)
    desk.submit(checkout)
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAYING
        assert Attempt.objects.get().state == Attempt.State.MISMATCHED
        assert clearing() == balance_of(desk)
        found = reconcile(period=Journal.objects.first().period, currency="USD")
        assert not found.orders.ties
        assert found.stripe.ties
        assert [finding.order_no for finding in found.findings] == [checkout.order.number]


def test_processing_is_bound_to_the_shop_of_the_event(desk, aurora, borealis, sell):
    """A task that runs in the wrong shop finds no event there."""
    checkout = desk.buy(sell(aurora))
    desk.submit(checkout)
    event = desk.wait_for_events(1, kind="checkout.session.completed")[0].event
    StripeEvent.objects.create(
        account=event["account"], event_id=event["id"], event_type=event["type"], schema="aurora", payload=event,
        created_at="2026-11-22T00:00Z", received_at="2026-11-22T00:00Z", next_attempt_at="2026-11-22T00:00Z",
    )  # fmt: skip
    with in_schema(borealis.schema):
        process_event(account=event["account"], event_id=event["id"])
    assert StripeEvent.objects.get().state == StripeEvent.State.RECEIVED


def test_sandbox_killed_in_the_middle_changes_nothing(open_desk, aurora, sell, tmp_path):
    """kill -9 of the payment service between checkout and payment: the same sheet goes on after its restart."""
    import signal

    sandbox = Sandbox(tmp_path / "own.sqlite3").start()
    try:
        desk = open_desk(aurora, sandbox)
        checkout = desk.buy(sell(aurora))
        sandbox.end(signal.SIGKILL)
        sandbox.start()
        assert desk.submit(checkout)["result"] == "paid"
        with in_schema(aurora.schema):
            assert settle_order(order_id=checkout.order.id).state == OrderState.PAID
            assert clearing() == balance_of(desk)
    finally:
        sandbox.end()


def _attempt(desk, checkout) -> Attempt:
    with in_schema(desk.shop.schema):
        return Attempt.objects.get(order_id=checkout.order.id)
