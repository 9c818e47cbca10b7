"""`/v1/refunds`: money back, in parts if wished, never more than was captured."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.money.currencies import MAXIMUM_AMOUNT, format_amount
from commerce.sandbox.payments.balance import available_on, fee_detail, record
from commerce.sandbox.payments.charging import refund_shape
from commerce.sandbox.payments.methods import card_of
from commerce.sandbox.payments.parties import application_of
from commerce.sandbox.wire.errors import Json, invalid_param, refused
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import PAGING, boolean, choice, integer, merge_metadata, metadata, span, struct, text

CREATE = struct(
    {
        "amount": integer(1, MAXIMUM_AMOUNT),
        "charge": text(),
        "instructions_email": text(512),
        "metadata": metadata(),
        "payment_intent": text(),
        "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
        "refund_application_fee": boolean(),
    }
)
UPDATE = struct({"metadata": metadata()})
LIST = struct({**PAGING, "charge": text(), "created": span(), "payment_intent": text()})


def create(ctx: Context, params: Json) -> Json:
    """Refund a charge, by its id or by its PaymentIntent's; without an amount, all that is left.

    Raises: ApiError 400 when nothing was captured, more than is left is asked for, or the charge is disputed.
    """
    charge = _charge(ctx, params)
    left = charge["amount_captured"] - refunded_of_captured(charge)
    amount = params.get("amount", left)
    _check(charge, amount, left, is_explicit="amount" in params)
    refund = ctx.add(refund_shape(ctx, charge, amount, params.get("reason")))
    refund["metadata"] = merge_metadata({}, params.get("metadata"))
    fee_back = _return_application_fee(ctx, charge, amount) if params.get("refund_application_fee") else 0
    _book(ctx, charge, refund, amount, fee_back)
    before = {**charge}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    ctx.save(charge)
    ctx.emit("refund.created", refund)
    ctx.emit("charge.refunded", charge, changed(before, charge))
    if card_of(ctx, charge["payment_method"]).refund_fails:
        ctx.store.hide(refund["id"], fails_at=ctx.now + 1)
    return refund


def retrieve(ctx: Context, params: Json, refund: str) -> Json:
    """One refund."""
    return ctx.get("refund", refund)


def update(ctx: Context, params: Json, refund: str) -> Json:
    """Change its metadata."""
    before = ctx.get("refund", refund)
    after = ctx.save({**before, "metadata": merge_metadata(before["metadata"], params.get("metadata"))})
    ctx.emit("refund.updated", after, changed(before, after))
    return after


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {f"$.{key}": params[key] for key in ("charge", "payment_intent") if key in params}
    return ctx.listing("refund", params, "/v1/refunds", where)


def fail(ctx: Context, refund: Json) -> Json:
    """The card's bank sends the money back: the refund fails and the balance gets it again."""
    charge = ctx.get("charge", refund["charge"])
    movement = record(
        ctx,
        kind="refund_failure",
        amount=refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        description=f"REFUND FAILURE FOR {charge['id']}",
        available_on=available_on(ctx, charge),
    )
    before = {**refund}
    refund |= {"status": "failed", "failure_reason": "expired_or_canceled_card", "failure_balance_transaction": movement["id"]}
    ctx.save(refund)
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    ctx.save(charge)
    ctx.emit("refund.failed", refund, changed(before, refund))
    return refund


def refunded_of_captured(charge: Json) -> int:
    """Refunded minor units that had been captured; a released remainder of the authorisation is not among them."""
    return int(charge["amount_refunded"] - (charge["amount"] - charge["amount_captured"]))


def _charge(ctx: Context, params: Json) -> Json:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid_param("One of the following params should be provided for this request: payment_intent or charge.", "charge")
    if "charge" in params:
        return ctx.get("charge", params["charge"], "charge")
    intent = ctx.get("payment_intent", params["payment_intent"], "payment_intent")
    if not intent["latest_charge"] or intent["status"] != "succeeded":
        raise refused(f"This PaymentIntent ({intent['id']}) does not have a successful charge to refund.", "payment_intent_unexpected_state")
    return ctx.get("charge", intent["latest_charge"])


def _check(charge: Json, amount: int, left: int, *, is_explicit: bool) -> None:
    if not charge["captured"]:
        raise refused(f"Charge {charge['id']} has not been captured; cancel its PaymentIntent instead.", "charge_not_refundable", param="charge")
    if charge["disputed"]:
        raise refused(f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed", param="charge")
    if left <= 0:
        raise refused(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded", param="charge")
    if is_explicit and amount > left:
        money = [f"{format_amount(value, charge['currency'])} {charge['currency'].upper()}" for value in (amount, left)]
        raise refused(f"Refund amount ({money[0]}) is greater than unrefunded amount on charge ({money[1]})", param="amount")


def _book(ctx: Context, charge: Json, refund: Json, amount: int, fee_back: int) -> None:
    currency = charge["currency"]
    fees = [fee_detail(-fee_back, currency, "application_fee", "Application fee refund", application_of(ctx.platform))] if fee_back else []
    movement = record(
        ctx,
        kind="refund",
        amount=-amount,
        currency=currency,
        source=refund["id"],
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
        available_on=available_on(ctx, charge),
        fees=fees,
    )
    refund["balance_transaction"] = movement["id"]
    ctx.save(refund)


def _return_application_fee(ctx: Context, charge: Json, amount: int) -> int:
    """Give back the platform's fee in proportion, rounded down until the last part; gives minor units."""
    if not charge["application_fee"]:
        return 0
    platform = ctx.acting_as(ctx.platform)
    fee = platform.get("application_fee", charge["application_fee"])
    refunded = refunded_of_captured(charge) + amount
    back = fee["amount"] * refunded // charge["amount_captured"] - fee["amount_refunded"]
    if back <= 0:
        return 0
    identifier = new_id("fr")
    movement = record(
        platform,
        kind="application_fee_refund",
        amount=-back,
        currency=fee["currency"],
        source=identifier,
        description=None,
        available_on=available_on(platform, fee),
    )
    entry: Json = {
        "id": identifier,
        "object": "fee_refund",
        "amount": back,
        "balance_transaction": movement["id"],
        "created": ctx.now,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": {},
    }
    platform.add(entry)
    fee["amount_refunded"] += back
    fee["refunded"] = fee["amount_refunded"] == fee["amount"]
    fee["refunds"]["data"].insert(0, entry)
    platform.save(fee)
    platform.emit("application_fee.refunded", fee)
    return int(back)
