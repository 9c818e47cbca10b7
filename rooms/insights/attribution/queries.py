"""Money by touch: what the ledger booked in a span, over what each buyer had seen of the shop before the order.

The amounts are the ledger's alone: every model's total is its sales less what went back, to the minor unit. An order whose buyer
no visit is known of (bought outside of a room, or asked not to be measured) stands under `UNKNOWN`, so that nothing gets lost.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from commerce.ledger.queries import Turnover, list_turnover
from commerce.orders.queries import Purchase, list_purchases
from merchants.foundation.tenancy import current_schema
from merchants.tenants.queries import get_current_merchant
from rooms.insights.attribution.credit import credit, share
from rooms.insights.queries.spans import moments_of_days

TouchKind = Literal["source", "room", "cue"]
MODELS = ("first", "last", "linear")
DEFAULT_WINDOW_DAYS = 7
# Words in brackets are none that a link can carry as its source.
UNKNOWN = "(unknown)"
DIRECT = "(direct)"
MOST_IN_PATH = 20
_BATCH = 5_000


@dataclass(frozen=True)
class AttributionQuestion:
    """Days (the shop's, both included) on which the ledger booked; `room_id`: orders that were placed in it.

    `touch`: a buyer's touches are visits by their source or their room, or cards they tapped, in the `window_days` before the order.
    """

    since: date | None = None
    until: date | None = None
    room_id: UUID | None = None
    touch: TouchKind = "source"
    window_days: int = DEFAULT_WINDOW_DAYS


@dataclass(frozen=True)
class AttributionRow:
    """One touch under the three models. Minor units of the shop's currency; `returned` went back by refund or dispute; net is the difference.

    Orders are those paid in the span; a part of one is what the linear model gives several touches.
    """

    touch: str
    first_orders: float
    last_orders: float
    linear_orders: float
    first_gross_minor: int
    last_gross_minor: int
    linear_gross_minor: int
    first_returned_minor: int
    last_returned_minor: int
    linear_returned_minor: int
    first_net_minor: int
    last_net_minor: int
    linear_net_minor: int


@dataclass(frozen=True)
class AttributedOrderRow:
    """One order with its buyer's touches, the oldest first; of more than `MOST_IN_PATH` the path shows the first and the last ones."""

    order_id: UUID
    order_no: str
    gross_minor: int
    returned_minor: int
    net_minor: int
    touches: int
    first: str
    last: str
    path: str


@dataclass(frozen=True)
class TotalsRow:
    """What the ledger booked in a span. `orders` were paid in it."""

    orders: int
    gross_minor: int
    returned_minor: int
    net_minor: int


_VISITS = """
SELECT wanted.number, {key} FROM unnest(%(numbers)s::int[], %(viewers)s::uuid[], %(placed)s::timestamptz[]) AS wanted (number, viewer_id, placed_at)
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.viewer_id = wanted.viewer_id
    AND fact.first_at <= wanted.placed_at AND fact.first_at > wanted.placed_at - %(window)s
ORDER BY wanted.number, fact.first_at, fact.session_id
"""
_TAPS = """
SELECT wanted.number, cue.cue_id::text FROM unnest(%(numbers)s::int[], %(viewers)s::uuid[], %(placed)s::timestamptz[])
    AS wanted (number, viewer_id, placed_at)
JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.viewer_id = wanted.viewer_id AND fact.first_at <= wanted.placed_at
JOIN insights_cue_fact cue ON cue.tenant_id = %(tenant)s AND cue.session_id = fact.session_id
    AND cue.shown_at + make_interval(secs => cue.click_ms / 1000.0) <= wanted.placed_at
    AND cue.shown_at + make_interval(secs => cue.click_ms / 1000.0) > wanted.placed_at - %(window)s
ORDER BY wanted.number, cue.shown_at + make_interval(secs => cue.click_ms / 1000.0), cue.session_id, cue.cue_id
"""
_STATEMENTS = {
    "source": _VISITS.format(key=f"coalesce(nullif(fact.source, ''), '{DIRECT}')"),
    "room": _VISITS.format(key="fact.room_id::text"),
    "cue": _TAPS,
}


def list_attribution(question: AttributionQuestion) -> list[AttributionRow]:
    """By touch, what the last one brought first. Two queries, and two more for each five thousand orders."""
    orders: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(MODELS, 0.0))
    gross: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MODELS, 0))
    returned: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(MODELS, 0))
    for turnover, touches in _touched(question):
        for sums, amount in ((gross, turnover.sold_minor), (returned, turnover.returned_minor)):
            for model, amounts in credit(amount, len(touches)).items():
                for touch, part in zip(touches, amounts, strict=True):
                    sums[touch][model] += part
        if turnover.sold_minor:
            for model, parts in share(touches).items():
                for touch, of_order in parts.items():
                    orders[touch][model] += of_order
    rows = [_row(touch, orders[touch], gross[touch], returned[touch]) for touch in gross]
    return sorted(rows, key=lambda row: (-row.last_net_minor, -row.linear_net_minor, row.touch))


