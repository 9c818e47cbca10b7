"""The only importer of `stripe`. Calls have time limits and few repetitions; nothing here touches the database.

Sources: docs.stripe.com/api (version pinned by the SDK), docs.stripe.com/api/idempotent_requests, docs.stripe.com/webhooks.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from time import time
from typing import Any, TypeVar

import stripe
import structlog
from django.conf import settings

from commerce.payments import reading
from commerce.payments.errors import PaymentsBroken, PaymentsRefused, PaymentsUnreachable, WebhookInvalid
from commerce.payments.shapes import Balance, BalanceTransaction, Dispute, Event, Payout, RefundView, Session
from merchants.foundation.money import Money

log = structlog.get_logger(__name__)
R = TypeVar("R")

CONNECT_TIMEOUT_S = 3
READ_TIMEOUT_S = 12
MOST_RETRIES = 2
SIGNATURE_TOLERANCE_S = 300
MOST_PAGES = 50
KEY_IN_USE = 409  # another call with this idempotency key is under way
_PAYMENT = "latest_charge.balance_transaction"
_UNCERTAIN = (stripe.APIConnectionError, stripe.RateLimitError)


@dataclass(frozen=True)
class Article:
    """A line of the sheet."""

    name: str
    unit_price: Money
    quantity: int


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S))
    addresses: Any = {"api": base, "connect": base, "files": base} if base else {}
    return stripe.StripeClient(key, base_addresses=addresses, http_client=http, max_network_retries=MOST_RETRIES)


def _stripe() -> stripe.StripeClient:
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def load() -> None:
    """Have the client and its resources, which the SDK loads late, in memory. Sends nothing."""
    _ = _stripe().v1.checkout.sessions


def create_account(*, name: str, email: str, currency: str, country: str, tenant: str, key: str) -> str:
    """Connect a merchant: full Dashboard, Stripe bears losses and collects fees from them. Returns `acct_…`.

    Raises: PaymentsUnreachable, PaymentsRefused.
    """
    params: Any = {
        "country": country,
        "default_currency": currency.lower(),
        "email": email,
        "business_profile": {"name": name},
        "controller": {"fees": {"payer": "account"}, "losses": {"payments": "stripe"}, "stripe_dashboard": {"type": "full"}},
        "capabilities": {"card_payments": {"requested": True}, "transfers": {"requested": True}},
        "metadata": {"tenant": tenant},
    }
    return str(_call(lambda: _stripe().v1.accounts.create(params, {"idempotency_key": key})).id)


def create_session(
    *,
    account: str,
    articles: Sequence[Article],
    email: str,
    reference: str,
    metadata: dict[str, str],
    platform_fee: Money,
    return_url: str,
    expires_at: datetime,
    key: str,
) -> Session:
    """A Checkout Session whose sheet is drawn in our page (`ui_mode="elements"`).

    Raises: PaymentsUnreachable (ask again with the same key), PaymentsRefused.
    """
    payment: dict[str, Any] = {"metadata": metadata, "description": reference}
    if account and platform_fee.amount_minor:
        payment["application_fee_amount"] = platform_fee.amount_minor
    params: Any = {
        "mode": "payment",
        "ui_mode": "elements",
        "line_items": [_line_item(article) for article in articles],
        "client_reference_id": reference,
        "customer_email": email,
        "metadata": metadata,
        "payment_intent_data": payment,
        "return_url": return_url,
        "expires_at": int(expires_at.timestamp()),
    }
    return reading.session(_call(lambda: _stripe().v1.checkout.sessions.create(params, _options(account, key))))


def get_session(*, account: str, session_id: str) -> Session:
    """The session as it is now, with its payment. Raises: PaymentsUnreachable, PaymentsRefused."""
    params: Any = {"expand": [f"payment_intent.{_PAYMENT}"]}
    return reading.session(_call(lambda: _stripe().v1.checkout.sessions.retrieve(session_id, params, _options(account))))


def expire_session(*, account: str, session_id: str) -> None:
    """Close an open session; one that is complete or expired stays so, and the caller looks again.

    Raises: PaymentsUnreachable.
    """
    try:
        _call(lambda: _stripe().v1.checkout.sessions.expire(session_id, {}, _options(account)))
    except PaymentsRefused as error:
        log.info("session_not_expired", session=session_id, reason=error.params.get("stripe_code"))


def create_refund(*, account: str, payment_intent: str, amount: Money, metadata: dict[str, str], key: str) -> RefundView:
    """Give money back, the platform's fee with it. Raises: PaymentsUnreachable (same key again), PaymentsRefused."""
    params: Any = {
        "payment_intent": payment_intent,
        "amount": amount.amount_minor,
        "metadata": metadata,
        "expand": ["balance_transaction"],
    }
    if account:
        params["refund_application_fee"] = True
    return reading.refund(_call(lambda: _stripe().v1.refunds.create(params, _options(account, key))))


