"""Steps that post. Each needs an open transaction and may be repeated: `txn_id` lets a movement in once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from commerce.ledger.models import AccountCode, EventType, Journal, Posting
from merchants.foundation import clock
from merchants.foundation.money import Money
from merchants.tenants.queries import get_current_merchant


@dataclass(frozen=True)
class OrderTrace:
    """Which order moved the money, and what led to it."""

    order_id: UUID
    order_no: str
    room_id: UUID | None = None
    cue_id: str = ""


@dataclass(frozen=True)
class ProcessorTrace:
    """Stripe's names of the movement."""

    payment_intent: str = ""
    charge: str = ""
    balance_transaction: str = ""
    payout_id: str = ""
    refund_of: str = ""


@dataclass(frozen=True)
class Sale:
    """What one order line is worth: `amount` is unit price times quantity."""

    sku: str
    quantity: int
    amount: Money


@dataclass(frozen=True)
class Settlement:
    """A balance transaction: `gross` is what it moves in the settlement currency, fees are what Stripe and the platform kept of it."""

    gross: Money
    stripe_fee: Money
    platform_fee: Money


@dataclass(frozen=True)
class _Line:
    account: AccountCode
    money: Money
    sku: str = ""
    quantity: int | None = None


def post_capture(*, order: OrderTrace, processor: ProcessorTrace, sales: Sequence[Sale], at: datetime) -> bool:
    """The buyer paid: Dr clearing, Cr sales by article. False when it was posted before.

    Needs: an open transaction.
    """
    total = _sum(sale.amount for sale in sales)
    lines = [_Line(AccountCode.STRIPE_CLEARING, total)]
    lines += [_Line(AccountCode.SALES, -sale.amount, sale.sku, sale.quantity) for sale in sales]
    return _post(EventType.CAPTURE, f"capture:{processor.payment_intent}", lines, at, order, processor)


def post_fees(*, order: OrderTrace, processor: ProcessorTrace, presentment: Money, settlement: Settlement, at: datetime) -> bool:
    """Stripe settled the payment: Dr fees, Cr clearing; in another currency also the conversion of the whole amount.

    Needs: an open transaction.
    """
    lines = _fee_lines(settlement) + _conversion_lines(presentment, settlement.gross)
    return _post(EventType.FEES, f"fees:{processor.balance_transaction}", lines, at, order, processor)


def post_refund(
    *, order: OrderTrace, processor: ProcessorTrace, refund_id: str, amount: Money, at: datetime, settlement: Settlement | None = None
) -> bool:
    """Money went back: Dr refunds, Cr clearing; a fee that was given back with it comes along (negative fee).

    Needs: an open transaction.
    """
    lines = [_Line(AccountCode.REFUNDS, amount), _Line(AccountCode.STRIPE_CLEARING, -amount)]
    if settlement is not None:
        lines += _fee_lines(settlement) + _conversion_lines(-amount, settlement.gross)
    return _post(EventType.REFUND, f"refund:{refund_id}", lines, at, order, processor)


def post_refund_failed(*, order: OrderTrace, processor: ProcessorTrace, refund_id: str, amount: Money, at: datetime) -> bool:
    """The buyer's bank sent a refund back: the reversal of the refund.

    Needs: an open transaction.
    """
    lines = [_Line(AccountCode.STRIPE_CLEARING, amount), _Line(AccountCode.REFUNDS, -amount)]
    return _post(EventType.REFUND_FAILED, f"refund-failed:{refund_id}", lines, at, order, processor)


def post_dispute(*, order: OrderTrace, processor: ProcessorTrace, settlement: Settlement, at: datetime) -> bool:
    """A bank took a payment back (`gross` < 0) or returned it (`gross` > 0), with the dispute's fee.

    Needs: an open transaction.
    """
    lines = [_Line(AccountCode.STRIPE_CLEARING, settlement.gross), _Line(AccountCode.DISPUTES, -settlement.gross), *_fee_lines(settlement)]
    return _post(EventType.DISPUTE, f"dispute:{processor.balance_transaction}", lines, at, order, processor)


def post_payout(*, processor: ProcessorTrace, amount: Money, at: datetime) -> bool:
    """Stripe paid out to the bank: Dr bank, Cr clearing.

    Needs: an open transaction.
    """
    lines = [_Line(AccountCode.BANK, amount), _Line(AccountCode.STRIPE_CLEARING, -amount)]
    return _post(EventType.PAYOUT, f"payout:{processor.payout_id}", lines, at, None, processor)


def period_of(at: datetime, time_zone: str) -> str:
    """The month of `at` on the merchant's wall: `2026-11`."""
    return at.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m")


def _post(event_type: EventType, txn_id: str, lines: Sequence[_Line], at: datetime, order: OrderTrace | None, processor: ProcessorTrace) -> bool:
    moving = [line for line in lines if line.money.amount_minor]
    if not moving:
        return False
    journal, is_new = Journal.objects.get_or_create(
        txn_id=txn_id,
        defaults={
            "event_type": event_type,
            "occurred_at": at,
            "recorded_at": clock.now(),
            "period": period_of(at, get_current_merchant().time_zone),
            **(vars(order) if order else {}),
            **vars(processor),
        },
    )
    if is_new:
        Posting.objects.bulk_create(
            Posting(
                journal=journal,
                line_no=number,
                account_id=line.account,
                amount_minor=line.money.amount_minor,
                currency=line.money.currency,
                sku=line.sku,
                quantity=line.quantity,
            )
            for number, line in enumerate(moving, start=1)
        )
    return is_new


def _fee_lines(settlement: Settlement) -> list[_Line]:
    return [
        _Line(AccountCode.STRIPE_FEES, settlement.stripe_fee),
        _Line(AccountCode.PLATFORM_FEES, settlement.platform_fee),
        _Line(AccountCode.STRIPE_CLEARING, -(settlement.stripe_fee + settlement.platform_fee)),
    ]


def _conversion_lines(presentment: Money, settled: Money) -> list[_Line]:
    """Each currency balances by itself: the buyer's leaves clearing for the conversion account, the settled one enters from it."""
    if presentment.currency == settled.currency:
        return []
    return [
        _Line(AccountCode.STRIPE_CLEARING, -presentment),
        _Line(AccountCode.FX_CONVERSION, presentment),
        _Line(AccountCode.STRIPE_CLEARING, settled),
        _Line(AccountCode.FX_CONVERSION, -settled),
    ]


def _sum(amounts: Iterable[Money]) -> Money:
    first, *rest = amounts
    total = first
    for amount in rest:
        total = total + amount
    return total
