"""Money back: the row first, the call with its key, then the result. A crash in between is resumed by the sweeper."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, Sum

from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Settlement
from commerce.orders import actions as orders
from commerce.orders.actions.lifecycle import lock_order
from commerce.orders.queries import OrderView, get_order, view_of
from commerce.orders.states import OrderState
from commerce.payments import gateway
from commerce.payments.errors import NothingToRefund, PaymentsBroken, PaymentsRefused, PaymentsUnreachable, RefundTooLarge, UnknownObject
from commerce.payments.models import Attempt, Refund
from commerce.payments.shapes import RefundView
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money, format_money
from merchants.foundation.tenancy import current_schema, enqueue

log = structlog.get_logger(__name__)

RESUME_AFTER = timedelta(seconds=30)
# Stripe may forget a key after 24 hours: older requests are for a person to look at, never repeated.
KEY_LIFE = timedelta(hours=23)


def refund_order(*, order_id: UUID, actor: str) -> OrderView:
    """Pay the whole order back (the owner's button). A repetition returns the order as it is.

    Raises: OrderNotFound, NothingToRefund, PaymentsUnreachable (it goes on by itself), PaymentsRefused.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order_id)
        attempt = Attempt.objects.filter(order_id=order_id, state=Attempt.State.SUCCEEDED).order_by("number").first()
        if order.state != OrderState.PAID or attempt is None:
            raise NothingToRefund
        pending = attempt.refunds.filter(state=Refund.State.REQUESTED).first()
        refund = pending or owe_refund(
            attempt=attempt, amount=Money(attempt.captured_minor, attempt.currency), reason=Refund.Reason.OWNER, actor=actor
        )
        record_action(actor=actor, action="order.refund", subject=f"order:{order.pk}", amount_minor=refund.amount_minor)
    run_refund(refund_id=refund.pk)
    return get_order(order_id)


def owe_refund(*, attempt: Attempt, amount: Money, reason: Refund.Reason, actor: str) -> Refund:
    """Write down that `amount` of the attempt goes back; a task makes it so after the commit.

    Needs: an open transaction that holds the order's row. Raises: RefundTooLarge.
    """
    gone = attempt.refunds.exclude(state=Refund.State.FAILED).aggregate(total=Sum("amount_minor", default=0))["total"]
    if gone + amount.amount_minor > attempt.captured_minor:
        raise RefundTooLarge(available=format_money(Money(attempt.captured_minor - gone, attempt.currency)))
    refund_id = new_id()
    refund = Refund.objects.create(
        id=refund_id,
        attempt=attempt,
        order_id=attempt.order_id,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        reason=reason,
        idempotency_key=f"t:{current_schema()}:refund:{refund_id}:1",
        actor=actor,
        requested_at=clock.now(),
    )
    enqueue("commerce.payments.tasks.run_refund", refund_id=str(refund.pk))
    return refund


def run_refund(*, refund_id: UUID) -> None:
    """Ask Stripe for a refund that is owed and write the answer. One caller at a time claims it; the key lets the call in once.

    Raises: PaymentsUnreachable, PaymentsBroken (the sweeper goes on); PaymentsRefused (the refund has failed).
    """
    now = clock.now()
    free = Q(tried_at=None) | Q(tried_at__lt=now - RESUME_AFTER)
    if not Refund.objects.filter(free, pk=refund_id, state=Refund.State.REQUESTED, stripe_refund="").update(tried_at=now):
        return
    refund = Refund.objects.select_related("attempt").get(pk=refund_id)
    attempt = refund.attempt
    try:
        answer = gateway.create_refund(
            account=attempt.account,
            payment_intent=attempt.payment_intent,
            amount=Money(refund.amount_minor, refund.currency),
            metadata={"tenant": current_schema(), "order": str(refund.order_id), "refund": str(refund.pk)},
            key=refund.idempotency_key,
        )
    except PaymentsRefused as error:
        Refund.objects.filter(pk=refund.pk, state=Refund.State.REQUESTED).update(
            state=Refund.State.FAILED, failure=str(error.params.get("stripe_code", ""))[:120]
        )
        raise
    except PaymentsBroken:
        _take_next_key(refund)
        raise
    apply_refund(refund_id=refund.pk, answer=answer)


