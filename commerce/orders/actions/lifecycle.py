"""What becomes of an order. Steps lock the order's row first, so that payment, expiry and refund cannot cross."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from commerce.orders.actions.bag import take_out_of_bag
from commerce.orders.errors import AmountMismatch, GoodsGone, OrderClosed, OrderHasExpired, OrderNotFound
from commerce.orders.facts import OrderExpired, OrderPaid, OrderRefunded
from commerce.orders.messages import OrderNews
from commerce.orders.models import Order, OrderMail
from commerce.orders.queries import OrderView, view_of
from commerce.orders.states import PAYABLE, OrderState, can_move
from commerce.stock import actions as stock
from commerce.stock.errors import SoldOut
from commerce.wallet.actions import grant_entitlements, revoke_entitlements
from merchants.foundation import clock
from merchants.foundation.facts import emit
from merchants.foundation.money import Money, format_money
from merchants.foundation.tenancy import current_schema, enqueue
from realtime.publish import Topic, publish_on_commit


def begin_paying(*, order_id: UUID) -> OrderView:
    """The buyer is about to pay.

    Needs: an open transaction. Raises: OrderNotFound, OrderHasExpired, OrderClosed.
    """
    order = lock_order(order_id)
    if order.state == OrderState.EXPIRED or (order.state in PAYABLE and order.expires_at <= clock.now()):
        raise OrderHasExpired
    if order.state not in PAYABLE:
        raise OrderClosed(state=order.get_state_display())
    if order.state == OrderState.PENDING:
        _move(order, OrderState.PAYING)
    return view_of(order)


def pay_order(*, order_id: UUID, paid: Money, at: datetime) -> OrderView:
    """Mark the order paid once, however often Stripe tells us: goods are sold, episodes unlocked, the receipt is owed.

    A payment that came after the hold had ended takes the goods anew.
    Needs: an open transaction. Raises: OrderNotFound, AmountMismatch, GoodsGone (nothing changed: refund it).
    After commit: emits OrderPaid; tells the buyer's screen; sends the receipt.
    """
    order = lock_order(order_id)
    if order.state in {OrderState.PAID, OrderState.REFUNDED}:
        return view_of(order)
    due = Money(order.total_minor, order.currency)
    if paid != due:
        raise AmountMismatch(paid=format_money(paid), due=format_money(due))
    view = view_of(order)
    _take_goods(view)
    order.paid_at = max(at, order.placed_at)  # the processor's clock has whole seconds: nothing is paid before it was placed
    _move(order, OrderState.PAID, "paid_at")
    grant_entitlements(viewer_id=order.viewer_id, grants=[line.grants for line in view.lines], order_id=order.pk)
    take_out_of_bag(viewer_id=order.viewer_id, variant_ids=[line.variant_id for line in view.lines])
    emit(
        OrderPaid(
            order_id=order.pk,
            order_no=order.number,
            viewer_id=order.viewer_id,
            room_id=order.room_id,
            program_seq=order.program_seq,
            position_ms=order.position_ms,
            cue_id=order.cue_id,
            total_minor=order.total_minor,
            currency=order.currency,
            at=order.paid_at,
        )
    )
    return _tell(order, OrderMail.Kind.RECEIPT)


def refund_order_in_full(*, order_id: UUID, amount: Money, at: datetime) -> OrderView:
    """The money went back: goods return to the shelf, what was unlocked is locked again.

    Needs: an open transaction. Raises: OrderNotFound. After commit: emits OrderRefunded; tells the buyer.
    """
    order = lock_order(order_id)
    if order.state == OrderState.REFUNDED:
        return view_of(order)
    if order.state == OrderState.PAID:
        stock.return_units(order_id=order.pk)
        revoke_entitlements(order_id=order.pk)
    order.refunded_minor, order.refunded_at = amount.amount_minor, at
    _move(order, OrderState.REFUNDED, "refunded_minor", "refunded_at")
    emit(
        OrderRefunded(
            order_id=order.pk,
            order_no=order.number,
            viewer_id=order.viewer_id,
            room_id=order.room_id,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            at=at,
        )
    )
    return _tell(order, OrderMail.Kind.REFUND)


def expire_order(*, order_id: UUID) -> bool:
    """End an unpaid order whose time is over. False when it was paid, ended or prolonged meanwhile.

    After commit: emits OrderExpired; tells the buyer's screen.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order_id)
        if order.state not in PAYABLE or order.expires_at > clock.now():
            return False
        stock.release_holds(order_id=order.pk)
        _move(order, OrderState.EXPIRED)
        emit(OrderExpired(order_id=order.pk, order_no=order.number, viewer_id=order.viewer_id, room_id=order.room_id, at=clock.now()))
        _tell(order, None)
    return True


def cancel_order(*, order_id: UUID, viewer_id: str) -> OrderView:
    """The buyer closed the sheet: the goods go back on the shelf at once. Raises: OrderNotFound, OrderClosed."""
    with transaction.atomic(durable=True):
        order = lock_order(order_id)
        if order.viewer_id != viewer_id:
            raise OrderNotFound
        if order.state == OrderState.CANCELLED:
            return view_of(order)
        if order.state not in PAYABLE:
            raise OrderClosed(state=order.get_state_display())
        stock.release_holds(order_id=order.pk)
        _move(order, OrderState.CANCELLED)
        return view_of(order)


def lock_order(order_id: UUID) -> Order:
    """The order's row, held until the transaction ends. Raises: OrderNotFound."""
    order = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk=order_id).first()
    if order is None:
        raise OrderNotFound
    return order


def _take_goods(order: OrderView) -> None:
    if order.is_payable and stock.sell_holds(order_id=order.id):
        return
    wishes = [stock.Wish(line.variant_id, line.quantity, line.product_title) for line in order.lines if line.is_limited]
    try:
        with transaction.atomic():
            stock.sell_again(order_id=order.id, wishes=wishes, attempt="late")
    except SoldOut as error:
        raise GoodsGone from error


def _move(order: Order, state: OrderState, *fields: str) -> None:
    if not can_move(order.state, state):
        raise OrderClosed(state=order.get_state_display())
    order.state = state
    order.save(update_fields=["state", *fields])


def _tell(order: Order, mail: OrderMail.Kind | None) -> OrderView:
    view = view_of(order)
    publish_on_commit(
        Topic.viewer(current_schema(), order.viewer_id),
        OrderNews(
            order_id=str(order.pk),
            order_no=order.number,
            state=order.state,
            total_text=format_money(view.total, order.language),
            receipt_url=view.receipt_path if mail else "",
        ),
    )
    if mail:
        letter, _ = OrderMail.objects.get_or_create(order=order, kind=mail)
        enqueue("commerce.orders.tasks.send_order_mail", mail_id=str(letter.pk))
    return view
