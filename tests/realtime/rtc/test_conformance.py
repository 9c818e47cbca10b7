"""What every media engine does: the same stories against the engine of our own and against a real Janus.

Where an engine cannot, its `capabilities` say so, and that is asserted here too.
"""

import asyncio
import time

import pytest

from realtime.rtc.errors import (
    LineUnknown,
    NameInvalid,
    NodeDraining,
    NodeFull,
    OfferUnwanted,
    PeerUnknown,
    RoleForbidden,
    RoomUnknown,
    SdpInvalid,
    SdpTooLarge,
    SendingForbidden,
)
from realtime.rtc.names import RoomName
from realtime.rtc.overview import Meter
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import until
from tests.realtime.rtc.troupe import LIMITS, PATIENCE, ROOM, Troupe

# Threshold, one turn of the node's clock, and a viewer that decodes on a machine with other work.
BOUND_S = 0.9
GOP = 30


async def test_pictures_and_sound_reach_every_viewer(troupe: Troupe) -> None:
    """Also one who came before there was anything to see; numbers say who is there and what is heard."""
    engine = troupe.engine
    early = await troupe.watch()
    publisher = await troupe.publish(Film(gop=GOP), Tone())
    late = await troupe.watch()
    for viewer in (early, late):
        await viewer.sees(30)
        assert len({number for _, number, _ in viewer.pictures[0]}) >= 25
        await until(lambda viewer=viewer: viewer.sounds and len(viewer.sounds[0]) > 30, what="sound")
        assert viewer.loudest > 5_000
    for _ in range(100):  # a starved processor makes pauses too; the line is steady from their end on
        stats = await engine.stats(ROOM)
        if stats["peers"][publisher.peer_id]["steady_ms"] > 500:
            break
        await asyncio.sleep(0.1)
    host = stats["lines"].pop("host")
    assert stats["lines"] == {}
    assert {name: host[name] for name in ("on_air", "is_silent", "viewers")} == {"on_air": publisher.peer_id, "is_silent": False, "viewers": 2}
    stats["lines"]["host"] = host
    told = stats["peers"][publisher.peer_id]
    assert (told["role"], told["line"], told["state"], sorted(told["kinds"])) == ("primary", "host", "connected", ["audio", "video"])
    assert told["heard_ms"] < 3_000
    assert told["steady_ms"] > 500
    video = told["kinds"]["video"]
    assert video["codec"].lower() == "h264"
    assert min(video["packets"], video["frames"], video["bytes"]) > 30
    assert video["lost"] == 0
    watching = stats["peers"][late.peer_id]
    assert sorted((leg["kind"], leg["line"]) for leg in watching["legs"]) == [("audio", "host"), ("video", "host")]
    assert all((leg["loss"] is not None) == engine.capabilities.measures_viewers for leg in watching["legs"])
    assert (await engine.stats())["peers"] == 3
    overview = Meter().read(stats, node="n", now=1.0)
    assert (overview.is_heard, overview.viewers, [found.is_on_air for found in overview.publishers]) == (True, 2, [True])


async def test_who_joins_late_sees_a_picture(troupe: Troupe) -> None:
    """At once where the pictures since the keyframe are replayed, else with the next keyframe: four seconds apart here."""
    await troupe.publish(Film(gop=120))
    source = troupe.engine.node.stage(ROOM).sources[0]
    await until(lambda: len(source.gop) > 25, what="a second of pictures")
    keyframe_in_s = 4.0 - len(source.gop) / 30
    viewer = await troupe.watch()
    await viewer.sees(1)
    took_s = viewer.pictures[0][0][0] - viewer.began
    if troupe.engine.capabilities.replays_keyframe:
        assert took_s < min(1.5, keyframe_in_s)
    else:
        assert took_s < keyframe_in_s + BOUND_S
    assert viewer.pictures[0][0][1] in {0, 120}


