"""Lossless messages arrive once and in order, whatever the sockets, the processes and Valkey do meanwhile."""

import asyncio
import json
import socket as sockets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis

from realtime.messages import encode
from realtime.stream import Streams, connect
from realtime.topics import Topic
from tests.realtime.site.table import Note
from tests.realtime.swarm import Cache, Viewer, Web, until

ROOM = Topic.room("aurora", "r1")


@asynccontextmanager
async def streams_of(cache: Cache) -> AsyncIterator[Streams]:
    client: Redis = connect(cache.url)
    try:
        yield Streams(client)
    finally:
        await client.aclose()


async def say(streams: Streams, count: int, *, start: int = 1, pause_s: float = 0.0, size: int = 1) -> None:
    """`count` notes, their text the number (padded to `size`)."""
    for number in range(start, start + count):
        await streams.append(ROOM, encode(Note(text=str(number).zfill(size))))
        await asyncio.sleep(pause_s)


def numbered(viewer: Viewer) -> list[int]:
    return [int(text) for text in viewer.texts]


@pytest.mark.parametrize("kind", ["uvicorn", "uvicorn-send", "daphne"])
async def test_slow_readers_lose_lossy_messages_only(cache: Cache, serve: Callable[..., Web], kind: str) -> None:
    """Under a flood some viewers stop reading: all notes reach everybody in order, and only danmaku are missing."""
    web = serve(cache, kind)
    viewers = [await Viewer([web.port], id=f"v{number}").arrive() for number in range(8)]
    sleepers = [await Viewer([web.port], id=f"s{number}", is_narrow=True).arrive() for number in range(3)]
    shouter = await Viewer([web.port], id="shouter").arrive()
    for sleeper in sleepers:
        sleeper.is_reading.clear()
    async with streams_of(cache) as streams:
        flood = asyncio.create_task(shout(shouter, seconds=4.0))
        await say(streams, 150, pause_s=0.02, size=400)
        await flood
        for sleeper in sleepers:
            sleeper.is_reading.set()
        for viewer in [*viewers, *sleepers]:
            await until(lambda viewer=viewer: len(viewer.notes) == 150, timeout_s=20)
            assert numbered(viewer) == list(range(1, 151))
            assert viewer.notes == list(range(1, 151))
        await until(lambda: all(viewer.lossy > 50 for viewer in viewers))
        if kind == "uvicorn":  # elsewhere the kernel's own buffer may hold the whole flood
            assert max(sleeper.lossy for sleeper in sleepers) < min(viewer.lossy for viewer in viewers)
        assert all(viewer.breaks == [] for viewer in viewers)
    for viewer in [*viewers, *sleepers, shouter]:
        await viewer.leave()


