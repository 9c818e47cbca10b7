"""Answers against the SDK's own annotations: no key the SDK does not know, none missing that it promises, literals that exist."""

import types
import typing
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Merchant, ask, new_merchant


def branches(annotation: Any) -> list[Any]:
    """The alternatives of a Union, or the annotation alone."""
    return list(typing.get_args(annotation)) if typing.get_origin(annotation) in (typing.Union, types.UnionType) else [annotation]


def resolve(annotation: Any) -> Any:
    """A forward reference such as `Charge` as the SDK's class."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if not isinstance(annotation, str):
        return annotation
    aliases = {"CardResource": "Card", "DisputeResource": "Dispute", "IssuingDisputeResource": "Dispute"}
    return getattr(stripe, aliases.get(annotation, annotation), Any)


def is_optional(annotation: Any) -> bool:
    """May the value be null or absent?"""
    return type(None) in branches(annotation)


def problems(cls: Any, value: dict[str, Any], where: str) -> list[str]:
    """Unknown keys, missing promised keys, and wrong values, recursively."""
    known: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        known |= {key: kind for key, kind in vars(base).get("__annotations__", {}).items() if key != "OBJECT_NAME" and not key.startswith("_")}
    found = [f"{where}.{key}: unknown to the SDK" for key in value if key not in known]
    found += [f"{where}.{key}: promised by the SDK but missing" for key, kind in known.items() if not is_optional(kind) and key not in value]
    for key, kind in known.items():
        if key in value:
            found += mismatch(kind, value[key], f"{where}.{key}")
    return found


def mismatch(annotation: Any, value: Any, where: str) -> list[str]:
    """What is wrong with one value; an empty list when some alternative fits."""
    if value is None:
        return [] if is_optional(annotation) else [f"{where}: null, but the SDK says never"]
    attempts = [fit(resolve(kind), value, where) for kind in branches(annotation) if kind is not type(None)]
    return min(attempts, key=len, default=[])


def fit(kind: Any, value: Any, where: str) -> list[str]:
    """Problems of a value against one alternative."""
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return [] if value in typing.get_args(kind) else [f"{where}: {value!r} is not one of the SDK's literals"]
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: not a list"]
        return [problem for index, item in enumerate(value) for problem in mismatch(typing.get_args(kind)[0], item, f"{where}[{index}]")]
    if isinstance(kind, type) and issubclass(kind, stripe.StripeObject) and not typing.get_args(kind):
        return problems(kind, value, where) if isinstance(value, dict) else [f"{where}: not an object"]
    if origin is not None or kind is Any:
        return [] if isinstance(value, dict) or kind is Any else [f"{where}: not an object"]
    if kind in (int, str, bool, float):
        return [] if type(value) is kind else [f"{where}: {type(value).__name__} instead of {kind.__name__}"]
    return []


def strict_literals(cls: Any, value: dict[str, Any], keys: tuple[str, ...]) -> None:
    """Enumerations are `Literal | str` in the SDK; here the literal part alone counts, so that a stale word is found."""
    for key in keys:
        kinds = [kind for kind in branches(cls.__annotations__[key]) if typing.get_origin(kind) is typing.Literal]
        literals = [word for kind in kinds for word in typing.get_args(kind)]
        assert value[key] in literals, (cls.__name__, key, value[key])


def raw(merchant: Merchant, path: str, account: bool = True) -> Any:
    """The JSON as it came over the wire."""
    headers = {"Authorization": f"Bearer {merchant.key}"} | ({"Stripe-Account": merchant.account} if account else {})
    reply = ask(f"{merchant.sandbox.base}{path}", headers=headers)
    assert reply.status == 200, reply.text
    return reply.json


@pytest.fixture(scope="module")
def busy(sandbox: Any) -> Merchant:
    """An account where everything has happened once."""
    merchant = new_merchant(sandbox)
    customer = merchant.client.v1.customers.create({"email": "mei@example.com", "address": {"city": "Berlin"}}, merchant.on)
    session = merchant.session(metadata={"order": "1"}, payment_intent_data={"application_fee_amount": 100}, customer=customer.id)
    merchant.submit(session, "4000000000000002")
    merchant.submit(session, "4242424242424242")
    merchant.session(ui_mode="hosted_page", success_url="https://shop.example/", custom_text={"submit": {"message": "Thanks"}})
    waiting = merchant.session()
    merchant.submit(waiting, "4000002760003184")
    paid = merchant.pay(4000, application_fee_amount=40, method="pm_card_bypassPending")
    merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": 1000, "refund_application_fee": True}, merchant.on)
    merchant.pay(4000, method="pm_card_createDispute")
    merchant.pay(capture_method="manual")
    merchant.client.v1.payouts.create({"amount": 500, "currency": "usd"}, merchant.on)
    return merchant


@pytest.mark.parametrize(
    ("path", "cls", "is_connected", "literals"),
    [
        ("/v1/accounts", stripe.Account, False, ("type",)),
        ("/v1/customers", stripe.Customer, True, ("tax_exempt",)),
        ("/v1/products", stripe.Product, True, ("type",)),
        ("/v1/checkout/sessions", stripe.checkout.Session, True, ("mode", "payment_status", "status", "ui_mode")),
        ("/v1/payment_intents", stripe.PaymentIntent, True, ("capture_method", "confirmation_method", "status")),
        ("/v1/charges", stripe.Charge, True, ("status",)),
        ("/v1/refunds", stripe.Refund, True, ()),
        ("/v1/balance_transactions", stripe.BalanceTransaction, True, ("type", "balance_type")),
        ("/v1/application_fees", stripe.ApplicationFee, False, ()),
        ("/v1/payouts", stripe.Payout, True, ("reconciliation_status", "type")),
        ("/v1/disputes", stripe.Dispute, True, ("status",)),
        ("/v1/events", stripe.Event, True, ("type",)),
        ("/v1/payment_methods", stripe.PaymentMethod, True, ("type",)),
    ],
)
def test_every_object_of_a_list_is_the_sdks(busy: Merchant, path: str, cls: Any, is_connected: bool, literals: tuple[str, ...]) -> None:
    """Lists have Stripe's envelope; each object has only known keys, all promised ones, right types, existing words."""
    listed = raw(busy, f"{path}?limit=100", is_connected)
    assert set(listed) == {"object", "data", "has_more", "url"}
    assert listed["url"] == path
    assert listed["data"]
    for value in listed["data"]:
        assert problems(cls, value, cls.__name__) == []
        strict_literals(cls, value, literals)


