"""Refunds, fees, balances, payouts, disputes: every movement once, and the balance is their sum."""

import random
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Merchant, Sandbox, new_merchant, wait_until


def movements(merchant: Merchant, options: Any) -> list[stripe.BalanceTransaction]:
    """All balance transactions of an account."""
    return list(merchant.client.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter())


def assert_balance_is_the_sum(merchant: Merchant, options: Any) -> None:
    """Available plus pending, per currency, equals the sum of the nets."""
    balance = merchant.client.v1.balance.retrieve({}, options)
    shown: dict[str, int] = {}
    for part in [*balance.available, *balance.pending]:
        shown[part.currency] = shown.get(part.currency, 0) + part.amount
    summed: dict[str, int] = {}
    for one in movements(merchant, options):
        assert one.net == one.amount - one.fee
        assert one.fee == sum(detail.amount for detail in one.fee_details)
        summed[one.currency] = summed.get(one.currency, 0) + one.net
    assert {code: value for code, value in shown.items() if value} == {code: value for code, value in summed.items() if value}


@pytest.mark.parametrize(
    ("amount", "currency", "fee"), [(50, "usd", 31), (1000, "usd", 59), (1500, "usd", 74), (2598, "usd", 105), (500, "jpy", 45), (10_000, "kwd", 590)]
)
def test_the_fee_is_exact(merchant: Merchant, amount: int, currency: str, fee: int) -> None:
    """2.9 % rounded half up plus the fixed part, in whole minor units."""
    merchant.pay(amount, currency=currency)
    assert [(one.amount, one.fee, one.net) for one in movements(merchant, merchant.on)] == [(amount, fee, amount - fee)]


def test_the_platform_gets_its_application_fee(merchant: Merchant) -> None:
    """The connected account pays both fees; the platform's balance grows by its own; only the platform sees the fee object."""
    paid = merchant.pay(2000, application_fee_amount=200)
    movement = movements(merchant, merchant.on)[0]
    assert [(detail.type, detail.amount) for detail in movement.fee_details] == [("application_fee", 200), ("stripe_fee", 88)]
    fees = merchant.client.v1.application_fees.list({"charge": str(paid.latest_charge)})
    assert [(fee.amount, fee.account) for fee in fees.data] == [(200, merchant.account)]
    assert merchant.client.v1.application_fees.list({}, merchant.on).data == []
    assert [(one.type, one.net) for one in movements(merchant, {})] == [("application_fee", 200)]
    assert_balance_is_the_sum(merchant, {})


def test_refunds_go_in_parts_and_never_beyond(merchant: Merchant) -> None:
    """By intent and by charge; the rest without an amount; then nothing more. The fee is not returned."""
    paid = merchant.pay(1000)
    first = merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": 300, "reason": "requested_by_customer"}, merchant.on)
    assert (first.amount, first.status, first.reason) == (300, "succeeded", "requested_by_customer")
    with pytest.raises(stripe.InvalidRequestError, match=r"7\.01 USD.*7\.00 USD"):
        merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": 701}, merchant.on)
    rest = merchant.client.v1.refunds.create({"charge": str(paid.latest_charge)}, merchant.on)
    assert rest.amount == 700
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.refunds.create({"payment_intent": paid.id}, merchant.on)
    assert caught.value.code == "charge_already_refunded"
    charge = merchant.client.v1.charges.retrieve(str(paid.latest_charge), {"expand": ["refunds"]}, merchant.on)
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert charge.refunds is not None
    assert [one.id for one in charge.refunds.data] == [rest.id, first.id]
    assert [one.net for one in movements(merchant, merchant.on)] == [-700, -300, 1000 - 59]
    assert_balance_is_the_sum(merchant, merchant.on)


@pytest.mark.parametrize("params", [{}, {"charge": "ch_x", "payment_intent": "pi_x"}, {"charge": "ch_x"}, {"payment_intent": "pi_x", "amount": 0}])
def test_bad_refunds_are_refused(merchant: Merchant, params: Any) -> None:
    """Neither, both, unknown, or nothing to refund: refused, and the list stays empty."""
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.refunds.create(params, merchant.on)
    assert merchant.client.v1.refunds.list({}, merchant.on).data == []


