"""What a web process asks a node for: only addresses, only whole answers, and never for long."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from realtime.rtc.hls import asking
from realtime.rtc.hls.asking import NodeUnreachable, ask, parse_address
from tests.realtime.rtc.conftest import ROOM
from tests.realtime.rtc.hls.test_server import Desk


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    await desk.server.start()
    yield desk
    await desk.server.close()


async def fetch(address: str, name: str = "live.m3u8", **options: str) -> tuple[int, bytes]:
    async with ask(address, ROOM, name, **options) as reply:
        return reply.status, b"".join([piece async for piece in reply.pieces])


async def test_pieces_come_as_the_node_has_them(desk: Desk) -> None:
    desk.begin()
    address = f"127.0.0.1:{desk.server.port}"
    assert await fetch(address, "s5.m4s") == (200, desk.window.find("s5.m4s"))
    assert await fetch(address, "s99.m4s") == (404, b"")
    assert await fetch(address, "s5.m4s", method="HEAD") == (200, b"")
    reload = asyncio.create_task(fetch(address, query="_HLS_msn=6&_HLS_part=1"))
    await asyncio.sleep(0.1)
    assert not reload.done()
    desk.next_part()
    assert b"s6.p1.m4s" in (await reload)[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost:80",
        "node.example:80",
        "10.0.0.7",
        "10.0.0.7:0",
        "10.0.0.7:65536",
        "10.0.0.7:80/..",
        "10.0.0.7:+80",
        "0.0.0.0:80",
        "224.0.0.1:80",
    ]
    + ["fd00::7:80", "[10.0.0.7]:80", "[fd00::7]", "10.1:80", "0x7f000001:80", "127.0.0.1:８０", "127.0.0.1 :80", "u@10.0.0.7:80"],
)
async def test_what_is_no_address_is_not_asked(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_address(text)
    with pytest.raises(NodeUnreachable):
        await fetch(text)


def test_addresses() -> None:
    assert parse_address("10.0.0.7:8890") == ("10.0.0.7", 8890)
    assert parse_address("[fd00::7]:8890") == ("fd00::7", 8890)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
    ]
    + [b"x" * 20_000],
)
async def test_strange_answers_are_none(said: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as stranger:
        with pytest.raises(NodeUnreachable):
            await fetch(f"127.0.0.1:{stranger.sockets[0].getsockname()[1]}")


async def test_silence_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_S", 0.2)
    ended = asyncio.Event()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # to its end: the one who asked hangs up
        ended.set()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as silent:
        with pytest.raises(NodeUnreachable):
            await fetch(f"127.0.0.1:{silent.sockets[0].getsockname()[1]}")
        async with asyncio.timeout(5):
            await ended.wait()
