"""`/v1/payment_intents`."""

from commerce.sandbox.context import Context
from commerce.sandbox.money.currencies import MAXIMUM_AMOUNT, format_amount, minimum_of
from commerce.sandbox.objects.customers import get_living
from commerce.sandbox.payments import intents
from commerce.sandbox.payments.methods import resolve
from commerce.sandbox.wire.errors import ApiError, Json, invalid_param, refused
from commerce.sandbox.wire.shapes import (
    PAGING,
    SHIPPING,
    Parser,
    boolean,
    choice,
    currency,
    integer,
    listing,
    merge_metadata,
    metadata,
    span,
    struct,
    text,
    url,
)  # fmt: skip

AMOUNT = integer(1, MAXIMUM_AMOUNT)
CAPTURE_METHOD = choice("automatic", "automatic_async", "manual")
FUTURE_USE = choice("off_session", "on_session")
_CARD_OPTIONS = struct({"request_three_d_secure": choice("any", "automatic", "challenge"), "capture_method": choice("manual")})
_COMMON: dict[str, Parser] = {
    "application_fee_amount": integer(0, MAXIMUM_AMOUNT),
    "capture_method": CAPTURE_METHOD,
    "customer": text(),
    "description": text(1000, can_clear=True),
    "metadata": metadata(),
    "payment_method": text(),
    "payment_method_options": struct({"card": _CARD_OPTIONS}),
    "allowed_payment_method_types": listing(choice("card")),
    "receipt_email": text(512, can_clear=True),
    "setup_future_usage": FUTURE_USE,
    "shipping": SHIPPING,
    "statement_descriptor": text(22, can_clear=True),
    "statement_descriptor_suffix": text(22, can_clear=True),
    "transfer_group": text(can_clear=True),
}
_CONFIRMING: dict[str, Parser] = {"error_on_requires_action": boolean(), "off_session": boolean(), "return_url": url(), "use_stripe_sdk": boolean()}
CREATE = struct(
    {
        **_COMMON,
        **_CONFIRMING,
        "amount": AMOUNT,
        "automatic_payment_methods": struct({"enabled": boolean(), "allow_redirects": choice("always", "never")}, required=("enabled",)),
        "confirm": boolean(),
        "confirmation_method": choice("automatic", "manual"),
        "currency": currency(),
    },
    required=("amount", "currency"),
)
UPDATE = struct({**_COMMON, "amount": AMOUNT, "currency": currency()})
CONFIRM = struct(
    {
        **_CONFIRMING,
        "payment_method": text(),
        "receipt_email": text(512),
        "shipping": SHIPPING,
        "capture_method": CAPTURE_METHOD,
    }
)
CAPTURE = struct({"amount_to_capture": AMOUNT, "application_fee_amount": integer(0), "final_capture": boolean(), "metadata": metadata()})
CANCEL = struct({"cancellation_reason": choice("abandoned", "duplicate", "fraudulent", "requested_by_customer")})
LIST = struct({**PAGING, "created": span(), "customer": text()})
RETRIEVE = struct({"client_secret": text()})


def create(ctx: Context, params: Json) -> Json:
    """A new intent; with `confirm=true` it is paid in the same call."""
    check_amount(params["amount"], params["currency"])
    intents.check_fee(ctx, params.get("application_fee_amount"), params["amount"])
    if "customer" in params:
        get_living(ctx, params["customer"])
    params["metadata"] = merge_metadata({}, params.get("metadata"))
    params.setdefault("automatic_payment_methods", {"enabled": True, "allow_redirects": "always"})
    intent = ctx.add(intents.shape(ctx, params))
    ctx.emit("payment_intent.created", intent)
    if "payment_method" in params:
        intent |= {"payment_method": resolve(ctx, params["payment_method"])["id"], "status": "requires_confirmation"}
        ctx.save(intent)
    return _confirm(ctx, intent, params) if params.get("confirm") else intent


def retrieve(ctx: Context, params: Json, intent: str) -> Json:
    """One intent."""
    return ctx.get("payment_intent", intent)