def test_what_is_not_captured_or_not_paid_cannot_be_refunded(merchant: Merchant) -> None:
    """An authorisation is cancelled instead; an unpaid intent has no charge."""
    held = merchant.pay(capture_method="manual")
    unpaid = merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, merchant.on)
    for intent in (held, unpaid):
        with pytest.raises(stripe.InvalidRequestError):
            merchant.client.v1.refunds.create({"payment_intent": intent.id}, merchant.on)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.refunds.create({"charge": str(held.latest_charge)}, merchant.on)
    assert caught.value.code == "charge_not_refundable"


def test_the_application_fee_comes_back_in_proportion(merchant: Merchant) -> None:
    """Two part refunds return exactly the whole fee."""
    paid = merchant.pay(999, application_fee_amount=100)
    for amount in (333, 666):
        merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": amount, "refund_application_fee": True}, merchant.on)
    fee = merchant.client.v1.application_fees.list({}).data[0]
    assert (fee.amount_refunded, fee.refunded) == (100, True)
    assert sum(one.net for one in movements(merchant, {})) == 0
    assert_balance_is_the_sum(merchant, merchant.on)


def test_any_order_of_charges_and_refunds_keeps_the_sums(merchant: Merchant) -> None:
    """Random charges, part refunds and over-refunds: the balance is always the sum, and no charge is refunded beyond its amount."""
    chance = random.Random(20261122)
    intents: dict[str, int] = {}
    for _ in range(60):
        if not intents or chance.random() < 0.5:
            paid = merchant.pay(chance.randrange(50, 5000), application_fee_amount=chance.randrange(0, 50))
            intents[paid.id] = paid.amount
            continue
        intent = chance.choice(list(intents))
        amount = chance.randrange(1, 2500)
        wish: Any = {"payment_intent": intent, "amount": amount, "refund_application_fee": chance.random() < 0.5}
        if amount <= intents[intent]:
            merchant.client.v1.refunds.create(wish, merchant.on)
            intents[intent] -= amount
        else:
            with pytest.raises(stripe.InvalidRequestError):
                merchant.client.v1.refunds.create(wish, merchant.on)
    for charge in merchant.client.v1.charges.list({"limit": 100}, merchant.on).auto_paging_iter():
        assert charge.amount - charge.amount_refunded == intents[str(charge.payment_intent)]
    assert_balance_is_the_sum(merchant, merchant.on)
    assert_balance_is_the_sum(merchant, {})


def test_a_manual_payout_takes_only_what_is_available(merchant: Merchant) -> None:
    """Pending money cannot be paid out; available money can, and arrives; a payout that arrived cannot be cancelled."""
    merchant.pay(5000)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.payouts.create({"amount": 100, "currency": "usd"}, merchant.on)
    assert caught.value.code == "balance_insufficient"
    merchant.pay(5000, method="pm_card_bypassPending")
    payout = merchant.client.v1.payouts.create({"amount": 1000, "currency": "usd"}, merchant.on)
    assert (payout.status, payout.automatic, payout.reconciliation_status) == ("pending", False, "not_applicable")
    assert_balance_is_the_sum(merchant, merchant.on)
    wait_until(lambda: merchant.client.v1.payouts.retrieve(payout.id, {}, merchant.on).status == "paid", "the payout arrives")
    with pytest.raises(stripe.InvalidRequestError, match="pending"):
        merchant.client.v1.payouts.cancel(payout.id, {}, merchant.on)


