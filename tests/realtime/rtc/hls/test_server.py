"""The door of the segments: reloads wait, hinted parts are held, and strangers get a short answer."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from realtime.rtc.hls import server as serving
from realtime.rtc.hls.segmenter import Part, Piece
from realtime.rtc.hls.server import Server
from realtime.rtc.hls.window import Window
from tests.realtime.rtc.conftest import ROOM
from tests.realtime.rtc.hls.test_playlist import FILM, pieces_of
from tests.realtime.rtc.hls.watching import HINT, Client


class Desk:
    """A room whose parts come when the test says so."""

    def __init__(self) -> None:
        self.window = Window(first_number=5)
        self.server = Server(lambda room: self.window if room == ROOM else None, most_connections=8)
        self.clients: list[Client] = []
        self._coming: list[list[Piece]] = [pieces for pieces in pieces_of(FILM, FILM, FILM) if pieces]

    def next_part(self) -> None:
        while True:
            pieces = self._coming.pop(0)
            self.window.add(pieces)
            if any(isinstance(piece, Part) for piece in pieces):
                return

    def begin(self) -> None:
        """A whole segment, which has the number 5, and the first part of the next."""
        while self.window.find("s6.p0.m4s") is None:
            self.next_part()

    def client(self) -> Client:
        self.clients.append(Client(self.server.port))
        return self.clients[-1]


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    await desk.server.start()
    yield desk
    for client in desk.clients:
        await client.close()
    await desk.server.close()


async def test_a_reload_waits_for_the_part_it_names(desk: Desk) -> None:
    client, other = desk.client(), desk.client()
    desk.begin()
    first = await client.get("live.m3u8")
    assert first.status == 200
    assert first.fields["content-type"] == "application/vnd.apple.mpegurl"
    hint = HINT.search(first.text)
    assert hint is not None
    reload = asyncio.create_task(client.get(f"live.m3u8?_HLS_msn={hint[2]}&_HLS_part={hint[3]}"))
    held = asyncio.create_task(other.get(hint[1]))
    await asyncio.sleep(0.2)
    assert not reload.done()
    assert not held.done()
    desk.next_part()
    assert hint[1] in (await reload).text
    part = await held
    assert part.status == 200
    assert part.body == desk.window.find(hint[1])
    assert "immutable" in part.fields["cache-control"]


async def test_a_reload_beyond_the_end_of_a_segment_waits_for_the_next_one(desk: Desk) -> None:
    client = desk.client()
    desk.begin()
    reload = asyncio.create_task(client.get("live.m3u8?_HLS_msn=6&_HLS_part=50"))
    whole = asyncio.create_task(desk.client().get("live.m3u8?_HLS_msn=6"))
    for _ in range(8):
        desk.next_part()
        await asyncio.sleep(0.01)
    assert (await whole).text.count("#EXTINF") == 2
    assert not reload.done()
    desk.next_part()
    assert "s7.p0.m4s" in (await reload).text


async def test_a_pause_answers_with_what_there_is(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Players give up after a few failed reloads; the same text again only tells them to ask again. No proxy may keep it."""
    monkeypatch.setattr(serving, "WAIT_S", 0.2)
    desk.begin()
    began = time.monotonic()
    response = await desk.client().get("live.m3u8?_HLS_msn=6&_HLS_part=1")
    assert response.status == 200
    assert response.fields["cache-control"] == "no-store"
    assert 0.15 < time.monotonic() - began < 2


async def test_a_room_that_begins_is_waited_for(desk: Desk) -> None:
    """hls.js gives up on a playlist without a whole segment, and waits for its first playlist."""
    first = asyncio.create_task(desk.client().get("live.m3u8"))
    desk.next_part()
    await asyncio.sleep(0.1)
    assert not first.done()
    desk.begin()
    assert (await first).status == 200


async def test_the_end_is_told_to_who_waits(desk: Desk) -> None:
    desk.begin()
    reload = asyncio.create_task(desk.client().get("live.m3u8?_HLS_msn=6&_HLS_part=1"))
    await asyncio.sleep(0.05)
    desk.window.end()
    assert (await reload).text.endswith("#EXT-X-ENDLIST\n")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("live.m3u8?_HLS_msn=900", 400),
        ("live.m3u8?_HLS_part=1", 400),
        ("live.m3u8?_HLS_msn=-1", 400),
        ("live.m3u8?_HLS_msn=1e3", 400),
        ("s99.m4s", 404),
        ("init9.mp4", 404),
        ("s6.p9.m4s", 404),
        ("/aurora/r2/live.m3u8", 404),
        ("/aurora/r1/../r1/live.m3u8", 404),
        ("/aurora/r1/live.m3u8/", 404),
        ("/aurora//live.m3u8", 404),
        ("/", 404),
        ("/aurora/r1/%2e%2e", 404),
    ],
)
async def test_what_is_not_there(desk: Desk, target: str, status: int) -> None:
    desk.begin()
    response = await desk.client().get(target)
    assert response.status == status
    assert response.body == b""
    assert response.fields["cache-control"] == "no-store"


async def test_a_connection_is_kept_and_head_has_no_body(desk: Desk) -> None:
    desk.begin()
    client = desk.client()
    head = await client.get("init5.mp4", method="HEAD")
    assert (head.status, head.body) == (200, b"")
    whole = await client.get("init5.mp4")
    assert len(whole.body) == int(head.fields["content-length"])
    assert whole.fields["connection"] == "keep-alive"
    last = await client.send(b"GET /aurora/r1/init5.mp4 HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert last.fields["connection"] == "close"


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"POST /aurora/r1/live.m3u8 HTTP/1.1\r\n\r\n", 405),
        (b"GET /aurora/r1/live.m3u8 HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", 400),
        (b"GET /aurora/r1/live.m3u8 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET  HTTP/9\r\n\r\n", 400),
        (b"\x16\x03\x01 not http\r\n\r\n", 400),
        (b"GET /" + b"a" * 500 + b" HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", 431),
    ],
)
async def test_strangers_are_refused_and_hung_up_on(desk: Desk, data: bytes, status: int) -> None:
    response = await desk.client().send(data)
    assert response.status == status
    assert response.fields["connection"] == "close"


async def test_connections_and_patience_are_bounded(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "HEADER_S", 0.3)
    streams = [await asyncio.open_connection("127.0.0.1", desk.server.port) for _ in range(8)]
    await asyncio.sleep(0.1)
    assert (await desk.client().get("live.m3u8")).status == 503
    async with asyncio.timeout(3):
        assert [await reader.read() for reader, _ in streams] == [b""] * 8  # said nothing for too long
    desk.begin()
    assert (await desk.client().get("live.m3u8")).status == 200
    for _, writer in streams:
        writer.close()
