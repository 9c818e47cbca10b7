"""The road between web processes and nodes: placement, answers, silence, and nodes that die or leave."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis
from redis.exceptions import RedisError

from config.embedded.processes import start, stop
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.errors import NodeBusy, NodeSilent, NoNode, RoomMoved, RoomUnknown, RtcError, SdpInvalid, revive
from realtime.rtc.names import RoomName
from realtime.rtc.placement import NODES_KEY, Placement, Registry, beat_key, choose_node, events_channel, placement_key
from realtime.rtc.relay import MOST_QUEUED, Relay, connect, queue_key
from realtime.rtc.requests import Beat, Envelope, Stats, decode_notice, encode
from realtime.rtc.serving import RelayServer
from tests.realtime.rtc.conftest import Cast
from tests.realtime.rtc.film import Film
from tests.realtime.rtc.peers import until
from tests.realtime.swarm import Cache

ROOT_FOLDER = Path(__file__).resolve().parents[3]


@pytest_asyncio.fixture
async def valkey() -> AsyncIterator[Redis]:
    """Without nodes of a former test."""
    client = connect(os.environ["VALKEY_URL"])
    await client.delete(NODES_KEY)
    yield client
    await client.aclose()


@pytest_asyncio.fixture
async def relay(valkey: Redis) -> AsyncIterator[Relay]:
    relay = Relay(valkey)
    relay.start()
    yield relay
    await relay.close()


@pytest.fixture
def room() -> RoomName:
    return RoomName.of("aurora", secrets.token_hex(4))


class Nodes:
    """Nodes in processes of their own, for killing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, count: int) -> None:
        for number in range(count):
            command = [sys.executable, "manage.py", "media_node", "--address", "127.0.0.1", "--drain-s", "3"]
            self.running.append(start(command, log=self._folder / f"node-{number}.log", cwd=ROOT_FOLDER))

    def having(self, node_id: str) -> "subprocess.Popen[bytes]":
        return next(process for process in self.running if f"-{process.pid}-" in node_id)


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[Nodes]:
    nodes = Nodes(tmp_path)
    yield nodes
    for process in nodes.running:
        stop(process, patience_s=5)


@pytest_asyncio.fixture
async def served(cast: Cast, valkey: Redis) -> AsyncIterator[tuple[AiortcEngine, RelayServer]]:
    """A node in this process."""
    engine = cast.engine()
    server = RelayServer(engine, valkey, node_id=f"near-{secrets.token_hex(3)}")
    await server.start()
    yield engine, server
    await server.close()


@given(st.sets(st.text("abcdef", min_size=1, max_size=6), min_size=1, max_size=8), st.data())
def test_only_the_rooms_of_a_lost_node_move(node_ids: set[str], data: st.DataObject) -> None:
    """Rendezvous hashing: every other room stays where it was."""
    lost = data.draw(st.sampled_from(sorted(node_ids)))
    for number in range(30):
        room = RoomName("aurora", f"r{number}")
        before, after = choose_node(room, node_ids), choose_node(room, node_ids - {lost})
        assert after == before or before == lost


def test_rooms_spread_over_nodes() -> None:
    """A thousand rooms on four nodes: none has twice its share; equal ids of two shops are placed independently."""
    places = [choose_node(RoomName("aurora", f"r{number}"), ["a", "b", "c", "d"]) for number in range(1000)]
    assert all(150 < places.count(node) < 400 for node in "abcd")
    others = [choose_node(RoomName("borealis", f"r{number}"), ["a", "b", "c", "d"]) for number in range(1000)]
    assert 150 < sum(mine == theirs for mine, theirs in zip(places, others, strict=True)) < 400


async def test_a_refusal_arrives_as_what_it_was(served: tuple[AiortcEngine, RelayServer], relay: Relay, room: RoomName) -> None:
    """Name and parameters cross the relay; a code of a newer node is still an RtcError."""
    with pytest.raises(SdpInvalid) as refused:
        await relay.publish(room, offer="nonsense", role="primary")
    assert refused.value.params["reason"] == "not a session description"
    assert revive("from_the_future", {"x": 1}).params == {"code": "from_the_future", "x": 1}


