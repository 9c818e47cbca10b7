"""What the gateway hands out: our own frozen shapes of Stripe's objects, with money as `Money`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from merchants.foundation.money import Money


@dataclass(frozen=True)
class BalanceTransaction:
    """A movement of the account's balance in the settlement currency; `kind` is Stripe's `type`."""

    id: str
    kind: str
    gross: Money
    stripe_fee: Money
    platform_fee: Money
    net: Money
    source: str
    at: datetime


@dataclass(frozen=True)
class Payment:
    """A PaymentIntent with its charge; `received` is zero until it succeeded. `decline_code` is of the last refused card."""

    id: str
    status: str
    received: Money
    charge: str
    captured_at: datetime
    decline_code: str
    balance: BalanceTransaction | None
    metadata: dict[str, str]

    @property
    def has_succeeded(self) -> bool:
        return self.status == "succeeded"


@dataclass(frozen=True)
class Session:
    """A Checkout Session; `payment` is there once a card was tried and the call asked for it."""

    id: str
    status: str
    client_secret: str
    payment: Payment | None
    metadata: dict[str, str]


@dataclass(frozen=True)
class RefundView:
    """A refund at Stripe; `status` is pending, requires_action, succeeded, failed or canceled."""

    id: str
    status: str
    amount: Money
    payment_intent: str
    failure: str
    at: datetime
    balance: BalanceTransaction | None
    metadata: dict[str, str]


@dataclass(frozen=True)
class Payout:
    """A payout to the bank; `arrives_at` is the day it is due."""

    id: str
    status: str
    amount: Money
    arrives_at: datetime
    balance_transaction: str


@dataclass(frozen=True)
class Dispute:
    """A payment that a bank contests, with the movements it caused so far."""

    id: str
    payment_intent: str
    charge: str
    balances: list[BalanceTransaction]


@dataclass(frozen=True)
class Balance:
    """What is at Stripe in one currency, paid out or not yet payable."""

    available: Money
    pending: Money

    @property
    def total(self) -> Money:
        return self.available + self.pending


@dataclass(frozen=True)
class Event:
    """A verified or listed event; `subject` is the object's snapshot, which only names what to fetch."""

    id: str
    account: str
    kind: str
    created_at: datetime
    is_live: bool
    subject: dict[str, Any]
    payload: dict[str, Any]
