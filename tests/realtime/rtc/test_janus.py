"""What only the engine beside us can get wrong: a Janus that dies, that is strange to us, or that kept what a dead process left."""

import asyncio
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.embedded.processes import free_port, start, stop
from realtime.rtc.engine.janus import JanusEngine
from realtime.rtc.errors import NegotiationFailed, NodeSilent, PeerUnknown, RoomFull, RoomUnknown
from realtime.rtc.janus import client as client_module
from realtime.rtc.janus.client import JanusClient
from realtime.rtc.janus.copies import PIECE, Copy, Feed, _Outlet
from realtime.rtc.janus.videoroom import Rooms
from realtime.rtc.names import RoomName
from realtime.rtc.node import Node
from realtime.rtc.packets import Packet, read_rtp
from realtime.rtc.relay import Relay, connect
from realtime.rtc.stage import Source
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.hls.conftest import Station
from tests.realtime.rtc.hls.material import Beeps, FlashFilm, pictures
from tests.realtime.rtc.hls.watching import decode, watch
from tests.realtime.rtc.janus import Janus, running_janus
from tests.realtime.rtc.peers import Peers, until
from tests.realtime.rtc.troupe import ROOM, Troupe, own_address

ROOT_FOLDER = Path(__file__).resolve().parents[3]
by_janus = pytest.mark.parametrize("troupe", ["janus"], indirect=True)


@by_janus
async def test_requests_for_a_keyframe_go_all_the_way(troupe: Troupe, monkeypatch: pytest.MonkeyPatch) -> None:
    """A viewer's to Janus, Janus's for the line to us, ours for the publisher to Janus, and Janus's to the publisher."""
    asked, answered = [], []
    monkeypatch.setattr(Feed, "ask_keyframe", lambda feed, ask=Feed.ask_keyframe: (asked.append(feed.line.name), ask(feed)))
    publisher = await troupe.publish(Film())
    sender: Any = publisher.connection.getTransceivers()[0].sender
    monkeypatch.setattr(sender, "_send_keyframe", lambda: answered.append(time.monotonic()))
    await until(lambda: troupe.engine.node.stage(ROOM).line("host").active, what="the publisher on air")
    viewer = await troupe.watch()
    await viewer.sees(1)
    await until(lambda: asked, what="Janus's request for the line")
    assert set(asked) == {"host"}
    seen = len(answered)
    troupe.engine.node.stage(ROOM).sources[0].ask_keyframe(now=time.monotonic(), pause_s=0.0)
    await until(lambda: len(answered) > seen, what="the request at the publisher")


@by_janus
async def test_the_low_latency_playlist_is_fed_too(troupe: Troupe) -> None:
    """From the copies: nothing is lost on the way, and sound and picture stay together although Janus keeps the publisher's clock."""
    station = Station(troupe.engine)
    await station.server.start()
    try:
        broadcast = station.begin()
        began = time.monotonic() + 0.2
        await troupe.publish(FlashFilm(pictures(gop=15), began=began), Beeps(3, began=began))
        watched = await watch(station.server.port, seconds=6)
        assert (broadcast.lost, broadcast.failures, broadcast.overflows) == (0, 0, 0)
        decoded = decode(watched.films[0])
        assert len(decoded.pictures) > 100
        assert decoded.longest_hole_s("video") < 0.2
        skews = decoded.skews_ms()
        assert abs(median(skews)) <= 80, skews  # the publisher in this process may send a single flash late
    finally:
        await station.close()


@by_janus
async def test_strange_packets_reach_nobody(troupe: Troupe) -> None:
    """Of an SSRC that was not told, of nothing that is RTP, and from another address than Janus's."""
    engine: Any = troupe.engine
    await troupe.publish(Film())
    await until(lambda: engine.node.stage(ROOM).line("host").active, what="the publisher on air")
    road = engine._road
    known = next(iter(road._copies))
    before = road._copies[known].packets
    janus_address = (road._janus, 4_000)
    packet = bytes.fromhex("80e0000100000001") + known.to_bytes(4, "big") + b"\x41strange"
    road.datagram_received(packet, ("203.0.113.9", 4_000))
    road.datagram_received(packet.replace(known.to_bytes(4, "big"), b"\0\0\0\1"), janus_address)
    road.datagram_received(b"\x80\xc9", janus_address)
    road.datagram_received(os.urandom(7), janus_address)
    assert road._copies[known].packets == before
    road.datagram_received(packet, janus_address)
    assert road._copies[known].packets == before + 1