def apply_refund(*, refund_id: UUID, answer: RefundView) -> None:
    """Write what Stripe says of a refund: it succeeded, it is on its way, it came back. May run any number of times."""
    with transaction.atomic(durable=True):
        known = Refund.objects.filter(pk=refund_id).first()
        if known is None or answer.metadata.get("refund") != str(refund_id):
            raise UnknownObject
        order = view_of(lock_order(known.order_id))
        refund = Refund.objects.select_for_update(of=("self",), no_key=True).select_related("attempt").get(pk=refund_id)
        refund.stripe_refund, refund.failure = answer.id, answer.failure
        if answer.balance is not None and not refund.balance_transaction:
            refund.balance_transaction = answer.balance.id
        if answer.status == "succeeded" and refund.state == Refund.State.REQUESTED:
            refund.state = Refund.State.SUCCEEDED
            _post(order, refund, answer)
            if refund.reason != Refund.Reason.PAID_TWICE:
                orders.refund_order_in_full(order_id=order.id, amount=answer.amount, at=answer.at)
        elif answer.status in {"failed", "canceled"} and refund.state != Refund.State.FAILED:
            _note_failure(order, refund)
        refund.save()


def resume_refunds() -> int:
    """Go on with refunds that a crash or an outage left behind. Returns how many were tried."""
    now = clock.now()
    due = Refund.objects.filter(state=Refund.State.REQUESTED, requested_at__gt=now - KEY_LIFE).filter(
        Q(tried_at=None, requested_at__lt=now - RESUME_AFTER) | Q(tried_at__lt=now - RESUME_AFTER)
    )
    refunds = list(due.select_related("attempt").order_by("requested_at")[:20])
    for refund in refunds:
        try:
            _resume(refund)
        except (PaymentsUnreachable, PaymentsBroken, PaymentsRefused) as error:
            log.warning("refund_not_resumed", refund=str(refund.pk), reason=error.code)
    return len(refunds)


def _resume(refund: Refund) -> None:
    """Look first whether Stripe made it: the answer may have been lost, or its key used up by a failure."""
    attempt = refund.attempt
    if refund.stripe_refund:
        answer: RefundView | None = gateway.get_refund(account=attempt.account, refund_id=refund.stripe_refund)
    else:
        answer = gateway.find_refund(account=attempt.account, payment_intent=attempt.payment_intent, refund=str(refund.pk))
    if answer is not None:
        apply_refund(refund_id=refund.pk, answer=answer)
    else:
        run_refund(refund_id=refund.pk)


def _take_next_key(refund: Refund) -> None:
    """Stripe answers a key with its first failure for a day; `_resume` looks before the next key is used."""
    stem, _, number = refund.idempotency_key.rpartition(":")
    Refund.objects.filter(pk=refund.pk).update(idempotency_key=f"{stem}:{int(number) + 1}")


def _post(order: OrderView, refund: Refund, answer: RefundView) -> None:
    balance = answer.balance
    ledger.post_refund(
        order=_trace(order),
        processor=_processor(refund),
        refund_id=answer.id,
        amount=answer.amount,
        at=answer.at,
        settlement=Settlement(balance.gross, balance.stripe_fee, balance.platform_fee) if balance else None,
    )


def _note_failure(order: OrderView, refund: Refund) -> None:
    """The buyer's bank sent the money back: the ledger reverses, and a person must look (the office shows it)."""
    if refund.state == Refund.State.SUCCEEDED:
        ledger.post_refund_failed(
            order=_trace(order),
            processor=_processor(refund),
            refund_id=refund.stripe_refund,
            amount=Money(refund.amount_minor, refund.currency),
            at=clock.now(),
        )
    refund.state = Refund.State.FAILED
    log.error("refund_failed", order=order.number, refund=str(refund.pk), failure=refund.failure)


def _trace(order: OrderView) -> OrderTrace:
    return OrderTrace(order_id=order.id, order_no=order.number, room_id=order.room_id, cue_id=order.cue_id)


def _processor(refund: Refund) -> ProcessorTrace:
    attempt = refund.attempt
    return ProcessorTrace(
        payment_intent=attempt.payment_intent, charge=attempt.charge, balance_transaction=refund.balance_transaction, refund_of=refund.stripe_refund
    )
