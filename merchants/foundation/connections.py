"""Database connections that stand open, and know the shop's tables, before a rush needs them all at once; and how many are in use."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import structlog
from django.db import DatabaseError, InterfaceError, connection
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from merchants.foundation.tenancy import in_schema, tenant_connection

log = structlog.get_logger(__name__)

# Left to requests that come meanwhile; all others are held at the same time for so long at most, so that the pool grows.
SPARE = 2
HOLD_S = 1.0


def fill_pool(schema: str, look: Callable[[], None]) -> int:
    """Open as many connections as the pool may have, less two, and call `look` on each. Returns how many did; 0 without a pool.

    A new connection costs PostgreSQL a process, and its first look at each table a walk through the catalogue; both stay with it.
    The pool closes again by itself what is idle for ten minutes.
    """
    pool = tenant_connection().pool
    count = pool.max_size - SPARE if pool is not None else 0
    if count < 1:
        return 0
    gate = Barrier(count, timeout=HOLD_S)

    def take(_number: int) -> bool:
        try:
            with in_schema(schema):
                connection.ensure_connection()
                with suppress(BrokenBarrierError):  # the others are late, or requests need theirs
                    gate.wait()
                look()
        except (DatabaseError, InterfaceError) as error:
            log.info("connection_not_opened", tenant=schema, reason=type(error).__name__)
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(max_workers=count) as threads:
        return sum(threads.map(take, range(count)))


class PoolGauge(Collector):
    """Of this process, for Prometheus. In use for long with nobody waiting for an answer means that somebody never gave theirs back."""

    def collect(self) -> Iterator[Metric]:
        pool = tenant_connection().pool
        if pool is None:
            return
        stats = pool.get_stats()
        size, idle = stats.get("pool_size", 0), stats.get("pool_available", 0)
        yield GaugeMetricFamily("database_pool_in_use", "Connections of the pool that somebody holds", value=size - idle)
        yield GaugeMetricFamily("database_pool_idle", "Connections of the pool that nobody holds", value=idle)
        yield GaugeMetricFamily("database_pool_waiting", "Requests and looks that wait for a connection", value=stats.get("requests_waiting", 0))

    def describe(self) -> Iterator[Metric]:
        """Without it, registering would already make a pool."""
        return iter(())
