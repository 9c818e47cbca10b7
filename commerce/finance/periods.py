"""Months on the merchant's wall."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError

MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")


class PeriodInvalid(DomainError):
    code = "period_invalid"
    http_status = 422
    text = _("“%(period)s” is no month. Write it like 2026-11.")


def check_period(text: str) -> str:
    """The period as given. Raises: PeriodInvalid."""
    if not MONTH.match(text):
        raise PeriodInvalid(period=text[:20])
    return text


def first_day(period: str) -> date:
    year, month = period.split("-")
    return date(int(year), int(month), 1)


def step(period: str, months: int) -> str:
    """The month `months` later (or earlier)."""
    day = first_day(period)
    index = day.year * 12 + day.month - 1 + months
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def bounds(period: str, time_zone: str) -> tuple[datetime, datetime]:
    """[start, end) of the month in the merchant's zone, in UTC."""
    zone = ZoneInfo(time_zone)
    start, end = first_day(period), first_day(step(period, 1))
    return (
        datetime(start.year, start.month, 1, tzinfo=zone).astimezone(UTC),
        datetime(end.year, end.month, 1, tzinfo=zone).astimezone(UTC),
    )
