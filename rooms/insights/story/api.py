"""REST of what the charts stand on."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from merchants.accounts.permissions import can, require
from merchants.foundation.errors import InvalidInput
from merchants.foundation.http import ApiView
from merchants.foundation.money import Money, format_money
from merchants.tenants.queries import get_current_merchant
from rooms.insights.story.pulse import get_pulse
from rooms.insights.story.queries import get_behind, list_plot
from rooms.program.queries import get_room_by_id

VIEW = "insights.view"
FRESH = {"Cache-Control": "private, no-store"}
LONGEST_EPISODE_S = 86_400


class DaysForm(serializers.Serializer[Any]):
    """Days in the shop's zone, both included."""

    since = serializers.DateField(required=False)
    until = serializers.DateField(required=False)


class SpanForm(DaysForm):
    """Seconds of an episode, the last one left out."""

    episode_id = serializers.UUIDField()
    begin_s = serializers.IntegerField(min_value=0, max_value=LONGEST_EPISODE_S)
    end_s = serializers.IntegerField(min_value=1, max_value=LONGEST_EPISODE_S)


class StillsOut(serializers.Serializer[Any]):
    image_url = serializers.CharField()
    tile_width = serializers.IntegerField()
    tile_height = serializers.IntegerField()
    tile_ms = serializers.IntegerField()
    tiles = serializers.IntegerField()
    columns = serializers.IntegerField()


class NodeOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    at_ms = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not the serializer's own label


class PlotEpisodeOut(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    duration_ms = serializers.IntegerField()
    poster_url = serializers.CharField()
    storyboard = StillsOut(allow_null=True)
    nodes = NodeOut(many=True)
    orders = serializers.DictField(child=serializers.IntegerField())


class PlotOut(serializers.Serializer[Any]):
    episodes = PlotEpisodeOut(many=True)


class VisitOut(serializers.Serializer[Any]):
    session_id = serializers.UUIDField()
    first_at = serializers.DateTimeField()
    surface = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # as above
    variant = serializers.CharField()
    watched_ms = serializers.IntegerField()
    orders = serializers.IntegerField()
    left_s = serializers.IntegerField(allow_null=True)


class BehindLineOut(serializers.Serializer[Any]):
    at_ms = serializers.IntegerField()
    nickname = serializers.CharField()
    text = serializers.CharField()


class OrderOut(serializers.Serializer[Any]):
    """`url` is empty for those who may not see orders."""

    number = serializers.CharField()
    at_ms = serializers.IntegerField()
    net_minor = serializers.IntegerField()
    net = serializers.CharField()
    url = serializers.CharField()


class BehindOut(serializers.Serializer[Any]):
    visits_count = serializers.IntegerField()
    left_count = serializers.IntegerField()
    danmaku_count = serializers.IntegerField()
    orders_count = serializers.IntegerField()
    visits = VisitOut(many=True)
    danmaku = BehindLineOut(many=True)
    orders = OrderOut(many=True)


class BinOut(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    danmaku = serializers.IntegerField()
    taps = serializers.IntegerField()
    orders = serializers.IntegerField()


class PulseOut(serializers.Serializer[Any]):
    is_on_air = serializers.BooleanField()
    online = serializers.IntegerField()
    viewers = serializers.IntegerField()
    danmaku = serializers.IntegerField()
    likes = serializers.IntegerField()
    taps = serializers.IntegerField()
    orders = serializers.IntegerField()
    net_minor = serializers.IntegerField()
    net = serializers.CharField()
    started_at = serializers.DateTimeField(allow_null=True)
    bins = BinOut(many=True)


class RoomPlot(ApiView):
    @extend_schema(operation_id="insights_plot", tags=["insights"], parameters=[DaysForm], responses=PlotOut)
    def get(self, request: Request, room_id: UUID) -> Response:
        """Episodes with their cues, stills and orders by second."""
        require(request.user, VIEW)
        days = _read(DaysForm, request)
        body = {"episodes": list_plot(get_room_by_id(room_id), **days)}
        return Response(PlotOut(body).data, headers=FRESH)


class RoomBehind(ApiView):
    @extend_schema(operation_id="insights_behind", tags=["insights"], parameters=[SpanForm], responses=BehindOut)
    def get(self, request: Request, room_id: UUID) -> Response:
        """Visits, danmaku and orders behind a span of seconds."""
        require(request.user, VIEW)
        span = _read(SpanForm, request)
        if span["end_s"] <= span["begin_s"]:
            raise InvalidInput(field="end_s", reason=f"> {span['begin_s']}")
        behind, currency = get_behind(get_room_by_id(room_id), **span), get_current_merchant().currency
        may_open = can(request.user, "orders.view")
        orders = [
            asdict(order)
            | {
                "net": format_money(Money(order.net_minor, currency)),
                "url": reverse("admin:commerce_order_change", args=[order.order_id]) if may_open else "",
            }
            for order in behind.orders
        ]
        return Response(BehindOut({**vars(behind), "orders": orders}).data, headers=FRESH)


class RoomPulse(ApiView):
    @extend_schema(operation_id="insights_pulse", tags=["insights"], responses=PulseOut)
    def get(self, request: Request, room_id: UUID) -> Response:
        """The live board of a room that is on air."""
        require(request.user, VIEW)
        pulse = get_pulse(get_room_by_id(room_id))
        body = {**vars(pulse), "net": format_money(Money(pulse.net_minor, pulse.currency))}
        return Response(PulseOut(body).data, headers=FRESH)


def _read(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)
