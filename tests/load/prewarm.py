"""What preparing a card brings: a burst of buyers at one card of a real web process, unprepared and prepared.

    python -m tests.load prewarm

Each round begins with a new web process that has served the lobby and the card's sheet, and nobody's order, as in the minutes of a show
before its first card. Then all buyers send their order at the same moment over connections that are open; the time is from there to the
answer with the order and its payment sheet. Both sides run the product's code with a pool of 20 connections, and the sandbox for payments.
Unprepared: the process did not load anything at its start, its pool has what browsing opened, the article is not hot. Prepared: the process
as it is, and the product's own `prepare_card` seconds before. Printed beside them, as it was: unprepared, and everybody who orders while
nothing is loaded loads all of it, where some fall over modules that are half there.
"""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from config.embedded.processes import free_port, stop, wait_for_port
from tests.browser.platform import Platform, _copy_database
from tests.load.report import median, print_row

SHOP = "aurora"
BUYERS = int(os.environ.get("BUYERS", "64"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
POOL = os.environ.get("POOL", "20")
BROWSED = 24
# A process loads in the background, and opens its connections after the message.
SETTLE_S = 2.0
KINDS = {
    "as it was": ("tests.load.prewarm_cold", "--each"),
    "unprepared": ("tests.load.prewarm_cold",),
    "prepared": ("config.serve",),
}
ROWS = (
    ("p95", "p95_ms", "ms", "unprepared", "<= 0.7"),
    ("rate", "rate", "orders/s", "unprepared", ">= 1.3"),
)
ANSWER_S = 60

_GOODS = f"""
from datetime import timedelta
from commerce.catalog.actions import VariantDraft, create_product
from commerce.orders.actions import Buyer, LineWish
from commerce.payments.actions import start_checkout
from commerce.stock.actions import set_stock
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.program.models import Airing
from rooms.program.schedule import create_room
with in_schema("{SHOP}"):
    card = create_product(title="Brass lantern", variants=[VariantDraft(sku="BENCH", price_minor=4200)], actor="bench", ships=False)
    variant_id = card.variants[0].id
    set_stock(variant_id=variant_id, available=100000, reason="delivery", actor="bench")
    room_id = create_room(slug="bench", title="Bench", season_id=None, host_name="Lin", actor="bench")
    airing = Airing.objects.create(room_id=room_id, title="Bench", started_at=clock.now())
    # The shop has sold before: its account at the processor is there.
    start_checkout(buyer=Buyer("first", "b@mail.test"), client_key="the-first-order", lines=[LineWish(variant_id, 1)])
    print(card.id, variant_id, airing.pk)
"""
_PREPARE = f"""
import sys
from datetime import timedelta
from uuid import UUID
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.preparation.actions import prepare_card
from rooms.preparation.models import CardPreparation
with in_schema("{SHOP}"):
    row = CardPreparation.objects.create(airing_id=UUID("%(airing_id)s"), program_seq=%(number)s, cue_id=new_id(), product_id=UUID("%(product_id)s"),
        due_at=clock.now() + timedelta(seconds=20), lasts_ms=10000, expected_taps=64, expected_orders=64, opened_at=clock.now())
    prepare_card(preparation_id=row.pk)
    row.refresh_from_db()
    print(row.took_ms, row.hot_variants, row.processes)
"""
_COOL = f"""
from uuid import UUID
from commerce.stock import hot
from merchants.foundation.tenancy import in_schema
with in_schema("{SHOP}"):
    hot.unmark([UUID("%(variant_id)s")])
"""


@dataclass(frozen=True)
class Burst:
    """Seconds from the tap to the order, of each buyer, and until all had theirs. `failed`: those who got none."""

    took_s: list[float]
    lasted_s: float
    failed: int

    @property
    def p95_ms(self) -> float:
        return 1000 * sorted(self.took_s)[int(len(self.took_s) * 0.95)]

    @property
    def first_ms(self) -> float:
        return 1000 * min(self.took_s)

    @property
    def rate(self) -> float:
        return len(self.took_s) / self.lasted_s


def start() -> Platform:
    name = "bench_prewarm"
    _copy_database(name)
    data = Path(os.environ["DATA"])
    platform = Platform(port=free_port(), sandbox_port=free_port(), data=data, environment={})
    platform.environment = dict(os.environ) | {
        "DATABASE_URL": os.environ["TEST_APPLICATION_URL"].format(name=name),
        "DATABASE_OWNER_URL": os.environ["TEST_OWNER_URL"].format(name=name),
        "DATABASE_POOL_SIZE": POOL,
        "PORT": str(platform.port),
        "STRIPE_API_BASE": f"http://127.0.0.1:{platform.sandbox_port}",
        "LOG_LEVEL": "WARNING",
    }
    state = data / "sandbox.sqlite3"
    state.unlink(missing_ok=True)
    sandbox = [sys.executable, "-m", "commerce.sandbox", "--port", str(platform.sandbox_port), "--state", str(state), "--key", "sk_test_embedded"]
    platform.spawn("sandbox", sandbox)
    wait_for_port(platform.sandbox_port, platform.processes["sandbox"], name="sandbox", log=platform.log("sandbox"), timeout_s=60)
    return platform


async def ask(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter], platform: Platform, method: str, path: str, body: bytes = b"") -> int:
    """The status; the connection stays open."""
    reader, writer = connection
    head = [
        f"{method} {path} HTTP/1.1",
        f"Host: {SHOP}.localhost:{platform.port}",
        f"X-Forwarded-For: {uuid4()}",
        "Content-Type: application/json",
        f"Cookie: csrf={'x' * 32}",
        f"X-CSRFToken: {'x' * 32}",
        f"Content-Length: {len(body)}",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    async with asyncio.timeout(ANSWER_S):
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = next((int(line.split(":")[1]) for line in answer.splitlines() if line.startswith("content-length:")), 0)
        await reader.readexactly(length)
    status = int(answer.split(" ")[1])
    return status


async def browse(platform: Platform, variant_id: str) -> None:
    """What viewers ask for before they buy."""
    connections = [await asyncio.open_connection("127.0.0.1", platform.port) for _ in range(6)]
    for _ in range(BROWSED // 6):
        await asyncio.gather(*(ask(connection, platform, "GET", f"/api/v1/checkout/offers/{variant_id}/") for connection in connections))
        await asyncio.gather(*(ask(connection, platform, "GET", "/") for connection in connections))
    for _, writer in connections:
        writer.close()


async def burst(platform: Platform, variant_id: str) -> Burst:
    connections = [await asyncio.open_connection("127.0.0.1", platform.port) for _ in range(BUYERS)]

    async def buy(connection: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> tuple[float, bool]:
        wish = {"client_key": str(uuid4()), "email": "b@mail.test", "lines": [{"variant_id": variant_id, "quantity": 1}]}
        started = time.perf_counter()
        status = await ask(connection, platform, "POST", "/api/v1/checkout/", json.dumps(wish).encode())
        return time.perf_counter() - started, status == 201

    started = time.perf_counter()
    took = await asyncio.gather(*(buy(connection) for connection in connections))
    lasted = time.perf_counter() - started
    for _, writer in connections:
        writer.close()
    return Burst([seconds for seconds, _ in took], lasted, sum(not is_placed for _, is_placed in took))


def measure(platform: Platform, kind: str, goods: dict[str, str], number: int) -> Burst:
    """A process's first burst."""
    platform.run(_COOL % goods)
    platform.spawn("web", [sys.executable, "-m", *KINDS[kind]])
    wait_for_port(platform.port, platform.processes["web"], name="web", log=platform.log("web"), timeout_s=60)
    try:
        asyncio.run(browse(platform, goods["variant_id"]))
        if kind == "prepared":
            took_ms, variants, processes = platform.run(_PREPARE % (goods | {"number": str(number)})).split()[-3:]
            if (variants, processes) != ("1", "1"):
                sys.exit(f"prewarm: {variants} variants are hot, {processes} processes heard of it")
            print(f"prewarm: prepared in {took_ms} ms, and in the process right after")
        time.sleep(SETTLE_S)
        found = asyncio.run(burst(platform, goods["variant_id"]))
        if found.failed and kind != "as it was":
            sys.exit(f"prewarm: {found.failed} orders failed")
        return found
    finally:
        stop(platform.processes.pop("web"))


def main() -> None:
    platform = start()
    found: dict[str, list[Burst]] = {kind: [] for kind in KINDS}
    try:
        goods = dict(zip(("product_id", "variant_id", "airing_id"), platform.run(_GOODS).split()[-3:], strict=True))
        for number in range(ROUNDS):
            for kind, bursts in found.items():
                bursts.append(measure(platform, kind, goods, number))
    finally:
        platform.stop()
    for kind, bursts in found.items():
        p95s, failed = ", ".join(f"{one.p95_ms:,.0f}" for one in bursts), sum(one.failed for one in bursts)
        print(f"prewarm: {kind}: p95 {p95s} ms; first answer {median([one.first_ms for one in bursts]):,.0f} ms; {failed} failed")
    for row, name, unit, peer, goal in ROWS:
        theirs, ours = (median([getattr(one, name) for one in found[kind]]) for kind in (peer, "prepared"))
        print_row(f"prewarm/{row}", ours=ours, unit=unit, peer=peer, peers=theirs, goal=goal)


if __name__ == "__main__":
    main()
