"""PaymentIntents: paid, declined, authenticated, authorised, captured, cancelled."""

from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Merchant, ask


def test_a_good_card_pays(merchant: Merchant) -> None:
    """The intent succeeds, its charge is captured, its metadata is on both."""
    paid = merchant.pay(2500, metadata={"order": "A-1"}, expand=["latest_charge"])
    charge: Any = paid.latest_charge
    assert (paid.status, paid.amount_received) == ("succeeded", 2500)
    assert (charge.status, charge.captured, charge.amount_captured) == ("succeeded", True, 2500)
    assert charge.metadata["order"] == "A-1"
    assert charge.payment_method_details.card.last4 == "4242"


@pytest.mark.parametrize(
    ("token", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_declined_card_is_a_card_error_and_a_failed_charge(merchant: Merchant, token: str, code: str, decline_code: str) -> None:
    """402 with code and decline code; the attempt stays on record; no money moved; the intent can be paid with another card."""
    with pytest.raises(stripe.CardError) as caught:
        merchant.pay(method=token)
    error: Any = caught.value
    assert (error.http_status, error.code, error.error.decline_code) == (402, code, decline_code)
    intent = merchant.client.v1.payment_intents.retrieve(error.error.payment_intent.id, {}, merchant.on)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.code == code
    charge = merchant.client.v1.charges.retrieve(str(intent.latest_charge), {}, merchant.on)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)
    assert merchant.client.v1.balance_transactions.list({}, merchant.on).data == []
    assert merchant.client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}, merchant.on).status == "succeeded"


def test_three_d_secure_is_asked_and_approved(merchant: Merchant) -> None:
    """The intent waits for the bank's page; approving there pays it and marks the charge as authenticated."""
    waiting = merchant.pay(method="pm_card_authenticationRequired", return_url="https://shop.example/back?x=1")
    assert waiting.status == "requires_action"
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    url = waiting.next_action.redirect_to_url.url
    assert url is not None
    assert "Approve" in ask(url).text
    page = ask(url, method="POST", body=b"outcome=approve").text
    assert "https://shop.example/back?x=1&amp;payment_intent=" in page
    assert "redirect_status=succeeded" in page
    paid = merchant.client.v1.payment_intents.retrieve(waiting.id, {"expand": ["latest_charge"]}, merchant.on)
    charge: Any = paid.latest_charge
    assert paid.status == "succeeded"
    assert charge.payment_method_details.card.three_d_secure.result == "authenticated"
    again = ask(url, method="POST", body=b"outcome=fail")
    assert 'data-outcome="succeeded"' in again.text
    assert merchant.client.v1.payment_intents.retrieve(waiting.id, {}, merchant.on).status == "succeeded"


def test_three_d_secure_failed_needs_another_card(merchant: Merchant) -> None:
    """Failing the bank's page is no charge; the reason is in the intent."""
    waiting: Any = merchant.pay(method="pm_card_authenticationRequired")
    ask(waiting.next_action.redirect_to_url.url, method="POST", body=b"outcome=fail")
    failed = merchant.client.v1.payment_intents.retrieve(waiting.id, {}, merchant.on)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error is not None
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert merchant.client.v1.charges.list({}, merchant.on).data == []


def test_another_card_makes_the_old_challenge_void(merchant: Merchant) -> None:
    """Approving an abandoned challenge after paying with another card changes nothing."""
    waiting: Any = merchant.pay(method="pm_card_authenticationRequired")
    merchant.client.v1.payment_intents.confirm(waiting.id, {"payment_method": "pm_card_visa"}, merchant.on)
    page = ask(waiting.next_action.redirect_to_url.url, method="POST", body=b"outcome=approve")
    assert 'data-outcome="abandoned"' in page.text
    assert len(merchant.client.v1.charges.list({}, merchant.on).data) == 1


