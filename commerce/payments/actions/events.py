"""Stripe's events: verified, stored once, answered at once, and only then acted on, from the object as it is now."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django_tenants.utils import schema_context

from commerce.ledger import actions as ledger
from commerce.ledger.actions import ProcessorTrace
from commerce.orders.queries import get_order
from commerce.payments import gateway
from commerce.payments.actions.refunds import apply_refund
from commerce.payments.actions.settlement import processor_of, settle_attempt, settlement_of, trace_of
from commerce.payments.errors import PaymentsBroken, PaymentsRefused, PaymentsUnreachable, UnknownObject
from commerce.payments.inbox.models import StripeEvent, Sweep
from commerce.payments.models import Attempt
from commerce.payments.reading import id_of
from commerce.payments.shapes import Event
from merchants.foundation import clock
from merchants.foundation.errors import NotFound
from merchants.foundation.tenancy import SCHEMA_NAME, current_schema, send_task
from merchants.tenants.queries import get_current_merchant, get_merchant, get_merchant_of_account

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 12
FIRST_SWEEP = timedelta(hours=25)
# Events may appear in the list a little after they happened; reading them twice costs nothing.
SWEEP_OVERLAP = timedelta(hours=1)
_SESSION_KINDS = "checkout.session."
_PAYMENT_KINDS = ("payment_intent.", "charge.succeeded", "charge.failed", "charge.updated", "charge.captured")
_REFUND_KINDS = ("refund.", "charge.refund.")
_DISPUTE_KINDS = "charge.dispute."
_PAYOUT_KINDS = "payout."
_ACTED_ON = (_SESSION_KINDS, *_PAYMENT_KINDS, *_REFUND_KINDS, _DISPUTE_KINDS, _PAYOUT_KINDS)


def take_event(*, event: Event) -> bool:
    """Keep a verified event and have its shop act on it. False when it was here before.

    Events of another mode than our key's, or of nobody we know, are kept aside: Stripe gets its 200 all the same.
    """
    schema, reason = _find_shop(event)
    now = clock.now()
    with schema_context("public"), transaction.atomic():
        stored = StripeEvent.objects.bulk_create(
            [
                StripeEvent(
                    account=event.account,
                    event_id=event.id,
                    event_type=event.kind,
                    schema=schema,
                    payload=event.payload,
                    created_at=event.created_at,
                    received_at=now,
                    state=_first_state(event, schema),
                    reason=reason,
                    next_attempt_at=now + timedelta(seconds=5),
                )
            ],
            ignore_conflicts=True,
        )
        fresh = StripeEvent.objects.filter(account=event.account, event_id=event.id, attempts=0, received_at=now).exists()
    if fresh and schema:
        send_task(schema, "commerce.payments.tasks.process_event", account=event.account, event_id=event.id)
    return bool(stored) and fresh


def process_event(*, account: str, event_id: str) -> None:
    """Act on a stored event of the current shop: fetch the object it names and bring ours up to date.

    Raises: PaymentsUnreachable (the row stays due and is tried again, with growing pauses).
    """
    rows = StripeEvent.objects.filter(account=account, event_id=event_id, schema=current_schema(), state=StripeEvent.State.RECEIVED)
    row = rows.first()
    if row is None:
        return
    pause = timedelta(seconds=min(5 * 2**row.attempts, 3600))
    rows.update(attempts=F("attempts") + 1, next_attempt_at=clock.now() + pause)
    try:
        _act(row.event_type, row.payload["data"]["object"], account)
    except (UnknownObject, PaymentsRefused) as error:
        rows.update(state=StripeEvent.State.QUARANTINED, reason=error.code)
        log.warning("event_quarantined", event_id=event_id, kind=row.event_type, reason=error.code)
        return
    rows.update(state=StripeEvent.State.DONE)


def retry_events() -> int:
    """Try again what is due. Returns how many."""
    due = StripeEvent.objects.filter(
        schema=current_schema(), state=StripeEvent.State.RECEIVED, next_attempt_at__lte=clock.now(), attempts__lt=MOST_ATTEMPTS
    )
    keys = list(due.order_by("next_attempt_at").values_list("account", "event_id")[:100])
    for account, event_id in keys:
        try:
            process_event(account=account, event_id=event_id)
        except (PaymentsUnreachable, PaymentsBroken):
            break  # the others would wait for the same outage
    return len(keys)


def sweep_events() -> int:
    """Read the shop's events at Stripe and act on those whose webhook never came. Returns how many were new.

    Raises: PaymentsUnreachable, PaymentsRefused; the next sweep begins at the same place.
    """
    account = get_current_merchant().stripe_account
    if not account:
        return 0
    started_at = clock.now()
    with schema_context("public"):
        sweep = Sweep.objects.filter(pk=account).first()
    since = sweep.read_until - SWEEP_OVERLAP if sweep else started_at - FIRST_SWEEP
    fresh = sum(take_event(event=event) for event in gateway.list_events(account=account, since=since))
    with schema_context("public"):
        Sweep.objects.update_or_create(account=account, defaults={"read_until": started_at})
    return fresh


def _first_state(event: Event, schema: str) -> StripeEvent.State:
    """Of nobody and about nothing that we act on (the platform's own fees, say) is no case for a person."""
    if schema:
        return StripeEvent.State.RECEIVED
    return StripeEvent.State.QUARANTINED if event.kind.startswith(_ACTED_ON) else StripeEvent.State.DONE


def _find_shop(event: Event) -> tuple[str, str]:
    """The schema of the event's shop, or "" and why not. A connected account decides; without one our own metadata does."""
    if event.is_live != settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")):
        return "", "other mode"
    try:
        if event.account:
            return get_merchant_of_account(event.account).schema, ""
        tenant = str((event.subject.get("metadata") or {}).get("tenant", ""))
        if not SCHEMA_NAME.match(tenant) or tenant in {"public", "template"}:
            return "", "no shop named"
        return get_merchant(tenant).schema, ""
    except NotFound:
        return "", "unknown shop"


def _act(kind: str, subject: dict[str, Any], account: str) -> None:
    if kind.startswith(_SESSION_KINDS):
        settle_attempt(attempt_id=_attempt_id(subject), session_id=str(subject["id"]))
    elif kind.startswith(_REFUND_KINDS):
        answer = gateway.get_refund(account=account, refund_id=str(subject["id"]))
        apply_refund(refund_id=_uuid(answer.metadata.get("refund")), answer=answer)
    elif kind.startswith(_DISPUTE_KINDS):
        _post_dispute(account, str(subject["id"]))
    elif kind.startswith(_PAYMENT_KINDS):
        _settle_payment(kind, subject)
    elif kind.startswith(_PAYOUT_KINDS):
        _post_payout(account, str(subject["id"]))


def _settle_payment(kind: str, subject: dict[str, Any]) -> None:
    """A PaymentIntent carries our metadata; a charge is found by its intent."""
    intent = str(subject["id"]) if kind.startswith("payment_intent.") else id_of(subject.get("payment_intent"))
    attempt = Attempt.objects.filter(payment_intent=intent).exclude(payment_intent="").first()
    attempt_id = attempt.pk if attempt else _attempt_id(subject)
    known = attempt or Attempt.objects.filter(pk=attempt_id).first()
    if known is None:
        raise UnknownObject
    if known.session_id:  # otherwise the session's own event brings the id
        settle_attempt(attempt_id=known.pk)


def _post_dispute(account: str, dispute_id: str) -> None:
    dispute = gateway.get_dispute(account=account, dispute_id=dispute_id)
    attempt = Attempt.objects.filter(payment_intent=dispute.payment_intent).exclude(payment_intent="").first()
    if attempt is None:
        raise UnknownObject
    order = get_order(attempt.order_id)
    with transaction.atomic(durable=True):
        for balance in dispute.balances:
            ledger.post_dispute(
                order=trace_of(order),
                processor=processor_of(attempt, balance_transaction=balance.id),
                settlement=settlement_of(balance),
                at=balance.at,
            )


def _post_payout(account: str, payout_id: str) -> None:
    """Only a payout that arrived is in the bank; a failed one comes back to the balance by itself."""
    payout = gateway.get_payout(account=account, payout_id=payout_id)
    if payout.status == "paid":
        with transaction.atomic(durable=True):
            ledger.post_payout(
                processor=ProcessorTrace(payout_id=payout.id, balance_transaction=payout.balance_transaction),
                amount=payout.amount,
                at=payout.arrives_at,
            )


def _attempt_id(subject: dict[str, Any]) -> UUID:
    return _uuid((subject.get("metadata") or {}).get("attempt"))


def _uuid(text: str | None) -> UUID:
    try:
        return UUID(str(text))
    except ValueError as error:
        raise UnknownObject from error
