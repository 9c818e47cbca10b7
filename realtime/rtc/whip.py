"""WHIP (RFC 9725) and WHEP as logic alone: requests in, responses out. Views of any framework carry them.

A session's URL is the endpoint's with the peer's id behind it, which nobody can guess; every request still carries its bearer
token, whose meaning the caller knows.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from realtime.rtc import sdp
from realtime.rtc.engine import Description
from realtime.rtc.errors import PeerUnknown, RtcError
from realtime.rtc.names import HOST_LINE, Role, RoomName

SDP = "application/sdp"
FRAGMENT = "application/trickle-ice-sdpfrag"
RETRY_AFTER_S = 2
BEARER = re.compile(r"^Bearer +([A-Za-z0-9\-._~+/:]{1,4096}=*)$", re.IGNORECASE)
CREDENTIALS = re.compile(r"^a=ice-(ufrag|pwd):([A-Za-z0-9+/]{4,256})\r?$", re.MULTILINE)
SESSION_ID = re.compile(r"^[A-Za-z0-9_\-]{1,64}$")


class Media(Protocol):
    """The part of `MediaEngine` and `Relay` that is needed here."""

    async def publish(self, room: RoomName, *, offer: str, role: Role, name: str = "", is_muted: bool = False) -> Description: ...
    async def subscribe(self, room: RoomName, *, offer: str | None = None, lines: Sequence[str] = (HOST_LINE,), peer_id: str = "") -> Description: ...
    async def kick(self, room: RoomName, peer_id: str) -> None: ...
    async def stats(self, room: RoomName) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Grant:
    """What a token allows. A viewer's role makes the endpoint WHEP."""

    room: RoomName
    role: Role
    name: str = ""
    is_muted: bool = False


@dataclass(frozen=True)
class IceServer:
    """Told to the client in a Link header; credentials are short-lived."""

    url: str
    username: str = ""
    credential: str = ""


@dataclass(frozen=True)
class Request:
    """`headers` have lower-case names. `session_id` is empty at the endpoint itself."""

    method: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    session_id: str = ""


@dataclass(frozen=True)
class Response:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Endpoint:
    """`read_token` gives what a token allows, or None when it is forged or expired; `url` is the endpoint's own address."""

    def __init__(self, media: Media, *, read_token: Callable[[str], Grant | None], url: str, ice_servers: Sequence[IceServer] = ()) -> None:
        self._media = media
        self._read_token = read_token
        self._url = url.rstrip("/")
        self._links = ", ".join(_link(server) for server in ice_servers)

    async def handle(self, request: Request) -> Response:
        """Answers everything, refusals too; lets out only what is not ours (RedisError)."""
        if request.method == "OPTIONS":
            return Response(204, self._allowed(request) | {"Accept-Post": SDP, "Accept-Patch": FRAGMENT} | self._ice())
        if request.method not in ({"DELETE", "PATCH"} if request.session_id else {"POST"}):
            return Response(405, self._allowed(request))  # reserved by the RFC for later versions
        grant = self._grant(request)
        if grant is None:
            return Response(401, {"WWW-Authenticate": 'Bearer realm="media"'})
        try:
            return await self._do(request, grant)
        except RtcError as error:
            return _refusal(error)

    async def _do(self, request: Request, grant: Grant) -> Response:
        if not request.session_id:
            return await self._begin(request, grant)
        if not SESSION_ID.match(request.session_id):
            raise PeerUnknown
        if request.method == "DELETE":
            await self._media.kick(grant.room, request.session_id)
            return Response(200)
        return await self._trickle(request, grant)

    async def _begin(self, request: Request, grant: Grant) -> Response:
        if _type_of(request) != SDP:
            return Response(415, {"Accept-Post": SDP})
        offer = request.body[: sdp.MOST_BYTES + 1].decode("utf-8", "replace")
        if grant.role == "viewer":
            answer = await self._media.subscribe(grant.room, offer=offer)
        else:
            answer = await self._media.publish(grant.room, offer=offer, role=grant.role, name=grant.name, is_muted=grant.is_muted)
        headers = {"Content-Type": SDP, "Location": f"{self._url}/{answer.peer_id}", "ETag": _etag(answer.peer_id, offer)}
        return Response(201, headers | self._ice(), answer.sdp)

    async def _trickle(self, request: Request, grant: Grant) -> Response:
        """More of a client's addresses. As with ICE-lite they are not needed: a node waits at the address that it announced and
        learns the client's from its checks. A restart is refused, as the RFC wants: the client posts again."""
        condition = request.headers.get("if-match", "")
        if not condition:
            return Response(428)
        if _type_of(request) != FRAGMENT:
            return Response(415, {"Accept-Patch": FRAGMENT})
        if request.session_id not in (await self._media.stats(grant.room))["peers"]:
            raise PeerUnknown
        if condition.strip('"') == "*":
            return Response(422)
        fragment = request.body[: sdp.MOST_BYTES].decode("utf-8", "replace")
        return Response(204 if condition == _etag(request.session_id, fragment) else 412)

    def _grant(self, request: Request) -> Grant | None:
        found = BEARER.match(request.headers.get("authorization", ""))
        return None if found is None else self._read_token(found[1])

    def _ice(self) -> dict[str, str]:
        return {"Link": self._links} if self._links else {}

    @staticmethod
    def _allowed(request: Request) -> dict[str, str]:
        return {"Allow": "DELETE, OPTIONS, PATCH" if request.session_id else "OPTIONS, POST"}


def _type_of(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _etag(peer_id: str, description: str) -> str:
    """Names one ICE session: the peer and the client's credentials, so nothing need be stored."""
    credentials = dict(CREDENTIALS.findall(description))
    named = f"{peer_id} {credentials.get('ufrag', '')} {credentials.get('pwd', '')}"
    return f'"{hashlib.blake2b(named.encode(), digest_size=12).hexdigest()}"'


def _link(server: IceServer) -> str:
    link = f'<{server.url}>; rel="ice-server"'
    if server.username:
        link += f'; username="{server.username}"; credential="{server.credential}"; credential-type="password"'
    return link


def _refusal(error: RtcError) -> Response:
    headers = {"Content-Type": "application/json"}
    if error.http_status == 503:
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return Response(error.http_status, headers, json.dumps({"code": error.code, "params": error.params}))
