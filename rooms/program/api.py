"""REST of rooms: what is on, what comes, what was."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.guests import role_of
from merchants.foundation.http import ApiView
from rooms.program.queries import get_open_room, list_replays, list_rooms_on_air, list_rooms_upcoming


class RoomOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    title = serializers.CharField()
    host_name = serializers.CharField()
    host_avatar_url = serializers.CharField()
    state = serializers.CharField()
    scheduled_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    season_id = serializers.UUIDField(allow_null=True)


class ReplayOut(serializers.Serializer[Any]):
    airing_id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    host_name = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()
    duration_ms = serializers.IntegerField()
    likes_total = serializers.IntegerField()
    season_id = serializers.UUIDField(allow_null=True)


class RoomsOut(serializers.Serializer[Any]):
    on_air = RoomOut(many=True)
    upcoming = RoomOut(many=True)
    replays = ReplayOut(many=True)


class Rooms(ApiView):
    """The lobby as data."""

    @extend_schema(operation_id="rooms", tags=["rooms"], responses=RoomsOut)
    def get(self, request: Request) -> Response:
        body = {"on_air": list_rooms_on_air(), "upcoming": list_rooms_upcoming(), "replays": list_replays()}
        return Response(RoomsOut(body).data)


class OneRoom(ApiView):
    """A room without its show: the socket's snapshot has the rest."""

    @extend_schema(operation_id="room", tags=["rooms"], responses=RoomOut)
    def get(self, request: Request, slug: str) -> Response:
        return Response(RoomOut(get_open_room(slug, role_of(request._request))).data)
