"""Times and counts of shows in templates; the scripts' copy is rooms/frontend/show/format.ts."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from merchants.foundation import clock

register = template.Library()

MYRIAD = 10_000


@register.filter
def minutes(ms: int) -> str:
    """`2:13`."""
    seconds = max(0, int(ms)) // 1000
    return f"{seconds // 60}:{seconds % 60:02d}"


@register.filter
def compact(count: int) -> str:
    """`12.4K` in English, `1.2万` in Chinese."""
    if (get_language() or "").startswith("zh"):
        return _scaled(count, MYRIAD, "万") if count >= MYRIAD else str(count)
    if count >= 1_000_000:
        return _scaled(count, 1_000_000, "M")
    return _scaled(count, 1000, "K") if count >= 1000 else str(count)


@register.filter
def show_time(at: datetime | None, zone: str) -> str:
    """`20:30 today`, `Mon 20:30`, `Nov 22, 20:30`, in the shop's zone; the script then writes it in the reader's."""
    if at is None:
        return _("Time to be announced")
    local, today = at.astimezone(ZoneInfo(zone)), clock.now().astimezone(ZoneInfo(zone)).date()
    hour = f"{local:%H:%M}"
    if local.date() == today:
        return _("%(hour)s today") % {"hour": hour}
    if 0 < (local.date() - today).days < 7:
        return f"{formats.date_format(local, 'D')} {hour}"
    return f"{formats.date_format(local, 'MONTH_DAY_FORMAT')} {hour}"


def _scaled(count: int, unit: int, sign: str) -> str:
    return f"{count / unit:.1f}".removesuffix(".0") + sign
