"""Three legs that must be equal: the orders, the ledger, Stripe's balance. A difference is shown, never plugged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Sum
from django.utils.translation import gettext as _

from commerce.finance.periods import bounds
from commerce.ledger.models import AccountCode, EventType, Journal
from commerce.ledger.queries import find_posted, get_balance
from commerce.orders.models import Order
from commerce.payments import gateway
from commerce.payments.models import Attempt, Refund
from merchants.foundation.money import Money
from merchants.tenants.queries import get_current_merchant

MOST_EXCEPTIONS = 50


@dataclass(frozen=True)
class Leg:
    """`ours` against `theirs`; they tie when the difference is zero."""

    ours: Money
    theirs: Money

    @property
    def difference(self) -> Money:
        return self.ours - self.theirs

    @property
    def ties(self) -> bool:
        return self.difference.amount_minor == 0


@dataclass(frozen=True)
class Finding:
    """Something a person must look at. `order_id` links to the order, `reference` is Stripe's name."""

    what: str
    order_id: UUID | None
    order_no: str
    reference: str
    amount: Money | None
    at: datetime | None


@dataclass(frozen=True)
class Reconciliation:
    """`orders`: paid less refunded against the ledger's sales less refunds, all time. `stripe`: clearing against Stripe's balance now."""

    currency: str
    orders: Leg
    stripe: Leg
    available: Money
    pending: Money
    findings: list[Finding]


def reconcile(*, period: str, currency: str) -> Reconciliation:
    """Compare the three. Raises: PaymentsUnreachable, PaymentsBroken, PaymentsRefused."""
    shop = get_current_merchant()
    balance = gateway.list_balances(account=shop.stripe_account).get(currency) if shop.stripe_account else None
    nothing = Money(0, currency)
    return Reconciliation(
        currency=currency,
        orders=Leg(_orders_total(currency), -(get_balance(AccountCode.SALES, currency) + get_balance(AccountCode.REFUNDS, currency))),
        stripe=Leg(get_balance(AccountCode.STRIPE_CLEARING, currency), balance.total if balance else nothing),
        available=balance.available if balance else nothing,
        pending=balance.pending if balance else nothing,
        findings=[*_unposted_at_stripe(shop.stripe_account, period, shop.time_zone), *_mismatched(), *_failed_refunds(), *_paid_without_capture()],
    )


def _orders_total(currency: str) -> Money:
    """What paid orders are worth, less what was paid back; an order that was refunded without delivery came and went."""
    sums = (
        Order.objects.filter(currency=currency)
        .exclude(paid_at=None, refunded_at=None)
        .aggregate(total=Sum("total_minor", default=0), back=Sum("refunded_minor", default=0))
    )
    return Money(sums["total"] - sums["back"], currency)


def _unposted_at_stripe(account: str, period: str, time_zone: str) -> list[Finding]:
    if not account:
        return []
    since, until = bounds(period, time_zone)
    movements = gateway.list_balance_transactions(account=account, since=since, until=until)
    posted = find_posted(movement.id for movement in movements)
    return [
        Finding(_("Only at Stripe: %(kind)s") % {"kind": movement.kind}, None, "", movement.id, movement.net, movement.at)
        for movement in movements
        if movement.id not in posted
    ][:MOST_EXCEPTIONS]


def _mismatched() -> list[Finding]:
    attempts = Attempt.objects.filter(state=Attempt.State.MISMATCHED).select_related("order").order_by("-captured_at")[:MOST_EXCEPTIONS]
    return [
        Finding(
            _("Paid another amount"),
            attempt.order_id,
            attempt.order.number,
            attempt.payment_intent,
            Money(attempt.captured_minor, attempt.currency),
            attempt.captured_at,
        )
        for attempt in attempts
    ]


def _failed_refunds() -> list[Finding]:
    refunds = Refund.objects.filter(state=Refund.State.FAILED).select_related("order").order_by("-requested_at")[:MOST_EXCEPTIONS]
    return [
        Finding(
            _("Refund failed"),
            refund.order_id,
            refund.order.number,
            refund.stripe_refund,
            Money(refund.amount_minor, refund.currency),
            refund.requested_at,
        )
        for refund in refunds
    ]


def _paid_without_capture() -> list[Finding]:
    captured = Journal.objects.filter(order_id=OuterRef("pk"), event_type=EventType.CAPTURE)
    orders = Order.objects.exclude(paid_at=None).filter(~Exists(captured)).order_by("-paid_at")[:MOST_EXCEPTIONS]
    return [
        Finding(_("Paid, but not in the ledger"), order.pk, order.number, "", Money(order.total_minor, order.currency), order.paid_at)
        for order in orders
    ]
