"""What a drill asks of a node, and how soon the node tells of silence."""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.errors import DrillUnsupported, LineUnknown, RoomUnknown
from realtime.rtc.names import RoomName
from realtime.rtc.overview import overview_key, read_overview
from realtime.rtc.placement import NODES_KEY
from realtime.rtc.relay import Relay, connect
from realtime.rtc.serving import RelayServer
from tests.realtime.rtc.conftest import Cast
from tests.realtime.rtc.film import Film
from tests.realtime.rtc.peers import until

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def valkey() -> AsyncIterator[Redis]:
    client = connect(os.environ["VALKEY_URL"])
    await client.delete(NODES_KEY)
    yield client
    await client.aclose()


@pytest_asyncio.fixture
async def road(cast: Cast, valkey: Redis) -> AsyncIterator[tuple[AiortcEngine, RelayServer, Relay, RoomName]]:
    engine, relay = cast.engine(), Relay(valkey)
    server = RelayServer(engine, valkey, node_id=f"near-{secrets.token_hex(3)}")
    await server.start()
    relay.start()
    yield engine, server, relay, RoomName.of("aurora", secrets.token_hex(4))
    await relay.close()
    await server.close()


async def test_dropped_packets_are_a_loss_that_the_node_tells_of_at_once(road: Any, cast: Cast, valkey: Redis) -> None:
    """The publisher stays connected and is heard again by itself; the report says for how long nothing came, and how long the stop was."""
    engine, _, relay, room = road
    publisher = cast.publisher()
    await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
    line = engine.node.stage(room).lines["host"]
    await until(lambda: not line.is_silent, what="the line is heard")
    began = time.monotonic()
    await relay.drop(room, roles=("primary",), for_s=1.2)
    told = await read_until(valkey, room, lambda overview: not overview.is_heard)
    silent_s = time.monotonic() - began
    assert told.silent_ms is not None
    assert told.silent_ms / 1000 <= silent_s + 0.05, "counted from the last packet, not from the report"
    assert told.publishers[0].is_connected
    told = await read_until(valkey, room, lambda overview: overview.is_heard and overview.gaps == 1)
    assert (told.silent_ms, 1_000 < told.last_gap_ms < 10_000) == (None, True)


async def test_a_drill_without_its_line_is_refused(road: Any, cast: Cast) -> None:
    """No room, no such publisher, an engine that cannot: each says what it is, and nothing is dropped."""
    engine, server, relay, room = road
    with pytest.raises(RoomUnknown):
        await relay.drop(room, roles=("primary",), for_s=1)
    publisher = cast.publisher()
    await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
    with pytest.raises(LineUnknown):
        await relay.drop(room, roles=("backup",), for_s=1)
    server._engine = _Plain(engine)
    with pytest.raises(DrillUnsupported):
        await relay.drop(room, roles=("primary",), for_s=1)
    assert engine.node.stage(room).sources[0].dropped_until < engine.node.clock()


class _Plain:
    """An engine without the gift of losing packets."""

    def __init__(self, engine: AiortcEngine) -> None:
        self.rooms = engine.rooms
        self.stats = engine.stats
        self.close_room = engine.close_room


async def read_until(valkey: Redis, room: RoomName, is_so: Any) -> Any:
    deadline = time.monotonic() + 15
    while True:
        overview = read_overview(await valkey.get(overview_key(room)))
        if overview is not None and is_so(overview):
            return overview
        assert time.monotonic() < deadline, overview
        await asyncio.sleep(0.02)
