"""The finance CSV: PostgreSQL writes it, straight from the ledger, at the rate of the network.

UTF-8 with BOM, CRLF, one row a posting, in the order in which things happened. Text cells that a spreadsheet would take for
a formula get an apostrophe (OWASP, CSV injection); number columns are numbers, so that −5.00 stays one.
"""

from collections.abc import Generator, Iterator
from typing import Any

from django.db import connection, transaction
from django_tenants.utils import schema_context

from commerce.ledger.models import EventType
from merchants.foundation.money import THREE_DECIMAL, ZERO_DECIMAL

BOM = b"\xef\xbb\xbf"
BLOCK_BYTES = 64 * 1024
STATEMENT_TIMEOUT_MS = 15 * 60 * 1000


def _safe(column: str) -> str:
    """A text cell: line breaks become blanks, what could begin a formula gets an apostrophe in front."""
    plain = f"regexp_replace({column}, '[\\r\\n\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f]+', ' ', 'g')"
    return f"CASE WHEN {plain} ~ '^[[:space:]]*[-=+@\\t|%%]' THEN '''' || {plain} ELSE {plain} END"


def _amount(value: str, *, only_if: str = "true") -> str:
    """Minor units as decimals of the currency; empty when it does not apply."""
    digits = "CASE WHEN p.currency = ANY(%(zero)s) THEN 0 WHEN p.currency = ANY(%(three)s) THEN 3 ELSE 2 END"
    return f"CASE WHEN {only_if} THEN round(({value})::numeric / power(10::numeric, {digits}), {digits}) END"


COLUMNS: dict[str, str] = {
    "tenant": "%(tenant)s::text",
    "period": "j.period",
    "occurred_at_utc": "to_char(j.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')",
    "occurred_at_local": "to_char(j.occurred_at AT TIME ZONE %(zone)s, 'YYYY-MM-DD\"T\"HH24:MI:SS')",
    "journal_id": "j.id::text",
    "line_no": "p.line_no",
    "event_type": "j.event_type",
    "order_no": _safe("j.order_no"),
    "room_id": "coalesce(j.room_id::text, '')",
    "cue_id": _safe("j.cue_id"),
    "sku": _safe("p.sku"),
    "qty": "p.quantity",
    "currency": "p.currency",
    "gross": _amount("-p.amount_minor", only_if="p.account_code = 'sales'"),
    "fee_stripe": _amount("p.amount_minor", only_if="p.account_code = 'stripe_fees'"),
    "fee_platform": _amount("p.amount_minor", only_if="p.account_code = 'platform_fees'"),
    "net": _amount("p.amount_minor", only_if="p.account_code = 'stripe_clearing'"),
    "payment_intent": _safe("j.payment_intent"),
    "charge": _safe("j.charge"),
    "balance_transaction": _safe("j.balance_transaction"),
    "refund_of": _safe("j.refund_of"),
    "account_code": "p.account_code",
    "debit": _amount("p.amount_minor", only_if="p.amount_minor > 0"),
    "credit": _amount("-p.amount_minor", only_if="p.amount_minor < 0"),
}
"""Column and how PostgreSQL writes it; those of design's list whose feature exists."""

# What is known only later (payouts) is in an export of its own: this one never changes once its month is over.
EXPORTED = [kind.value for kind in EventType if kind != EventType.PAYOUT]


def stream_orders_csv(*, schema: str, period: str | None, time_zone: str) -> Generator[bytes, None, None]:
    """Blocks of about 64 KB. Memory does not grow with the month. Raises: nothing new once it has begun."""
    yield BOM + ",".join(COLUMNS).encode() + b"\r\n"
    values = {
        "tenant": schema,
        "zone": time_zone,
        "period": period,
        "kinds": EXPORTED,
        "zero": sorted(ZERO_DECIMAL),
        "three": sorted(THREE_DECIMAL),
    }
    # Not `in_schema`: its log context cannot be left in another step of an asynchronous response than it was entered in.
    with schema_context(schema), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(STATEMENT_TIMEOUT_MS)])
        with cursor.copy(_statement(), values) as copy:
            yield from _blocks(copy)


def _statement() -> str:
    wanted = ", ".join(f"{expression} AS {name}" for name, expression in COLUMNS.items())
    return (
        f"COPY (SELECT {wanted} FROM ledger_journal j JOIN ledger_posting p ON p.journal_id = j.id "  # noqa: S608  our own columns
        "WHERE (%(period)s::text IS NULL OR j.period = %(period)s) AND j.event_type = ANY(%(kinds)s) "
        "ORDER BY j.period, j.occurred_at, j.id, p.line_no) TO STDOUT WITH (FORMAT csv, NULL '', ENCODING 'UTF8')"
    )


def _blocks(copy: Any) -> Iterator[bytes]:
    """COPY ends rows with LF, and no cell holds one (see `_safe`), so that each LF is a row's end."""
    kept: list[bytes] = []
    size = 0
    for row in copy:
        kept.append(bytes(row))
        size += len(row)
        if size >= BLOCK_BYTES:
            yield b"".join(kept).replace(b"\n", b"\r\n")
            kept, size = [], 0
    if kept:
        yield b"".join(kept).replace(b"\n", b"\r\n")