def test_an_authorisation_is_captured_in_part(merchant: Merchant) -> None:
    """Manual capture holds the amount; a smaller capture releases the rest; only the captured part reaches the balance."""
    held = merchant.pay(2000, capture_method="manual")
    assert (held.status, held.amount_capturable) == ("requires_capture", 2000)
    assert merchant.client.v1.balance_transactions.list({}, merchant.on).data == []
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 2001}, merchant.on)
    assert caught.value.code == "amount_too_large"
    taken = merchant.client.v1.payment_intents.capture(held.id, {"amount_to_capture": 1500, "application_fee_amount": 150}, merchant.on)
    assert (taken.status, taken.amount_received) == ("succeeded", 1500)
    charge = merchant.client.v1.charges.retrieve(str(taken.latest_charge), {}, merchant.on)
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (1500, 500, False)
    movement = merchant.client.v1.balance_transactions.list({}, merchant.on).data
    assert [(one.amount, one.fee) for one in movement] == [(1500, 150 + 74)]
    with pytest.raises(stripe.InvalidRequestError) as again:
        merchant.client.v1.payment_intents.capture(held.id, {}, merchant.on)
    assert again.value.code == "payment_intent_unexpected_state"


def test_an_authorisation_is_voided(merchant: Merchant) -> None:
    """Cancelling before capture takes no money and no fee; afterwards nothing else is possible."""
    held = merchant.pay(2000, capture_method="manual")
    void = merchant.client.v1.payment_intents.cancel(held.id, {"cancellation_reason": "abandoned"}, merchant.on)
    assert (void.status, void.cancellation_reason, void.amount_capturable) == ("canceled", "abandoned", 0)
    assert merchant.client.v1.charges.retrieve(str(held.latest_charge), {}, merchant.on).refunded
    assert merchant.client.v1.balance_transactions.list({}, merchant.on).data == []
    for verb in (merchant.client.v1.payment_intents.capture, merchant.client.v1.payment_intents.cancel, merchant.client.v1.payment_intents.confirm):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            verb(held.id, {}, merchant.on)  # type: ignore[operator]
        assert caught.value.code == "payment_intent_unexpected_state"


def test_a_paid_intent_cannot_be_cancelled_or_changed(merchant: Merchant) -> None:
    """Succeeded is final."""
    paid = merchant.pay()
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        merchant.client.v1.payment_intents.cancel(paid.id, {}, merchant.on)
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        merchant.client.v1.payment_intents.update(paid.id, {"amount": 100}, merchant.on)


def test_an_intent_is_made_changed_and_then_paid(merchant: Merchant) -> None:
    """Amount and metadata may change before payment; confirming without a card is refused."""
    made = merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd", "metadata": {"a": "1"}}, merchant.on)
    assert made.status == "requires_payment_method"
    changed = merchant.client.v1.payment_intents.update(made.id, {"amount": 900, "metadata": {"b": "2"}}, merchant.on)
    assert (changed.amount, changed.metadata.to_dict()) == (900, {"a": "1", "b": "2"})
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        merchant.client.v1.payment_intents.confirm(made.id, {}, merchant.on)
    ready = merchant.client.v1.payment_intents.update(made.id, {"payment_method": "pm_card_mastercard"}, merchant.on)
    assert ready.status == "requires_confirmation"
    assert merchant.client.v1.payment_intents.confirm(made.id, {}, merchant.on).amount_received == 900


def test_an_application_fee_needs_a_connected_account_and_room(merchant: Merchant) -> None:
    """On the platform itself, or above the amount, it is refused."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd", "application_fee_amount": 5})
    assert caught.value.param == "application_fee_amount"
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd", "application_fee_amount": 501}, merchant.on)


def test_an_unknown_payment_method_is_missing(merchant: Merchant) -> None:
    """404 `resource_missing`, and no intent is left behind."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.pay(method="pm_nothing")
    assert caught.value.code == "resource_missing"
    assert merchant.client.v1.payment_intents.list({}, merchant.on).data == []
