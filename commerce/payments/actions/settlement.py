"""From Stripe's truth to ours: fetch the current object, lock, compare, move once. Webhook, browser and sweeper all end here."""

from datetime import timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale, Settlement
from commerce.orders import actions as orders
from commerce.orders.actions.lifecycle import lock_order
from commerce.orders.errors import AmountMismatch, GoodsGone
from commerce.orders.queries import OrderView, get_order, view_of
from commerce.orders.states import OrderState
from commerce.payments import gateway
from commerce.payments.actions.refunds import owe_refund
from commerce.payments.errors import PaymentsBroken, PaymentsRefused, PaymentsUnreachable, UnknownObject
from commerce.payments.models import Attempt, Refund
from commerce.payments.shapes import BalanceTransaction, Payment, Session
from merchants.foundation import clock
from merchants.foundation.money import Money

log = structlog.get_logger(__name__)

OVERDUE = timedelta(seconds=45)
CHECK_EVERY = timedelta(seconds=60)
SWEEP_BATCH = 50


def settle_order(*, order_id: UUID) -> OrderView:
    """Bring the order up to date with Stripe now (the browser says that it paid). Raises: PaymentsUnreachable, OrderNotFound."""
    attempt = Attempt.objects.filter(order_id=order_id).exclude(session_id="").order_by("-number").first()
    if attempt is not None:
        settle_attempt(attempt_id=attempt.pk)
    return get_order(order_id)


def settle_attempt(*, attempt_id: UUID, session_id: str = "") -> None:
    """Make the order what the attempt's payment says. May run any number of times, in any order, at once.

    `session_id` comes with an event when the attempt's row never got it (killed between call and answer).
    Raises: UnknownObject, PaymentsUnreachable, PaymentsRefused.
    """
    attempt = Attempt.objects.filter(pk=attempt_id).first()
    if attempt is None or not (attempt.session_id or session_id):
        raise UnknownObject
    session = gateway.get_session(account=attempt.account, session_id=attempt.session_id or session_id)
    if session.metadata.get("attempt") != str(attempt.pk):
        raise UnknownObject
    with transaction.atomic(durable=True):
        order = view_of(lock_order(attempt.order_id))
        attempt = Attempt.objects.select_for_update(of=("self",), no_key=True).get(pk=attempt.pk)
        attempt.checked_at = clock.now()
        _note_session(attempt, session)
        payment = session.payment
        if payment is not None and payment.has_succeeded:
            _settle_paid(order, attempt, payment)
        attempt.save()


