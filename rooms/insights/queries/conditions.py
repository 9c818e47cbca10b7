"""The WHERE of every question. It names the shop although row-level security does too: two locks, since one may be left open."""

from typing import Any

from merchants.foundation.tenancy import current_schema
from rooms.insights.queries.shapes import Slice

_CONDITIONS = {
    "room_id": "{table}.room_id = %(room_id)s",
    "season_id": "{table}.season_id = %(season_id)s",
    "source": "{table}.source = %(source)s",
    "variant": "{table}.variant = %(variant)s",
    "since": "{table}.on_day >= %(since)s",
    "until": "{table}.on_day <= %(until)s",
}


def where(wanted: Slice, *, table: str) -> tuple[str, dict[str, Any]]:
    """The conditions on `table`, a table of the shop, and their values."""
    values = {name: getattr(wanted, name) for name in _CONDITIONS if getattr(wanted, name) is not None}
    conditions = [f"{table}.tenant_id = %(tenant)s", *(_CONDITIONS[name].format(table=table) for name in values)]
    return " AND ".join(conditions), {"tenant": current_schema(), **values}
