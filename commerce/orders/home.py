"""What commerce says on the office's home: stock that runs low, orders and revenue of the last two weeks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from commerce.orders.models import Order
from commerce.stock.queries import LowStock, list_low
from merchants.dashboard.panels import Bar, Link, Panel, Row
from merchants.foundation.money import Money, format_money
from merchants.tenants.queries import get_current_merchant

DAYS = 14


def list_panels(user: Any) -> list[Panel]:
    currency = get_current_merchant().currency
    days = _days()

    def show_money(amount_minor: int) -> str:
        return format_money(Money(amount_minor, currency))

    low = tuple(_low(item) for item in list_low())
    return [
        Panel(
            place="todo",
            title=_("Stock that runs low"),
            permission="stock.edit",
            figure=str(len(low)),
            rows=low,
            empty=_("Nothing is about to sell out."),
        ),
        Panel(
            place="charts",
            title=_("Orders"),
            permission="orders.view",
            figure=_("%(count)s today") % {"count": days[-1].count},
            note=_("Paid orders of the last 14 days"),
            bars=_bars(days, lambda day: day.count, str) if any(day.count for day in days) else (),
            empty=_("No order yet. The first one shows here a second after it is paid."),
        ),
        Panel(
            place="charts",
            title=_("Revenue"),
            permission="orders.view",
            figure=show_money(days[-1].revenue_minor),
            note=_("After refunds, before fees, of the last 14 days"),
            bars=_bars(days, lambda day: day.revenue_minor, lambda minor: format_money(Money(minor, currency)))
            if any(day.revenue_minor for day in days)
            else (),
            empty=_("No revenue yet."),
        ),
    ]


@dataclass(frozen=True)
class Day:
    """One day in the shop's zone: paid orders, and revenue in minor units less refunds."""

    on: date
    count: int
    revenue_minor: int


def _days() -> list[Day]:
    """Two weeks; the last one is today."""
    today = timezone.localdate()
    first = today - timedelta(days=DAYS - 1)
    since = timezone.make_aware(datetime.combine(first, time.min))
    grouped = Order.objects.filter(paid_at__gte=since).annotate(day=TruncDate("paid_at", tzinfo=timezone.get_current_timezone())).values("day")
    found = {
        row["day"]: (row["count"], row["total"] - row["back"])
        for row in grouped.annotate(count=Count("pk"), total=Sum("total_minor"), back=Sum("refunded_minor")).order_by("day")
    }
    return [Day(day, *found.get(day, (0, 0))) for day in (first + timedelta(days=offset) for offset in range(DAYS))]


def _bars(days: list[Day], value_of: Callable[[Day], int], show: Callable[[int], str]) -> list[Bar]:
    highest = max(*(value_of(day) for day in days), 1)
    return [
        Bar(
            label=date_format(day.on, "j"),
            value=show(value_of(day)),
            value_permille=max(0, value_of(day) * 1000 // highest),
            is_now=day is days[-1],
        )
        for day in days
    ]


def _low(item: LowStock) -> Row:
    return Row(
        title=_("%(product)s is running low") % {"product": item.title},
        detail=_("%(count)s left to sell.") % {"count": item.available},
        tone="warn",
        icon="box",
        link=Link(_("Restock"), f"/admin/commerce/product/{item.product_id}/change/"),
    )
