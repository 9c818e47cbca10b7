"""`/v1/payouts`: from the available balance to the bank. Manual ones on call, automatic ones on a control call."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.money.currencies import MAXIMUM_AMOUNT
from commerce.sandbox.payments.balance import record, totals
from commerce.sandbox.wire.errors import Json, refused
from commerce.sandbox.wire.ids import derived_id, new_id
from commerce.sandbox.wire.shapes import PAGING, choice, currency, integer, merge_metadata, metadata, span, struct, text

CREATE = struct(
    {
        "amount": integer(1, MAXIMUM_AMOUNT * 100),
        "currency": currency(),
        "description": text(),
        "metadata": metadata(),
        "method": choice("standard"),
        "source_type": choice("card"),
        "statement_descriptor": text(22),
    },
    required=("amount", "currency"),
)
LIST = struct({**PAGING, "arrival_date": span(), "created": span(), "status": choice("pending", "in_transit", "paid", "failed", "canceled")})
NOTHING = struct({})


def create(ctx: Context, params: Json) -> Json:
    """Pay out an amount. Raises: ApiError 400 `balance_insufficient` beyond what is available."""
    return _pay_out(ctx, params["currency"], params["amount"], params, is_automatic=False, movements=[])


def create_automatic(ctx: Context, code: str) -> Json | None:
    """Pay out all that is available in a currency, linked to the movements it consists of (manual payouts too); None when there is nothing.

    Stripe makes these each day; here a control call does. Only automatic payouts answer `balance_transactions?payout=`.
    """
    rows = ctx.store.connection.execute(
        "SELECT id, json_extract(body, '$.net') FROM objects WHERE account = ? AND kind = 'balance_transaction'"
        " AND json_extract(hidden, '$.payout') IS NULL AND json_extract(body, '$.currency') = ? AND json_extract(body, '$.available_on') <= ?",
        (ctx.account, code, ctx.now),
    ).fetchall()
    amount = sum(row[1] for row in rows)
    if amount <= 0:
        return None
    return _pay_out(ctx, code, amount, {}, is_automatic=True, movements=[row[0] for row in rows])


def retrieve(ctx: Context, params: Json, payout: str) -> Json:
    """One payout."""
    return ctx.get("payout", payout)


def cancel(ctx: Context, params: Json, payout: str) -> Json:
    """Take back a payout that has not left yet."""
    before = ctx.get("payout", payout)
    if before["status"] != "pending":
        raise refused(f"Payouts can only be canceled while pending; this one is {before['status']}.")
    record(
        ctx,
        kind="payout_cancel",
        amount=before["amount"],
        currency=before["currency"],
        source=payout,
        description="STRIPE PAYOUT CANCEL",
        available_on=ctx.now,
    )
    after = ctx.save({**before, "status": "canceled"})
    ctx.emit("payout.canceled", after, changed(before, after))
    return after


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {"$.status": params["status"]} if "status" in params else None
    return ctx.listing("payout", params, "/v1/payouts", where)


def arrive(ctx: Context, payout: Json) -> None:
    """The bank has it: `payout.paid`, and for automatic ones the reconciliation is complete."""
    before = {**payout}
    payout["status"] = "paid"
    ctx.save(payout)
    ctx.emit("payout.paid", payout, changed(before, payout))
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
        ctx.save(payout)
        ctx.emit("payout.reconciliation_completed", payout)


def _pay_out(ctx: Context, code: str, amount: int, params: Json, *, is_automatic: bool, movements: list[str]) -> Json:
    if amount > totals(ctx.store, ctx.account, ctx.now).get(code, (0, 0))[0]:
        raise refused(
            "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use the /v1/balance "
            "endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance).",
            "balance_insufficient",
            param="amount",
        )
    identifier = new_id("po")
    movement = record(
        ctx,
        kind="payout",
        amount=-amount,
        currency=code,
        source=identifier,
        description=params.get("description", "STRIPE PAYOUT"),
        available_on=ctx.now,
    )
    payout: Json = {
        "id": identifier,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": ctx.now,
        "automatic": is_automatic,
        "balance_transaction": movement["id"],
        "created": ctx.now,
        "currency": code,
        "description": params.get("description", "STRIPE PAYOUT"),
        "destination": derived_id("ba", f"{ctx.account}:{code}", 24),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "in_progress" if is_automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "pending",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
    }
    ctx.add(payout, paid_out=movements)
    for paid in [movement["id"], *movements] if is_automatic else []:
        ctx.store.hide(paid, payout=identifier)
    ctx.emit("payout.created", payout)
    return payout
