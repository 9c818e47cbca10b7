"""Guests' lines: voices alone, mutes that let no packet through, lines that are closed, and orders that nobody waits for."""

import asyncio
import os
import secrets
from typing import Any

import pytest
import redis

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.errors import LineUnknown, RoomFull, RoomUnknown
from realtime.rtc.names import RoomName
from realtime.rtc.orders import give_order
from realtime.rtc.overview import Meter
from realtime.rtc.placement import NODES_KEY, placement_key
from realtime.rtc.relay import Relay, connect
from realtime.rtc.requests import CloseLine, MuteLine
from realtime.rtc.serving import RelayServer
from realtime.rtc.stage import MOST_MUTED
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Viewer, until

ANN, BOB = "guest-ann", "guest-bob"


async def sound_sent(engine: AiortcEngine, line: str) -> int:
    """Packets of the line's sound that left for viewers."""
    peers: Any = (await engine.stats(ROOM))["peers"].values()
    return sum(leg["packets"] for peer in peers for leg in peer.get("legs", []) if (leg["line"], leg["kind"]) == (line, "audio"))


async def watch_ann(cast: Cast, engine: AiortcEngine) -> Viewer:
    return await cast.viewer().watch(engine, ROOM, "video", "audio", lines=(ANN,))


async def test_a_voice_alone_is_heard(cast: Cast) -> None:
    """A guest without a picture has a line of sound, beside a host with both."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    await cast.publisher().publish(engine, ROOM, Tone(), role="guest", name="ann")
    viewer = await cast.viewer().watch(engine, ROOM)
    await viewer.sees(3)
    await viewer.watch(engine, ROOM, "video", "audio", lines=("host", ANN))
    await until(lambda: len(viewer.sounds) == 2 and len(viewer.sounds[1]) > 20, what="the voice")
    assert not viewer.pictures[1]


async def test_no_packet_of_a_muted_guests_sound_goes_out(cast: Cast) -> None:
    """The picture goes on; unmuted the sound is back, and other guests were heard throughout."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(is_bright=False), Tone(), role="guest", name="ann")
    await cast.publisher().publish(engine, ROOM, Tone(), role="guest", name="bob")
    viewer = await cast.viewer().watch(engine, ROOM, "video", "audio", "video", "audio", lines=(ANN, BOB))
    await until(lambda: len(viewer.sounds) == 2 and min(map(len, viewer.sounds)) > 10, what="both voices")
    await engine.mute_line(ROOM, ANN, is_muted=True)
    sent, others = await sound_sent(engine, ANN), await sound_sent(engine, BOB)
    await viewer.sees(15)
    assert await sound_sent(engine, ANN) == sent
    assert await sound_sent(engine, BOB) > others
    heard = len(viewer.sounds[0])
    await engine.mute_line(ROOM, ANN, is_muted=False)
    await until(lambda: len(viewer.sounds[0]) > heard + 10, what="the voice again")


async def test_who_comes_back_comes_back_muted(cast: Cast) -> None:
    """A reloaded page does not talk itself out of a mute, nor does one that was muted before it came."""
    engine = await cast.room()
    await engine.mute_line(ROOM, ANN, is_muted=True)
    await cast.publisher().publish(engine, ROOM, Film(), Tone(), role="guest", name="ann")
    viewer = await watch_ann(cast, engine)
    await viewer.sees(5)
    await cast.publisher().publish(engine, ROOM, Film(), Tone(), role="guest", name="ann")
    await viewer.sees(15)
    assert await sound_sent(engine, ANN) == 0
    shown = Meter().read(await engine.stats(ROOM), node="n", now=1.0).publishers
    assert [publisher.is_muted for publisher in shown] == [True]
    await engine.publish(ROOM, offer=await cast.publisher().offer(Tone()), role="guest", name="bob", is_muted=True)
    assert engine.node.stage(ROOM).lines[BOB].is_muted


async def test_a_closed_line_sends_its_guest_away_alone(cast: Cast) -> None:
    """Its mute is forgotten with it; the host and the other guest stay; a second time changes nothing."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    for name in ("ann", "bob"):
        await cast.publisher().publish(engine, ROOM, Tone(), role="guest", name=name)
    await engine.mute_line(ROOM, ANN, is_muted=True)
    for _ in range(2):
        await engine.close_line(ROOM, ANN)
        assert {source.name for source in engine.node.stage(ROOM).sources} == {"", "bob"}
    assert ANN not in engine.node.stage(ROOM).lines
    await cast.publisher().publish(engine, ROOM, Tone(), role="guest", name="ann")
    assert not engine.node.stage(ROOM).lines[ANN].is_muted


async def test_the_hosts_line_is_not_a_guests(cast: Cast) -> None:
    """Neither muted nor closed by these; what is remembered of lines that nobody sends on is bounded."""
    engine = await cast.room()
    with pytest.raises(LineUnknown):
        await engine.mute_line(ROOM, "host", is_muted=True)
    with pytest.raises(LineUnknown):
        await engine.close_line(ROOM, "host")
    with pytest.raises(RoomUnknown):
        await engine.mute_line(RoomName.of("borealis", "r1"), ANN, is_muted=True)
    for number in range(MOST_MUTED):
        await engine.mute_line(ROOM, f"guest-{number}", is_muted=True)
    with pytest.raises(RoomFull):
        await engine.mute_line(ROOM, ANN, is_muted=True)
    await engine.mute_line(ROOM, "guest-0", is_muted=True)


async def test_orders_reach_the_rooms_node_and_nobody_waits(cast: Cast) -> None:
    """From synchronous code, through Valkey; of two shops' equal rooms only the one that is named hears it."""
    client, sync = connect(os.environ["VALKEY_URL"]), redis.Redis.from_url(os.environ["VALKEY_URL"], protocol=2)
    await client.delete(NODES_KEY)
    number = secrets.token_hex(4)
    room, twin = RoomName.of("aurora", number), RoomName.of("borealis", number)
    engine = cast.engine()
    server, relay = RelayServer(engine, client, node_id=f"n-{secrets.token_hex(3)}"), Relay(client)
    await server.start()
    relay.start()
    try:
        assert not give_order(sync, room, MuteLine(ANN, True)), "nobody has the room"
        for name in (room, twin):
            publisher = cast.publisher()
            await publisher.take(await relay.publish(name, offer=await publisher.offer(Tone()), role="guest", name="ann"))
        lines = {name: engine.node.stage(name).lines for name in (room, twin)}
        assert await asyncio.to_thread(give_order, sync, room, MuteLine(ANN, True))
        await until(lambda: lines[room][ANN].is_muted, what="the mute")
        assert await asyncio.to_thread(give_order, sync, room, CloseLine(ANN))
        await until(lambda: ANN not in lines[room], what="the closed line")
        assert not lines[twin][ANN].is_muted
        await relay.mute_line(twin, ANN, is_muted=True)
        assert lines[twin][ANN].is_muted
        await relay.close_line(twin, ANN)
        assert ANN not in lines[twin]
    finally:
        await relay.close()
        await server.close()
        sync.delete(placement_key(room), placement_key(twin))
        sync.close()
        await client.aclose()