async def test_the_backup_takes_over_and_gives_back(troupe: Troupe) -> None:
    """The picture stands still for the threshold and little more, on the connection that is there; a primary that comes back
    is shown once it is steady; a person may choose."""
    engine = troupe.engine
    primary = await troupe.publish(Film(gop=GOP))
    await until(lambda: engine.node.stage(ROOM).line("host").active, what="the primary on air")
    backup = await troupe.publish(Film(gop=GOP, is_bright=False), role="backup")
    viewer = await troupe.watch()
    await viewer.sees(20)
    await until(lambda: len(engine.node.stage(ROOM).sources[1].gop) > 3, what="the backup's pictures")
    assert viewer.pictures[0][-1][2]
    silent_at = time.monotonic()
    await primary.fall_silent()
    await until(lambda: not viewer.pictures[0][-1][2], what="the backup's picture")
    await viewer.sees(10)
    assert PATIENCE.silence_s <= viewer.longest_gap_s(since=silent_at) + 0.05 <= PATIENCE.silence_s + BOUND_S
    assert (await engine.stats(ROOM))["lines"]["host"]["on_air"] == backup.peer_id
    again = await troupe.publish(Film(gop=GOP))
    await until(lambda: viewer.pictures[0][-1][2], what="the primary's return")
    assert again.peer_id not in {primary.peer_id, backup.peer_id}
    await engine.switch_source(ROOM, backup.peer_id)
    await until(lambda: not viewer.pictures[0][-1][2], what="the backup by choice")
    roles = [event.role for event in troupe.events if event.kind == "on_air"]
    assert roles == ["primary", "backup", "primary", "backup"]


async def test_a_guest_comes_into_the_connection_that_is_there(troupe: Troupe) -> None:
    """As the second picture of the same viewer, who goes on seeing the host; kicking the guest ends it."""
    await troupe.publish(Film(gop=GOP), Tone())
    viewer = await troupe.watch()
    await viewer.sees(3)
    guest = await troupe.publish(Film(gop=GOP, is_bright=False), role="guest", name="ann")
    await troupe.watch(viewer, lines=("host", "guest-ann"))
    await viewer.sees(5, line=1)
    assert all(is_bright for _, _, is_bright in viewer.pictures[0])
    assert not any(is_bright for _, _, is_bright in viewer.pictures[1])
    await troupe.engine.kick(ROOM, guest.peer_id)
    await until(lambda: guest.connection.connectionState == "closed", what="the guest's end")
    await asyncio.sleep(0.3)
    seen = len(viewer.pictures[1])
    await viewer.sees(10)
    assert len(viewer.pictures[1]) <= seen + 1


async def test_a_kicked_viewer_and_a_closed_room_end(troupe: Troupe) -> None:
    """The connection ends at the other side too, places are given back, and a room that is closed is unknown."""
    engine = troupe.engine
    publisher = await troupe.publish(Film(gop=GOP))
    first, second = await troupe.watch(), await troupe.watch()
    await second.sees(3)
    await engine.kick(ROOM, first.peer_id)
    await until(lambda: first.connection.connectionState == "closed", what="the kicked viewer's end")
    with pytest.raises(PeerUnknown):
        await engine.kick(ROOM, first.peer_id)
    await second.sees(3)
    await engine.close_room(ROOM)
    for peer in (second, publisher):
        await until(lambda peer=peer: peer.connection.connectionState == "closed", what="everybody's end")
    assert (engine.rooms, (await engine.stats())["peers"]) == ([], 0)
    with pytest.raises(RoomUnknown):
        await engine.stats(ROOM)
    await engine.close_room(ROOM)
    with pytest.raises(RoomUnknown):
        await engine.subscribe(ROOM)


async def test_who_hangs_up_is_counted_out(troupe: Troupe) -> None:
    """A viewer and a publisher that leave by themselves: their places are free and the line is silent."""
    engine = troupe.engine
    publisher, viewer = await troupe.publish(Film(gop=GOP)), await troupe.watch()
    await viewer.sees(3)
    await viewer.close()
    await publisher.close()
    await until(lambda: engine.node.peers == 0, what="both counted out")
    await until(lambda: engine.node.stage(ROOM).line("host").outlets == 0, what="nothing sent to nobody")
    assert [event.kind for event in troupe.events if event.kind in {"joined", "left"}] == ["joined", "left"]


async def test_a_reloaded_page_replaces_itself(troupe: Troupe) -> None:
    """The same role again: the former publisher is closed; viewers stay where they are and see the new one."""
    first = await troupe.publish(Film(gop=GOP))
    viewer = await troupe.watch()
    await viewer.sees(3)
    await troupe.publish(Film(gop=GOP, is_bright=False))
    await until(lambda: not viewer.pictures[0][-1][2], what="the second publisher's picture")
    await until(lambda: first.connection.connectionState == "closed", what="the first publisher's end")


