"""Money back: in full, once, never more than came; what it unlocked is locked again."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction

from commerce.ledger.models import EventType, Journal
from commerce.orders.states import OrderState
from commerce.payments.actions import refund_order, resume_refunds, settle_order, sweep_events
from commerce.payments.actions.refunds import owe_refund, run_refund
from commerce.payments.errors import NothingToRefund, PaymentsBroken, PaymentsUnreachable, RefundTooLarge
from commerce.payments.models import Attempt, Refund
from commerce.wallet.queries import has_entitlement
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from tests.commerce.payment_desk import DISPUTED, INSTANT, REFUND_FAILS
from tests.commerce.sandbox.running import wait_until
from tests.commerce.test_payments import balance_of, clearing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def paid(desk, aurora, sell):
    """`paid()` is a checkout that was paid and settled."""

    def make(number: str = "", **goods):
        checkout = desk.buy(sell(aurora, **goods), viewer="iris")
        desk.submit(checkout, *([number] if number else []))
        with in_schema(aurora.schema):
            assert settle_order(order_id=checkout.order.id).state == OrderState.PAID
        return checkout

    return make


def test_owner_refunds_in_full(desk, aurora, paid, mailoutbox):
    """The order is refunded, the units are back, the ledger equals the balance; a letter tells the buyer."""
    checkout = paid(stock=2)
    with in_schema(aurora.schema):
        order = refund_order(order_id=checkout.order.id, actor="owner@aurora.test")
        assert (order.state, order.refunded) == (OrderState.REFUNDED, order.total)
        assert clearing() == balance_of(desk)
        assert Journal.objects.filter(event_type=EventType.REFUND).count() == 1
        with pytest.raises(NothingToRefund):
            refund_order(order_id=checkout.order.id, actor="owner@aurora.test")
        from commerce.stock.queries import get_level

        assert get_level(order.lines[0].variant_id).available == 2
    assert [mail.subject.split()[1] for mail in mailoutbox] == ["receipt", "refund"]


def test_unlock_is_granted_with_the_payment_and_revoked_with_the_refund(desk, aurora, borealis, paid):
    """A paid episode opens for its buyer alone, in this shop alone, until the money goes back."""
    grants = f"episode:{uuid4()}"
    checkout = paid(stock=None, grants=grants)
    with in_schema(borealis.schema):
        assert not has_entitlement("iris", grants)
    with in_schema(aurora.schema):
        assert has_entitlement("iris", grants)
        assert not has_entitlement("somebody", grants)
        refund_order(order_id=checkout.order.id, actor="owner")
        assert not has_entitlement("iris", grants)


def test_refunds_never_exceed_what_was_captured(desk, aurora, paid):
    """Two refunds whose sum is too large: the second is refused, naming what is left; nothing is written."""
    paid()
    with in_schema(aurora.schema):
        attempt = Attempt.objects.get()
        with transaction.atomic():
            owe_refund(attempt=attempt, amount=Money(8000, "USD"), reason=Refund.Reason.OWNER, actor="owner")
        with pytest.raises(RefundTooLarge) as refusal, transaction.atomic():
            owe_refund(attempt=attempt, amount=Money(901, "USD"), reason=Refund.Reason.OWNER, actor="owner")
        assert refusal.value.params["available"] == "$9.00"
        assert Refund.objects.count() == 1


def test_owner_presses_many_times_at_once(desk, aurora, paid):
    """Eight presses at once make one refund at Stripe and one in the ledger."""
    checkout = paid()

    def press(_number: int):
        try:
            with in_schema(aurora.schema):
                return refund_order(order_id=checkout.order.id, actor="owner").state
        except NothingToRefund as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(press, range(8)))
    with in_schema(aurora.schema):
        resume_refunds()
        assert desk.order(checkout.order.id).state == OrderState.REFUNDED
        assert Refund.objects.count() == Journal.objects.filter(event_type=EventType.REFUND).count() == 1
        assert len(desk.client().v1.refunds.list({}, {"stripe_account": checkout.account}).data) == 1
        assert clearing() == balance_of(desk)


@pytest.mark.parametrize(
    ("mode", "error"), [("disconnect_after_commit", PaymentsUnreachable), ("error_500_after_commit", PaymentsBroken), ("error_500", PaymentsBroken)]
)
def test_answer_lost_is_looked_up_and_not_paid_twice(desk, aurora, paid, mode, error):
    """Whatever became of the call, the sweeper ends with exactly one refund at Stripe."""
    checkout = paid()
    desk.control("fail-next", {"mode": mode, "method": "POST", "path": "/v1/refunds", "count": 5})
    with in_schema(aurora.schema):
        try:
            refund_order(order_id=checkout.order.id, actor="owner")
        except error:
            pass
        desk.control("fail-next", method="DELETE")
        for _ in range(2):
            Refund.objects.update(tried_at="2026-01-01T00:00Z")
            resume_refunds()
        assert desk.order(checkout.order.id).state == OrderState.REFUNDED
        assert len(desk.client().v1.refunds.list({}, {"stripe_account": checkout.account}).data) == 1
        assert clearing() == balance_of(desk)


def test_refund_that_the_bank_sends_back(desk, aurora, paid):
    """A refund that fails later is reversed in the ledger and shown to finance."""
    checkout = paid(REFUND_FAILS)
    with in_schema(aurora.schema):
        refund_order(order_id=checkout.order.id, actor="owner")
    wait_until(lambda: "refund.failed" in desk.listener.types(), "the refund fails")
    desk.deliver()
    with in_schema(aurora.schema):
        refund = Refund.objects.get()
        assert refund.state == Refund.State.FAILED
        assert Journal.objects.filter(event_type=EventType.REFUND_FAILED).count() == 1
        assert clearing() == balance_of(desk)


def test_dispute_and_payout_keep_the_ledger_equal_to_the_balance(desk, aurora, sell, paid):
    """What a bank takes back and what Stripe pays out are posted from its events."""
    paid(DISPUTED, price_minor=5000)
    checkout = paid(INSTANT, price_minor=20_000)
    with in_schema(aurora.schema):
        desk.control("payouts", {"account": checkout.account, "currency": "usd"})
        sweep_events()
        kinds = set(Journal.objects.values_list("event_type", flat=True))
        assert {EventType.DISPUTE, EventType.CAPTURE, EventType.FEES} <= kinds
        if balance_of(desk) != clearing():  # the payout arrives a moment later
            wait_until(lambda: bool(sweep_events()), "the payout arrives")
        assert clearing() == balance_of(desk)


def test_another_shops_order_cannot_be_refunded(desk, aurora, borealis, paid):
    """The order does not exist in the other shop; nothing moved."""
    from commerce.orders.errors import OrderNotFound

    checkout = paid()
    with in_schema(borealis.schema):
        with pytest.raises(OrderNotFound):
            refund_order(order_id=checkout.order.id, actor="owner@borealis.test")
        run_refund(refund_id=uuid4())
    assert desk.order(checkout.order.id).state == OrderState.PAID
