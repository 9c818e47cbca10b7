"""Reads of the ledger. Amounts are minor units, debit positive."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from commerce.ledger.models import AccountCode, EventType, Journal, Posting
from merchants.foundation.money import Money


@dataclass(frozen=True)
class PeriodTotals:
    """One currency of one month, with the signs that a merchant expects: refunds, fees and disputes are negative.

    `net` is what reached clearing.
    """

    currency: str
    sales: Money
    refunds: Money
    disputes: Money
    stripe_fees: Money
    platform_fees: Money
    payouts: Money
    net: Money
    count_payments: int
    count_refunds: int


@dataclass(frozen=True)
class Movement:
    """One journal as a line of the finance page; `net` is its effect on clearing."""

    journal_id: UUID
    occurred_at: datetime
    event_type: str
    event_label: str
    order_id: UUID | None
    order_no: str
    reference: str
    net: Money


@dataclass(frozen=True)
class DayTotal:
    """Sales less refunds of one day on the merchant's wall."""

    on: date
    sales_minor: int
    refunds_minor: int


@dataclass(frozen=True)
class Flow:
    """What one line of a movement added to the shop's money: sales are positive, fees, refunds and disputes negative. Minor units.

    `sold_at` is the moment of the sale behind it, however late the refund.
    """

    room_id: UUID
    sold_at: datetime
    occurred_at: datetime
    account: str
    amount_minor: int


def list_flows(room_ids: Iterable[UUID], *, currency: str) -> list[Flow]:
    """Lines of the movements that sales in these rooms caused, in one currency, the oldest first. One query.

    Clearing is left out: of each movement the others add up to what it left there.
    """
    postings = Posting.objects.filter(journal__room_id__in=list(room_ids), currency=currency).exclude(account_id=AccountCode.STRIPE_CLEARING)
    rows = postings.exclude(journal__event_type=EventType.PAYOUT).order_by("journal__occurred_at", "journal_id", "line_no")
    sold: dict[UUID, datetime] = {}
    names = ("journal__room_id", "journal__order_id", "journal__occurred_at", "account_id", "amount_minor")
    return [
        Flow(room_id, sold.setdefault(order_id, at) if order_id else at, at, account, -amount)
        for room_id, order_id, at, account, amount in rows.values_list(*names)
    ]


@dataclass(frozen=True)
class Turnover:
    """What a span's movements did to one order, in minor units: what it sold for, and what went back.

    `returned_minor`: refunds less those that the buyer's bank sent back, and what banks took in disputes less what they gave back.
    """

    order_id: UUID
    order_no: str
    room_id: UUID | None
    sold_minor: int
    returned_minor: int

    @property
    def net_minor(self) -> int:
        return self.sold_minor - self.returned_minor


def list_turnover(*, currency: str, since: datetime | None = None, until: datetime | None = None, room_id: UUID | None = None) -> list[Turnover]:
    """Orders that money of `currency` was booked on in [since, until), by their number; fees are none of it. One query.

    Their sums are the ledger's sales, refunds and disputes of the same span.
    """
    wanted = Q(currency=currency, account_id__in=[AccountCode.SALES, AccountCode.REFUNDS, AccountCode.DISPUTES], journal__order_id__isnull=False)
    for name, value in (("occurred_at__gte", since), ("occurred_at__lt", until), ("room_id", room_id)):
        wanted &= Q(**{f"journal__{name}": value}) if value is not None else Q()
    is_sale = Q(account_id=AccountCode.SALES)
    rows = (
        Posting.objects.filter(wanted)
        .values_list("journal__order_id", "journal__order_no", "journal__room_id")
        .annotate(sold=Sum("amount_minor", filter=is_sale, default=0), returned=Sum("amount_minor", filter=~is_sale, default=0))
        .order_by("journal__order_no", "journal__order_id")
    )
    return [Turnover(order_id, order_no, room, -sold, returned) for order_id, order_no, room, sold, returned in rows]


def list_periods() -> list[str]:
    """Months with movements, newest first."""
    return list(Journal.objects.order_by("-period").values_list("period", flat=True).distinct())


