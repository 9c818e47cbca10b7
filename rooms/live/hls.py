"""`/media/live/<slug>/<word>/<name>` on a shop's host: the door of a room's film, before Django, which it needs nothing of.

The word says who watches which room; the room's node is the one that Valkey names, and nothing of a request has a say in it.
Playlists are told here, fetched once for all who wait. Pieces are carried here in development; in production this process only
says where they are (X-Accel-Redirect), and nginx fetches each of them once.
"""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from typing import Any, NamedTuple

import structlog
from django.conf import settings
from django.http.cookie import parse_cookie
from redis.exceptions import RedisError

from merchants.foundation.errors import DomainError, Unavailable
from realtime.exchange import get_exchange
from realtime.origin import host_name
from realtime.rtc.hls.asking import NodeUnreachable, ask
from realtime.rtc.hls.window import PLAYLIST
from realtime.rtc.names import RoomName
from rooms.live.errors import FilmNotFound, MethodNotAllowed, NoNode, NotLive, TooManyWatch
from rooms.live.films import films
from rooms.live.words import PREFIX, Word, read_word, require_session

log = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

# The node's own names are stricter still; these keep everything out that could be another path.
PATH = re.compile(rf"{PREFIX}(?P<slug>[-A-Za-z0-9_]{{1,64}})/(?P<word>[-A-Za-z0-9_:.]{{20,600}})/(?P<name>[a-z0-9.]{{1,40}})", re.ASCII)
RELOAD = re.compile(r"_HLS_msn=\d{1,12}(?:&_HLS_part=\d{1,4})?", re.ASCII)
INTERNAL = "/live-film/"
# Who waits for playlists and pieces of this process at a time, in all and of one viewer: a player waits for one of each.
MOST_AT_ONCE = 4_000
MOST_OF_ONE = 8
RETRY_AFTER_S = 1
FIXED = [(b"x-content-type-options", b"nosniff"), (b"cross-origin-resource-policy", b"same-origin")]


class Asked(NamedTuple):
    room: RoomName
    word: Word
    name: str
    query: str

    @property
    def is_playlist(self) -> bool:
        return self.name == PLAYLIST


class FilmDoor:
    """Around the HTTP application."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._carried: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        serving = asyncio.create_task(self._serve(scope, send))
        leaving = asyncio.create_task(_until_gone(receive))
        try:
            await asyncio.wait({serving, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            serving.cancel()
            leaving.cancel()
            await asyncio.gather(serving, leaving, return_exceptions=True)
        if not serving.cancelled():
            serving.result()

    async def _serve(self, scope: Scope, send: Send) -> None:
        try:
            asked = await self._read(scope)
            film = await films().find(asked.room)
            if not film.is_watchable and not asked.word.is_staff:
                raise NotLive
            if not film.address:
                raise NoNode
            with self._place_for(asked.word.viewer_id):
                if asked.is_playlist:
                    films().audience.note(asked.room, asked.word.viewer_id)
                    await _tell(send, film.address, asked, method=scope["method"])
                elif settings.LIVE_HLS_BY_NGINX:
                    await _hand_over(send, film.address, asked)
                else:
                    await _carry(send, film.address, asked, method=scope["method"])
        except DomainError as refusal:
            await _refuse(send, refusal)
        except (RedisError, OSError) as error:
            log.warning("film_without_valkey", reason=str(error))
            await _refuse(send, Unavailable())

    async def _read(self, scope: Scope) -> Asked:
        """Raises: MethodNotAllowed, FilmNotFound, WordInvalid."""
        if scope["method"] not in {"GET", "HEAD"}:
            raise MethodNotAllowed
        headers = {name: value for name, value in scope["headers"] if name in {b"host", b"cookie"}}
        found = PATH.fullmatch((scope.get("raw_path") or scope["path"].encode()).decode("latin-1"))
        schema = await get_exchange().tenants.find(host_name(headers))
        if found is None or schema is None:
            raise FilmNotFound
        word = read_word(schema, found["slug"], found["word"])
        if found["name"] == PLAYLIST:
            require_session(schema, word, parse_cookie(headers.get(b"cookie", b"").decode("latin-1")))
        query = scope["query_string"].decode("latin-1")
        return Asked(word.room(schema), word, found["name"], query if RELOAD.fullmatch(query) else "")

    @contextmanager
    def _place_for(self, viewer_id: str) -> Any:
        """Raises: TooManyWatch."""
        if self._carried.total() >= MOST_AT_ONCE or self._carried[viewer_id] >= MOST_OF_ONE:
            raise TooManyWatch
        self._carried[viewer_id] += 1
        try:
            yield
        finally:
            self._carried[viewer_id] -= 1
            if not self._carried[viewer_id]:
                del self._carried[viewer_id]


async def _tell(send: Send, address: str, asked: Asked, *, method: str) -> None:
    try:
        found = await films().playlists.find(address, asked.room, asked.query)
    except NodeUnreachable as error:
        log.info("playlist_not_told", room=asked.room.key, reason=str(error))
        raise NoNode from error
    _require_found(found.status)
    headers = [(b"content-type", found.content_type.encode("latin-1")), (b"content-length", str(len(found.body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"cache-control", b"private, no-cache"), *FIXED]})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else found.body})


def _require_found(status: int) -> None:
    """Raises: TooManyWatch, FilmNotFound."""
    if status in {500, 503}:
        raise TooManyWatch
    if status != 200:
        raise FilmNotFound


async def _carry(send: Send, address: str, asked: Asked, *, method: str) -> None:
    """Once the head is sent, a break can only be shown by ending early, which the player sees by the length."""
    is_begun = False
    try:
        async with ask(address, asked.room, asked.name, method=method) as reply:
            _require_found(reply.status)
            headers = [
                (b"content-type", reply.content_type.encode("latin-1")),
                (b"content-length", str(reply.size_bytes).encode()),
                (b"cache-control", f"private, {reply.cache}".encode("latin-1")),
            ]
            await send({"type": "http.response.start", "status": 200, "headers": headers + FIXED})
            is_begun = True
            async for piece in reply.pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
    except NodeUnreachable as error:
        log.info("film_not_carried", room=asked.room.key, reason=str(error))
        if not is_begun:
            raise NoNode from error


async def _hand_over(send: Send, address: str, asked: Asked) -> None:
    place = f"{INTERNAL}{address}/{asked.room.schema}/{asked.room.room_id}/{asked.name}"
    headers = [(b"x-accel-redirect", place.encode("ascii")), (b"content-length", b"0"), *FIXED]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(send: Send, refusal: DomainError) -> None:
    body = json.dumps({"error": refusal.as_payload()}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"), *FIXED]
    if refusal.http_status == 503:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": refusal.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