async def test_a_viewer_watches_through_the_relay(
    served: tuple[AiortcEngine, RelayServer], relay: Relay, cast: Cast, valkey: Redis, room: RoomName
) -> None:
    """Publish, subscribe, numbers, kicking, and what happens is told on the room's channel."""
    engine, _ = served
    events = valkey.pubsub()
    await events.subscribe(events_channel(room))
    publisher = cast.publisher()
    await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
    viewer = cast.viewer()
    await viewer.take(await relay.subscribe(room, offer=await viewer.offer("video")))
    await viewer.sees(5)
    offered = await relay.subscribe(room)
    assert offered.kind == "offer"
    await relay.kick(room, offered.peer_id)
    assert (await relay.stats(room))["lines"]["host"]["on_air"] == publisher.peer_id
    await relay.kick(room, publisher.peer_id)
    await until(lambda: not engine.node.stage(room).sources, what="the publisher gone")
    kinds = []
    while "left" not in kinds:
        message: Any = await events.get_message(ignore_subscribe_messages=True, timeout=5)
        if message is not None:
            kinds.append(decode_notice(message["data"]).kind)
    assert kinds[:2] == ["joined", "on_air"]
    await events.aclose()


async def test_a_silent_node_is_given_up_in_time(valkey: Redis, relay: Relay, room: RoomName) -> None:
    """A node that beats but never answers costs the timeout; one that has died is noticed as soon as its beat ends."""
    registry, slow = Registry(valkey), Relay(valkey, timeout_s=0.6)
    node_id = f"deaf-{secrets.token_hex(3)}"
    await registry.beat(node_id, Beat())
    await registry.claim(room, node_id, found="")
    began = time.monotonic()
    with pytest.raises(NodeSilent):
        await slow.stats(room)
    assert 0.5 < time.monotonic() - began < 1.4
    await registry.leave(node_id)
    began = time.monotonic()
    with pytest.raises(NodeSilent):
        await relay.stats(room)
    assert time.monotonic() - began < 2
    with pytest.raises(NoNode):
        await relay.subscribe(room, offer="")


async def test_a_nodes_queue_is_bounded(valkey: Redis, relay: Relay, room: RoomName) -> None:
    """Who comes to a full queue is refused at once; nothing is written."""
    registry, node_id = Registry(valkey), f"stuck-{secrets.token_hex(3)}"
    await registry.beat(node_id, Beat())
    await registry.claim(room, node_id, found="")
    await valkey.rpush(queue_key(node_id), *[b"x"] * MOST_QUEUED)
    with pytest.raises(NodeBusy):
        await relay.stats(room)
    assert await valkey.llen(queue_key(node_id)) == MOST_QUEUED
    await valkey.delete(queue_key(node_id))


async def test_a_request_that_nobody_waits_for_is_not_done(
    served: tuple[AiortcEngine, RelayServer], valkey: Redis, relay: Relay, room: RoomName
) -> None:
    """Late ones are dropped, malformed ones too, and the next is served."""
    engine, server = served
    late = Envelope("1", "asker:nobody:answers", "aurora", room.room_id, 1, int(time.time() * 1000) - 10, Stats())
    await valkey.rpush(queue_key(server.node_id), encode(late), b"\xc1 malformed", encode({"id": "2"}))
    with pytest.raises(RoomUnknown):
        await relay.stats(room)
    await Registry(valkey).claim(room, server.node_id, found="")
    with pytest.raises(RoomUnknown):
        await relay.stats(room)
    assert not await valkey.exists("asker:nobody:answers")
    assert engine.rooms == []


async def test_equal_rooms_of_two_shops_have_placements_of_their_own(
    served: tuple[AiortcEngine, RelayServer], valkey: Redis, relay: Relay, cast: Cast, room: RoomName
) -> None:
    """Every key of a room begins with its shop, and a peer of the one cannot be reached through the other."""
    other = RoomName.of("borealis", room.room_id)
    publisher = cast.publisher()
    await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
    assert placement_key(room).startswith("aurora:")
    assert events_channel(other).startswith("borealis:")
    assert await Registry(valkey).find(other) is None
    await relay.subscribe(other)
    with pytest.raises(RtcError, match="peer_unknown"):
        await relay.kick(other, publisher.peer_id)
    assert list((await relay.stats(room))["peers"]) == [publisher.peer_id]


