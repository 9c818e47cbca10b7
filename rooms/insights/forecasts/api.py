"""REST of forecasts."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import require
from merchants.foundation.http import ApiView
from rooms.insights.forecasts.queries import forecast_room
from rooms.program.queries import get_room


class CueForecastOut(serializers.Serializer[Any]):
    """Expected numbers of viewers, not whole. Between `orders_low` and `orders_high` four of five past shows stayed."""

    cue_id = serializers.UUIDField()
    episode = serializers.IntegerField()
    second = serializers.IntegerField()
    title = serializers.CharField()
    viewers = serializers.FloatField()
    taps = serializers.FloatField()
    orders = serializers.FloatField()
    orders_low = serializers.FloatField(allow_null=True)
    orders_high = serializers.FloatField(allow_null=True)


class MeasuredOut(serializers.Serializer[Any]):
    """How far off: the sum of absolute errors by the sum of what came; `naive_error`: of guessing the same as last time."""

    cards = serializers.IntegerField()
    error = serializers.FloatField()
    naive_error = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class RoomForecastOut(serializers.Serializer[Any]):
    room_id = serializers.UUIDField()
    shows = serializers.IntegerField()
    cues = CueForecastOut(many=True)
    measured = serializers.DictField(child=MeasuredOut())


class RoomForecastView(ApiView):
    @extend_schema(operation_id="room_forecast", tags=["insights"], responses=RoomForecastOut)
    def get(self, request: Request, slug: str) -> Response:
        """What the room's next show will bring at each card, from past shows; and how far off such forecasts were."""
        require(request.user, "insights.view")
        return Response(RoomForecastOut(forecast_room(get_room(slug))).data, headers={"Cache-Control": "private, no-store"})
