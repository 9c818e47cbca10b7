"""`/v1/balance`, `/v1/balance_transactions`, `/v1/application_fees`: what was earned and what it cost."""

from commerce.sandbox.context import Context
from commerce.sandbox.payments.balance import mature, totals
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.shapes import PAGING, currency, span, struct, text

NOTHING = struct({})
LIST = struct({**PAGING, "created": span(), "currency": currency(), "payout": text(), "source": text(), "type": text()})
LIST_FEES = struct({**PAGING, "charge": text(), "created": span()})


def retrieve_balance(ctx: Context, params: Json) -> Json:
    """Available and pending amounts by currency: sums over the balance transactions."""
    sums = totals(ctx.store, ctx.account, ctx.now)
    if not sums:
        sums = {ctx.store.get(ctx.platform, "account", ctx.account)["default_currency"]: (0, 0)}
    parts = [[_part(code, pair[side]) for code, pair in sums.items()] for side in (0, 1)]
    return {
        "object": "balance",
        "available": parts[0],
        "livemode": False,
        "pending": parts[1],
        "refund_and_dispute_prefunding": {"available": [], "pending": []},
    }


def retrieve_transaction(ctx: Context, params: Json, transaction: str) -> Json:
    """One balance transaction."""
    mature(ctx.store, ctx.now)
    return ctx.get("balance_transaction", transaction)


def list_transactions(ctx: Context, params: Json) -> Json:
    """Newest first; `payout=` gives the payout's own movement and those it paid out."""
    mature(ctx.store, ctx.now)
    where = {f"$.{key}": params[key] for key in ("currency", "source", "type") if key in params}
    if "payout" in params:
        payout = ctx.get("payout", params["payout"], "payout")
        where["$.id"] = [payout["balance_transaction"], *ctx.store.hidden(payout["id"])["paid_out"]]
    return ctx.listing("balance_transaction", params, "/v1/balance_transactions", where)


def retrieve_fee(ctx: Context, params: Json, fee: str) -> Json:
    """One application fee; only its platform sees it."""
    return ctx.get("application_fee", fee)


def list_fees(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {"$.charge": params["charge"]} if "charge" in params else None
    return ctx.listing("application_fee", params, "/v1/application_fees", where)


def _part(code: str, amount: int) -> Json:
    return {"amount": amount, "currency": code, "source_types": {"card": amount}}
