"""REST door of the pages: a fresh entry ticket, and the token that says where in the story somebody bought."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.guests import role_of, viewer_of
from merchants.foundation import signing
from merchants.foundation.http import ApiView
from rooms.pages.state import issue_room_ticket
from rooms.program.queries import get_open_room

ATTRIBUTION_PURPOSE = "attribution"
ATTRIBUTION_TTL_S = 6 * 3600
NO_STORE = {"Cache-Control": "no-store"}


class TicketSerializer(serializers.Serializer[Any]):
    ticket = serializers.CharField()


class MomentSerializer(serializers.Serializer[Any]):
    """The second of the program at which somebody tapped. `cue_id`: of the cue whose card it was, if it was one's."""

    program_seq = serializers.IntegerField(min_value=0, max_value=2**53)
    position_ms = serializers.IntegerField(min_value=0, max_value=86_400_000)
    cue_id = serializers.UUIDField(required=False, allow_null=True, default=None)


class TokenSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()


class TicketView(ApiView):
    @extend_schema(tags=["rooms"], operation_id="room_ticket", request=None, responses=TicketSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """A ticket for the room's socket, when the page's own has expired."""
        viewer = viewer_of(request._request)
        ticket = issue_room_ticket(get_open_room(slug, viewer.role), viewer)
        return Response({"ticket": ticket}, headers=NO_STORE)


class AttributionView(ApiView):
    @extend_schema(tags=["rooms"], operation_id="room_attribution", request=MomentSerializer, responses=TokenSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """A signed word about where the tap happened; the order keeps it, and insights count the second that sold.

        Empty in a rehearsal: what staff buy there is an order like any other, and belongs to no room.
        """
        given = MomentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        moment = given.validated_data
        room = get_open_room(slug, role_of(request._request))
        if room.is_rehearsal:
            return Response({"token": ""}, headers=NO_STORE)
        claims = {
            "room_id": str(room.id),
            "program_seq": moment["program_seq"],
            "position_ms": moment["position_ms"],
            "cue_id": str(moment["cue_id"] or ""),
        }
        return Response({"token": signing.sign(ATTRIBUTION_PURPOSE, claims, ATTRIBUTION_TTL_S)}, headers=NO_STORE)
