"""Serves rooms' playlists, parts and heads over HTTP/1.1, to the proxy in front of it: reloads wait for the part they name.

A dozen lines of the protocol are needed: GET and HEAD of three kinds of names, no bodies, no ranges.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from realtime.rtc.hls.segmenter import TARGET_DURATION_S
from realtime.rtc.hls.window import NAME, PLAYLIST, Window
from realtime.rtc.names import RoomName

MOST_CONNECTIONS = 512
MOST_HEADER_BYTES = 8_192
HEADER_S = 10.0
IDLE_S = 30.0
WRITE_S = 10.0
# hls.js gives a reload 0.8 target durations before it counts as failed. During a pause the same text comes again instead.
WAIT_S = 0.75 * TARGET_DURATION_S
HINT_S = float(TARGET_DURATION_S)
# The first segment of a room: players give the first playlist more time.
START_S = 10.0

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
REQUEST = re.compile(r"(GET|HEAD) (/[!-~]{0,400}) HTTP/1\.([01])", re.ASCII)
METHOD = re.compile(r"[A-Z]{1,16} ")
PATH = re.compile(r"/(?P<schema>[a-z][a-z0-9_]{0,62})/(?P<room>[A-Za-z0-9-]{1,64})/(?P<name>[a-z0-9.]{1,40})", re.ASCII)
NUMBER = re.compile(r"\d{1,12}", re.ASCII)
REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "text/plain"
    cache: str = "no-store"
    allow: str = ""
    is_last: bool = False


class Server:
    """`find` gives a room's window, or None for rooms that are not here."""

    def __init__(self, find: Callable[[RoomName], Window | None], *, most_connections: int = MOST_CONNECTIONS) -> None:
        self._find = find
        self._most = most_connections
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    async def start(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Raises: OSError."""
        self._server = await asyncio.start_server(self._meet, host, port, limit=MOST_HEADER_BYTES, backlog=256)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for talk in list(self._talks):
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= self._most:
            writer.write(_frame(Answer(503, is_last=True), is_body_wanted=True))
            writer.close()
            return
        talk = asyncio.create_task(self._serve(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # gone, or too slow
        finally:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wait_s = HEADER_S
        while True:
            try:
                async with asyncio.timeout(wait_s):
                    header = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                answer, is_body_wanted, is_kept = await self._answer(header)
            except asyncio.LimitOverrunError:
                answer, is_body_wanted, is_kept = Answer(431), True, False
            writer.write(_frame(answer if is_kept else _last(answer), is_body_wanted=is_body_wanted))
            async with asyncio.timeout(WRITE_S):
                await writer.drain()
            if not is_kept:
                return
            wait_s = IDLE_S

    async def _answer(self, header: str) -> tuple[Answer, bool, bool]:
        """(answer, whether its body is wanted, whether the connection goes on)."""
        first, _, rest = header.partition("\r\n")
        request = REQUEST.fullmatch(first)
        if request is None:
            return Answer(405, allow="GET, HEAD") if METHOD.match(first) and not first.startswith(("GET ", "HEAD ")) else Answer(400), True, False
        fields = {name.strip().lower(): value.strip().lower() for name, _, value in (line.partition(":") for line in rest.split("\r\n"))}
        if "transfer-encoding" in fields or fields.get("content-length", "0") != "0":
            return Answer(400), True, False
        connection = fields.get("connection", "")
        is_kept = connection != "close" and (request[3] == "1" or connection == "keep-alive")
        return await self._find_answer(request[2]), request[1] == "GET", is_kept

    async def _find_answer(self, target: str) -> Answer:
        path, _, query = target.partition("?")
        found = PATH.fullmatch(path)
        if found is None:
            return Answer(404)
        try:
            window = self._find(RoomName.of(found["schema"], found["room"]))
        except ValueError:
            window = None
        if window is None:
            return Answer(404)
        if found["name"] == PLAYLIST:
            return await self._find_playlist(window, query)
        return await self._find_media(window, found["name"])

    async def _find_playlist(self, window: Window, query: str) -> Answer:
        asked = dict(parse_qsl(query, max_num_fields=10)) if query.count("&") < 10 else {}
        sequence, part = asked.get("_HLS_msn"), asked.get("_HLS_part")
        if (sequence is None and part is not None) or any(number is not None and not NUMBER.fullmatch(number) for number in (sequence, part)):
            return Answer(400)
        if sequence is not None:
            if window.is_too_far(int(sequence)):
                return Answer(400)
            wanted = int(sequence), None if part is None else int(part)
            if not await _wait(window, lambda: window.has(*wanted), WAIT_S):
                return Answer(200, window.render(), PLAYLIST_TYPE)
        if not window.is_playable and not await _wait(window, lambda: window.is_playable, START_S):
            return Answer(404)  # an empty playlist makes players give up; a missing one they ask for again
        # a reload that names a part always has the same answer, as far as that part: proxies may give it to all who wait
        cache = "max-age=1" if sequence is None else f"max-age={6 * TARGET_DURATION_S}"
        return Answer(200, window.render(), PLAYLIST_TYPE, cache)

    async def _find_media(self, window: Window, name: str) -> Answer:
        if NAME.fullmatch(name) is None:
            return Answer(404)
        if window.is_announced(name):
            await _wait(window, lambda: not window.is_announced(name), HINT_S)
        body = window.find(name)
        return Answer(404) if body is None else Answer(200, body, "video/mp4", "max-age=60, immutable")


async def _wait(window: Window, is_so: Callable[[], bool], longest_s: float) -> bool:
    deadline = time.monotonic() + longest_s
    while not is_so():
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            return False
        with suppress(TimeoutError):
            await window.change(longest_s=left_s)
    return True


def _last(answer: Answer) -> Answer:
    return Answer(answer.status, answer.body, answer.content_type, answer.cache, answer.allow, is_last=True)


def _frame(answer: Answer, *, is_body_wanted: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {answer.status} {REASONS[answer.status]}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        f"Cache-Control: {answer.cache}",
        "X-Content-Type-Options: nosniff",
        f"Connection: {'close' if answer.is_last else 'keep-alive'}",
    ]
    if answer.allow:
        lines.append(f"Allow: {answer.allow}")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head + answer.body if is_body_wanted else head
