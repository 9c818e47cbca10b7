"""The gate in words."""

from collections.abc import Mapping

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from merchants.foundation.money import Money, format_money

GATES: Mapping[str, Promise] = {
    "too_few": _("Too few shows have finished to say (%(shows)s so far). Keep going."),
    "keep_going": _("After %(planned)s shows the season leaves something between %(low)s and %(high)s: not clear yet. Keep going."),
    "scale": _("The season pays: after %(planned)s shows it leaves between %(low)s and %(high)s. Make more of it."),
    "stop": _("The season does not pay: after %(planned)s shows it leaves between %(low)s and %(high)s. Stop, or make it cheaper."),
}


def say_gate(code: str, *, low: int | None, high: int | None, shows: int, planned: int, currency: str) -> str:
    amounts = {name: format_money(Money(value or 0, currency)) for name, value in (("low", low), ("high", high))}
    return str(GATES[code]) % (amounts | {"shows": number_format(shows), "planned": number_format(planned)})
