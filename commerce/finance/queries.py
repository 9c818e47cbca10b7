"""What the finance page shows of a month."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats

from commerce.finance.periods import first_day, step
from commerce.ledger.queries import DayTotal, Movement, PeriodTotals, list_days, list_movements, list_periods, list_totals
from merchants.foundation.money import Money, format_money

PAGE = 50
CHART = (960, 200, 24)  # width, height, room for the labels below, in the drawing's own units


@dataclass(frozen=True)
class Bar:
    """One day of the chart, ready to be drawn; `y` grows downward."""

    x: float
    width: float
    y: float
    height: float
    back_height: float
    middle: float
    day: date
    text: str
    has_label: bool


@dataclass(frozen=True)
class Month:
    """A month in one currency. `periods` are those that can be chosen, newest first."""

    period: str
    currency: str
    currencies: list[str]
    periods: list[str]
    previous: str
    following: str
    totals: PeriodTotals
    movements: list[Movement]
    count: int
    page: int
    pages: int
    bars: list[Bar]
    baseline: float


def get_month(*, period: str, currency: str, page: int, time_zone: str, now_period: str) -> Month:
    """Everything of the page but the comparison with Stripe. Six queries whatever the month holds."""
    totals = {row.currency: row for row in list_totals(period)}
    movements, count = list_movements(period, currency=currency, offset=(page - 1) * PAGE, limit=PAGE)
    bars, baseline = draw_bars(period, list_days(period, currency=currency, time_zone=time_zone), currency)
    return Month(
        period=period,
        currency=currency,
        currencies=sorted({currency, *totals}),
        periods=sorted({period, now_period, *list_periods()}, reverse=True),
        previous=step(period, -1),
        following=step(period, 1) if period < now_period else "",
        totals=totals.get(currency) or _nothing(currency),
        movements=movements,
        count=count,
        page=page,
        pages=max(1, -(-count // PAGE)),
        bars=bars,
        baseline=baseline,
    )


def draw_bars(period: str, days: list[DayTotal], currency: str) -> tuple[list[Bar], float]:
    """A bar a day: sales above the line, refunds below it on the same scale. Returns the bars and where the line is."""
    width, height, foot = CHART
    by_day = {day.on: day for day in days}
    start, end = first_day(period), first_day(step(period, 1))
    count = (end - start).days
    most_up = max((day.sales_minor for day in days), default=0)
    most_down = max((day.refunds_minor for day in days), default=0)
    scale = (height - foot - 16) / max(most_up + most_down, 1)
    baseline = 8 + most_up * scale if days else height - foot - 8
    slot = width / count
    bars = []
    for index in range(count):
        day = start + timedelta(days=index)
        found = by_day.get(day)
        up, back = (found.sales_minor, found.refunds_minor) if found else (0, 0)
        bars.append(
            Bar(
                x=round(index * slot + slot * 0.18, 1),
                width=round(slot * 0.64, 1),
                y=round(baseline - up * scale, 1),
                height=round(up * scale, 1),
                back_height=round(back * scale, 1),
                middle=round(index * slot + slot / 2, 1),
                day=day,
                text=f"{formats.date_format(day, 'MONTH_DAY_FORMAT')}: {format_money(Money(up, currency))}, {format_money(Money(-back, currency))}",
                has_label=index % 5 == 0,
            )
        )
    return bars, round(baseline, 1)


def _nothing(currency: str) -> PeriodTotals:
    zero = Money(0, currency)
    return PeriodTotals(currency, zero, zero, zero, zero, zero, zero, zero, 0, 0)