async def test_equal_rooms_of_two_shops_never_meet(troupe: Troupe) -> None:
    """Each viewer sees its own shop, and a peer's id is void in the other."""
    engine, other = troupe.engine, RoomName.of("borealis", "r1")
    await engine.create_room(other)
    await troupe.publish(Film(gop=GOP))
    dark = await troupe.publisher().publish(engine, other, Film(gop=GOP, is_bright=False))
    mine, theirs = await troupe.watch(), await troupe.watch(room=other)
    await mine.sees(10)
    await theirs.sees(10)
    assert {is_bright for _, _, is_bright in mine.pictures[0]} == {True}
    assert {is_bright for _, _, is_bright in theirs.pictures[0]} == {False}
    with pytest.raises(PeerUnknown):
        await engine.kick(ROOM, dark.peer_id)
    assert dark.peer_id not in (await engine.stats(ROOM))["peers"]
    await engine.close_room(ROOM)
    await theirs.sees(5)


async def test_what_is_not_allowed_is_refused_and_leaves_nothing(troupe: Troupe) -> None:
    """Roles, names, rooms, lines, peers; who may not send does not, whatever the offer says."""
    engine = troupe.engine
    sending, watching = await troupe.publisher().offer(Film()), await troupe.viewer().offer("video")
    with pytest.raises(RoleForbidden):
        await engine.publish(ROOM, offer=sending, role="viewer")
    with pytest.raises(NameInvalid):
        await engine.publish(ROOM, offer=sending, role="guest", name="a b")
    with pytest.raises(SendingForbidden):
        await engine.subscribe(ROOM, offer=sending)
    with pytest.raises(SdpInvalid):
        await engine.publish(ROOM, offer=watching, role="primary")
    with pytest.raises(RoomUnknown):
        await engine.publish(RoomName.of("aurora", "other"), offer=sending, role="primary")
    with pytest.raises(LineUnknown):
        await engine.subscribe(ROOM, lines=("guest-nobody",))
    with pytest.raises(LineUnknown):
        await engine.switch_source(ROOM, "nobody")
    for refused in (engine.subscribe(ROOM, peer_id="nobody"), engine.accept(ROOM, peer_id="nobody", answer=""), engine.kick(ROOM, "nobody")):
        with pytest.raises(PeerUnknown):
            await refused
    offered = await engine.subscribe(ROOM)
    with pytest.raises(SendingForbidden):
        await engine.accept(ROOM, peer_id=offered.peer_id, answer=sending)
    await engine.kick(ROOM, offered.peer_id)
    if not engine.capabilities.answers_viewers:
        with pytest.raises(OfferUnwanted):
            await engine.subscribe(ROOM, offer=watching)
    assert ((await engine.stats())["peers"], engine.node.stage(ROOM).sources) == (0, [])


@pytest.mark.parametrize(
    ("offer", "error"),
    [
        ("", SdpInvalid),
        ("v=0\r\n", SdpInvalid),
        ("v=0\r\n" + "a=x:" + "y" * 60_000, SdpTooLarge),
        ("v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 700, SdpInvalid),
    ],
    ids=["empty", "bare", "giant", "many lines"],
)
async def test_bad_descriptions_are_refused_quickly(troupe: Troupe, offer: str, error: type[Exception]) -> None:
    """Malformed and giant ones, of publishers and viewers, as offers and as answers."""
    engine = troupe.engine
    offered = await engine.subscribe(ROOM)
    began = time.perf_counter()
    with pytest.raises(error):
        await engine.publish(ROOM, offer=offer, role="primary")
    with pytest.raises(error):
        await engine.subscribe(ROOM, offer=offer)
    with pytest.raises(error):
        await engine.accept(ROOM, peer_id=offered.peer_id, answer=offer)
    assert time.perf_counter() - began < 0.5
    assert (await engine.stats())["peers"] == 1


async def test_a_full_or_leaving_engine_says_so(troupe: Troupe) -> None:
    """Places are limited and given back; an engine that drains takes nobody, and who watches goes on watching."""
    engine = troupe.engine
    await troupe.publish(Film(gop=GOP))
    viewer = await troupe.watch()
    offered = [await engine.subscribe(ROOM) for _ in range(LIMITS.peers - 2)]
    with pytest.raises(NodeFull):
        await engine.subscribe(ROOM)
    assert (await engine.stats())["is_full"]
    for description in offered:
        await engine.kick(ROOM, description.peer_id)
    assert not (await engine.stats())["is_full"]
    engine.drain()
    assert (await engine.stats())["is_draining"]
    with pytest.raises(NodeDraining):
        await engine.create_room(RoomName.of("aurora", "r2"))
    with pytest.raises(NodeDraining):
        await engine.subscribe(ROOM)
    await viewer.sees(5)