def settle_overdue() -> int:
    """Ask again, once a minute each, about attempts whose news never came: open ones, and payments without their fees."""
    now = clock.now()
    due = Q(state__in=[Attempt.State.CREATED, Attempt.State.OPEN], created_at__lt=now - OVERDUE) & ~Q(session_id="")
    feeless = Q(state=Attempt.State.SUCCEEDED, balance_transaction="", captured_at__lt=now - OVERDUE)
    rested = Q(checked_at=None) | Q(checked_at__lt=now - CHECK_EVERY)
    ids = list(Attempt.objects.filter(rested, due | feeless).order_by("created_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for attempt_id in ids:
        try:
            settle_attempt(attempt_id=attempt_id)
        except (PaymentsUnreachable, PaymentsBroken, PaymentsRefused, UnknownObject) as error:
            log.warning("attempt_not_settled", attempt=str(attempt_id), reason=error.code)
    return len(ids)


def trace_of(order: OrderView) -> OrderTrace:
    return OrderTrace(order_id=order.id, order_no=order.number, room_id=order.room_id, cue_id=order.cue_id)


def settlement_of(balance: BalanceTransaction) -> Settlement:
    return Settlement(gross=balance.gross, stripe_fee=balance.stripe_fee, platform_fee=balance.platform_fee)


def processor_of(attempt: Attempt, *, balance_transaction: str = "", refund_of: str = "") -> ProcessorTrace:
    return ProcessorTrace(
        payment_intent=attempt.payment_intent,
        charge=attempt.charge,
        balance_transaction=balance_transaction or attempt.balance_transaction,
        refund_of=refund_of,
    )


def _note_session(attempt: Attempt, session: Session) -> None:
    """What the session says short of success: its ids, the last refused card, its end."""
    attempt.session_id, attempt.client_secret = session.id, session.client_secret or attempt.client_secret
    if attempt.state == Attempt.State.CREATED:
        attempt.state = Attempt.State.OPEN
    payment = session.payment
    if payment is not None:
        attempt.payment_intent, attempt.charge = payment.id, payment.charge
        if payment.decline_code and payment.decline_code != attempt.decline_code:
            attempt.declines += 1
        attempt.decline_code = payment.decline_code
    if session.status == "expired" and attempt.state == Attempt.State.OPEN:
        attempt.state = Attempt.State.CLOSED


def _settle_paid(order: OrderView, attempt: Attempt, payment: Payment) -> None:
    """Needs: an open transaction that holds the order's and the attempt's rows; the caller saves the attempt."""
    if attempt.state not in {Attempt.State.SUCCEEDED, Attempt.State.MISMATCHED}:
        is_second = Attempt.objects.filter(order_id=order.id, state=Attempt.State.SUCCEEDED).exclude(pk=attempt.pk).exists()
        attempt.state, attempt.captured_minor, attempt.captured_at = Attempt.State.SUCCEEDED, payment.received.amount_minor, payment.captured_at
        _post_capture(order, attempt, payment)
        _deliver(order, attempt, payment, is_second=is_second)
    if payment.balance is not None and not attempt.balance_transaction:
        attempt.balance_transaction = payment.balance.id
        ledger.post_fees(
            order=trace_of(order),
            processor=processor_of(attempt),
            presentment=payment.received,
            settlement=settlement_of(payment.balance),
            at=payment.balance.at,
        )


def _deliver(order: OrderView, attempt: Attempt, payment: Payment, *, is_second: bool) -> None:
    """The goods, or the money back."""
    attempt.save()
    if is_second:
        owe_refund(attempt=attempt, amount=payment.received, reason=Refund.Reason.PAID_TWICE, actor="system")
        return
    try:
        with transaction.atomic():
            orders.pay_order(order_id=order.id, paid=payment.received, at=payment.captured_at)
    except GoodsGone:
        owe_refund(attempt=attempt, amount=payment.received, reason=Refund.Reason.GOODS_GONE, actor="system")
    except AmountMismatch as error:
        attempt.state = Attempt.State.MISMATCHED
        log.error("payment_amount_mismatch", order=order.number, attempt=str(attempt.pk), **error.params)


def _post_capture(order: OrderView, attempt: Attempt, payment: Payment) -> None:
    """Sales by article when the sum is the order's; another sum is posted as it is, so that the ledger equals Stripe."""
    sales = [Sale(line.sku, line.quantity, line.total) for line in order.lines]
    if sum(sale.amount.amount_minor for sale in sales) != payment.received.amount_minor or payment.received.currency != order.total.currency:
        sales = [Sale("", 1, Money(payment.received.amount_minor, payment.received.currency))]
    ledger.post_capture(order=trace_of(order), processor=processor_of(attempt), sales=sales, at=payment.captured_at)


def close_attempt(*, attempt_id: UUID) -> None:
    """Close the session of an order that ended; when it was paid just before, that payment is settled.

    Raises: PaymentsUnreachable (the task comes again).
    """
    attempt = Attempt.objects.select_related("order").filter(pk=attempt_id).first()
    if attempt is None or attempt.order.state in {OrderState.PENDING, OrderState.PAYING}:
        return
    if not attempt.session_id:
        Attempt.objects.filter(pk=attempt_id, state=Attempt.State.CREATED).update(state=Attempt.State.FAILED)
        return
    gateway.expire_session(account=attempt.account, session_id=attempt.session_id)
    settle_attempt(attempt_id=attempt_id)