def list_totals(period: str | None = None) -> list[PeriodTotals]:
    """Totals by currency, of one month or of all time."""
    postings = Posting.objects.filter(journal__period=period) if period else Posting.objects.all()
    sums: dict[tuple[str, str], int] = {
        (row["currency"], row["account_id"]): row["total"]
        for row in postings.exclude(account_id=AccountCode.STRIPE_CLEARING).values("currency", "account_id").annotate(total=Sum("amount_minor"))
    }
    clearing = (
        postings.filter(account_id=AccountCode.STRIPE_CLEARING)
        .values("currency")
        .annotate(
            net=Sum("amount_minor", filter=~Q(journal__event_type=EventType.PAYOUT), default=0),
            payments=Count("journal_id", filter=Q(journal__event_type=EventType.CAPTURE), distinct=True),
            refunds=Count("journal_id", filter=Q(journal__event_type=EventType.REFUND), distinct=True),
        )
    )
    return [_totals(row, sums) for row in clearing.order_by("currency")]


def _totals(row: Any, sums: dict[tuple[str, str], int]) -> PeriodTotals:
    currency = str(row["currency"])

    def of(code: AccountCode, sign: int) -> Money:
        return Money(sign * sums.get((currency, code), 0), currency)

    return PeriodTotals(
        currency=currency,
        sales=of(AccountCode.SALES, -1),
        refunds=of(AccountCode.REFUNDS, -1),
        disputes=of(AccountCode.DISPUTES, -1),
        stripe_fees=of(AccountCode.STRIPE_FEES, -1),
        platform_fees=of(AccountCode.PLATFORM_FEES, -1),
        payouts=of(AccountCode.BANK, 1),
        net=Money(row["net"], currency),
        count_payments=row["payments"],
        count_refunds=row["refunds"],
    )


def get_balance(account: AccountCode, currency: str) -> Money:
    """All-time balance of one account."""
    total = Posting.objects.filter(account_id=account, currency=currency).aggregate(total=Sum("amount_minor", default=0))["total"]
    return Money(total, currency)


def list_movements(period: str, *, currency: str, offset: int = 0, limit: int = 50) -> tuple[list[Movement], int]:
    """Journals of a month that touch `currency`, newest first, and how many there are. Two queries."""
    journals = Journal.objects.filter(period=period, postings__currency=currency).annotate(
        net=Sum("postings__amount_minor", filter=Q(postings__account_id=AccountCode.STRIPE_CLEARING), default=0)
    )
    count = Journal.objects.filter(period=period, postings__currency=currency).distinct().count()
    rows = journals.order_by("-occurred_at", "-id")[offset : offset + limit]
    return [_movement(journal, currency) for journal in rows], count


def _movement(journal: Journal, currency: str) -> Movement:
    return Movement(
        journal_id=journal.pk,
        occurred_at=journal.occurred_at,
        event_type=journal.event_type,
        event_label=journal.get_event_type_display(),
        order_id=journal.order_id,
        order_no=journal.order_no,
        reference=journal.refund_of or journal.payout_id or journal.balance_transaction or journal.payment_intent,
        net=Money(journal.net, currency),  # type: ignore[attr-defined]  # annotated
    )


def list_days(period: str, *, currency: str, time_zone: str) -> list[DayTotal]:
    """Sales and refunds by day of the month; days without movement are left out."""
    with timezone.override(time_zone):
        rows = (
            Posting.objects.filter(journal__period=period, currency=currency, account_id__in=[AccountCode.SALES, AccountCode.REFUNDS])
            .annotate(on=TruncDate(F("journal__occurred_at")))
            .values("on")
            .annotate(
                sales=Sum("amount_minor", filter=Q(account_id=AccountCode.SALES), default=0),
                refunds=Sum("amount_minor", filter=Q(account_id=AccountCode.REFUNDS), default=0),
            )
            .order_by("on")
        )
        return [DayTotal(on=row["on"], sales_minor=-row["sales"], refunds_minor=row["refunds"]) for row in rows]


def find_posted(balance_transactions: Iterable[str]) -> set[str]:
    """Those of the given balance transactions that the ledger knows."""
    return set(Journal.objects.filter(balance_transaction__in=list(balance_transactions)).values_list("balance_transaction", flat=True))
