"""How many buyers a second one article serves: 64 of them at once, two processes of 32 threads, PostgreSQL durable, median of five rounds.

    python -m tests.load stock [statement|coalescer|order]

What each side leaves behind is the same within a row; all send their statements by Django's connection, as the product does. After every
round it is looked whether as many rows are there as were answered, and nothing was sold twice.

- `statement`, `coalescer`: a level is moved and a hold is written. The peer is the usual transaction: BEGIN, SELECT … FOR UPDATE, UPDATE,
  INSERT, COMMIT. Ours are `statements.HOLD`, one round trip, and `hold_batch` behind the coalescer. The same peer by psycopg alone,
  with prepared statements, is printed beside it.
- `order`: a whole order, with its line, hold and fact. The peer locks first and then writes the four rows, eight round trips; ours is what
  `place_order` does with a checked order while its article is hot. Reads before that are the same on every road.
"""

import json
import os
import subprocess
import sys
import time
from typing import Any
from uuid import UUID

import django

django.setup()

import psycopg  # noqa: E402
from django.conf import settings  # noqa: E402

from commerce.catalog.actions import VariantDraft, create_product  # noqa: E402
from commerce.stock.actions import set_stock  # noqa: E402
from merchants.foundation.tenancy import in_schema  # noqa: E402
from rooms.program.air import client  # noqa: E402
from tests.load.report import median, print_row  # noqa: E402

SHOP = "aurora"
PROCESSES, THREADS = 2, 32
ROUNDS = int(os.environ.get("ROUNDS", "5"))
ROUND_S = float(os.environ.get("ROUND_S", "3"))
STOCK = 5_000_000
ANSWER_S = 120
# row: (ours, peer, goal)
ROWS = {
    "statement": ("statement", "locked_hold", ">= 2"),
    "coalescer": ("coalescer", "locked_hold", ">= 8"),
    "order": ("order", "locked_order", ">= 4"),
}

ALSO = {"locked_hold": ("prepared_hold",)}


class Crowd:
    """The buyers' processes; each takes one line of work and answers one line."""

    def __init__(self, variant_id: UUID) -> None:
        command = [sys.executable, "-m", "tests.load.stock_buyers", str(variant_id), str(THREADS)]
        self._processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
        for process in self._processes:
            self._answer(process)

    def buy(self, road: str) -> list[dict[str, Any]]:
        begins_at = time.time() + 1.0
        for process in self._processes:
            assert process.stdin
            process.stdin.write(json.dumps({"road": road, "begins_at": begins_at, "lasts_s": ROUND_S}) + "\n")
            process.stdin.flush()
        return [self._answer(process) for process in self._processes]

    def close(self) -> None:
        for process in self._processes:
            process.terminate()
            process.wait(20)

    @staticmethod
    def _answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            sys.exit("stock: a buyers' process ended")
        found: dict[str, Any] = json.loads(line)
        return found


def main() -> None:
    wanted = {row: ROWS[row] for row in sys.argv[1:] or ROWS}
    with in_schema(SHOP):
        card = create_product(title="Brass lantern", variants=[VariantDraft(sku="BENCH", price_minor=4200)], actor="bench", ships=False)
        variant_id = card.variants[0].id
        set_stock(variant_id=variant_id, available=STOCK, reason="delivery", actor="bench")
    roads = list(dict.fromkeys(road for ours, peer, _ in wanted.values() for road in (peer, *ALSO.get(peer, ()), ours)))
    rates: dict[str, list[float]] = {road: [] for road in roads}
    waits: dict[str, list[float]] = {road: [] for road in roads}
    crowd = Crowd(variant_id)
    try:
        for _ in range(ROUNDS):
            for road in roads:
                _empty(variant_id)
                answers = crowd.buy(road)
                count = sum(answer["count"] for answer in answers)
                _check(variant_id, count, road)
                rates[road].append(count / ROUND_S)
                waits[road].append(max(answer["p99_ms"] for answer in answers))
    finally:
        crowd.close()
    for road in roads:
        print(f"stock: {road}: {', '.join(f'{rate:,.0f}' for rate in rates[road])} a second; p99 {median(waits[road]):.0f} ms")
    for row, (ours, peer, goal) in wanted.items():
        print_row(f"stock/{row}", ours=median(rates[ours]), unit="orders/s", peer="SELECT FOR UPDATE", peers=median(rates[peer]), goal=goal)


def _empty(variant_id: UUID) -> None:
    """As at the first round: no rows, and no dead versions of the level."""
    client().flushdb()
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        owner.execute(f'SET search_path = "{SHOP}"')
        owner.execute("TRUNCATE stock_hold, shop_order, order_line, order_mail, fact CASCADE")
        owner.execute("UPDATE stock_level SET available = %s, held = 0 WHERE variant_id = %s", (STOCK, variant_id))
        owner.execute("VACUUM FULL stock_level")
        owner.execute("CHECKPOINT")


def _check(variant_id: UUID, count: int, road: str) -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        owner.execute(f'SET search_path = "{SHOP}"')
        held = owner.execute("SELECT held, available FROM stock_level WHERE variant_id = %s", (variant_id,)).fetchone()
        (holds,) = owner.execute("SELECT count(*) FROM stock_hold").fetchone() or (0,)
        (orders,) = owner.execute("SELECT count(*) FROM shop_order").fetchone() or (0,)
    if held != (count, STOCK - count) or holds != count or orders != (count if road.endswith("order") else 0):
        sys.exit(f"stock: {road} answered {count}, but there are {held} units, {holds} holds, {orders} orders")


if __name__ == "__main__":
    main()