def test_an_automatic_payout_names_its_parts(own_sandbox: Sandbox) -> None:
    """Everything available goes; `balance_transactions?payout=` sums to zero with the payout's own movement; nothing is paid twice."""
    merchant = new_merchant(own_sandbox)
    paid = merchant.pay(5000)
    merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": 500}, merchant.on)
    pending = merchant.client.v1.balance.retrieve({}, merchant.on).pending[0].amount
    assert pending == 5000 - 175 - 500
    wish = {"account": merchant.account}
    assert own_sandbox.control("payouts", wish, key=merchant.key)["data"] == []
    own_sandbox.control("clock", {"advance_s": 2 * 24 * 3600 + 1})
    made = own_sandbox.control("payouts", wish, key=merchant.key)["data"]
    assert [(one["amount"], one["automatic"]) for one in made] == [(pending, True)]
    parts = merchant.client.v1.balance_transactions.list({"payout": made[0]["id"]}, merchant.on).data
    assert sorted(one.type for one in parts) == ["charge", "payout", "refund"]
    assert sum(one.net for one in parts) == 0
    assert own_sandbox.control("payouts", wish, key=merchant.key)["data"] == []
    assert merchant.client.v1.balance.retrieve({}, merchant.on).available[0].amount == 0
    payouts = merchant.client.v1.payouts
    wait_until(lambda: payouts.retrieve(made[0]["id"], {}, merchant.on).reconciliation_status == "completed", "the payout is reconciled")


def test_a_dispute_takes_the_money_and_evidence_wins_it_back(merchant: Merchant) -> None:
    """Charge back plus fee; no refund meanwhile; winning evidence returns the amount, not the fee; then it is closed."""
    paid = merchant.pay(4000, method="pm_card_createDispute")
    dispute = merchant.client.v1.disputes.list({"payment_intent": paid.id}, merchant.on).data[0]
    assert (dispute.amount, dispute.status, dispute.reason) == (4000, "needs_response", "fraudulent")
    assert merchant.client.v1.charges.retrieve(str(paid.latest_charge), {}, merchant.on).disputed
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.refunds.create({"payment_intent": paid.id}, merchant.on)
    assert caught.value.code == "charge_disputed"
    draft = merchant.client.v1.disputes.update(dispute.id, {"evidence": {"customer_name": "Mei"}, "submit": False}, merchant.on)
    assert draft.status == "needs_response"
    won = merchant.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "winning_evidence"}}, merchant.on)
    assert won.status == "won"
    assert [one.amount for one in won.balance_transactions] == [-4000, 4000]
    assert sum(one.net for one in movements(merchant, merchant.on)) == 4000 - 146 - 1500
    assert_balance_is_the_sum(merchant, merchant.on)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        merchant.client.v1.disputes.close(dispute.id, {}, merchant.on)


def test_a_dispute_is_lost_by_evidence_or_by_closing(merchant: Merchant) -> None:
    """Both ways end in lost."""
    for number in range(2):
        paid = merchant.pay(4000, method="pm_card_createDisputeProductNotReceived")
        dispute = merchant.client.v1.disputes.list({"payment_intent": paid.id}, merchant.on).data[0]
        if number:
            lost = merchant.client.v1.disputes.close(dispute.id, {}, merchant.on)
        else:
            lost = merchant.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": "losing_evidence"}}, merchant.on)
        assert lost.status == "lost"


def test_a_refund_may_fail_later(merchant: Merchant) -> None:
    """The money comes back to the balance and the charge can be refunded again."""
    paid = merchant.pay(3000, method="pm_card_refundFail")
    refund = merchant.client.v1.refunds.create({"payment_intent": paid.id}, merchant.on)
    assert refund.status == "succeeded"
    wait_until(lambda: merchant.client.v1.refunds.retrieve(refund.id, {}, merchant.on).status == "failed", "the refund fails")
    failed = merchant.client.v1.refunds.retrieve(refund.id, {}, merchant.on)
    assert failed.failure_reason == "expired_or_canceled_card"
    assert merchant.client.v1.charges.retrieve(str(paid.latest_charge), {}, merchant.on).amount_refunded == 0
    assert_balance_is_the_sum(merchant, merchant.on)


def test_an_authorisation_lapses_after_a_week(own_sandbox: Sandbox) -> None:
    """Seven days later an uncaptured intent is cancelled by itself."""
    merchant = new_merchant(own_sandbox)
    held = merchant.pay(capture_method="manual")
    own_sandbox.control("clock", {"advance_s": 7 * 24 * 3600 + 1})
    wait_until(lambda: merchant.client.v1.payment_intents.retrieve(held.id, {}, merchant.on).status == "canceled", "the authorisation lapses")
