"""Balance transactions: every movement of an account's money, once. The balance is their sum and nothing else."""

from commerce.sandbox.context import Context
from commerce.sandbox.state.store import Store
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import new_id

SETTLES_AFTER_S = 2 * 24 * 3600
"""Charges are pending for two days, then available."""

_CATEGORY = {
    "application_fee": "platform_earning",
    "application_fee_refund": "platform_earning_refund",
    "adjustment": "dispute",
    "refund_failure": "refund_failure",
}


def record(
    ctx: Context,
    *,
    kind: str,
    amount: int,
    currency: str,
    source: str,
    description: str | None,
    available_on: int,
    fees: list[Json] | None = None,
    category: str = "",
) -> Json:
    """Book one movement on the acting account and give the balance transaction.

    amount: signed minor units before fees. fees: `fee_details` of positive (or, when returned, negative) amounts.
    Needs: an open transaction.
    """
    details = fees or []
    fee = sum(item["amount"] for item in details)
    return ctx.add(
        {
            "id": new_id("txn"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": ctx.now,
            "currency": currency,
            "description": description,
            "exchange_rate": None,
            "fee": fee,
            "fee_details": details,
            "net": amount - fee,
            "reporting_category": category or _CATEGORY.get(kind, kind),
            "source": source,
            "status": "pending" if available_on > ctx.now else "available",
            "type": kind,
        }
    )


def available_on(ctx: Context, origin: Json) -> int:
    """When money that goes back leaves: the part of the balance its charge (or fee) sits in, pending or available."""
    return int(max(ctx.now, ctx.get("balance_transaction", origin["balance_transaction"])["available_on"]))


def fee_detail(amount: int, currency: str, kind: str, description: str, application: str | None = None) -> Json:
    """One entry of `fee_details`; kind is `stripe_fee` or `application_fee`."""
    return {"amount": amount, "application": application, "currency": currency, "description": description, "type": kind}


def totals(store: Store, account: str, now: int) -> dict[str, tuple[int, int]]:
    """Per currency: (available, pending) net minor units, summed over all balance transactions."""
    rows = store.connection.execute(
        "SELECT json_extract(body, '$.currency'), sum(json_extract(body, '$.net') * (json_extract(body, '$.available_on') <= ?2)),"
        " sum(json_extract(body, '$.net') * (json_extract(body, '$.available_on') > ?2))"
        " FROM objects WHERE account = ?1 AND kind = 'balance_transaction' GROUP BY 1 ORDER BY 1",
        (account, now),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def mature(store: Store, now: int) -> None:
    """Turn pending movements whose day has come into available ones. Needs: an open transaction."""
    store.connection.execute(
        "UPDATE objects SET body = json_set(body, '$.status', 'available') WHERE kind = 'balance_transaction'"
        " AND json_extract(body, '$.status') = 'pending' AND json_extract(body, '$.available_on') <= ?",
        (now,),
    )