async def test_a_janus_that_dies_is_missed_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is asked to signal again, the node says that it is full meanwhile, and the same rooms open at the next Janus."""
    port, address = free_port(), own_address()
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: [address])
    with running_janus(tmp_path / "first", port=port) as first:
        troupe = Troupe(first.engine())
        engine = troupe.engine
        engine.start()
        try:
            await engine.wait_until_up(timeout_s=10)
            await engine.create_room(ROOM)
            await troupe.publish(Film())
            await (await troupe.watch()).sees(3)
            stop(first.process)
            await until(lambda: "moving" in [event.kind for event in troupe.events], what="everybody asked to signal again")
            told = await engine.stats()
            assert (told["peers"], told["is_full"]) == (0, True)
            with pytest.raises(NodeSilent):
                await engine.subscribe(ROOM)
            with running_janus(tmp_path / "second", port=port, secrets_of=first):
                await engine.wait_until_up(timeout_s=15)
                assert not (await engine.stats())["is_full"]
                await troupe.publish(Film())
                await (await troupe.watch()).sees(3)
        finally:
            await troupe.close()
            await engine.close()


async def test_rooms_of_a_dead_process_are_ended(janus: Janus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session went with it and with that the keeper; a line's feed does not go by itself. Rooms of the living stay."""
    monkeypatch.setattr("realtime.rtc.janus.videoroom.YOUNG_S", -1)
    dead, alive = JanusClient(janus.url, secret=janus.secret), JanusClient(janus.url, secret=janus.secret)
    for client in (dead, alive):
        client.start()
        await client.wait_until_up(timeout_s=10)
    left, kept = await Rooms(dead, janus.admin_key).open(), await Rooms(alive, janus.admin_key).open()
    await left.add_feed(host="127.0.0.1")
    await dead.close()
    await Rooms(alive, janus.admin_key).sweep()
    handle = await alive.attach()
    exists = [(await alive.ask(handle, {"request": "exists", "room": room.number})).data["exists"] for room in (left, kept)]
    assert exists == [False, True]
    await kept.close()
    await alive.close()


async def test_nobody_else_may_use_our_janus(janus: Janus) -> None:
    """Without the API's secret there is no session; without the admin key no room is made; without a room's secret nothing is copied."""
    stranger = JanusClient(janus.url, secret="guessed")
    stranger.start()
    with pytest.raises(NodeSilent):
        await stranger.wait_until_up(timeout_s=0.5)
    await stranger.close()
    guest = JanusClient(janus.url, secret=janus.secret)
    guest.start()
    await guest.wait_until_up(timeout_s=10)
    with pytest.raises(NegotiationFailed):
        await Rooms(guest, "guessed").open()
    room = await Rooms(guest, janus.admin_key).open()
    handle = await guest.attach()
    streams = [{"mid": "0", "port": 9}]
    body = {"request": "rtp_forward", "room": room.number, "publisher_id": 1, "host": "127.0.0.1", "streams": streams}
    for wrong in ({"secret": "guessed", "admin_key": janus.admin_key}, {"secret": room.secret, "admin_key": "guessed"}):
        with pytest.raises(NegotiationFailed):
            await guest.ask(handle, body | wrong)
    with pytest.raises(RoomUnknown):
        await guest.ask(handle, {"request": "join", "ptype": "publisher", "room": 1})
    await room.close()
    await guest.close()


async def test_every_request_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Janus that accepts connections and says nothing; and none at all."""
    silent = await asyncio.start_server(lambda reader, writer: asyncio.sleep(3), "127.0.0.1", 0)
    ports = [silent.sockets[0].getsockname()[1], free_port()]
    for port in ports:
        client = JanusClient(f"ws://127.0.0.1:{port}", timeout_s=0.2)
        client.start()
        began = time.monotonic()
        with pytest.raises(NodeSilent):
            await client.wait_until_up(timeout_s=0.6)
        with pytest.raises(NodeSilent):
            await client.attach()
        assert time.monotonic() - began < 2
        await client.close()
    silent.close()


def test_janus_refusals_have_our_names() -> None:
    """By their codes; an unknown one keeps its reason."""
    kinds = [type(client_module.refusal(code, "why")) for code in (426, 432, 459, 499)]
    assert kinds == [RoomUnknown, RoomFull, PeerUnknown, NegotiationFailed]
    assert client_module.refusal(499, "why").params == {"reason": "Janus 499: why"}


# The command --------------------------------------------------------------------------------------------


async def test_the_command_serves_a_janus_over_the_relay(janus: Janus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`MEDIA_ENGINE=janus manage.py media_node`: web processes publish and watch as they do with the engine of our own."""
    address, room = own_address(), RoomName.of("aurora", secrets.token_hex(4))
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: [address])
    settings = {"MEDIA_ENGINE": "janus", "JANUS_URL": janus.url, "JANUS_SECRET": janus.secret, "JANUS_ADMIN_KEY": janus.admin_key}
    command = [str(ROOT_FOLDER / ".venv/bin/python"), "manage.py", "media_node", "--drain-s", "0"]
    process = start(command, log=tmp_path / "node.log", cwd=ROOT_FOLDER, env=os.environ | settings)
    client, people = connect(os.environ["VALKEY_URL"]), Peers()
    relay = Relay(client)
    relay.start()
    try:
        await _eventually(lambda: _is_open(relay), what="the node")
        publisher = people.publisher()
        await publisher.take(await relay.publish(room, offer=await publisher.offer(Film(), Tone()), role="primary"))
        viewer = people.viewer()
        await viewer.watch_offered(relay, room)  # type: ignore[arg-type]
        await viewer.sees(5)
        stats = await relay.stats(room)
        assert (stats["lines"]["host"]["on_air"], stats["lines"]["host"]["viewers"]) == (publisher.peer_id, 1)
    finally:
        await people.close()
        await relay.close()
        await client.aclose()
        stop(process)