async def shout(viewer: Viewer, *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(10):
            await viewer.send(k="call", text="x" * 1900)
        await asyncio.sleep(0.05)


async def test_nobody_reads_more_than_fifty_danmaku_a_second_and_everybody_finds_their_own(cache: Cache, serve: Callable[..., Web]) -> None:
    """Ten viewers send 600 danmaku in two seconds: each sees at most the sample, and all of their own."""
    webs = [serve(cache), serve(cache)]
    crowd = [await Viewer([webs[number % 2].port], id=f"v{number}").arrive() for number in range(10)]
    staff = await Viewer([webs[0].port], id="moderator", role="moderator").arrive()
    started = time.monotonic()
    for turn in range(60):
        for viewer in crowd:
            await viewer.send(k="call", text=f"{viewer.id}-{turn}")
        if turn % 20 == 0:
            await staff.send(k="call", text=f"staff-{turn}")
        await asyncio.sleep(0.033)
    await asyncio.sleep(0.4)
    elapsed = time.monotonic() - started
    for viewer in crowd:
        seen = [frame for frame in viewer.frames if frame["k"] == "shout"]
        own = [frame["text"] for frame in seen if frame["by"] == viewer.id]
        assert sorted(own) == sorted(f"{viewer.id}-{turn}" for turn in range(60))
        assert {f"staff-{turn}" for turn in (0, 20, 40)} <= {frame["text"] for frame in seen}
        assert len(seen) - len(own) <= 50 * elapsed + 15
        assert len(seen) == len({frame["text"] for frame in seen})
    for viewer in [*crowd, staff]:
        await viewer.leave()


async def test_two_processes_share_a_room(cache: Cache, serve: Callable[..., Web]) -> None:
    """What is said through one process is heard through the other, numbered alike."""
    first, second = serve(cache), serve(cache, "daphne")
    here, there = await Viewer([first.port], id="a").arrive(), await Viewer([second.port], id="b").arrive()
    for number in range(10):
        await (here if number % 2 else there).send(k="say", text=str(number), ref=str(number))
    await until(lambda: len(here.notes) == len(there.notes) == 10)
    assert here.texts == there.texts
    assert here.notes == there.notes == list(range(1, 11))
    await here.leave()
    await there.leave()


async def test_a_killed_process_costs_nothing(cache: Cache, serve: Callable[..., Web]) -> None:
    """kill -9 of one of two web processes: its viewers are back within two seconds, with nothing lost or doubled."""
    first, second = serve(cache), serve(cache)
    viewers = [await Viewer([first.port, second.port], id=f"v{number}").arrive() for number in range(20)]
    viewers += [await Viewer([second.port, first.port], id=f"w{number}").arrive() for number in range(5)]
    async with streams_of(cache) as streams:
        saying = asyncio.create_task(say(streams, 300, pause_s=0.01))
        await asyncio.sleep(1)
        first.kill()
        await saying
        for viewer in viewers:
            await until(lambda viewer=viewer: len(viewer.notes) >= 300)
            assert viewer.notes == list(range(1, 301))
            assert numbered(viewer) == list(range(1, 301))
            assert viewer.snapshots == 1
    breaks = sorted(gap for viewer in viewers[:20] for gap in viewer.breaks)
    assert len(breaks) == 20
    assert breaks[18] < 2.0
    for viewer in viewers:
        await viewer.leave()


async def test_a_viewers_own_messages_survive_the_break_too(cache: Cache, serve: Callable[..., Web]) -> None:
    """Whispers sent while the viewer was away come with the next connection, once."""
    web = serve(cache)
    viewer = await Viewer([web.port], id="v1").arrive()
    async with streams_of(cache) as streams:
        topic = Topic.viewer("aurora", "v1")
        whisper = b'{"on":"me","k":"whisper","text":"%d"}'
        await streams.append(topic, whisper % 1)
        await until(lambda: viewer.whispers == ["1"])
        web.kill()
        await streams.append(topic, whisper % 2)
        await streams.append(topic, whisper % 3)
        web.start_again()
        await until(lambda: len(viewer.whispers) == 3)
        await streams.append(topic, whisper % 4)
        await until(lambda: len(viewer.whispers) >= 4)
        assert viewer.whispers == ["1", "2", "3", "4"]
    await viewer.leave()


async def test_a_long_absence_is_filled_from_the_stream(cache: Cache, serve: Callable[..., Web]) -> None:
    """2,000 notes, four times what a process remembers, were said meanwhile: all come, in order."""
    web = serve(cache)
    viewer = await Viewer([web.port], id="v1").arrive()
    other = await Viewer([web.port], id="v2").arrive()
    async with streams_of(cache) as streams:
        await say(streams, 5)
        await until(lambda: len(viewer.notes) == 5)
        await viewer.leave()
        await say(streams, 2000, start=6)
        await until(lambda: len(other.notes) == 2005, timeout_s=30)
        await viewer.arrive()
        await until(lambda: len(viewer.notes) >= 2005, timeout_s=30)
        assert numbered(viewer) == list(range(1, 2006))
        assert viewer.snapshots == 1
    await viewer.leave()
    await other.leave()


async def test_too_long_an_absence_begins_with_a_snapshot(cache: Cache, serve: Callable[..., Web]) -> None:
    """When the stream no longer reaches back to the cursor, a snapshot replaces what is missing."""
    web = serve(cache)
    viewer = await Viewer([web.port], id="v1").arrive()
    async with streams_of(cache) as streams:
        await say(streams, 5)
        await until(lambda: len(viewer.notes) == 5)
        await viewer.leave()
        await say(streams, 20, start=6)
        await streams.client.xtrim(ROOM.stream_key, maxlen=3, approximate=False)
        web.kill()
        web.start_again()
        await viewer.arrive()
        await until(lambda: viewer.snapshots == 2)
        assert viewer.room is not None
        assert viewer.room[1] == 25
        await say(streams, 1, start=26)
        await until(lambda: numbered(viewer)[-1:] == [26])
    await viewer.leave()


async def test_a_cursor_that_nobody_gave_begins_with_a_snapshot(cache: Cache, serve: Callable[..., Web]) -> None:
    """An invented number or an unknown epoch is answered with the room as it stands."""
    web = serve(cache)
    async with streams_of(cache) as streams:
        await say(streams, 3)
        head = await streams.head(ROOM)
        for cursor in [(head.epoch, 10**9), ("invented", 2), (head.epoch, 3)]:
            viewer = Viewer([web.port], id="v1", room=cursor)
            await viewer.arrive()
            assert viewer.snapshots == (0 if cursor == tuple(head) else 1)
            assert viewer.room == tuple(head)
            await viewer.leave()


async def test_another_epoch_means_a_snapshot_for_everybody(cache: Cache, serve: Callable[..., Web]) -> None:
    """When the stream began another life, all start over from a snapshot and go on from there."""
    web = serve(cache)
    viewers = [await Viewer([web.port], id=f"v{number}").arrive() for number in range(5)]
    async with streams_of(cache) as streams:
        await say(streams, 3)
        await until(lambda: all(len(viewer.notes) == 3 for viewer in viewers))
        await streams.client.delete(ROOM.head_key, ROOM.stream_key)
        await say(streams, 2, start=4)
        await until(lambda: all(viewer.snapshots == 2 for viewer in viewers))
        await say(streams, 1, start=6)
        head = await streams.head(ROOM)
        for viewer in viewers:
            await until(lambda viewer=viewer: numbered(viewer)[-1] == 6)
            assert viewer.room == tuple(head)
    for viewer in viewers:
        await viewer.leave()


async def test_valkey_may_be_killed_and_come_back(cache: Cache, serve: Callable[..., Web]) -> None:
    """With a durable log nobody loses a note, nobody starts over, and sockets stay open meanwhile."""
    webs = [serve(cache), serve(cache, "daphne")]
    viewers = [await Viewer([webs[number % 2].port], id=f"v{number}").arrive() for number in range(6)]
    async with streams_of(cache) as streams:
        await say(streams, 10)
        await until(lambda: all(len(viewer.notes) == 10 for viewer in viewers))
        cache.kill()
        await viewers[0].send(k="say", text="11", ref="while down")
        refused = await viewers[0].answer("while down")
        assert (refused["code"], refused["params"]) == ("unavailable", {"retry_after_s": 2})
        cache.start_again()
    async with streams_of(cache) as streams:
        await say(streams, 10, start=11)
        for viewer in viewers:
            await until(lambda viewer=viewer: len(viewer.notes) >= 20)
            assert numbered(viewer) == list(range(1, 21))
            assert (viewer.snapshots, viewer.breaks) == (1, [])
    for viewer in viewers:
        await viewer.leave()


async def test_a_valkey_that_forgot_gives_a_snapshot(forgetful_cache: Cache, serve: Callable[..., Web]) -> None:
    """Numbers that were lost with Valkey's memory may be given out again: everybody starts over."""
    web = serve(forgetful_cache)
    viewers = [await Viewer([web.port], id=f"v{number}").arrive() for number in range(3)]
    async with streams_of(forgetful_cache) as streams:
        await say(streams, 5)
        await until(lambda: all(len(viewer.notes) == 5 for viewer in viewers))
        forgetful_cache.kill()
        forgetful_cache.start_again()
    async with streams_of(forgetful_cache) as streams:
        await say(streams, 7, start=100)
        await until(lambda: all(viewer.snapshots >= 2 for viewer in viewers))
        await say(streams, 1, start=200)
        await until(lambda: all(numbered(viewer)[-1] == 200 for viewer in viewers))
        head = await streams.head(ROOM)
        assert all(viewer.room == tuple(head) for viewer in viewers)
    for viewer in viewers:
        await viewer.leave()


@pytest.mark.slow
async def test_a_dead_reader_is_cut_off_and_costs_no_memory(cache: Cache, serve: Callable[..., Web]) -> None:
    """Who reads nothing for fifteen seconds is cut off; the server holds no more than its bound for them."""
    web = serve(cache)
    dead = await Viewer([web.port], id="dead", is_narrow=True).arrive()
    alive = await Viewer([web.port], id="alive").arrive()
    dead.is_reading.clear()
    async with streams_of(cache) as streams:
        await say(streams, 700, size=2000)
        await until(lambda: len(alive.notes) == 700, timeout_s=30)
        assert resident_kb(web) < 400_000
        dead.is_narrow = False
        started = time.monotonic()
        await until(lambda: peer_is_gone(dead), timeout_s=25)
        assert time.monotonic() - started > 10
        dead.is_reading.set()
        await until(lambda: len(dead.notes) >= 700, timeout_s=20)
        assert numbered(dead) == list(range(1, 701))
    await dead.leave()
    await alive.leave()


def resident_kb(web: Web) -> int:
    with open(f"/proc/{web.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def peer_is_gone(viewer: Viewer) -> bool:
    """Whether the server has reset the connection: the kernel says so even to those who do not read."""
    assert viewer.socket is not None
    raw = viewer.socket.transport.get_extra_info("socket")
    established = 1
    try:
        state = raw.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != established


async def test_a_stopping_server_says_come_back(cache: Cache, serve: Callable[..., Web]) -> None:
    """SIGTERM closes every socket with 1012, gives the presence back and ends at once."""
    web = serve(cache)
    viewer = await Viewer([web.port]).arrive()
    await asyncio.sleep(1.2)
    async with streams_of(cache) as streams:
        assert await streams.client.hlen(f"{ROOM.key}:presence") == 1
        socket = viewer.socket
        started = time.monotonic()
        web.process.terminate()
        web.process.wait(6)
        assert time.monotonic() - started < 4
        assert web.process.returncode in (0, -15)
        assert socket is not None
        await until(lambda: socket.close_code == 1012)
        assert await streams.client.hlen(f"{ROOM.key}:presence") == 0
    await viewer.leave()


async def test_presence_counts_over_processes_and_forgets_the_dead(cache: Cache, serve: Callable[..., Web]) -> None:
    """The sum of all processes reaches every viewer; two sockets of one viewer are one unique viewer."""
    from realtime.presence import Presence

    webs = [serve(cache), serve(cache)]
    viewers = [await Viewer([webs[number % 2].port], id=f"v{number // 2}").arrive() for number in range(6)]
    await until(lambda: all(online(viewer) == 6 for viewer in viewers), timeout_s=15)
    async with streams_of(cache) as streams:
        presence = Presence(streams.client)
        assert await presence.count_online(ROOM) == 6
        now_ms = int(time.time() * 1000)
        assert await presence.count_unique(ROOM, from_ms=now_ms - 60_000, to_ms=now_ms) == 3
        await viewers[0].leave()
        await until(lambda: online(viewers[2]) == 5, timeout_s=15)
        later = Presence(streams.client, process="later", clock=lambda: time.time() + 60)
        assert await later.beat(ROOM, ["v9"], 1) == 1
        assert await streams.client.hkeys(f"{ROOM.key}:presence") == [b"later"]
    for viewer in viewers[1:]:
        await viewer.leave()


def online(viewer: Viewer) -> int:
    return next((frame["online"] for frame in reversed(viewer.frames) if frame["k"] == "presence"), 0)


def test_frames_are_json_objects() -> None:
    """A note on the wire is what the contract says: kind, number, members."""
    assert json.loads(encode(Note(text="a"))) == {"k": "note", "text": "a", "by": ""}
