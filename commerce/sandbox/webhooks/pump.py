"""The webhook pump: takes due deliveries, signs, posts on a few threads, writes down how it went.

State is in SQLite alone; a pump that is killed and started again goes on where it was. At-least-once: a delivery whose
answer was lost is sent again.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from commerce.sandbox.state.store import Store
from commerce.sandbox.webhooks import queue
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.webhooks.queue import FORGED_COPY, Delivery
from commerce.sandbox.webhooks.sender import Undelivered, post
from commerce.sandbox.webhooks.signature import sign
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import new_id

WORKERS = 8
IDLE_S = 0.5


@dataclass(frozen=True)
class Parcel:
    """What goes over the wire: address, body, the secret it is signed with."""

    delivery: Delivery
    address: str
    body: bytes
    secret: str


class Pump:
    """Runs beside the server; `write` runs a function on the store's one writer thread."""

    def __init__(self, store: Store, write: Callable[..., Any], knobs: Callable[[], Knobs]) -> None:
        self._store = store
        self._write = write
        self._knobs = knobs
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._senders = ThreadPoolExecutor(WORKERS, thread_name_prefix="webhook")

    def wake(self) -> None:
        """Something may be due."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._wake.clear()
            room = WORKERS - len(self._busy)
            parcels: list[Parcel] = await self._write(self._take, room) if room else []
            for parcel in parcels:
                self._busy.add(parcel.delivery.id)
                task = asyncio.create_task(self._deliver(parcel))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if not parcels:
                await self._sleep()

    async def stop(self) -> None:
        """Let sends in flight end within their time limit, then let go of the threads."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)
        self._senders.shutdown(wait=False, cancel_futures=True)

    async def _sleep(self) -> None:
        due: int | None = await self._write(queue.next_due_ms, self._store, self._busy) if len(self._busy) < WORKERS else None
        pause = IDLE_S if due is None else max(0.005, min(IDLE_S, due / 1000 - time.time()))
        # Not wait_for: in Python 3.11 it swallows a cancellation that comes with the wake, and this would run for ever.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._wake.wait()

    def _take(self, room: int) -> list[Parcel]:
        due = queue.take_due(self._store, int(time.time() * 1000), room, self._busy)
        return [parcel for delivery in due if (parcel := self._pack(delivery))]

    def _pack(self, delivery: Delivery) -> Parcel | None:
        owner = self._store.owner_of(delivery.endpoint) or ""
        endpoint = self._store.find(owner, delivery.endpoint)
        event = self._store.find(self._store.owner_of(delivery.event) or "", delivery.event)
        if endpoint is None or event is None:
            self._store.connection.execute("UPDATE deliveries SET state = 'failed', last_error = 'gone' WHERE id = ?", (delivery.id,))
            return None
        secret = self._store.hidden(delivery.endpoint)["secret"]
        if delivery.copy == FORGED_COPY:
            event, secret = forge(event), new_id("whsec", 32)
        return Parcel(delivery, endpoint["url"], json.dumps({**event, "pending_webhooks": 1}, indent=2).encode(), secret)

    async def _deliver(self, parcel: Parcel) -> None:
        knobs = self._knobs()
        signature = sign(parcel.body, parcel.secret, int(time.time()) + knobs.future_timestamp_s)
        status: int | None = None
        error = ""
        try:
            status = await asyncio.get_running_loop().run_in_executor(self._senders, post, parcel.address, parcel.body, signature)
            error = "" if 200 <= status < 300 else f"HTTP {status}"
        except Undelivered as failure:
            error = str(failure)
        try:
            await self._write(self._settle, parcel.delivery, status, error, knobs)
        finally:
            self._busy.discard(parcel.delivery.id)
            self._wake.set()

    def _settle(self, delivery: Delivery, status: int | None, error: str, knobs: Knobs) -> None:
        with self._store.transaction():
            queue.settle(self._store, delivery, status=status, error=error, now_ms=int(time.time() * 1000), knobs=knobs)


def forge(event: Json) -> Json:
    """An event as an attacker would write it: a new id and a hundred times the money."""
    forged: Json = json.loads(json.dumps(event))
    forged["id"] = new_id("evt")
    body = forged["data"]["object"]
    for key in ("amount", "amount_total", "amount_received", "amount_captured"):
        if isinstance(body.get(key), int):
            body[key] *= 100
    return forged
