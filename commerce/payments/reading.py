"""From Stripe's objects to ours. An object is an SDK object or the dictionary of a snapshot; both are read as dictionaries."""

from datetime import UTC, datetime
from typing import Any

from commerce.payments.shapes import Balance, BalanceTransaction, Dispute, Event, Payment, Payout, RefundView, Session
from merchants.foundation.money import Money

Fields = dict[str, Any]


def session(source: Any) -> Session:
    fields = _fields(source)
    intent = fields.get("payment_intent")
    return Session(
        id=fields["id"],
        status=fields.get("status") or "",
        client_secret=fields.get("client_secret") or "",
        payment=payment(intent) if isinstance(intent, dict) else None,
        metadata=fields.get("metadata") or {},
    )


def payment(source: Any) -> Payment:
    fields = _fields(source)
    charge = fields.get("latest_charge")
    charge_fields: Fields = charge if isinstance(charge, dict) else {}
    movement = charge_fields.get("balance_transaction")
    last_error = fields.get("last_payment_error") or {}
    return Payment(
        id=fields["id"],
        status=fields["status"],
        received=_money(fields.get("amount_received") or 0, fields["currency"]),
        charge=charge_fields.get("id") or (charge if isinstance(charge, str) else ""),
        captured_at=_at(charge_fields.get("created") or fields["created"]),
        decline_code=last_error.get("decline_code") or last_error.get("code") or "",
        balance=balance_transaction(movement) if isinstance(movement, dict) else None,
        metadata=fields.get("metadata") or {},
    )


def refund(source: Any) -> RefundView:
    fields = _fields(source)
    movement = fields.get("balance_transaction")
    return RefundView(
        id=fields["id"],
        status=fields.get("status") or "",
        amount=_money(fields["amount"], fields["currency"]),
        payment_intent=id_of(fields.get("payment_intent")),
        failure=fields.get("failure_reason") or "",
        at=_at(fields["created"]),
        balance=balance_transaction(movement) if isinstance(movement, dict) else None,
        metadata=fields.get("metadata") or {},
    )


def balance_transaction(source: Any) -> BalanceTransaction:
    """Fees that Stripe does not itemise count as Stripe's own, so that gross less fees is always net."""
    fields = _fields(source)
    code = fields["currency"]
    details = fields.get("fee_details") or []
    to_platform = sum(item["amount"] for item in details if item["type"] == "application_fee")
    return BalanceTransaction(
        id=fields["id"],
        kind=fields["type"],
        gross=_money(fields["amount"], code),
        stripe_fee=_money(fields["fee"] - to_platform, code),
        platform_fee=_money(to_platform, code),
        net=_money(fields["net"], code),
        source=id_of(fields.get("source")),
        at=_at(fields["created"]),
    )


def dispute(source: Any) -> Dispute:
    fields = _fields(source)
    return Dispute(
        id=fields["id"],
        payment_intent=id_of(fields.get("payment_intent")),
        charge=id_of(fields.get("charge")),
        balances=[balance_transaction(item) for item in fields.get("balance_transactions") or []],
    )


def payout(source: Any) -> Payout:
    fields = _fields(source)
    return Payout(
        id=fields["id"],
        status=fields["status"],
        amount=_money(fields["amount"], fields["currency"]),
        arrives_at=_at(fields["arrival_date"]),
        balance_transaction=id_of(fields.get("balance_transaction")),
    )


def balances(source: Any) -> dict[str, Balance]:
    fields = _fields(source)
    sums: dict[str, dict[str, int]] = {}
    for part in ("available", "pending"):
        for item in fields.get(part) or []:
            by_part = sums.setdefault(item["currency"], {"available": 0, "pending": 0})
            by_part[part] += item["amount"]
    return {code.upper(): Balance(_money(parts["available"], code), _money(parts["pending"], code)) for code, parts in sums.items()}


def event(fields: Fields, *, account: str) -> Event:
    """`account`: whose event it is; a listed event of a connected account does not say so itself."""
    return Event(
        id=fields["id"],
        account=account,
        kind=fields["type"],
        created_at=_at(fields["created"]),
        is_live=bool(fields.get("livemode")),
        subject=fields["data"]["object"],
        payload=fields,
    )


def id_of(value: Any) -> str:
    """The id of an object that is either expanded or only named."""
    return str(value["id"]) if isinstance(value, dict) else str(value or "")


def _fields(source: Any) -> Fields:
    fields: Fields = source if type(source) is dict else source.to_dict()
    return fields


def _money(amount: int, code: str) -> Money:
    return Money(amount, code.upper())


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
