"""REST of live: what a browser needs before it offers anything."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.guests import role_of, viewer_of
from merchants.accounts.permissions import require
from merchants.foundation import clock as wall
from merchants.foundation.http import ApiView
from merchants.foundation.tenancy import current_schema
from realtime.rtc.whip import IceServer
from rooms.live.errors import UploadTooLarge
from rooms.live.ice import list_ice_servers
from rooms.live.serializers import FilmOut, IceOut
from rooms.live.words import LIFETIME_S, film_url, issue_word
from rooms.program.queries import get_open_room, get_room

# A measurement takes 1.5 MB.
MOST_MEASURED_BYTES = 2_000_000
PIECE_BYTES = 65_536


class _Unread(BaseParser):
    """Any body, which the view reads itself."""

    media_type = "*/*"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream


class UploadCheck(ApiView):
    """Takes some bytes from who may air and forgets them: the page measures how long they took."""

    parser_classes = [_Unread]

    @extend_schema(operation_id="console_live_upload", tags=["console"], request={"application/octet-stream": bytes}, responses={204: None})
    def post(self, request: Request, slug: str) -> Response:
        require(request.user, "rooms.air")
        get_room(slug)
        read_bytes = 0
        while piece := request.stream.read(PIECE_BYTES) if request.stream is not None else b"":
            read_bytes += len(piece)
            if read_bytes > MOST_MEASURED_BYTES:
                raise UploadTooLarge
        return Response(status=204, headers={"Cache-Control": "no-store"})


class RoomIce(ApiView):
    """STUN and TURN servers for watching and sending, with credentials for an hour."""

    @extend_schema(operation_id="room_ice", tags=["rooms"], responses=IceOut)
    def get(self, request: Request, slug: str) -> Response:
        get_open_room(slug, role_of(request._request))
        found = list_ice_servers(current_schema(), viewer_of(request).id)
        body = {"ice_servers": [_server(server) for server in found.servers], "expires_at_ms": found.expires_at_ms}
        return Response(IceOut(body).data, headers={"Cache-Control": "no-store"})


class RoomFilm(ApiView):
    """Where this viewer watches the host's line by low-latency HLS, for two minutes: ask again before they are over."""

    @extend_schema(operation_id="room_film", tags=["rooms"], request=None, responses=FilmOut)
    def post(self, request: Request, slug: str) -> Response:
        room = get_open_room(slug, role_of(request._request))
        expires_at_ms = wall.now_ms() + LIFETIME_S * 1000
        word = issue_word(request._request, schema=current_schema(), room_id=room.id, slug=slug)
        body = {"url": film_url(slug, word), "expires_at_ms": expires_at_ms}
        return Response(FilmOut(body).data, headers={"Cache-Control": "no-store"})


def _server(server: IceServer) -> dict[str, str]:
    if not server.username:
        return {"urls": server.url}
    return {"urls": server.url, "username": server.username, "credential": server.credential}
