"""From real publishers over ICE and DTLS to a player over HTTP, and to disk."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from realtime.rtc.hls import manifest as manifests
from realtime.rtc.hls.audio import silence
from realtime.rtc.hls.broadcasts import Broadcasts
from realtime.rtc.hls.cut import Cutter, Head, Moment
from realtime.rtc.hls.keeping import Keeper
from realtime.rtc.hls.playlist import part_name
from realtime.rtc.hls.recording import Limits, Recorder
from realtime.rtc.names import Kind, RoomName
from realtime.rtc.packets import Packet
from realtime.rtc.takes import LATE_MS, Take
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.hls.conftest import Station
from tests.realtime.rtc.hls.material import Beeps, FlashFilm, packets, pictures
from tests.realtime.rtc.hls.watching import PART, decode, watch
from tests.realtime.rtc.peers import until

# A second without marks, then four with: it begins anew every five seconds, with the sound.
SMALL = pictures(gop=15)
LARGE = pictures(320, 192, gop=15)


@pytest.mark.alone
async def test_a_film_reaches_a_player_and_the_disk_in_step(cast: Cast, station: Station, tmp_path: Path) -> None:
    """Pictures change their size in mid-stream. Nothing is lost, sound and picture stay within 40 ms on both roads, parts are
    there a quarter of a second after they begin, and the manifest dates the films."""
    recorder = Recorder(tmp_path / "r", room=ROOM.key, limits=Limits(least_free_bytes=0))
    broadcast = station.begin(recorder)
    began = time.monotonic() + 0.2
    began_at = time.time() + 0.2
    await cast.publisher().publish(station.engine, ROOM, FlashFilm(SMALL, LARGE, began=began), Beeps(5, began=began))
    watched = await watch(station.server.port, seconds=12)
    for peer in cast.all:
        await peer.close()
    assert await broadcast.close()
    assert (broadcast.lost, broadcast.failures, broadcast.overflows) == (0, 0, 0)

    assert len(watched.films) == 3
    seen, skews = 0, []
    for film in watched.films:
        decoded = decode(film)
        assert len(set(decoded.sizes)) == 1
        assert decoded.longest_hole_s("video") < 0.2
        assert decoded.longest_hole_s("audio") < 0.05
        seen += len(decoded.pictures)
        skews += decoded.skews_ms()
    assert seen > 240
    assert len(skews) >= 5
    assert max(map(abs, skews)) <= 40, skews
    assert sorted(watched.waits_s)[len(watched.waits_s) // 2] < 0.35  # a reload takes as long as a part

    told = manifests.read(tmp_path / "r")
    assert told.is_finished
    assert [film.width for film in told.films][:3] == [160, 320, 160]
    kept = []
    for film in told.films:
        decoded = decode((tmp_path / "r" / film.name).read_bytes())
        assert len(decoded.pictures) == film.pictures
        kept += decoded.skews_ms()
        for flash in decoded.flashes():
            second = (film.started_at + flash - began_at) % 1
            assert min(second, 1 - second) < 0.1  # dated as it was captured
    assert len(kept) >= 5
    assert max(map(abs, kept)) <= 40, kept


async def test_a_change_of_publishers_is_one_film(cast: Cast, station: Station) -> None:
    """The primary's network is cut and the backup goes on: players get its pictures without a hole and without a new start."""
    broadcast = station.begin()
    began = time.monotonic()
    primary = await cast.publisher().publish(station.engine, ROOM, FlashFilm(SMALL, began=began), Beeps(5, began=began))
    await cast.publisher().publish(station.engine, ROOM, FlashFilm(LARGE, began=began), Beeps(5, began=began), role="backup")
    watching = asyncio.create_task(watch(station.server.port, seconds=9))
    await until(lambda: broadcast.window.is_playable, what="the first part")
    await asyncio.sleep(1.5)
    await primary.fall_silent()
    watched = await watching
    last = {name: (float(length), part) for text in watched.playlists for length, name, _, part, _ in PART.findall(text)}
    assert len(watched.films) == 2
    before, after = (decode(film) for film in watched.films)
    assert set(before.sizes) == {(160, 96)}
    assert set(after.sizes) == {(320, 192)}
    assert len(after.pictures) > 60
    assert after.pictures[0][0] - before.pictures[-1][0] < 0.6
    assert after.longest_hole_s("video") < 0.2
    skews = before.skews_ms() + after.skews_ms()
    assert skews
    assert max(map(abs, skews)) <= 40, skews
    assert max(length for length, _ in last.values()) < 1
    assert "#EXT-X-DISCONTINUITY\n" not in watched.playlists[-1]


