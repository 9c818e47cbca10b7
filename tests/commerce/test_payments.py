"""From a tap to money in the ledger, through the real SDK and the real sandbox process."""

import pytest

from commerce.ledger.models import AccountCode, Journal
from commerce.ledger.queries import get_balance
from commerce.orders.states import OrderState
from commerce.payments import gateway
from commerce.payments.actions import open_payment, settle_order
from commerce.payments.models import Attempt
from merchants.foundation.tenancy import in_schema
from merchants.tenants.queries import get_merchant
from tests.commerce.payment_desk import CHALLENGED, DECLINED, GOOD, NO_FUNDS

pytestmark = pytest.mark.django_db(transaction=True)


def balance_of(desk) -> int:
    balances = gateway.list_balances(account=get_merchant(desk.shop.schema).stripe_account)
    return balances["USD"].total.amount_minor if balances else 0


def clearing() -> int:
    return get_balance(AccountCode.STRIPE_CLEARING, "USD").amount_minor


def test_card_paid_then_webhooks_make_the_order_paid(desk, aurora, sell, level_of, mailoutbox):
    """A good card, then the signed webhooks: order paid, units sold, ledger equal to Stripe's balance, receipt sent once."""
    card = sell(aurora, stock=3)
    checkout = desk.buy(card, quantity=2)
    assert desk.submit(checkout)["result"] == "paid"
    desk.wait_for_events(1, kind="checkout.session.completed")
    assert set(desk.deliver()) == {200}
    order = desk.order(checkout.order.id)
    assert order.state == OrderState.PAID
    level = level_of(aurora, card)
    assert (level.available, level.held, level.sold) == (1, 0, 2)
    with in_schema(aurora.schema):
        assert clearing() == balance_of(desk) == 17800 - (17800 * 29 + 500) // 1000 - 30 - 356
        assert Journal.objects.filter(order_id=order.id).count() == 2
    assert [mail.to for mail in mailoutbox] == [["iris@mail.test"]]
    assert order.number in mailoutbox[0].subject


def test_browser_settles_without_any_webhook(desk, aurora, sell):
    """When every webhook is lost, the browser's own question brings the order to paid."""
    checkout = desk.buy(sell(aurora))
    desk.submit(checkout)
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAID


@pytest.mark.parametrize(("number", "code"), [(DECLINED, "generic_decline"), (NO_FUNDS, "insufficient_funds")])
def test_decline_keeps_the_order_payable(desk, aurora, sell, level_of, number, code):
    """A refused card leaves hold and session open; a second card pays the same order."""
    card = sell(aurora, stock=1)
    checkout = desk.buy(card)
    assert desk.submit(checkout, number)["result"] == "declined"
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAYING
        attempt = Attempt.objects.get()
        assert (attempt.decline_code, attempt.declines, attempt.captured_minor) == (code, 1, 0)
        assert not Journal.objects.exists()
    assert level_of(aurora, card).held == 1
    assert desk.submit(checkout, GOOD)["result"] == "paid"
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAID
        assert Attempt.objects.count() == 1


@pytest.mark.parametrize("is_approved", [True, False])
def test_three_d_secure(desk, aurora, sell, is_approved):
    """A challenge that is approved pays; one that is failed leaves the order payable."""
    checkout = desk.buy(sell(aurora))
    sheet = desk.submit(checkout, CHALLENGED)
    assert sheet["result"] == "requires_action"
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAYING
    desk.challenge(sheet, is_approved=is_approved)
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == (OrderState.PAID if is_approved else OrderState.PAYING)


def test_same_key_opens_the_same_session(desk, aurora, sell, level_of):
    """A repeated checkout with the same client key is the same order, the same attempt, the same session, one hold."""
    card = sell(aurora)
    first = desk.buy(card, viewer="iris", key="tap-one-1")
    again = desk.buy(card, viewer="iris", key="tap-one-1")
    assert (first.order.id, first.session_id, first.client_secret) == (again.order.id, again.session_id, again.client_secret)
    assert level_of(aurora, card).held == 1


def test_answer_lost_after_commit_is_asked_again_with_the_same_key(desk, aurora, sell):
    """Stripe made the session but its answer was lost: the repetition gets that very session."""
    card = sell(aurora)
    desk.buy(card)  # connects the account
    desk.control("fail-next", {"mode": "disconnect_after_commit", "method": "POST", "path": "/v1/checkout/sessions", "count": 1})
    checkout = desk.buy(card)
    with in_schema(aurora.schema):
        attempt = Attempt.objects.get(order_id=checkout.order.id)
        sessions = desk.client().v1.checkout.sessions.list({}, {"stripe_account": attempt.account})
        assert [session.id for session in sessions.data if session.metadata["attempt"] == str(attempt.pk)] == [checkout.session_id]


def test_broken_stripe_leaves_the_order_payable(desk, aurora, sell):
    """A 500 that the key would replay for a day is answered with a new attempt on the next try."""
    from commerce.payments.errors import PaymentsBroken

    card = sell(aurora)
    desk.buy(card)
    desk.control("fail-next", {"mode": "error_500_after_commit", "method": "POST", "path": "/v1/checkout/sessions", "count": 1})
    with pytest.raises(PaymentsBroken):
        desk.buy(card, viewer="iris", key="tap-two-2")
    checkout = desk.buy(card, viewer="iris", key="tap-two-2")
    with in_schema(aurora.schema):
        assert list(Attempt.objects.filter(order_id=checkout.order.id).order_by("number").values_list("state", flat=True)) == ["failed", "open"]
    desk.submit(checkout)
    with in_schema(aurora.schema):
        assert settle_order(order_id=checkout.order.id).state == OrderState.PAID


def test_two_shops_keep_their_money_apart(open_desk, aurora, borealis, sell):
    """Each shop has its own account, ledger and orders; a shop cannot settle the other's order."""
    from commerce.orders.errors import OrderNotFound

    desks = [open_desk(aurora), open_desk(borealis)]
    checkouts = [desk.buy(sell(desk.shop, price_minor=1000 * (index + 1))) for index, desk in enumerate(desks)]
    for desk, checkout in zip(desks, checkouts, strict=True):
        desk.submit(checkout)
    desks[0].wait_for_events(2, kind="checkout.session.completed")
    desks[0].deliver()
    for index, desk in enumerate(desks):
        with in_schema(desk.shop.schema):
            assert clearing() == balance_of(desk)
            assert Journal.objects.filter(event_type="capture").count() == 1
            assert desk.order(checkouts[index].order.id).state == OrderState.PAID
            with pytest.raises(OrderNotFound):
                open_payment(order_id=checkouts[1 - index].order.id)
    assert get_merchant("aurora").stripe_account != get_merchant("borealis").stripe_account