async def test_a_node_gives_up_a_room_that_another_has(
    served: tuple[AiortcEngine, RelayServer], valkey: Redis, relay: Relay, cast: Cast, room: RoomName
) -> None:
    """After a time when it could not be seen: its peers are closed and come to the new node; what Valkey forgot is claimed again."""
    engine, server = served
    registry = Registry(valkey)
    viewer = cast.viewer()
    await viewer.take(await relay.subscribe(room, offer=await viewer.offer("video")))
    await valkey.delete(placement_key(room))
    deadline = time.monotonic() + 5
    while await registry.find(room) is None:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)
    assert engine.rooms == [room]
    rival = f"rival-{secrets.token_hex(3)}"
    placement = await registry.claim(room, rival, found=server.node_id)
    assert placement == (rival, 2)
    await until(lambda: not engine.rooms, what="the room given up")
    await until(lambda: viewer.connection.connectionState == "closed", what="the viewer sent away")


async def test_an_outdated_request_is_told_that_the_room_moved(
    served: tuple[AiortcEngine, RelayServer], valkey: Redis, relay: Relay, room: RoomName
) -> None:
    """A caller that read an older placement must not act on a room of a newer generation."""
    _, server = served
    await Registry(valkey).claim(room, server.node_id, found="")
    await valkey.hset(placement_key(room), "generation", "7")
    await relay.subscribe(room)
    await valkey.hset(placement_key(room), "generation", "3")
    with pytest.raises(RoomMoved):
        await relay.stats(room)


async def test_pictures_go_on_while_valkey_is_away(forgetful_cache: Cache, cast: Cast, room: RoomName) -> None:
    """Only what is asked for suffers. When Valkey is back without its memory, the node tells that it lives, claims its room
    again, and the same relay works."""
    client = connect(forgetful_cache.url)
    engine = cast.engine()
    server, relay = RelayServer(engine, client, node_id="only"), Relay(client, timeout_s=2)
    await server.start()
    relay.start()
    try:
        publisher, viewer = cast.publisher(), cast.viewer()
        await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
        await viewer.take(await relay.subscribe(room, offer=await viewer.offer("video")))
        await viewer.sees(5)
        forgetful_cache.kill()
        away_at = time.monotonic()
        with pytest.raises(RedisError):
            await relay.stats(room)
        await viewer.sees(60)
        assert viewer.longest_gap_s(since=away_at) < 1.5
        forgetful_cache.start_again()
        deadline = time.monotonic() + 10
        while (placement := await _find(relay, room)) is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        assert placement == ("only", 1)
        assert list((await relay.stats(room))["lines"]) == ["host"]
    finally:
        await relay.close()
        await server.close()
        await client.aclose()


async def _find(relay: Relay, room: RoomName) -> Placement | None:
    try:
        return await relay.registry.find(room)
    except RedisError:
        return None


async def test_a_room_comes_back_on_another_node_after_kill_9(nodes: Nodes, relay: Relay, valkey: Redis, cast: Cast, room: RoomName) -> None:
    """The room's node dies without a word: the same requests are answered by the other node, with a higher generation, and
    pictures flow again. Then that node is asked to leave: it goes by itself and the room has no node."""
    nodes.start(2)
    deadline = time.monotonic() + 40
    while len(await relay.registry.list_nodes()) < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)

    async def show() -> None:
        publisher, viewer = cast.publisher(), cast.viewer()
        await publisher.take(await relay.publish(room, offer=await publisher.offer(Film()), role="primary"))
        await viewer.take(await relay.subscribe(room, offer=await viewer.offer("video")))
        await viewer.sees(5)

    await show()
    first = await relay.registry.find(room)
    assert first is not None
    nodes.having(first.node_id).send_signal(signal.SIGKILL)
    killed_at = time.monotonic()
    await show()
    assert time.monotonic() - killed_at < 8
    second = await relay.registry.find(room)
    assert second is not None
    assert second.node_id != first.node_id
    assert second.generation == first.generation + 1
    leaving = nodes.having(second.node_id)
    leaving.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(leaving.wait, 15) == 0
    assert not await valkey.exists(beat_key(second.node_id))
    with pytest.raises(NoNode):
        await relay.subscribe(room)
