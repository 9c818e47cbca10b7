"""One process of buyers: reads a line of work from its input, buys as often as it can, writes a line with what it got."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import django

django.setup()

import psycopg  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from psycopg.types.json import Jsonb  # noqa: E402

from commerce.catalog.queries import list_sellable  # noqa: E402
from commerce.orders.actions import Buyer, LineWish, batches  # noqa: E402
from commerce.orders.actions.drafts import Draft  # noqa: E402
from commerce.orders.facts import OrderPlaced  # noqa: E402
from commerce.stock import statements  # noqa: E402
from commerce.stock.actions import Wish, hold_batch  # noqa: E402
from commerce.stock.coalescer import Coalescer  # noqa: E402
from merchants.foundation.ids import new_id  # noqa: E402
from merchants.foundation.tenancy import in_schema  # noqa: E402

SHOP = "aurora"
TTL = timedelta(minutes=5)
VARIANT = UUID(sys.argv[1])

_LOCK = "SELECT available FROM stock_level WHERE variant_id = %s FOR UPDATE"
_TAKE = "UPDATE stock_level SET available = available - 1, held = held + 1, is_unannounced = true WHERE variant_id = %s"
_HOLD = """
INSERT INTO stock_hold (id, idempotency_key, order_id, variant_id, quantity, state, created_at, expires_at)
VALUES (%s, %s, %s, %s, 1, 'active', now(), now() + interval '5 minutes')"""
_ORDER = """
INSERT INTO shop_order (id, number, viewer_id, client_key, request_digest, state, email, ship_name, ship_address, language, currency, total_minor,
    refunded_minor, placed_at, expires_at, cue_id)
VALUES (%s, 'A-2026-' || nextval('order_number'), %s, %s, '', 'pending', %s, '', '', 'en', %s, %s, 0, now(), now() + interval '5 minutes', '')
RETURNING number, placed_at"""
_LINE = """
INSERT INTO order_line (order_id, variant_id, product_title, variant_title, sku, unit_price_minor, quantity, grants, is_limited, ships)
VALUES (%s, %s, %s, %s, %s, %s, 1, '', true, false)"""
_FACT = """
INSERT INTO fact (id, kind, payload, created_at, next_attempt_at, attempts, done) VALUES (%s, %s, %s, now(), now(), 0, '[]')"""

Buy = Callable[[], object]


def _lock_and_take(cursor: Any) -> None:
    cursor.execute(_LOCK, (VARIANT,))
    assert cursor.fetchone()[0] >= 1
    cursor.execute(_TAKE, (VARIANT,))


def _hold(cursor: Any, order_id: UUID) -> None:
    cursor.execute(_HOLD, (new_id(), f"{order_id}:{VARIANT}", order_id, VARIANT))


def locked_hold() -> Buy:
    def buy() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            _lock_and_take(cursor)
            _hold(cursor, new_id())

    return buy


def prepared_hold() -> Buy:
    """The same by psycopg alone, which prepares its statements."""
    own = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    own.execute(f'SET search_path = "{SHOP}"')

    def buy() -> None:
        with own.transaction(), own.cursor() as cursor:
            _lock_and_take(cursor)
            _hold(cursor, new_id())

    return buy


def locked_order() -> Buy:
    variant = list_sellable([VARIANT])[VARIANT]
    price = variant.price

    def buy() -> None:
        order_id, viewer = new_id(), str(new_id())
        with transaction.atomic(), connection.cursor() as cursor:
            _lock_and_take(cursor)
            cursor.execute(_ORDER, (order_id, viewer, viewer, "b@mail.test", price.currency, price.amount_minor))
            number, placed_at = cursor.fetchone()
            cursor.execute(_LINE, (order_id, VARIANT, variant.product_title, variant.title, variant.sku, price.amount_minor))
            _hold(cursor, order_id)
            payload = {"order_id": str(order_id), "order_no": number, "viewer_id": viewer, "room_id": None, "program_seq": None}
            payload |= {"position_ms": None, "cue_id": "", "total_minor": price.amount_minor, "currency": price.currency, "at": str(placed_at)}
            cursor.execute(_FACT, (new_id(), OrderPlaced.kind(), Jsonb(payload)))

    return buy


def statement() -> Buy:
    def buy() -> None:
        order_id = new_id()
        values = {"id": new_id(), "key": f"{order_id}:{VARIANT}", "order_id": order_id, "variant_id": VARIANT, "quantity": 1}
        with connection.cursor() as cursor:
            cursor.execute(statements.HOLD, values | {"ttl_s": TTL.total_seconds()})
            assert cursor.fetchall()

    return buy


def _hold_many(order_ids: list[UUID]) -> list[bool]:
    with transaction.atomic(durable=True):
        refused = hold_batch(orders={order_id: [Wish(VARIANT, 1, "")] for order_id in order_ids}, ttl=TTL)
    assert not refused
    return [True] * len(order_ids)


_holds: Coalescer[UUID, bool] = Coalescer(_hold_many)  # type: ignore[arg-type]


def coalescer() -> Buy:
    return lambda: _holds.put(SHOP, new_id())


def order() -> Buy:
    sellable, wishes = list_sellable([VARIANT]), [LineWish(VARIANT, 1)]

    def buy() -> None:
        viewer = str(new_id())
        batches.queue.put(SHOP, Draft(Buyer(viewer, "b@mail.test"), viewer, "", wishes, sellable, {}, "en"))

    return buy


ROADS = {
    "locked_hold": locked_hold,
    "prepared_hold": prepared_hold,
    "statement": statement,
    "coalescer": coalescer,
    "locked_order": locked_order,
    "order": order,
}


def work(road: str, begins_at: float, lasts_s: float, threads: int) -> dict[str, float]:
    took: list[float] = []
    failures: list[BaseException] = []

    def run(buy: Buy) -> None:
        mine = []
        time.sleep(max(0.0, begins_at - time.time()))
        until = begins_at + lasts_s
        while time.time() < until:
            started = time.perf_counter()
            buy()
            mine.append(time.perf_counter() - started)
        took.extend(mine)

    def thread() -> None:
        try:
            with in_schema(SHOP):
                run(ROADS[road]())
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    started = [threading.Thread(target=thread) for _ in range(threads)]
    for one in started:
        one.start()
    for one in started:
        one.join()
    if failures:
        raise failures[0]
    return {"count": len(took), "p99_ms": 1000 * sorted(took)[int(len(took) * 0.99)]}


def main() -> None:
    print(json.dumps({}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(work(asked["road"], asked["begins_at"], asked["lasts_s"], int(sys.argv[2]))), flush=True)


if __name__ == "__main__":
    main()
