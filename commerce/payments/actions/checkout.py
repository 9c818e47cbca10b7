"""From a tap to an open payment sheet. Each step can be repeated with the same key after any crash."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from commerce.orders import actions as orders
from commerce.orders.actions import Buyer, LineWish
from commerce.orders.queries import OrderView, get_order_of_viewer
from commerce.payments import gateway
from commerce.payments.actions.accounts import ensure_account
from commerce.payments.errors import PaymentsBroken, PaymentsRefused
from commerce.payments.models import Attempt
from commerce.payments.shapes import Session
from merchants.foundation import clock
from merchants.foundation.money import Money
from merchants.foundation.tenancy import current_schema, enqueue
from merchants.tenants.queries import get_current_merchant

# Stripe's shortest life of a session is 30 minutes; ours ends with the hold and is expired by us.
SESSION_LIFE = timedelta(minutes=31)


@dataclass(frozen=True)
class Checkout:
    """What the sheet needs: the order and the open session in the shop's account."""

    order: OrderView
    session_id: str
    client_secret: str
    account: str


def start_checkout(*, buyer: Buyer, client_key: str, lines: Sequence[LineWish], attribution: str = "") -> Checkout:
    """Place the order (or find it again by `client_key`) and open its payment.

    Raises: what `place_order` and `open_payment` raise.
    """
    order = orders.place_order(buyer=buyer, client_key=client_key, lines=lines, attribution=attribution)
    return open_payment(order_id=order.id)


def open_payment(*, order_id: UUID) -> Checkout:
    """Open a Checkout Session for the order, or return the one that is open.

    The attempt with its idempotency key is committed first: whoever is killed before the answer is written asks again
    with the same key and gets the same session. Raises: OrderHasExpired, OrderClosed, PaymentsUnreachable, PaymentsRefused.
    """
    account = ensure_account()
    with transaction.atomic(durable=True):
        order = orders.begin_paying(order_id=order_id)
        attempt = _current_attempt(order, account)
    if attempt.session_id:
        return Checkout(order, attempt.session_id, attempt.client_secret, attempt.account)
    try:
        session = _create_session(order, attempt)
    except (PaymentsRefused, PaymentsBroken):
        # Stripe would answer this key in the same way for a day: the next try is a new attempt. A session that was made all
        # the same stays unpaid, since nobody has its client secret.
        Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.CREATED).update(state=Attempt.State.FAILED)
        raise
    Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.CREATED).update(
        state=Attempt.State.OPEN, session_id=session.id, client_secret=session.client_secret
    )
    return Checkout(order, session.id, session.client_secret, attempt.account)


def abandon_checkout(*, order_id: UUID, viewer_id: str) -> OrderView:
    """The buyer closed the sheet: give the goods back now and close the session. Raises: OrderNotFound, OrderClosed."""
    get_order_of_viewer(order_id, viewer_id)
    order = orders.cancel_order(order_id=order_id, viewer_id=viewer_id)
    close_sessions_soon(order_id=order_id)
    return order


def close_sessions_soon(*, order_id: UUID) -> None:
    """Have the order's open sessions closed at Stripe, so that nobody pays for goods that went back."""
    for attempt_id in Attempt.objects.filter(order_id=order_id, state__in=[Attempt.State.CREATED, Attempt.State.OPEN]).values_list("pk", flat=True):
        enqueue("commerce.payments.tasks.close_attempt", attempt_id=str(attempt_id))


def _current_attempt(order: OrderView, account: str) -> Attempt:
    """The attempt that is under way, or the next one.

    Needs: an open transaction that holds the order's row.
    """
    attempts = list(Attempt.objects.filter(order_id=order.id).order_by("number"))
    for attempt in attempts:
        if attempt.state in {Attempt.State.CREATED, Attempt.State.OPEN}:
            return attempt
    number = len(attempts) + 1
    return Attempt.objects.create(
        order_id=order.id,
        number=number,
        idempotency_key=f"t:{current_schema()}:checkout:{order.id}:{number}",
        account=account,
        amount_minor=order.total.amount_minor,
        currency=order.total.currency,
        created_at=clock.now(),
    )


def _create_session(order: OrderView, attempt: Attempt) -> Session:
    """Same attempt, same parameters: Stripe refuses a key that comes with others."""
    shop = get_current_merchant()
    fee = (attempt.amount_minor * settings.PLATFORM_FEE_PERMILLE + 500) // 1000
    return gateway.create_session(
        account=attempt.account,
        articles=[
            gateway.Article(" · ".join(filter(None, (line.product_title, line.variant_title))), line.unit_price, line.quantity)
            for line in order.lines
        ],
        email=order.email,
        reference=order.number,
        metadata={"tenant": current_schema(), "order": str(order.id), "attempt": str(attempt.pk)},
        platform_fee=Money(fee, attempt.currency),
        return_url=f"{shop.origin}/checkout/return/{order.id}/",
        expires_at=attempt.created_at + SESSION_LIFE,
        key=attempt.idempotency_key,
    )