async def _is_open(relay: Relay) -> bool:
    return any(not beat.is_full for beat in (await relay.registry.list_nodes()).values())


async def _eventually(is_so: Callable[[], Awaitable[bool]], *, what: str, timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not await is_so():
        assert time.monotonic() < deadline, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.1)


# Pure -----------------------------------------------------------------------------------------------------


@given(
    sequence=st.integers(0, 0xFFFF), timestamp=st.integers(0, 0xFFFFFFFF), ssrc=st.integers(0, 0xFFFFFFFF), marker=st.integers(0, 1),
    payload=st.binary(min_size=1, max_size=50), extension=st.none() | st.integers(0, 3), sources=st.integers(0, 15), padding=st.integers(0, 9),
)  # fmt: skip
def test_packets_are_read_as_they_were_written(
    sequence: int, timestamp: int, ssrc: int, marker: int, payload: bytes, extension: int | None, sources: int, padding: int
) -> None:
    """Whatever stands between header and payload, or behind it."""
    first = 0x80 | sources | (0x10 if extension is not None else 0) | (0x20 if padding else 0)
    data = bytes((first, marker << 7 | 96)) + sequence.to_bytes(2, "big") + timestamp.to_bytes(4, "big") + ssrc.to_bytes(4, "big")
    data += b"\0" * 4 * sources
    if extension is not None:
        data += b"\xbe\xde" + extension.to_bytes(2, "big") + b"\1" * 4 * extension
    data += payload + (b"\0" * (padding - 1) + bytes((padding,)) if padding else b"")
    assert read_rtp(data) == (ssrc, Packet(sequence, timestamp, marker, payload))


@given(st.binary(max_size=80))
def test_nonsense_is_no_packet(data: bytes) -> None:
    """It is read without an error, and what is read has a payload."""
    read = read_rtp(data)
    assert read is None or read[1].payload


def test_a_copy_counts_what_janus_lost() -> None:
    """Late packets fill their gaps; numbers run over their end."""
    source = Source(peer_id="p", role="primary", name="", kinds=("video",))
    heard: list[int] = []
    copy = Copy("video", source, hear=lambda source, kind, packet: heard.append(packet.sequence), ask=lambda: None)
    for sequence in (65_533, 65_534, 1, 0, 2, 5):
        copy.take(Packet(sequence, sequence * 3000 & 0xFFFFFFFF, 1, b"\x41x"))
    told = copy.describe()
    assert (told["packets"], told["lost"], told["frames"], told["bytes"]) == (6, 3, 6, 12)
    assert heard == [65_533, 65_534, 1, 0, 2, 5]


async def test_a_replay_leaves_in_pieces_and_in_order() -> None:
    """The kernel's buffers do not hold a whole group of pictures at once; what is live waits behind it."""
    sent: list[tuple[float, int]] = []
    outlet = _Outlet(0, "video", ("127.0.0.1", 9), lambda data, address: sent.append((time.monotonic(), int.from_bytes(data[2:4], "big"))))
    for sequence in range(200):
        outlet.put(Packet(sequence, 0, 0, b"\x41x"))
    assert len(sent) == PIECE
    await until(lambda: len(sent) == 200, what="all pieces")
    assert [sequence for _, sequence in sent] == list(range(200))
    outlet.put(Packet(200, 0, 0, b"\x41x"))
    await until(lambda: len(sent) == 201, what="the live one")
    outlet.close()


async def test_an_engine_without_a_janus_begins_all_the_same() -> None:
    """Processes start in any order: until there is one the node is full, and asking says so."""
    engine = JanusEngine(Node(), url=f"ws://127.0.0.1:{free_port()}")
    engine.start()
    await engine.create_room(ROOM)
    assert (await engine.stats())["is_full"]
    with pytest.raises(NodeSilent):
        await engine.subscribe(ROOM)
    assert engine.node.peers == 0
    await engine.close()
