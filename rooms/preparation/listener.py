"""The ear of a web process: makes it ready when it starts, and again when a shop says that many are about to buy."""

import asyncio
from typing import Any

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, InterfaceError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from commerce.payments import readiness
from merchants.foundation.tenancy import SCHEMA_NAME, tenant_db
from realtime.exchange import beside_exchange
from realtime.loops import Beside
from rooms.preparation.news import CHANNEL

log = structlog.get_logger(__name__)

QUIET_S = 30.0
RETRY_S = 2.0
READY_S = 10.0
# Cards of one shop that come close after one another find the connections open.
AGAIN_S = 60.0
MOST_KEPT = 1_000

_load = database_sync_to_async(readiness.load, thread_sensitive=False)
_open_connections = tenant_db(readiness.open_connections)


class Listener(Beside):
    """One shop at a time; what comes meanwhile waits in the connection to Valkey. Needs: `start` on the loop that serves the process."""

    def __init__(self) -> None:
        super().__init__()
        self._ready_at: dict[str, float] = {}

    async def _run(self) -> None:
        await _load()
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                log.info("preparations_not_heard", reason=str(error))
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        async with Redis.from_url(settings.VALKEY_URL, socket_connect_timeout=2) as client, client.pubsub() as ear:
            await ear.psubscribe(f"*:{CHANNEL}")
            while True:
                message: dict[str, Any] | None = await ear.get_message(ignore_subscribe_messages=True, timeout=QUIET_S)
                if message is not None:
                    await self._make_ready(message["channel"].decode().removesuffix(f":{CHANNEL}"))

    async def _make_ready(self, schema: str) -> None:
        now = asyncio.get_running_loop().time()
        if not SCHEMA_NAME.match(schema) or now - self._ready_at.get(schema, float("-inf")) < AGAIN_S:
            return
        if len(self._ready_at) >= MOST_KEPT:
            self._ready_at.clear()
        self._ready_at[schema] = now
        try:
            count = await asyncio.wait_for(_open_connections(schema), READY_S)
        except (DatabaseError, InterfaceError, TimeoutError) as error:
            log.warning("process_not_prepared", tenant=schema, reason=type(error).__name__)
            return
        log.info("process_prepared", tenant=schema, connections=count)


listener = beside_exchange(lambda: Listener().start())
