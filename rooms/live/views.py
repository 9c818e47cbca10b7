"""WHIP and WHEP: the doors for programs (OBS, FFmpeg, GStreamer) and for browsers that bring a grant.

They ask for no cookie and no CSRF token, because neither would open them: only the bearer token does. Scripts of other
sites' pages are refused all the same.
"""

import json
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from redis.exceptions import RedisError

from merchants.foundation.errors import DomainError, Unavailable
from realtime.origin import is_same_origin
from realtime.rtc import errors as rtc
from realtime.rtc import sdp, whip
from rooms.live import grants
from rooms.live.errors import (
    ForeignOrigin,
    GrantInvalid,
    MethodNotAllowed,
    NotASessionDescription,
    RoleForbidden,
    SdpTooLarge,
    SessionUnknown,
    translate,
)
from rooms.live.ice import list_ice_servers
from rooms.live.media import media
from rooms.live.stage.admission import find_invited

log = structlog.get_logger(__name__)

RETRY_AFTER_S = 2
# Statuses of the protocol that come without a body of their own.
_WORDS: dict[int, Callable[[], DomainError]] = {401: GrantInvalid, 405: MethodNotAllowed, 415: NotASessionDescription}
_RTC: dict[str, type[rtc.RtcError]] = {kind.code: kind for kind in rtc.RtcError.__subclasses__()}


class NoMedia:
    """What answers before anybody has shown a grant: nothing reaches a node."""

    async def publish(self, *_: Any, **__: Any) -> Any:
        raise rtc.RoleForbidden

    subscribe = kick = stats = publish


@csrf_exempt
async def whip_endpoint(request: HttpRequest, slug: str, session: str = "") -> HttpResponse:
    """Send: `POST /whip/<slug>/` with an SDP offer, then PATCH and DELETE on the address that Location names."""
    return await _serve(request, slug, session, is_publishing=True)


@csrf_exempt
async def whep_endpoint(request: HttpRequest, slug: str, session: str = "") -> HttpResponse:
    """Watch: the same with `/whep/`."""
    return await _serve(request, slug, session, is_publishing=False)


async def _serve(request: HttpRequest, slug: str, session: str, *, is_publishing: bool) -> HttpResponse:
    try:
        return await _answer(request, slug, session, is_publishing=is_publishing)
    except DomainError as error:
        return _refuse(error)
    except (RedisError, OSError) as error:
        log.warning("whip_without_valkey", reason=str(error))
        return _refuse(Unavailable())


async def _answer(request: HttpRequest, slug: str, session: str, *, is_publishing: bool) -> HttpResponse:
    if not _is_own_origin(request):
        raise ForeignOrigin
    length = request.headers.get("content-length", "")
    if not length.isdigit() and length or int(length or 0) > sdp.MOST_BYTES:
        raise SdpTooLarge
    schema: str = request.tenant.schema_name  # type: ignore[attr-defined]  # set by TenantMiddleware
    asked = whip.Request(request.method or "", {name.lower(): value for name, value in request.headers.items()}, request.body, session)
    grant = _read_grant(schema, slug, asked)
    if grant is None or request.method == "OPTIONS":  # refusals of the protocol, and what it says to everybody
        return _respond(await whip.Endpoint(NoMedia(), read_token=lambda _: None, url=request.path).handle(asked))
    if grant.is_publishing != is_publishing:
        raise RoleForbidden
    is_muted = False
    if grant.role == "guest" and not session:
        is_muted = (await find_invited(schema, grant.room_id, grant.name, asked.body.decode("utf-8", "replace"))).is_muted
    servers = list_ice_servers(schema, f"grant-{grant.number}").servers
    url = request.build_absolute_uri(f"/{'whip' if is_publishing else 'whep'}/{slug}/")
    endpoint = whip.Endpoint(media().relay, read_token=lambda _: grant.as_whip(schema, is_muted=is_muted), url=url, ice_servers=servers)
    if session:
        if not await grants.owns(schema, grant, session):
            raise SessionUnknown
        return _respond(await endpoint.handle(asked))
    return _respond(await _begin(schema, grant, endpoint, asked))


async def _begin(schema: str, grant: grants.Grant, endpoint: whip.Endpoint, asked: whip.Request) -> whip.Response:
    """A grant that opened nothing may be used again; one that did is spent before anybody hears of it."""
    if asked.method != "POST":
        return await endpoint.handle(asked)
    await grants.claim(schema, grant)
    is_begun = False
    try:
        response = await endpoint.handle(asked)
        is_begun = response.status == 201
        if is_begun:
            await grants.settle(schema, grant, response.headers["Location"].rpartition("/")[2])
    finally:
        if not is_begun:
            await grants.give_back(schema, grant)
    return response


def _read_grant(schema: str, slug: str, asked: whip.Request) -> grants.Grant | None:
    found = whip.BEARER.match(asked.headers.get("authorization", ""))
    try:
        return None if found is None else grants.read_grant(schema, slug, found[1])
    except GrantInvalid:
        return None


def _is_own_origin(request: HttpRequest) -> bool:
    """Programs send none; browsers always do with these methods."""
    origin = request.headers.get("origin", "")
    return not origin or is_same_origin(
        {b"origin": origin.encode("latin-1", "replace"), b"host": request.get_host().encode()}, scheme=request.scheme or ""
    )


def _respond(response: whip.Response) -> HttpResponse:
    """The protocol's answer. Its refusals get our words, under the status and the headers that it wants."""
    if response.status < 400:
        made = HttpResponse(response.body, status=response.status)
        if not response.body:
            del made.headers["Content-Type"]
    else:
        made = _refuse(_words_of(response), status=response.status)
    for name, value in response.headers.items():
        if response.status < 400 or name != "Content-Type":
            made.headers[name] = value
    return made


def _words_of(response: whip.Response) -> DomainError:
    if response.body:
        told = json.loads(response.body)
        return translate(_RTC.get(told["code"], rtc.RtcError)(**told["params"]))
    return _WORDS.get(response.status, DomainError)()


def _refuse(error: DomainError, *, status: int = 0) -> HttpResponse:
    made = HttpResponse(json.dumps({"error": error.as_payload()}), status=status or error.http_status, content_type="application/json")
    if made.status_code == 401:
        made.headers["WWW-Authenticate"] = 'Bearer realm="media"'
    if made.status_code == 503:
        made.headers["Retry-After"] = str(RETRY_AFTER_S)
    return made
