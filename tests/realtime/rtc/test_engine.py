"""Publishers and viewers on a node, with real ICE, DTLS and SRTP."""

import asyncio
import threading
import time

import pytest

from realtime.rtc.errors import (
    LineUnknown,
    NameInvalid,
    NodeDraining,
    NodeFull,
    PeerUnknown,
    RoleForbidden,
    RoomUnknown,
    SdpInvalid,
    SdpTooLarge,
    SendingForbidden,
    ViewersFull,
)
from realtime.rtc.names import RoomName
from realtime.rtc.node import Limits
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import until


async def test_pictures_and_sound_reach_two_viewers_undecoded(cast: Cast) -> None:
    """H264 and Opus pass through: both viewers see and hear, and while only the publisher was there no decoder ran."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    await until(lambda: engine.node.stage(ROOM).sources[0].last_at, what="the publisher's packets")
    assert not [thread.name for thread in threading.enumerate() if thread.name.endswith("-decoder")]
    viewers = [await cast.viewer().watch(engine, ROOM) for _ in range(2)]
    for viewer in viewers:
        await viewer.sees(40)
        assert len({number for _, number, _ in viewer.pictures[0]}) >= 35
        await until(lambda viewer=viewer: len(viewer.sounds[0]) >= 40, what="sound")
        assert viewer.loudest > 5_000
    stats = await engine.stats(ROOM)
    assert stats["lines"]["host"]["viewers"] == 2
    assert [peer["role"] for peer in stats["peers"].values() if "role" in peer] == ["primary"]


async def test_who_joins_late_sees_the_picture_at_once(cast: Cast) -> None:
    """The pictures since the keyframe are replayed: with the next keyframe three seconds away, the first picture comes long before."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(gop=120))
    await until(lambda: len(engine.node.stage(ROOM).sources and engine.node.stage(ROOM).sources[0].gop) > 25, what="a second of pictures")
    keyframe_in_s = 4.0 - len(engine.node.stage(ROOM).sources[0].gop) / 30
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    await viewer.sees(1)
    assert viewer.pictures[0][0][0] - viewer.began < min(1.5, keyframe_in_s)
    assert viewer.pictures[0][0][1] == 0  # the keyframe itself


async def test_a_viewer_may_be_offered_to(cast: Cast) -> None:
    """The node offers and the viewer answers: the direction that other engines want."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    viewer = await cast.viewer().watch_offered(engine, ROOM)
    await viewer.sees(5)
    await until(lambda: viewer.sounds and len(viewer.sounds[0]) > 5, what="sound")


async def test_a_guest_joins_the_connection_that_is_there(cast: Cast) -> None:
    """A second source appears as further lines of the viewer's connection, the host goes on meanwhile, and leaving stops it."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    viewer = await cast.viewer().watch(engine, ROOM)
    await viewer.sees(3)
    guest = await cast.publisher().publish(engine, ROOM, Film(is_bright=False), role="guest", name="ann")
    asked_at = time.monotonic()
    await viewer.watch(engine, ROOM, "video", "audio", lines=("host", "guest-ann"))
    await viewer.sees(5, line=1)
    assert all(is_bright for _, _, is_bright in viewer.pictures[0])
    assert not any(is_bright for _, _, is_bright in viewer.pictures[1])
    await viewer.sees(2)
    assert viewer.longest_gap_s(since=asked_at) < 1.5
    await engine.kick(ROOM, guest.peer_id)
    await asyncio.sleep(0.3)
    seen = len(viewer.pictures[1])
    await viewer.sees(10)
    assert len(viewer.pictures[1]) <= seen + 1


async def test_a_viewer_cannot_send(cast: Cast) -> None:
    """Neither by the role nor by the direction of the offer; nothing is left of the attempt."""
    engine = await cast.room()
    offer = await cast.publisher().offer(Film())
    with pytest.raises(SendingForbidden):
        await engine.subscribe(ROOM, offer=offer)
    with pytest.raises(RoleForbidden):
        await engine.publish(ROOM, offer=offer, role="viewer")
    assert engine.node.peers == 0
    assert engine.node.stage(ROOM).sources == []


