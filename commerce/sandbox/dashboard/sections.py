"""The tables of an account's page; each also has a longer page of its own with a link to older rows."""

from collections.abc import Callable
from datetime import UTC, datetime

from commerce.sandbox.context import Context
from commerce.sandbox.dashboard.markup import Html, el, join, table
from commerce.sandbox.dashboard.texts import Words
from commerce.sandbox.money.currencies import format_amount
from commerce.sandbox.payments.balance import mature
from commerce.sandbox.state.store import Page
from commerce.sandbox.webhooks.queue import count_by_state
from commerce.sandbox.wire.errors import ApiError, Json

SHORT = 10
LONG = 50

Section = Callable[[Context, Words, str, int], Html]
"""`section(ctx, words, after, size)`: rows older than the object `after`."""


def summary(ctx: Context, words: Words) -> Html:
    """Where the balance comes from: number, amount, fees and net by currency and type, and their sums."""
    rows = ctx.store.connection.execute(
        "SELECT json_extract(body, '$.currency'), json_extract(body, '$.type'), count(*), sum(json_extract(body, '$.amount')),"
        " sum(json_extract(body, '$.fee')), sum(json_extract(body, '$.net')) FROM objects"
        " WHERE account = ? AND kind = 'balance_transaction' GROUP BY 1, 2 ORDER BY 1, 2",
        (ctx.account,),
    ).fetchall()
    lines: list[list[object]] = [_sum_line(row[0], words.of(row[1]), *row[2:]) for row in rows]
    for code in sorted({row[0] for row in rows}):
        mine = [row for row in rows if row[0] == code]
        sums = [sum(row[column] for row in mine) for column in (2, 3, 4, 5)]
        lines.append([el("strong", None, part) for part in _sum_line(code, words("total"), *sums)])
    headings = [words(key) for key in ("currency", "type", "count", "amount", "fee", "net")]
    return table(words("summary"), headings, lines, empty=words("none"), figures=(2, 3, 4, 5))


