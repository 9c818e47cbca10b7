"""This process's exchange: the hub with everything that feeds it, built from the settings, one for each event loop."""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, Self, TypeVar

import structlog
from channels.db import database_sync_to_async
from django.conf import settings
from django.utils.module_loading import import_string
from redis.exceptions import RedisError

from realtime import presence
from realtime.hub import Hub
from realtime.loops import PerLoop
from realtime.lossy import Forwarder, Offer, make_offer
from realtime.messages import Presence
from realtime.origin import TenantCache
from realtime.stream import Streams, connect
from realtime.throttle import Buckets, Limit, SharedBuckets
from realtime.topics import Topic

log = structlog.get_logger(__name__)

# Joins a second and process; a burst of it is what a deploy or a room's opening brings.
ARRIVALS = Limit(per_s=2000, burst=4000)
WATCH_S = 1.0
CLOSE_S = 3.0


class Exchange:
    """Needs: `start` on the event loop that serves the sockets."""

    def __init__(self, *, url: str, look_up: Any) -> None:
        self.client = connect(url)
        self.streams = Streams(self.client)
        self.hub = Hub(url=url, streams=self.streams)
        self.forwarder = Forwarder(self.client)
        self.presence = presence.Presence(self.client)
        self.buckets = Buckets()
        self.shared_buckets = SharedBuckets(self.client)
        self.tenants = TenantCache(database_sync_to_async(look_up, thread_sensitive=False))
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> Self:
        self.hub.start()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def close(self) -> None:
        """Stop serving. Sockets are closed by the server itself (1012, come back)."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await self.hub.close()
        try:
            await self.presence.close()
        except RedisError as error:
            log.info("presence_not_taken_back", reason=str(error))
        await self.client.aclose()

    def say_lossy(self, topic: Topic, offer: Offer) -> None:
        """Announce a lossy message; beyond this process's share only its sender sees it."""
        if not self.forwarder.offer(topic, offer) and offer.sender:
            self.hub.offer(topic, offer, is_own_only=True)

    async def _watch(self) -> None:
        """Count who watches: at once when this process's number changed, otherwise every five seconds."""
        beaten: dict[Topic, tuple[float, int, int]] = {}
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self._beat_all(beaten)
            except (RedisError, OSError) as error:
                log.warning("presence_not_written", reason=str(error))

    async def _beat_all(self, beaten: dict[Topic, tuple[float, int, int]]) -> None:
        now = asyncio.get_running_loop().time()
        seated = {audience.topic: audience for audience in self.hub.audiences()}
        for topic in [topic for topic in beaten if topic not in seated]:
            del beaten[topic]
            await self.presence.leave(topic)
        for topic, audience in seated.items():
            at, count, shown = beaten.get(topic, (float("-inf"), -1, -1))
            if now - at < presence.BEAT_S and count == len(audience.seats):
                continue
            count = len(audience.seats)
            online = await self.presence.beat(topic, [seat.viewer_id for seat in audience.seats], count)
            beaten[topic] = (now, count, online)
            if online != shown:
                self.hub.offer(topic, make_offer(Presence(online=online)))


get_exchange = PerLoop(lambda: Exchange(url=settings.VALKEY_URL, look_up=import_string(settings.SOCKET_TENANT_LOOKUP)).start())
_closers: PerLoop[list[Callable[[], Awaitable[None]]]] = PerLoop(list)


class Closable(Protocol):
    async def close(self) -> None: ...


Service = TypeVar("Service", bound=Closable)


def beside_exchange(make: Callable[[], Service]) -> PerLoop[Service]:
    """A floor above keeps this on each event loop: made at the first call, closed before the exchange is."""

    def begin() -> Service:
        _closers().append(close)
        return make()

    async def close() -> None:
        service = services.take()
        if service is not None:
            await service.close()

    services = PerLoop(begin)
    return services


async def close_exchange() -> None:
    for close in _closers.take() or []:
        await close()
    exchange = get_exchange.take()
    if exchange is not None:
        await exchange.close()


def _spare_the_collector() -> None:
    """The program's own objects stay for good: looking through all of them again and again, while thousands of sockets
    arrive, cost a third of each accept."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def lifespan_with(*services: Callable[[], object]) -> Callable[[Any, Any, Any], Awaitable[None]]:
    """The ASGI lifespan: what this process holds is given back when the server stops. `services` begin with it (`beside_exchange`)."""

    async def live(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                _spare_the_collector()
                for begin in services:
                    begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(close_exchange(), timeout=CLOSE_S)
                await send({"type": "lifespan.shutdown.complete"})
                return

    return live


lifespan = lifespan_with()