async def test_a_flood_is_bounded_and_survived(cast: Cast, station: Station) -> None:
    """A tap never waits: what cannot be queued is dropped, and the film goes on at a keyframe."""
    broadcast = station.begin()
    track = station.engine.node.stage(ROOM).line("host").tracks["video"]
    kind: Kind = "video"
    sent = packets(pictures(count=150, gop=15))
    for turn in range(20):  # nothing runs between these
        for packet in sent:
            numbered = Packet((packet.sequence + turn * len(sent)) & 0xFFFF, packet.timestamp + turn, packet.marker, packet.payload)
            track.forward(numbered, now=time.monotonic(), is_keyframe=kind == "audio")
    assert broadcast.overflows > 0
    assert len(broadcast._arrivals) <= 3072
    began = time.monotonic()
    await cast.publisher().publish(station.engine, ROOM, FlashFilm(SMALL, began=began), Beeps(5, began=began))
    await until(lambda: broadcast.window.is_playable, what="the film after the flood")
    assert broadcast.window.find(part_name(broadcast.window._first, 0))


async def test_a_room_is_broadcast_while_it_is_there(cast: Cast) -> None:
    """Somebody on the host's line is enough to begin. A room that leaves the node is not over: players look elsewhere."""
    engine = await cast.room()
    broadcasts = Broadcasts(engine.node)
    broadcasts.start()
    try:
        await asyncio.sleep(0.4)
        assert broadcasts.find(ROOM) is None
        for _ in range(2):
            await engine.create_room(ROOM)
            began = time.monotonic()
            await cast.publisher().publish(engine, ROOM, FlashFilm(SMALL, began=began), Beeps(5, began=began))
            await until(lambda: (window := broadcasts.find(ROOM)) is not None and window.is_playable, what="a segment")
            window = broadcasts.find(ROOM)
            assert window is not None
            await engine.close_room(ROOM)
            await until(lambda: broadcasts.find(ROOM) is None, what="the end")
            assert not window.is_over
    finally:
        await broadcasts.close()


async def test_what_is_recorded_is_what_a_take_asks_for(cast: Cast, tmp_path: Path) -> None:
    """No take, no folder. The take's moment can be cut out to the picture, though the publisher sends few keyframes by itself and its
    size changes meanwhile: sound and picture within 40 ms, each moment where it was captured. Another take has another folder; a disk
    with too little room is told by name; without takes nothing is recorded again."""
    engine, takes = await cast.room(), dict[RoomName, Take]()

    async def read_takes(rooms: Sequence[RoomName]) -> dict[RoomName, Take]:
        return takes

    keeper = Keeper(tmp_path, read_takes=read_takes, limits=Limits(least_free_bytes=0))
    broadcasts = Broadcasts(engine.node, keeper=keeper)
    broadcasts.start()
    try:
        began, began_at = time.monotonic(), time.time()
        await cast.publisher().publish(engine, ROOM, FlashFilm(SMALL, LARGE, began=began), Beeps(5, began=began))
        await until(lambda: (window := broadcasts.find(ROOM)) is not None and window.is_playable, what="a segment")
        assert (folders_in(tmp_path), keeper.tell(ROOM)) == ([], "")
        from_ms = int(time.time() * 1000) + 700
        takes[ROOM] = Take("a1", from_ms)
        await until(lambda: keeper.tell(ROOM) == "on", what="the recording")
        await asyncio.sleep(7.5)  # a size lasts five seconds
        takes[ROOM] = Take("a1", from_ms, int(time.time() * 1000) - LATE_MS)
        await until(lambda: keeper.tell(ROOM) == "", what="the end of the take")
        await keeper.close()
        (folder,) = folders_in(tmp_path)
        assert_cut_as_it_was_captured(folder, Moment(from_ms / 1000, from_ms / 1000 + 5.2), began_at)
        keeper._limits = Limits(least_free_bytes=1 << 60)
        takes[ROOM] = Take("a2", from_ms)
        await until(lambda: keeper.tell(ROOM) == "recording_disk_full", what="the failure")
        del takes[ROOM]
        await until(lambda: keeper.tell(ROOM) == "", what="the end")
    finally:
        await broadcasts.close()
    assert {path.name.split("~")[0] for path in folders_in(tmp_path)} == {"a1", "a2"}


def assert_cut_as_it_was_captured(folder: Path, moment: Moment, began_at: float) -> None:
    told = manifests.read(folder)
    assert told.is_finished
    cutter = Cutter(folder, told, [moment], silence=silence()[1])
    films: list[bytes] = []
    for part in cutter.cut():
        if isinstance(part, Head):
            films.append(part.data)
        else:
            films[-1] += part.data
    (piece,) = cutter.pieces
    assert 0 <= piece.at - moment.begins_at < 0.6
    assert 0 <= moment.ends_at - piece.at - piece.length_s + 0.001 < 0.1
    assert len(films) >= 2
    skews: list[float] = []
    for film in films:
        decoded = decode(film)
        assert len(set(decoded.sizes)) == 1
        skews += decoded.skews_ms()
        for flash in decoded.flashes():
            second = (piece.at + flash - began_at) % 1
            assert min(second, 1 - second) < 0.1
    assert len(skews) >= 3
    assert max(map(abs, skews)) <= 40, skews


def folders_in(root: Path) -> list[Path]:
    return list(root.glob("aurora/*"))
