"""A shop whose payments run through the real SDK against the real sandbox process, and a buyer with test cards."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.test import Client

from commerce.orders.actions import Buyer, LineWish
from commerce.orders.queries import OrderView, get_order
from commerce.payments.actions import Checkout, start_checkout
from merchants.foundation.tenancy import in_schema
from tests.commerce.sandbox.running import Delivery, Listener, Reply, Sandbox, ask

GOOD, DECLINED, NO_FUNDS, CHALLENGED, INSTANT = "4242424242424242", "4000000000000002", "4000000000009995", "4000002760003184", "4000000000000077"
DISPUTED, REFUND_FAILS = "4000000000000259", "4000000000005126"
WEBHOOK_SECRET = "whsec_of_the_tests"


@dataclass
class Desk:
    """One shop at one sandbox. `listener` keeps the webhooks; `deliver` hands them to our own door as they came."""

    shop: Any
    sandbox: Sandbox
    listener: Listener
    key: str

    def buy(self, card: Any, *, quantity: int = 1, viewer: str = "", key: str = "", **details: Any) -> Checkout:
        with in_schema(self.shop.schema):
            buyer = Buyer(viewer_id=viewer or f"viewer-{uuid4()}", email="iris@mail.test", **details)
            return start_checkout(buyer=buyer, client_key=key or f"key-{uuid4()}", lines=[LineWish(card.variants[0].id, quantity)])

    def submit(self, checkout: Checkout, number: str = GOOD) -> Any:
        """What the sheet's driver does in the browser. Returns the sheet."""
        card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
        reply = self._sheet(
            checkout, "/confirm", {"client_secret": checkout.client_secret, "card": card, "expected_amount": checkout.order.total.amount_minor}
        )
        return reply.json

    def challenge(self, sheet: Any, *, is_approved: bool = True) -> None:
        """Press a button of the 3-D Secure page."""
        body = f"outcome={'approve' if is_approved else 'fail'}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.sandbox.base}
        reply = ask(sheet["url"], method="POST", body=body, headers=headers)
        assert reply.status in (200, 303), reply.text[:300]

    def order(self, order_id: UUID) -> OrderView:
        with in_schema(self.shop.schema):
            return get_order(order_id)

    def wait_for_events(self, count: int, *, kind: str = "", timeout_s: float = 10) -> list[Delivery]:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            found = [delivery for delivery in self.listener.received if not kind or delivery.event["type"] == kind]
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"only {self.listener.types()}")

    def deliver(self, deliveries: list[Delivery] | None = None) -> list[int]:
        """Post webhooks to the platform host's door, exactly as they were signed. Returns the statuses."""
        client = Client(headers={"host": settings.ALLOWED_DOMAIN})
        return [
            client.post(
                "/stripe/webhooks/", data=delivery.body, content_type="application/json", headers={"Stripe-Signature": delivery.signature}
            ).status_code
            for delivery in (self.listener.received[:] if deliveries is None else deliveries)
        ]

    def control(self, path: str, values: dict[str, Any] | None = None, method: str = "POST") -> Any:
        return self.sandbox.control(path, values, method, key=self.key)

    def client(self) -> Any:
        return self.sandbox.client(self.key)

    def _sheet(self, checkout: Checkout, path: str, values: dict[str, Any]) -> Reply:
        headers = {
            "Authorization": f"Bearer {self.key.replace('sk_', 'pk_')}",
            "Stripe-Account": checkout.account,
            "Origin": f"http://{self.shop.host}:8000",
            "Content-Type": "application/json",
        }
        reply = ask(
            f"{self.sandbox.base}/v1/checkout/sessions/{checkout.session_id}/sheet{path}",
            method="POST",
            body=json.dumps(values).encode(),
            headers=headers,
        )
        assert reply.status in (200, 400), reply.text
        return reply


def new_key() -> str:
    """A platform account of its own."""
    return f"sk_test_{secrets.token_hex(8)}"
