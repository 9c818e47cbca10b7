"""This process's one subscription connection to Valkey. It comes back by itself, and says when it did."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

import structlog
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

QUIET_S = 5.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
# After this many messages others get their turn: a reply that is already buffered does not suspend the reader.
TURN = 64


class Bus:
    """Calls `on_message(channel, data)` for each message and `on_restored()` each time all channels are subscribed again.

    Pub/sub forgets what was sent while nobody listened, so `on_restored` is where the streams must be read.
    """

    def __init__(self, url: str, *, on_message: Callable[[str, bytes], None], on_restored: Callable[[], None]) -> None:
        self._pool = ConnectionPool.from_url(url, protocol=2, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2, socket_timeout=5)
        self._on_message = on_message
        self._on_restored = on_restored
        self._wanted: set[str] = set()
        self._confirmed: set[str] = set()
        self._asked: dict[str, asyncio.Future[None]] = {}
        self._connection: AbstractConnection | None = None
        self._is_restoring = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_up(self) -> bool:
        return self._connection is not None and self._wanted <= self._confirmed

    async def subscribe(self, channel: str) -> None:
        """Return once Valkey has confirmed the subscription, however long that takes: callers set their own limit."""
        if channel in self._confirmed:
            return
        self._wanted.add(channel)
        asked = self._asked.get(channel)
        if asked is None:
            asked = self._asked[channel] = asyncio.get_running_loop().create_future()
            await self._send("SUBSCRIBE", channel)
        await asyncio.shield(asked)

    async def unsubscribe(self, channel: str) -> None:
        self._wanted.discard(channel)
        self._confirmed.discard(channel)
        await self._send("UNSUBSCRIBE", channel)

    async def drop(self) -> None:
        """Give the connection up; another follows after a pause, and `on_restored` with it."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)

    async def _send(self, *command: str) -> None:
        """While the connection is down nothing is sent: the next one subscribes to everything wanted."""
        if self._connection is not None:
            try:
                await self._connection.send_command(*command, check_health=False)
            except (RedisError, OSError) as error:
                log.info("bus_send_failed", reason=str(error))

    async def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                if self._confirmed:
                    pause_s = FIRST_PAUSE_S
                log.warning("bus_lost", reason=str(error), retry_in_s=round(pause_s, 2))
            self._confirmed.clear()
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _listen(self) -> None:
        connection = self._pool.make_connection()
        try:
            await connection.connect()
            self._is_restoring = True
            self._connection = connection
            await self._send("SUBSCRIBE", *self._wanted) if self._wanted else self._tell_restored()
            await self._read(connection)
        finally:
            self._connection = None
            await connection.disconnect(nowait=True)

    async def _read(self, connection: AbstractConnection) -> None:
        is_pinged, count = False, 0
        while True:
            reply = await connection.read_response(timeout=QUIET_S, disconnect_on_error=False)
            if reply is None:
                if is_pinged:
                    raise ValkeyConnectionError("silent for too long")
                await connection.send_command("PING", check_health=False)
                is_pinged = True
                continue
            is_pinged, count = False, count + 1
            self._handle(reply)
            if count % TURN == 0:
                await asyncio.sleep(0)

    def _handle(self, reply: Any) -> None:
        if not isinstance(reply, list) or len(reply) != 3:
            return
        kind, channel, data = reply
        if kind == b"message":
            self._on_message(channel.decode(), data)
        elif kind == b"subscribe":
            self._confirm(channel.decode())

    def _confirm(self, channel: str) -> None:
        if channel not in self._wanted:
            return
        self._confirmed.add(channel)
        asked = self._asked.pop(channel, None)
        if asked is not None and not asked.done():
            asked.set_result(None)
        if self._is_restoring and self._wanted <= self._confirmed:
            self._tell_restored()

    def _tell_restored(self) -> None:
        self._is_restoring = False
        self._on_restored()