def payments(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Charges, failed attempts included."""
    found, more = _page(ctx, "charge", after, size)
    rows: list[list[object]] = []
    for charge in found:
        status = _outcome(charge)
        card = charge["payment_method_details"]["card"]
        pairs = ", ".join(f"{key}={value}" for key, value in charge["metadata"].items())
        rows.append(
            [
                _time(charge["created"]),
                el("span", {"class": "bad" if charge["failure_code"] else "good"}, words.of(status)),
                _money(charge["amount"], charge["currency"]),
                _money(charge["amount_refunded"], charge["currency"]),
                f"{card['brand']} •••• {card['last4']}",
                _id(charge["payment_intent"], anchor=charge["id"]),
                pairs[:120],
            ]
        )
    headings = [words(key) for key in ("created", "status", "amount", "refunded", "card", "payment", "metadata")]
    return _section(ctx, words, "payments", headings, rows, found, more, size, figures=(2, 3))


def transactions(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Balance transactions."""
    with ctx.store.transaction():
        mature(ctx.store, ctx.now)
    found, more = _page(ctx, "balance_transaction", after, size)
    rows: list[list[object]] = [
        [
            _time(one["created"]),
            words.of(one["type"]),
            words.of(one["status"]),
            _money(one["amount"], one["currency"]),
            _money(one["fee"], one["currency"]),
            _money(one["net"], one["currency"]),
            _id(one["source"]),
            _id(one["id"]),
        ]
        for one in found
    ]
    headings = [words(key) for key in ("created", "type", "status", "amount", "fee", "net", "source", "id")]
    return _section(ctx, words, "transactions", headings, rows, found, more, size, figures=(3, 4, 5))


def refunds(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Refunds."""
    found, more = _page(ctx, "refund", after, size)
    rows: list[list[object]] = [
        [
            _time(one["created"]),
            words.of(one["status"]),
            _money(one["amount"], one["currency"]),
            words.of(one["reason"] or ""),
            _id(one["payment_intent"]),
            _id(one["id"]),
        ]
        for one in found
    ]
    headings = [words(key) for key in ("created", "status", "amount", "reason", "payment", "id")]
    return _section(ctx, words, "refunds", headings, rows, found, more, size, figures=(2,))


def payouts(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Payouts."""
    found, more = _page(ctx, "payout", after, size)
    rows: list[list[object]] = [
        [
            _time(one["created"]),
            words.of(one["status"]),
            _money(one["amount"], one["currency"]),
            words("yes") if one["automatic"] else words("no"),
            _time(one["arrival_date"]),
            _id(one["id"]),
        ]
        for one in found
    ]
    headings = [words(key) for key in ("created", "status", "amount", "automatic", "arrival", "id")]
    return _section(ctx, words, "payouts", headings, rows, found, more, size, figures=(2,))


def disputes(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Disputes."""
    found, more = _page(ctx, "dispute", after, size)
    rows: list[list[object]] = [
        [
            _time(one["created"]),
            words.of(one["status"]),
            _money(one["amount"], one["currency"]),
            words.of(one["reason"]),
            _id(one["payment_intent"]),
            _id(one["id"]),
        ]
        for one in found
    ]
    headings = [words(key) for key in ("created", "status", "amount", "reason", "payment", "id")]
    return _section(ctx, words, "disputes", headings, rows, found, more, size, figures=(2,))


def events(ctx: Context, words: Words, after: str, size: int) -> Html:
    """Events, how their deliveries went, and a button to send them again."""
    found, more = _page(ctx, "event", after, size)
    rows: list[list[object]] = []
    for event in found:
        states = count_by_state(ctx.store, event["id"])
        delivery = ", ".join(words(f"state_{name}", count=count) for name, count in sorted(states.items())) or words("no_endpoint")
        form = el(
            "form",
            {"method": "post", "action": f"/accounts/{ctx.account}/events/{event['id']}/resend"},
            el("button", {"class": "quiet", "type": "submit", "aria-label": f"{words('resend')} {event['type']} {event['id']}"}, words("resend")),
        )
        style = "bad" if states.keys() & {"failed", "dropped"} else "good" if "delivered" in states and "pending" not in states else "muted"
        rows.append(
            [
                _time(event["created"]),
                event["type"],
                _id(event["data"]["object"].get("id", "")),
                el("span", {"class": style}, delivery),
                _last_answer(ctx, event["id"]),
                form,
            ]
        )
    headings = [words(key) for key in ("created", "type", "source", "delivery", "last_answer", "resend")]
    return _section(ctx, words, "events", headings, rows, found, more, size)


SECTIONS: dict[str, Section] = {
    "payments": payments,
    "transactions": transactions,
    "refunds": refunds,
    "payouts": payouts,
    "disputes": disputes,
    "events": events,
}


def _section(
    ctx: Context,
    words: Words,
    name: str,
    headings: list[str],
    rows: list[list[object]],
    found: list[Json],
    more: bool,
    size: int,
    figures: tuple[int, ...] = (),
) -> Html:
    content = table(words(name), headings, rows, empty=words("none"), figures=figures)
    if not more:
        return content
    path = f"/accounts/{ctx.account}/{name}"
    link = el("a", {"href": path}, words("all")) if size == SHORT else el("a", {"href": f"{path}?after={found[-1]['id']}"}, words("older"))
    return join(content, el("p", {"class": "muted"}, link))


def _page(ctx: Context, kind: str, after: str, size: int) -> tuple[list[Json], bool]:
    try:
        return ctx.store.page(ctx.account, kind, Page(limit=size, starting_after=after or None))
    except ApiError:
        return [], False


def _outcome(charge: Json) -> str:
    """Why it failed, or that it did not."""
    return str((charge["failure_code"] and charge["outcome"]["reason"]) or charge["failure_code"] or charge["status"])


def _last_answer(ctx: Context, event: str) -> str:
    row = ctx.store.connection.execute(
        "SELECT last_status, last_error FROM deliveries WHERE event = ? AND attempts > 0 ORDER BY id DESC LIMIT 1", (event,)
    ).fetchone()
    if row is None:
        return ""
    return str(row[0]) if row[0] and not row[1] else str(row[1] or "")[:60]


def _sum_line(code: str, kind: str, count: int, amount: int, fee: int, net: int) -> list[object]:
    return [code.upper(), kind, count, format_amount(amount, code), format_amount(fee, code), format_amount(net, code)]


def _money(amount: int, code: str) -> str:
    return f"{format_amount(amount, code)} {code.upper()}"


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _id(identifier: str | None, anchor: str = "") -> Html:
    return el("span", {"class": "mono", **({"id": anchor} if anchor else {})}, identifier or "")