def get_refund(*, account: str, refund_id: str) -> RefundView:
    """Raises: PaymentsUnreachable, PaymentsRefused."""
    params: Any = {"expand": ["balance_transaction"]}
    return reading.refund(_call(lambda: _stripe().v1.refunds.retrieve(refund_id, params, _options(account))))


def find_refund(*, account: str, payment_intent: str, refund: str) -> RefundView | None:
    """The refund that our row `refund` asked for, if Stripe made it. Raises: PaymentsUnreachable, PaymentsRefused."""
    params: Any = {"payment_intent": payment_intent, "limit": 100}
    made = _call(lambda: _stripe().v1.refunds.list(params, _options(account)))
    found = next((item.id for item in made.data if reading.refund(item).metadata.get("refund") == refund), None)
    return get_refund(account=account, refund_id=found) if found else None


def get_dispute(*, account: str, dispute_id: str) -> Dispute:
    """Raises: PaymentsUnreachable, PaymentsRefused."""
    return reading.dispute(_call(lambda: _stripe().v1.disputes.retrieve(dispute_id, {}, _options(account))))


def get_payout(*, account: str, payout_id: str) -> Payout:
    """Raises: PaymentsUnreachable, PaymentsRefused."""
    return reading.payout(_call(lambda: _stripe().v1.payouts.retrieve(payout_id, {}, _options(account))))


def list_balances(*, account: str) -> dict[str, Balance]:
    """What is at Stripe, by currency. Raises: PaymentsUnreachable, PaymentsRefused."""
    return reading.balances(_call(lambda: _stripe().v1.balance.retrieve({}, _options(account))))


def list_balance_transactions(*, account: str, since: datetime, until: datetime) -> list[BalanceTransaction]:
    """Movements of the account's balance in [since, until), newest first; at most 5,000.

    Raises: PaymentsUnreachable, PaymentsRefused.
    """
    created = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}

    def page(after: dict[str, str]) -> Any:
        params: Any = {"limit": 100, "created": created, **after}
        return _call(lambda: _stripe().v1.balance_transactions.list(params, _options(account)))

    return [reading.balance_transaction(item) for item in _pages(page)]


def list_events(*, account: str, since: datetime) -> Iterator[Event]:
    """Events of the account since `since`, newest first. Raises: PaymentsUnreachable, PaymentsRefused."""

    def page(after: dict[str, str]) -> Any:
        params: Any = {"limit": 100, "created": {"gte": int(since.timestamp())}, **after}
        return _call(lambda: _stripe().v1.events.list(params, _options(account)))

    return (reading.event(item.to_dict(), account=account) for item in _pages(page))


def read_webhook(*, body: bytes, signature: str) -> Event:
    """A webhook that Stripe signed within the last five minutes, by any of our endpoints' secrets.

    The SDK accepts a timestamp however far in the future, which would let a recorded message live on: we bound it too.
    Raises: WebhookInvalid.
    """
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            event = _stripe().construct_event(body, signature, secret, tolerance=SIGNATURE_TOLERANCE_S)
        except (stripe.SignatureVerificationError, ValueError, UnicodeDecodeError):
            continue
        if _signed_at(signature) > time() + SIGNATURE_TOLERANCE_S:
            break
        fields = event.to_dict()
        return reading.event(fields, account=fields.get("account") or "")
    raise WebhookInvalid


def _signed_at(signature: str) -> int:
    stamps = [part[2:] for part in signature.replace(" ", "").split(",") if part.startswith("t=")]
    return max(int(stamp) for stamp in stamps)


def _line_item(article: Article) -> dict[str, Any]:
    price = {
        "currency": article.unit_price.currency.lower(),
        "unit_amount": article.unit_price.amount_minor,
        "product_data": {"name": article.name},
    }
    return {"price_data": price, "quantity": article.quantity}


def _options(account: str, key: str = "") -> Any:
    return {**({"stripe_account": account} if account else {}), **({"idempotency_key": key} if key else {})}


def _pages(fetch: Callable[[dict[str, str]], Any]) -> Iterator[Any]:
    """All objects of a list endpoint, page by page, with a bound."""
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = fetch(after)
        yield from page.data
        if not page.has_more:
            return
        after = {"starting_after": page.data[-1].id}


def _call(request: Callable[[], R]) -> R:
    """Raises: PaymentsUnreachable (ask again with the same key), PaymentsBroken (look first), PaymentsRefused (Stripe said no)."""
    try:
        return request()
    except _UNCERTAIN as error:
        log.warning("stripe_unreachable", reason=type(error).__name__)
        raise PaymentsUnreachable from error
    except stripe.StripeError as error:
        if error.http_status == KEY_IN_USE:
            raise PaymentsUnreachable from error
        if (error.http_status or 0) >= 500:
            log.warning("stripe_broken", status=error.http_status, request=error.request_id)
            raise PaymentsBroken from error
        log.warning("stripe_refused", status=error.http_status, stripe_code=error.code, request=error.request_id, reason=str(error))
        raise PaymentsRefused(stripe_code=error.code or type(error).__name__, status=error.http_status or 0) from error
