"""The payment machine: what a PaymentIntent looks like and how it moves.

requires_payment_method → (requires_confirmation) → requires_action → requires_capture → succeeded, or canceled.
https://docs.stripe.com/payments/paymentintents/lifecycle
"""

from commerce.sandbox.context import Context
from commerce.sandbox.payments import charging
from commerce.sandbox.payments.cards import Decline
from commerce.sandbox.payments.methods import card_of
from commerce.sandbox.payments.parties import application_of
from commerce.sandbox.wire.errors import Json, invalid_param, refused
from commerce.sandbox.wire.ids import new_id

AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    "",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill "
    "this PaymentIntent again.",
)
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")


def shape(ctx: Context, params: Json) -> Json:
    """A new PaymentIntent, not yet stored; `params` as `POST /v1/payment_intents` takes them."""
    identifier = new_id("pi")
    return {
        "id": identifier,
        "object": "payment_intent",
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount": params["amount"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": application_of(ctx.platform) if ctx.is_connected else None,
        "application_fee_amount": params.get("application_fee_amount"),
        "automatic_payment_methods": params.get("automatic_payment_methods"),
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": params.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{identifier}_secret", 25),
        "confirmation_method": params.get("confirmation_method", "automatic"),
        "created": ctx.now,
        "currency": params["currency"],
        "customer": params.get("customer"),
        "customer_account": None,
        "description": params.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": params.get("payment_method_options", {"card": {"request_three_d_secure": "automatic"}}),
        "payment_method_types": ["card"],
        "processing": None,
        "receipt_email": params.get("receipt_email"),
        "review": None,
        "setup_future_usage": params.get("setup_future_usage"),
        "shipping": params.get("shipping"),
        "source": None,
        "statement_descriptor": params.get("statement_descriptor"),
        "statement_descriptor_suffix": params.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": params.get("transfer_group"),
    }


def check_fee(ctx: Context, fee: int | None, amount: int) -> None:
    """Raises: ApiError 400 for an application fee without a connected account or above the amount."""
    if fee is None:
        return
    if not ctx.is_connected:
        raise invalid_param(
            "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth key or "
            "Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
            "application_fee_amount",
        )
    if fee > amount:
        raise invalid_param(
            "The application fee amount cannot be greater than the amount being charged.", "application_fee_amount", "amount_too_large"
        )


def confirm(ctx: Context, intent: Json, payment_method: str, *, return_url: str | None = None) -> Json:
    """Try to pay with a payment method; the answer's status and `last_payment_error` say how it went.

    Raises: ApiError 400 when the intent's state forbids it.
    """
    if intent["status"] not in CONFIRMABLE:
        raise unexpected(intent, "confirm")
    ctx.store.hide(intent["id"], challenge=None)
    intent |= {"payment_method": payment_method, "last_payment_error": None, "next_action": None}
    if card_of(ctx, payment_method).needs_challenge:
        return _ask_for_challenge(ctx, intent, return_url)
    return attempt(ctx, intent, is_authenticated=False)


def attempt(ctx: Context, intent: Json, *, is_authenticated: bool) -> Json:
    """Ask the card's bank: charge or fail. Emits what Stripe emits."""
    intent["next_action"] = None
    charge = charging.authorise(ctx, intent, is_authenticated=is_authenticated)
    intent["latest_charge"] = charge["id"]
    if charge["status"] == "failed":
        decline = charging.decline_of(ctx, intent)
        return fail(ctx, intent, decline, charge["id"])
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        ctx.save(intent)
        ctx.emit("charge.succeeded", charge)
        ctx.emit("payment_intent.amount_capturable_updated", intent)
        return intent
    return _succeed(ctx, intent, charge, intent["amount"], event="charge.succeeded")


def capture(ctx: Context, intent: Json, amount: int, fee: int | None) -> Json:
    """Take an authorised amount or less; the rest goes back to the card. Raises: ApiError 400."""
    if intent["status"] != "requires_capture":
        raise unexpected(intent, "capture")
    if amount > intent["amount_capturable"]:
        raise invalid_param(
            f"The amount_to_capture must be less than or equal to the amount capturable ({intent['amount_capturable']}).",
            "amount_to_capture",
            "amount_too_large",
        )
    if fee is not None:
        check_fee(ctx, fee, amount)
        intent["application_fee_amount"] = fee
    charge = ctx.get("charge", intent["latest_charge"])
    intent = _succeed(ctx, intent, charge, amount, event="charge.captured")
    if amount < intent["amount"]:
        charging.release(ctx, charge, intent["amount"] - amount)
    return intent


def cancel(ctx: Context, intent: Json, reason: str | None) -> Json:
    """End an intent that has not taken money; an authorisation is let go. Raises: ApiError 400."""
    if intent["status"] not in (*CONFIRMABLE, "requires_capture"):
        raise unexpected(intent, "cancel")
    if intent["status"] == "requires_capture":
        charge = ctx.get("charge", intent["latest_charge"])
        charging.release(ctx, charge, charge["amount"])
    ctx.store.hide(intent["id"], challenge=None)
    intent |= {"status": "canceled", "canceled_at": ctx.now, "cancellation_reason": reason, "amount_capturable": 0, "next_action": None}
    ctx.save(intent)
    ctx.emit("payment_intent.canceled", intent)
    return intent


def fail(ctx: Context, intent: Json, decline: Decline, charge: str | None = None) -> Json:
    """Back to needing a payment method, with the reason in `last_payment_error`."""
    method = ctx.get("payment_method", intent["payment_method"])
    error: Json = {"type": "card_error" if decline.decline_code else "invalid_request_error", "code": decline.code, "message": decline.message}
    error |= {"doc_url": f"https://stripe.com/docs/error-codes/{decline.code.replace('_', '-')}", "payment_method": method}
    optional = {"charge": charge, "decline_code": decline.decline_code, "param": decline.param}
    error |= {key: value for key, value in optional.items() if value}
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None, "last_payment_error": error}
    ctx.save(intent)
    ctx.emit("payment_intent.payment_failed", intent)
    return intent


def unexpected(intent: Json, verb: str) -> Exception:
    """The error for a move the state forbids."""
    words = {"confirm": "confirmed", "capture": "captured", "cancel": "canceled", "update": "updated"}
    return refused(
        f"This PaymentIntent could not be {words[verb]} because it has a status of {intent['status']}.",
        "payment_intent_unexpected_state",
        payment_intent=intent,
    )


def _ask_for_challenge(ctx: Context, intent: Json, return_url: str | None) -> Json:
    challenge = new_id("tdsrc", 32)
    url = f"{ctx.base_url}/3ds/{challenge}"
    ctx.add(
        {"id": challenge, "object": "sandbox.challenge", "payment_intent": intent["id"], "created": ctx.now}, origin=ctx.origin, return_url=return_url
    )
    ctx.store.hide(intent["id"], challenge=challenge)
    intent |= {"status": "requires_action", "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": return_url}}}
    ctx.save(intent)
    ctx.emit("payment_intent.requires_action", intent)
    return intent


def _succeed(ctx: Context, intent: Json, charge: Json, amount: int, event: str) -> Json:
    charging.settle(ctx, charge, amount, intent["application_fee_amount"])
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    ctx.save(intent)
    ctx.emit(event, charge)
    ctx.emit("payment_intent.succeeded", intent)
    charging.open_dispute_if_due(ctx, charge)
    return intent