def test_the_balance_the_lines_and_the_endpoint_are_the_sdks(busy: Merchant) -> None:
    """What is not a plain list of its own."""
    assert problems(stripe.Balance, raw(busy, "/v1/balance"), "Balance") == []
    session = raw(busy, "/v1/checkout/sessions")["data"][0]["id"]
    for line in raw(busy, f"/v1/checkout/sessions/{session}/line_items")["data"]:
        assert problems(stripe.LineItem, line, "LineItem") == []
    made = busy.client.v1.webhook_endpoints.create({"url": "http://localhost:9/hook", "enabled_events": ["charge.succeeded"]})
    assert problems(stripe.WebhookEndpoint, made.to_dict(), "WebhookEndpoint") == []
    busy.client.v1.webhook_endpoints.delete(made.id)
    price = busy.client.v1.prices.create({"currency": "usd", "unit_amount": 500, "product_data": {"name": "Pin"}}, busy.on)
    assert problems(stripe.Price, raw(busy, f"/v1/prices/{price.id}"), "Price") == []


def test_an_events_object_is_the_sdks_too(busy: Merchant) -> None:
    """The snapshot inside an event has the shape of its resource."""
    classes = {
        "payment_intent": stripe.PaymentIntent,
        "charge": stripe.Charge,
        "refund": stripe.Refund,
        "checkout.session": stripe.checkout.Session,
        "dispute": stripe.Dispute,
    }
    seen = set()
    for event in raw(busy, "/v1/events?limit=100")["data"]:
        body = event["data"]["object"]
        if body["object"] in classes:
            seen.add(body["object"])
            assert problems(classes[body["object"]], body, event["type"]) == []
    assert seen == set(classes)


def test_the_check_itself_finds_what_is_wrong() -> None:
    """An unknown key, a missing one and a float amount are seen."""
    bad = {"id": "re_1", "object": "refund", "amount": 1.5, "currency": "usd", "created": 1, "sum": 3}
    words = " ".join(problems(stripe.Refund, bad, "Refund"))
    assert "Refund.sum: unknown" in words
    assert "Refund.amount: float" in words
    assert "amount: promised" in " ".join(problems(stripe.Refund, {"id": "re_1"}, "Refund"))


def test_an_error_has_stripes_keys(merchant: Merchant) -> None:
    """Only keys the SDK's ErrorObject knows, request id and retry advice in the headers."""
    headers = {"Authorization": f"Bearer {merchant.key}", "Stripe-Account": merchant.account}
    body = b"amount=500&currency=usd&confirm=true&payment_method=pm_card_chargeDeclined"
    reply = ask(f"{merchant.sandbox.base}/v1/payment_intents", method="POST", body=body, headers=headers)
    assert (reply.status, reply.json["error"]["type"]) == (402, "card_error")
    assert set(reply.json["error"]) <= set(stripe.ErrorObject.__annotations__)
    assert problems(stripe.PaymentIntent, reply.json["error"]["payment_intent"], "error.payment_intent") == []
    assert reply.headers["request-id"].startswith("req_")
    assert reply.headers["stripe-should-retry"] == "false"
