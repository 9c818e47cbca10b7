"""Payment methods as the machine needs them: a card that was typed, a ready-made token, how the card behaves."""

import hashlib
from datetime import UTC, datetime

from commerce.sandbox.context import Context
from commerce.sandbox.payments.cards import TOKENS, Card, Decline, as_hidden, check_entry, find_card, from_hidden
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import merge_metadata


def entry_problem(ctx: Context, entry: Json) -> Decline | None:
    """What is wrong with a typed card, if anything. Two-digit years mean this century."""
    today = datetime.fromtimestamp(ctx.now, UTC)
    year = entry["exp_year"] + (2000 if entry["exp_year"] < 100 else 0)
    number = _digits(entry["number"])
    return check_entry(number=number, exp_month=entry["exp_month"], exp_year=year, cvc=entry["cvc"], year=today.year, month=today.month)


def from_entry(ctx: Context, entry: Json, billing: Json, pairs: dict[str, str] | None = None) -> Json:
    """Store a checked card; the number itself is not kept unless it is a test card's."""
    year = entry["exp_year"] + (2000 if entry["exp_year"] < 100 else 0)
    return _store(ctx, _digits(entry["number"]), entry["exp_month"], year, billing, pairs)


def resolve(ctx: Context, identifier: str) -> Json:
    """The payment method with that id; a ready-made token such as `pm_card_visa` becomes a new one."""
    if identifier in TOKENS:
        return _store(ctx, TOKENS[identifier], 12, datetime.fromtimestamp(ctx.now, UTC).year + 4, {}, None)
    return ctx.get("payment_method", identifier, "payment_method")


def card_of(ctx: Context, payment_method: str) -> Card:
    """How the card behind a payment method behaves."""
    return from_hidden(ctx.store.hidden(payment_method))


def blank_billing() -> Json:
    """Billing details about which nothing is known."""
    address = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
    return {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}


def _digits(number: str) -> str:
    return number.replace(" ", "").replace("-", "")


def _store(ctx: Context, number: str, month: int, year: int, billing: Json, pairs: dict[str, str] | None) -> Json:
    card = find_card(number)
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {**blank_billing(), **billing},
        "card": {
            "brand": card.brand,
            "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "unchecked"},
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": month,
            "exp_year": year,
            "fingerprint": hashlib.sha256(f"{ctx.platform}:{number}".encode()).hexdigest()[:16],
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": ctx.now,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": merge_metadata({}, pairs),
        "type": "card",
    }
    return ctx.add(method, **as_hidden(card))
