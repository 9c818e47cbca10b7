"""From the stream to the database: read a batch, store it, acknowledge, trim. Any number of these may run; any may be killed.

An entry is acknowledged after its transaction has committed and, where ClickHouse is on, after that has its rows as well. A crash
between them brings the entry once more, and both take each id once, so nothing is lost and nothing is counted twice.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import psycopg
import structlog
from django.db import DataError, Error, connections
from redis.exceptions import RedisError, ResponseError

from merchants.foundation import clock
from merchants.foundation.tenancy import SCHEMA_NAME, has_schema
from rooms.insights.clickhouse import mirror
from rooms.insights.clickhouse.connection import is_on
from rooms.insights.clickhouse.errors import ClickHouseAway
from rooms.insights.events import stream
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest import partitions
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.program.air import client

log = structlog.get_logger(__name__)

# At most 64 parcels an entry. Larger batches would save little and hold the shop's lock for longer.
BATCH_ENTRIES = 64
BLOCK_MS = 500
# What a consumer has read and not acknowledged for so long belongs to whoever asks: it has died, or its batch is stored twice, once.
ABANDONED_MS = 10_000
TEND_S = 5.0
RETRY_S = (0.2, 5.0)
# What cannot be stored is kept aside for people, with the reason.
REFUSED_STREAM = f"{stream.STREAM}:refused"
MOST_REFUSED = 10_000
LAG_ALARM_ENTRIES, LAG_ALARM_S = 5_000, 60.0
DAYS_KEPT = 180

# Schemas that stand beside the shops.
NO_SHOPS = frozenset({"public", "template"})

Entry = tuple[bytes, dict[bytes, bytes]]


class Consumer:
    """Needs: its own thread. `stop` ends it after the batch at hand."""

    def __init__(self, name: str, *, abandoned_ms: int = ABANDONED_MS, tend_s: float = TEND_S, batch_entries: int = BATCH_ENTRIES) -> None:
        self._name = name
        self._abandoned_ms = abandoned_ms
        self._tend_s = tend_s
        self._batch_entries = batch_entries
        self._places = Places()
        self._days: set[date] = set()
        self._tend_at = 0.0
        self._claim_from: bytes | str | None = None
        self._cleaned_on: date | None = None
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    @property
    def was_stopped(self) -> bool:
        return self._stopping.is_set()

    def run(self) -> None:
        pause_s = RETRY_S[0]
        while not self._stopping.is_set():
            try:
                self.work()
                pause_s = RETRY_S[0]
            except (RedisError, Error, psycopg.Error, OSError, ClickHouseAway) as error:  # the owner's connection is no Django one
                log.warning("events_not_stored", reason=str(error), retry_in_s=pause_s)
                connections.close_all()
                self._stopping.wait(pause_s)
                pause_s = min(pause_s * 2, RETRY_S[1])

    def work(self, *, block_ms: int = BLOCK_MS) -> int:
        """One turn. Returns how many entries were stored and acknowledged.

        Raises: RedisError, DatabaseError, ClickHouseAway (nothing is lost: what was not acknowledged is read again).
        """
        if time.monotonic() >= self._tend_at:
            self._tend()
        entries = self._claim() or self._read(block_ms)
        if not entries:
            return 0
        self._store(entries)
        client().xack(stream.STREAM, stream.GROUP, *(entry_id for entry_id, _ in entries))
        return len(entries)

    # Reading --------------------------------------------------------------------------------------

    def _read(self, block_ms: int) -> list[Entry]:
        found = client().xreadgroup(stream.GROUP, self._name, {stream.STREAM: ">"}, count=self._batch_entries, block=block_ms)
        return list(found[0][1]) if found else []

    def _claim(self) -> list[Entry]:
        """What a consumer that died had read. Entries that were trimmed away meanwhile come without fields."""
        if self._claim_from is None:
            return []
        following, entries, *_ = client().xautoclaim(
            stream.STREAM, stream.GROUP, self._name, min_idle_time=self._abandoned_ms, start_id=self._claim_from, count=self._batch_entries
        )
        self._claim_from = None if following == b"0-0" else following
        return [(entry_id, fields) for entry_id, fields in entries if fields]

    # Storing --------------------------------------------------------------------------------------

    def _store(self, entries: Sequence[Entry]) -> None:
        by_shop: dict[str, list[Parcel]] = defaultdict(list)
        for entry_id, fields in entries:
            body = fields.get(b"p", b"")
            try:
                parcels = stream.decode(body)
            except msgspec.DecodeError as error:
                _put_aside(body, f"{entry_id.decode()}: {error}")
                continue
            for parcel in parcels:
                by_shop[parcel.schema].append(parcel)
        stored: list[tuple[Any, ...]] | None = [] if is_on() else None
        for schema, found in sorted(by_shop.items()):
            if schema in NO_SHOPS or not SCHEMA_NAME.match(schema) or not has_schema(schema):
                _put_aside(stream.encode(found), f"no shop {schema[:60]!r}")
            else:
                self._store_of_shop(schema, found, stored)
        if stored:
            mirror.append(stored)

    def _store_of_shop(self, schema: str, parcels: Sequence[Parcel], stored: list[tuple[Any, ...]] | None) -> None:
        self._ensure_days(days_of(parcels))
        try:
            store(schema, parcels, self._places, stored)
        except DataError as error:  # one of them does not fit: find it, so that it keeps nobody waiting
            if len(parcels) == 1:
                _put_aside(stream.encode(parcels), str(error))
                return
            middle = len(parcels) // 2
            self._store_of_shop(schema, parcels[:middle], stored)
            self._store_of_shop(schema, parcels[middle:], stored)

    def _ensure_days(self, days: set[date]) -> None:
        if not days <= self._days:
            partitions.ensure_days(days)
            self._days |= days

    # Tending --------------------------------------------------------------------------------------

    def _tend(self) -> None:
        """Every few seconds: the group, tomorrow's partitions, abandoned entries, the stream's length, the alarm."""
        _make_group()
        today = clock.now().date()
        self._ensure_days(set(partitions.days_around(today)))
        if self._cleaned_on != today:
            partitions.drop_days_before(today - timedelta(days=DAYS_KEPT))
            self._cleaned_on = today
        self._claim_from = "0-0"
        trim()
        lag = stream.read_lag()
        if lag.entries > LAG_ALARM_ENTRIES or lag.oldest_s > LAG_ALARM_S:
            log.warning("events_lag", entries=lag.entries, oldest_s=round(lag.oldest_s, 1))
        self._tend_at = time.monotonic() + self._tend_s


def _put_aside(body: bytes, reason: str) -> None:
    log.error("events_refused", reason=reason[:200])
    client().xadd(REFUSED_STREAM, {"p": body, "reason": reason[:200]}, maxlen=MOST_REFUSED, approximate=True)


def _make_group() -> None:
    try:
        client().xgroup_create(stream.STREAM, stream.GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


def trim() -> int:
    """Drop the entries that are acknowledged, and only those: up to the first pending one, or else the last one that was read."""
    pending: dict[str, Any] = client().xpending(stream.STREAM, stream.GROUP)
    oldest = pending["min"]
    if oldest is None:
        groups = client().xinfo_groups(stream.STREAM)
        oldest = next(group["last-delivered-id"] for group in groups if group["name"] == stream.GROUP.encode())
    _forget_the_dead()
    return int(client().xtrim(stream.STREAM, minid=oldest, approximate=True))


def _forget_the_dead() -> None:
    """Consumers that have nothing pending and were not seen for an hour; each process has a name of its own."""
    for found in client().xinfo_consumers(stream.STREAM, stream.GROUP):
        if found["pending"] == 0 and found["idle"] > 3_600_000:
            client().xgroup_delconsumer(stream.STREAM, stream.GROUP, found["name"])