@pytest.mark.parametrize(
    ("offer", "error"),
    [
        ("", SdpInvalid),
        ("v=0\r\n", SdpInvalid),
        ("v=0\r\n" + "a=x:" + "y" * 60_000, SdpTooLarge),
        ("v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 700, SdpInvalid),
    ],
)
async def test_bad_descriptions_are_refused_quickly_and_leave_nothing(cast: Cast, offer: str, error: type[Exception]) -> None:
    """Malformed and giant ones, for publishers and viewers alike."""
    engine = await cast.room()
    began = time.perf_counter()
    with pytest.raises(error):
        await engine.publish(ROOM, offer=offer, role="primary")
    with pytest.raises(error):
        await engine.subscribe(ROOM, offer=offer)
    assert time.perf_counter() - began < 0.5
    assert engine.node.peers == 0


async def test_a_reloaded_page_replaces_itself(cast: Cast) -> None:
    """The same role and name again: the former publisher is closed, viewers stay and see the new one."""
    engine = await cast.room()
    first = await cast.publisher().publish(engine, ROOM, Film())
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    await viewer.sees(3)
    await cast.publisher().publish(engine, ROOM, Film(is_bright=False))
    await until(lambda: not viewer.pictures[0][-1][2], what="the second publisher's picture")
    await until(lambda: first.connection.connectionState == "closed", what="the first publisher's end")
    assert [source.role for source in engine.node.stage(ROOM).sources] == ["primary"]


async def test_equal_rooms_of_two_shops_never_meet(cast: Cast) -> None:
    """The same room id in aurora and borealis: each viewer sees its own shop, and a peer's id is void in the other."""
    engine = await cast.room()
    other = RoomName.of("borealis", "r1")
    await engine.create_room(other)
    await cast.publisher().publish(engine, ROOM, Film())
    dark = await cast.publisher().publish(engine, other, Film(is_bright=False))
    bright_viewer = await cast.viewer().watch(engine, ROOM, "video")
    dark_viewer = await cast.viewer().watch(engine, other, "video")
    await bright_viewer.sees(20)
    await dark_viewer.sees(20)
    assert {is_bright for _, _, is_bright in bright_viewer.pictures[0]} == {True}
    assert {is_bright for _, _, is_bright in dark_viewer.pictures[0]} == {False}
    with pytest.raises(PeerUnknown):
        await engine.kick(ROOM, dark.peer_id)
    assert dark.peer_id not in (await engine.stats(ROOM))["peers"]
    await engine.close_room(ROOM)
    await dark_viewer.sees(5)


async def test_a_full_node_says_so(cast: Cast) -> None:
    """Rooms and peers are limited; who was there stays, and a place that is freed is given again."""
    engine = await cast.room(limits=Limits(rooms=1, peers=1))
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    late = cast.viewer()
    offer = await late.offer("video")
    with pytest.raises(NodeFull) as refused:
        await engine.subscribe(ROOM, offer=offer)
    assert refused.value.params == {"what": "peers", "most": 1}
    with pytest.raises(NodeFull):
        await engine.create_room(RoomName.of("borealis", "r2"))
    assert engine.node.is_full
    await engine.kick(ROOM, viewer.peer_id)
    await late.take(await engine.subscribe(ROOM, offer=offer))


async def test_a_draining_node_takes_nobody_new(cast: Cast) -> None:
    """Rooms and peers are refused by name; who watches goes on watching."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film())
    viewer = await cast.viewer().watch(engine, ROOM, "video")
    await viewer.sees(3)
    engine.node.is_draining = True
    with pytest.raises(NodeDraining):
        await engine.create_room(RoomName.of("aurora", "r2"))
    with pytest.raises(NodeDraining):
        await engine.subscribe(ROOM, offer=await cast.viewer().offer("video"))
    await viewer.sees(5)


async def test_what_is_not_there_is_refused_by_name(cast: Cast) -> None:
    """Rooms, lines and peers."""
    engine = await cast.room()
    offer = await cast.viewer().offer("video")
    with pytest.raises(RoomUnknown):
        await engine.subscribe(RoomName.of("aurora", "other"), offer=offer)
    with pytest.raises(LineUnknown):
        await engine.subscribe(ROOM, offer=offer, lines=("guest-nobody",))
    with pytest.raises(LineUnknown):
        await engine.switch_source(ROOM, "nobody")
    with pytest.raises(PeerUnknown):
        await engine.subscribe(ROOM, offer=offer, peer_id="nobody")
    assert engine.node.peers == 0


@pytest.mark.parametrize("name", ["", "a b", "x\r\na=sendrecv", "n" * 81])
async def test_a_guests_name_cannot_reach_into_descriptions(cast: Cast, name: str) -> None:
    """It names a line, and stands in what viewers are answered."""
    engine = await cast.room()
    with pytest.raises(NameInvalid):
        await engine.publish(ROOM, offer=await cast.publisher().offer(Film()), role="guest", name=name)


async def test_a_publishers_connection_is_no_viewers(cast: Cast) -> None:
    """Whoever learns a publisher's id cannot negotiate its connection away."""
    engine = await cast.room()
    publisher = await cast.publisher().publish(engine, ROOM, Film())
    with pytest.raises(PeerUnknown):
        await engine.subscribe(ROOM, peer_id=publisher.peer_id)
    with pytest.raises(PeerUnknown):
        await engine.accept(ROOM, peer_id=publisher.peer_id, answer="")


async def test_who_never_connects_is_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer that took the answer and never came holds no place for long."""
    monkeypatch.setattr("realtime.rtc.engine.staged.CONNECT_S", 0.5)
    engine = await cast.room()
    await engine.subscribe(ROOM, offer=await cast.viewer().offer("video"))
    assert engine.node.peers == 1
    await until(lambda: engine.node.peers == 0, what="the place given back")


async def test_viewers_leave_without_a_trace(cast: Cast) -> None:
    """A viewer that hangs up is counted out, and its legs are gone."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    viewer = await cast.viewer().watch(engine, ROOM)
    await viewer.sees(3)
    await viewer.close()
    await until(lambda: engine.node.peers == 1, what="the viewer counted out")
    assert engine.node.stage(ROOM).line("host").outlets == 0


async def test_a_closed_engine_leaves_nothing_running(cast: Cast) -> None:
    """Tasks of connections, legs and the clock end; sockets are closed."""
    before = asyncio.all_tasks()
    engine = await cast.room()
    publisher = await cast.publisher().publish(engine, ROOM, Film(), Tone())
    viewer = await cast.viewer().watch(engine, ROOM)
    await viewer.sees(3)
    await engine.close()
    await viewer.close()
    await publisher.close()
    await asyncio.sleep(0.1)
    assert {task.get_coro() for task in asyncio.all_tasks() - before} == set()


async def test_reports_tell_one_clock_for_sound_and_picture(cast: Cast) -> None:
    """What viewers are told about their timestamps is mapped from the publisher's reports, to within a frame of each other."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film(), Tone())
    line = engine.node.stage(ROOM).line("host")
    await until(lambda: line.rtp_at("video", time.time()) is not None, what="both reports")
    viewer = await cast.viewer().watch(engine, ROOM)
    await viewer.sees(3)
    now = time.time()
    live = {}
    for kind in ("video", "audio"):
        track = line.tracks[kind]
        told = line.rtp_at(kind, now)
        newest = track.find(track.sequence)
        assert told is not None
        assert newest is not None
        live[kind] = ((told - newest.timestamp + (1 << 31)) % (1 << 32) - (1 << 31)) / track.clock_hz
    assert live["video"] == pytest.approx(live["audio"], abs=0.15)


async def test_a_room_has_so_many_places_for_viewers(cast: Cast) -> None:
    """Who comes later is told so, by a code of its own; who leaves makes a place; publishers take none."""
    engine = await cast.room()
    await cast.publisher().publish(engine, ROOM, Film())
    first = cast.viewer()
    await first.take(await engine.subscribe(ROOM, offer=await first.offer("video"), most_viewers=1))
    offer = await cast.viewer().offer("video")
    with pytest.raises(ViewersFull):
        await engine.subscribe(ROOM, offer=offer, most_viewers=1)
    await engine.subscribe(ROOM, offer=offer)
    await engine.kick(ROOM, first.peer_id)
    with pytest.raises(ViewersFull):
        await engine.subscribe(ROOM, offer=await cast.viewer().offer("video"), most_viewers=1)
    await engine.subscribe(ROOM, offer=await cast.viewer().offer("video"), most_viewers=2)
