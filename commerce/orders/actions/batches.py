"""Many orders in one transaction: what a leader of the coalescer writes for itself and for those who wait.

Each order has the rows, facts and prices that it would have alone. `now()` is the transaction's, so that all of a batch were
placed at the same moment; numbers follow the order of arrival.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from commerce.orders.actions.drafts import Draft, claim_of, fact_of, number_of
from commerce.orders.queries import OrderLineView, OrderView
from commerce.orders.states import OrderState
from commerce.stock.actions import hold_batch
from commerce.stock.coalescer import Coalescer
from merchants.foundation.errors import DomainError
from merchants.foundation.facts import emit_all
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money

# The time, the numbers, and which of the batch (from 1) are being written elsewhere: a batch waits for no key.
_BEGIN = """
SELECT now(), to_char(now(), 'YYYY'), ARRAY(SELECT nextval('order_number') FROM generate_series(1, %(count)s)), ARRAY(
    SELECT place FROM unnest(%(claims)s::text[]) WITH ORDINALITY AS asked (claim, place)
    WHERE NOT pg_try_advisory_xact_lock(hashtextextended(claim, 0)))"""

# Which are orders already: their first tap came in while they waited. A statement of its own, since one sees what was there as it began.
_KNOWN = """
SELECT place FROM unnest(%(viewers)s::text[], %(keys)s::text[]) WITH ORDINALITY AS asked (viewer_id, client_key, place)
WHERE EXISTS (SELECT FROM shop_order o WHERE o.viewer_id = asked.viewer_id AND o.client_key = asked.client_key)"""

_ORDERS = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(orders)s::jsonb) AS given (
        id uuid, number text, viewer_id text, user_id uuid, client_key text, request_digest text, email text, ship_name text, ship_address text,
        language text, currency text, total_minor bigint, room_id uuid, program_seq int, position_ms int, cue_id text)),
written AS (
    INSERT INTO shop_order (id, number, viewer_id, user_id, client_key, request_digest, state, email, ship_name, ship_address, language, currency,
        total_minor, refunded_minor, placed_at, expires_at, room_id, program_seq, position_ms, cue_id)
    SELECT id, number, viewer_id, user_id, client_key, request_digest, 'pending', email, ship_name, ship_address, language, currency,
        total_minor, 0, now(), now() + %(ttl_s)s * interval '1 second', room_id, program_seq, position_ms, cue_id FROM given)
INSERT INTO order_line (order_id, variant_id, product_title, variant_title, sku, unit_price_minor, quantity, grants, is_limited, ships)
SELECT * FROM jsonb_to_recordset(%(lines)s::jsonb) AS line (
    order_id uuid, variant_id uuid, product_title text, variant_title text, sku text, unit_price_minor int, quantity smallint, grants text,
    is_limited boolean, ships boolean)"""


@dataclass(frozen=True)
class _Beginning:
    at: datetime
    year: str
    numbers: list[int]
    passed: frozenset[int]


def write_batch(drafts: Sequence[Draft]) -> list[OrderView | DomainError | None]:
    """One answer a draft: its order, SoldOut, or None for a tap that is an order already or that becomes one elsewhere.

    After commit: emits OrderPlaced for each order.
    """
    ttl = timedelta(seconds=settings.HOLD_TTL_S)
    answers: list[OrderView | DomainError | None] = [None] * len(drafts)
    with transaction.atomic(durable=True):
        begin = _begin(drafts)
        views = {
            place: _view(draft, number_of(begin.year, begin.numbers[place]), begin.at, ttl)
            for place, draft in enumerate(drafts)
            if place not in begin.passed
        }
        refused = hold_batch(orders={view.id: drafts[place].limited for place, view in views.items()}, ttl=ttl)
        written = {place: view for place, view in views.items() if view.id not in refused}
        _insert([(drafts[place], view) for place, view in written.items()], ttl)
        emit_all([fact_of(view) for view in written.values()])
    for place, view in views.items():
        answers[place] = refused.get(view.id, view)
    return answers


queue: Coalescer[Draft, OrderView] = Coalescer(write_batch)


def _begin(drafts: Sequence[Draft]) -> _Beginning:
    keys = [(draft.buyer.viewer_id, draft.client_key) for draft in drafts]
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, {"count": len(drafts), "claims": [claim_of(draft.buyer, draft.client_key) for draft in drafts]})
        at, year, numbers, claimed = cursor.fetchone()
        cursor.execute(_KNOWN, {"viewers": [viewer for viewer, _ in keys], "keys": [key for _, key in keys]})
        known = [place for (place,) in cursor.fetchall()]
    repeated = {place for place, key in enumerate(keys) if keys.index(key) < place}
    return _Beginning(at, year, numbers, frozenset(repeated | {place - 1 for place in (*claimed, *known)}))


def _view(draft: Draft, number: str, at: datetime, ttl: timedelta) -> OrderView:
    buyer, total = draft.buyer, draft.total
    return OrderView(
        id=new_id(),
        number=number,
        state=OrderState.PENDING,
        viewer_id=buyer.viewer_id,
        email=buyer.email.strip(),
        ship_name=buyer.ship_name.strip(),
        ship_address=buyer.ship_address.strip(),
        language=draft.language,
        total=total,
        refunded=Money(0, total.currency),
        placed_at=at,
        expires_at=at + ttl,
        paid_at=None,
        refunded_at=None,
        room_id=draft.trace.get("room_id"),
        program_seq=draft.trace.get("program_seq"),
        position_ms=draft.trace.get("position_ms"),
        cue_id=draft.trace.get("cue_id", ""),
        lines=[_line(draft, wish.variant_id, wish.quantity) for wish in draft.wishes],
    )


def _line(draft: Draft, variant_id: UUID, quantity: int) -> OrderLineView:
    variant = draft.sellable[variant_id]
    return OrderLineView(
        variant_id=variant_id,
        product_title=variant.product_title,
        variant_title=variant.title,
        sku=variant.sku,
        quantity=quantity,
        unit_price=variant.price,
        grants=variant.grants,
        is_limited=variant.is_limited,
        ships=variant.ships,
    )


def _insert(orders: Sequence[tuple[Draft, OrderView]], ttl: timedelta) -> None:
    if not orders:
        return
    rows = [_row(draft, view) for draft, view in orders]
    lines = [
        {
            "order_id": str(view.id),
            "variant_id": str(line.variant_id),
            "product_title": line.product_title,
            "variant_title": line.variant_title,
            "sku": line.sku,
            "unit_price_minor": line.unit_price.amount_minor,
            "quantity": line.quantity,
            "grants": line.grants,
            "is_limited": line.is_limited,
            "ships": line.ships,
        }
        for _, view in orders
        for line in view.lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, {"orders": json.dumps(rows), "lines": json.dumps(lines), "ttl_s": ttl.total_seconds()})


def _row(draft: Draft, view: OrderView) -> dict[str, Any]:
    return {
        "id": str(view.id),
        "number": view.number,
        "viewer_id": view.viewer_id,
        "user_id": str(draft.buyer.user_id) if draft.buyer.user_id else None,
        "client_key": draft.client_key,
        "request_digest": draft.digest,
        "email": view.email,
        "ship_name": view.ship_name,
        "ship_address": view.ship_address,
        "language": view.language,
        "currency": view.total.currency,
        "total_minor": view.total.amount_minor,
        "room_id": str(view.room_id) if view.room_id else None,
        "program_seq": view.program_seq,
        "position_ms": view.position_ms,
        "cue_id": view.cue_id,
    }
