"""Asks a node for a piece of a room's film, for web processes that carry it to their viewers themselves."""

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from realtime.rtc.hls.server import HINT_S, MOST_HEADER_BYTES, START_S, WAIT_S
from realtime.rtc.names import RoomName

CONNECT_S = 2.0
# A room's first playlist takes the longest, and a reload may come on top of it.
ANSWER_S = START_S + max(WAIT_S, HINT_S) + 1
PIECE_S = 10.0
PIECE_BYTES = 65_536
# A window holds 24 MB; a segment of two seconds has about one.
MOST_BYTES = 24 << 20

STATUS = re.compile(r"HTTP/1\.1 (\d{3}) ", re.ASCII)
PORT = re.compile(r"[1-9]\d{0,4}", re.ASCII)


class NodeUnreachable(Exception):
    """Nobody there, not in time, or not the answer of a node. The text says which."""


@dataclass(frozen=True)
class Reply:
    """`cache` is the Cache-Control that holds for whoever asks the same. `pieces` can be read once."""

    status: int
    content_type: str
    cache: str
    size_bytes: int
    pieces: AsyncIterator[bytes]


def parse_address(text: str) -> tuple[str, int]:
    """`10.0.0.7:8890` or `[fd00::7]:8890`: an address, never a name that somebody else resolves.

    Raises: ValueError.
    """
    host, _, port = text.rpartition(":")
    address = ipaddress.ip_address(host[1:-1] if host.startswith("[") and host.endswith("]") else host)
    if (address.version == 6) != host.startswith("[") or address.is_unspecified or address.is_multicast:
        raise ValueError(f"not an address that can be reached: {host}")
    if PORT.fullmatch(port) is None or int(port) > 65_535:
        raise ValueError(f"not a port: {port}")
    return str(address), int(port)


@asynccontextmanager
async def ask(address: str, room: RoomName, name: str, *, query: str = "", method: str = "GET") -> AsyncIterator[Reply]:
    """`name` and `query` have been checked by the caller. Raises: NodeUnreachable, also while the pieces are read."""
    try:
        host, port = parse_address(address)
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_connection(host, port, limit=MOST_HEADER_BYTES)
    except (OSError, TimeoutError, ValueError) as error:
        raise NodeUnreachable(f"{address}: {error or type(error).__name__}") from error
    try:
        target = f"/{room.schema}/{room.room_id}/{name}{'?' if query else ''}{query}"
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: media\r\nConnection: close\r\n\r\n".encode("ascii"))
        try:
            async with asyncio.timeout(ANSWER_S):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise NodeUnreachable(f"{address} does not answer") from error
        yield _read_head(head, reader, has_body=method != "HEAD")
    finally:
        writer.close()
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await writer.wait_closed()


def _read_head(head: str, reader: asyncio.StreamReader, *, has_body: bool) -> Reply:
    first, _, rest = head.partition("\r\n")
    status = STATUS.match(first)
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest.split("\r\n") if line)}
    length = fields.get("content-length", "")
    if status is None or not length.isdigit() or int(length) > MOST_BYTES:
        raise NodeUnreachable("not the answer of a node")
    size = int(length)
    content_type, cache = fields.get("content-type", "text/plain"), fields.get("cache-control", "no-store")
    return Reply(int(status[1]), content_type, cache, size, _pieces(reader, size if has_body else 0))


async def _pieces(reader: asyncio.StreamReader, left: int) -> AsyncIterator[bytes]:
    while left > 0:
        try:
            async with asyncio.timeout(PIECE_S):
                piece = await reader.read(min(PIECE_BYTES, left))
        except (OSError, TimeoutError) as error:
            raise NodeUnreachable("it broke off") from error
        if not piece:
            raise NodeUnreachable("it broke off")
        left -= len(piece)
        yield piece