def update(ctx: Context, params: Json, intent: str) -> Json:
    """Change an intent that is not yet paid."""
    body = ctx.get("payment_intent", intent)
    if body["status"] not in intents.CONFIRMABLE:
        raise intents.unexpected(body, "update")
    _require_free(ctx, body, "update")
    wished = {**body, **params}
    check_amount(wished["amount"], wished["currency"])
    intents.check_fee(ctx, wished["application_fee_amount"], wished["amount"])
    pairs = merge_metadata(body["metadata"], params.pop("metadata", None))
    if "payment_method" in params:
        params["payment_method"] = resolve(ctx, params["payment_method"])["id"]
        body["status"] = "requires_confirmation"
    if "customer" in params:
        get_living(ctx, params["customer"])
    return ctx.save({**body, **params, "metadata": pairs})


def confirm(ctx: Context, params: Json, intent: str) -> Json:
    """Try to pay. Raises: ApiError 402 when the card is declined; the attempt stays on record."""
    body = ctx.get("payment_intent", intent)
    _require_free(ctx, body, "confirm")
    for key in ("receipt_email", "shipping", "capture_method"):
        if key in params:
            body[key] = params[key]
    return _confirm(ctx, body, {**params, "payment_method": params.get("payment_method") or body["payment_method"]})


def capture(ctx: Context, params: Json, intent: str) -> Json:
    """Take what was authorised, or less."""
    body = ctx.get("payment_intent", intent)
    body["metadata"] = merge_metadata(body["metadata"], params.get("metadata"))
    amount = {"amount_to_capture": body["amount_capturable"], **params}["amount_to_capture"]
    captured = intents.capture(ctx, body, amount, params.get("application_fee_amount"))
    _mark_session_paid(ctx, intent)
    return captured


def cancel(ctx: Context, params: Json, intent: str) -> Json:
    """Void an intent that has taken no money."""
    body = ctx.get("payment_intent", intent)
    _require_free(ctx, body, "cancel")
    return intents.cancel(ctx, body, params.get("cancellation_reason"))


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {"$.customer": params["customer"]} if "customer" in params else None
    return ctx.listing("payment_intent", params, "/v1/payment_intents", where)


def check_amount(amount: int, code: str, param: str = "amount") -> None:
    """Raises: ApiError 400 below the currency's smallest charge."""
    least = minimum_of(code)
    if amount < least:
        raise invalid_param(f"Amount must be at least {format_amount(least, code)} {code}", param, "amount_too_small")


def raise_declined(intent: Json) -> None:
    """Turn a failed attempt into the card error that an API call answers with."""
    error = intent["last_payment_error"]
    raise ApiError(
        402,
        "card_error",
        error["message"],
        code=error["code"],
        param=error.get("param"),
        commits=True,
        charge=error.get("charge"),
        decline_code=error.get("decline_code"),
        payment_intent=intent,
        payment_method=error.get("payment_method"),
    )


def _confirm(ctx: Context, body: Json, params: Json) -> Json:
    method = params.get("payment_method") or body["payment_method"]
    if body["status"] not in intents.CONFIRMABLE:
        raise intents.unexpected(body, "confirm")
    if not method:
        raise refused(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment "
            "method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
            "payment_intent_unexpected_state",
            payment_intent=body,
        )
    paid = intents.confirm(ctx, body, resolve(ctx, method)["id"], return_url=params.get("return_url"))
    if paid["last_payment_error"]:
        raise_declined(paid)
    return paid


def _require_free(ctx: Context, intent: Json, verb: str) -> None:
    """An intent inside an open Checkout Session moves only with the session."""
    session = ctx.store.hidden(intent["id"]).get("session")
    if session and ctx.get("checkout.session", session)["status"] == "open":
        raise refused(f"You cannot {verb} this PaymentIntent because it was created by Checkout. Use the Checkout Session {session} instead.")


def _mark_session_paid(ctx: Context, intent: str) -> None:
    session = ctx.store.hidden(intent).get("session")
    if session:
        ctx.save({**ctx.get("checkout.session", session), "payment_status": "paid"})
