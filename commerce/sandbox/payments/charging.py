"""Charges: authorised, settled into the balance, released, disputed."""

from commerce.sandbox.context import Context
from commerce.sandbox.money.currencies import exponent_of
from commerce.sandbox.money.fees import processing_fee
from commerce.sandbox.payments import disputes
from commerce.sandbox.payments.balance import SETTLES_AFTER_S, fee_detail, record
from commerce.sandbox.payments.cards import DECLINES, Decline
from commerce.sandbox.payments.methods import blank_billing, card_of
from commerce.sandbox.payments.parties import application_of
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import new_id


def authorise(ctx: Context, intent: Json, *, is_authenticated: bool) -> Json:
    """Make the charge of an attempt: succeeded but not captured, or failed (and then its event is emitted here)."""
    method = ctx.get("payment_method", intent["payment_method"])
    card = card_of(ctx, method["id"])
    charge = _shape(ctx, intent, method, is_authenticated=is_authenticated)
    if card.decline:
        decline = DECLINES[card.decline]
        outcome = {"network_status": "declined_by_network", "reason": decline.decline_code, "type": "issuer_declined"}
        charge |= {"status": "failed", "paid": False, "failure_code": decline.code, "failure_message": decline.message}
        charge["outcome"] |= outcome | {"seller_message": f"The bank returned the decline code `{decline.decline_code}`."}
        ctx.add(charge)
        ctx.emit("charge.failed", charge)
        return charge
    return ctx.add(charge)


def decline_of(ctx: Context, intent: Json) -> Decline:
    """Why the card of that intent is declined."""
    return DECLINES[card_of(ctx, intent["payment_method"]).decline]


def settle(ctx: Context, charge: Json, amount: int, application_fee: int | None) -> None:
    """Capture an amount: fees, balance transaction, and the platform's share. `charge` is changed in place."""
    currency = charge["currency"]
    stripe_fee = processing_fee(amount, exponent_of(currency))
    fees = [fee_detail(stripe_fee, currency, "stripe_fee", "Stripe processing fees")]
    is_instant = card_of(ctx, charge["payment_method"]).is_instant
    available_on = ctx.now if is_instant else ctx.now + SETTLES_AFTER_S
    if application_fee:
        application = application_of(ctx.platform)
        fees.insert(0, fee_detail(application_fee, currency, "application_fee", "Application fee", application))
        charge |= {"application_fee": _take_application_fee(ctx, charge, application_fee, available_on), "application_fee_amount": application_fee}
    movement = record(
        ctx,
        kind="charge",
        amount=amount,
        currency=currency,
        source=charge["id"],
        description=charge["description"],
        available_on=available_on,
        fees=fees,
    )
    charge |= {"captured": True, "amount_captured": amount, "balance_transaction": movement["id"]}
    ctx.save(charge)


def release(ctx: Context, charge: Json, amount: int) -> None:
    """Let an authorised amount go: no money moved, so the refund has no balance transaction."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ctx.save(charge)
    ctx.add(refund_shape(ctx, charge, amount, None))
    ctx.emit("charge.refunded", charge)


def refund_shape(ctx: Context, charge: Json, amount: int, reason: str | None) -> Json:
    """A refund of a charge, not yet stored."""
    return {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": ctx.now,
        "currency": charge["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"},
            "type": "card",
        },
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def open_dispute_if_due(ctx: Context, charge: Json) -> None:
    """Some test cards are disputed as soon as they are charged."""
    reason = card_of(ctx, charge["payment_method"]).dispute
    if reason:
        disputes.open_dispute(ctx, charge, reason)


def _take_application_fee(ctx: Context, charge: Json, amount: int, available_on: int) -> str:
    platform = ctx.acting_as(ctx.platform)
    identifier = new_id("fee")
    movement = record(
        platform,
        kind="application_fee",
        amount=amount,
        currency=charge["currency"],
        source=identifier,
        description=None,
        available_on=available_on,
    )
    fee: Json = {
        "id": identifier,
        "object": "application_fee",
        "account": ctx.account,
        "amount": amount,
        "amount_refunded": 0,
        "application": application_of(ctx.platform),
        "balance_transaction": movement["id"],
        "charge": charge["id"],
        "created": ctx.now,
        "currency": charge["currency"],
        "fee_source": {"charge": charge["id"], "type": "charge"},
        "livemode": False,
        "originating_transaction": None,
        "refunded": False,
        "refunds": {"object": "list", "data": [], "has_more": False, "url": f"/v1/application_fees/{identifier}/refunds"},
    }
    platform.add(fee)
    platform.emit("application_fee.created", fee)
    return identifier


def _shape(ctx: Context, intent: Json, method: Json, *, is_authenticated: bool) -> Json:
    identifier = new_id("ch")
    return {
        "id": identifier,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": intent["application"],
        "application_fee": None,
        "application_fee_amount": intent["application_fee_amount"],
        "balance_transaction": None,
        "billing_details": {**blank_billing(), **method["billing_details"]},
        "calculated_statement_descriptor": intent["statement_descriptor"] or "TEST PAYMENT",
        "captured": False,
        "created": ctx.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": {
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 32,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(ctx, intent, method["card"], is_authenticated=is_authenticated), "type": "card"},
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": f"{ctx.base_url}/accounts/{ctx.account}#{identifier}",
        "refunded": False,
        "review": None,
        "shipping": intent["shipping"],
        "source": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": intent["transfer_group"],
    }


def _card_details(ctx: Context, intent: Json, card: Json, *, is_authenticated: bool) -> Json:
    copied = {
        key: card[key] for key in ("brand", "country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status", "wallet")
    }
    three_d_secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    return {
        **copied,
        "amount_authorized": intent["amount"],
        "authorization_code": "123456",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": intent["amount"], "status": "unavailable"},
        "three_d_secure": three_d_secure if is_authenticated else None,
    }