def list_attributed_orders(question: AttributionQuestion) -> list[AttributedOrderRow]:
    """By number. As many queries as `list_attribution`."""
    return [
        AttributedOrderRow(
            order_id=turnover.order_id,
            order_no=turnover.order_no,
            gross_minor=turnover.sold_minor,
            returned_minor=turnover.returned_minor,
            net_minor=turnover.net_minor,
            touches=0 if touches == [UNKNOWN] else len(touches),
            first=touches[0],
            last=touches[-1],
            path=_path(touches),
        )
        for turnover, touches in _touched(question)
    ]


def get_totals(question: AttributionQuestion, *, currency: str = "") -> TotalsRow:
    """The same money without touches. One query; without the shop's `currency` two more."""
    booked = _booked(question, currency)
    gross, returned = sum(one.sold_minor for one in booked), sum(one.returned_minor for one in booked)
    return TotalsRow(orders=sum(one.sold_minor != 0 for one in booked), gross_minor=gross, returned_minor=returned, net_minor=gross - returned)


def _booked(question: AttributionQuestion, currency: str = "") -> list[Turnover]:
    since, until = moments_of_days(question.since, question.until)
    return list_turnover(currency=currency or get_current_merchant().currency, since=since, until=until, room_id=question.room_id)


def _touched(question: AttributionQuestion) -> list[tuple[Turnover, list[str]]]:
    booked, found = _booked(question), []
    for begin in range(0, len(booked), _BATCH):
        batch = booked[begin : begin + _BATCH]
        purchases = list_purchases(one.order_id for one in batch)
        touches = _touches([purchases.get(one.order_id) for one in batch], question)
        found += [(one, touches.get(number) or [UNKNOWN]) for number, one in enumerate(batch)]
    return found


def _touches(purchases: Sequence[Purchase | None], question: AttributionQuestion) -> dict[int, list[str]]:
    """Touches by the number of the purchase, the oldest first; of a buyer without an id of ours (an order by hand) none."""
    known = [(number, viewer, one.placed_at) for number, one in enumerate(purchases) if one and (viewer := _uuid_or_none(one.viewer_id))]
    values: dict[str, Any] = {
        "tenant": current_schema(),
        "numbers": [number for number, _viewer, _at in known],
        "viewers": [viewer for _number, viewer, _at in known],
        "placed": [at for _number, _viewer, at in known],
        "window": timedelta(days=question.window_days),
    }
    found: dict[int, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[question.touch], values)
        for number, touch in cursor.fetchall():
            found[number].append(touch)
    return found


def _row(touch: str, orders: dict[str, float], gross: dict[str, int], returned: dict[str, int]) -> AttributionRow:
    return AttributionRow(
        touch=touch,
        first_orders=round(orders["first"], 6),
        last_orders=round(orders["last"], 6),
        linear_orders=round(orders["linear"], 6),
        first_gross_minor=gross["first"],
        last_gross_minor=gross["last"],
        linear_gross_minor=gross["linear"],
        first_returned_minor=returned["first"],
        last_returned_minor=returned["last"],
        linear_returned_minor=returned["linear"],
        first_net_minor=gross["first"] - returned["first"],
        last_net_minor=gross["last"] - returned["last"],
        linear_net_minor=gross["linear"] - returned["linear"],
    )


def _path(touches: list[str]) -> str:
    half = MOST_IN_PATH // 2
    shown = touches if len(touches) <= MOST_IN_PATH else [*touches[:half], "…", *touches[-half:]]
    return " > ".join(shown)


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
