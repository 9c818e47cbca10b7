"""REST: the bag and the viewer's own orders."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.catalog.api import ProductCardSerializer
from commerce.catalog.queries import list_cards
from commerce.orders.actions import put_in_bag
from commerce.orders.models import MOST_QUANTITY
from commerce.orders.queries import BagLine, OrderView, list_bag, list_orders_of_viewer
from commerce.orders.states import OrderState
from commerce.shapes import MillisecondsField, MoneySerializer
from commerce.throttles import BagThrottle, StatusThrottle
from merchants.accounts.guests import viewer_of
from merchants.foundation.http import ApiView


class OrderLineSerializer(serializers.Serializer[Any]):
    variant_id = serializers.UUIDField()
    product_title = serializers.CharField()
    variant_title = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneySerializer()
    total = MoneySerializer()


class OrderSerializer(serializers.Serializer[Any]):
    """An order as its buyer may see it; `receipt_url` opens without a sign-in."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=OrderState.choices)
    total = MoneySerializer()
    refunded = MoneySerializer()
    placed_at_ms = MillisecondsField(source="placed_at")
    expires_at_ms = MillisecondsField(source="expires_at")
    receipt_url = serializers.CharField(source="receipt_path")
    lines = OrderLineSerializer(many=True)


class BagLineSerializer(serializers.Serializer[Any]):
    variant_id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    product = ProductCardSerializer()


class BagSerializer(serializers.Serializer[Any]):
    lines = BagLineSerializer(many=True)


class QuantitySerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=0, max_value=MOST_QUANTITY)


class BagView(ApiView):
    throttle_classes = [BagThrottle]

    @extend_schema(tags=["bag"], operation_id="bag_get", responses=BagSerializer)
    def get(self, request: Request) -> Response:
        """The viewer's bag with today's prices."""
        return Response(_bag(list_bag(viewer_of(request._request).id)))


class BagLineView(ApiView):
    throttle_classes = [BagThrottle]

    @extend_schema(tags=["bag"], operation_id="bag_put", request=QuantitySerializer, responses=BagSerializer)
    def put(self, request: Request, variant_id: UUID) -> Response:
        """Have so many of a variant in the bag; 0 takes it out."""
        wish = QuantitySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        lines = put_in_bag(viewer_id=viewer_of(request._request).id, variant_id=variant_id, quantity=wish.validated_data["quantity"])
        return Response(_bag(lines))


class OrderListView(ApiView):
    throttle_classes = [StatusThrottle]

    @extend_schema(tags=["orders"], operation_id="orders_list", responses=OrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The viewer's last 20 orders."""
        return Response(OrderSerializer(list_orders_of_viewer(viewer_of(request._request).id), many=True).data)


def order_body(order: OrderView) -> dict[str, Any]:
    body: dict[str, Any] = OrderSerializer(order).data
    return body


def _bag(lines: list[BagLine]) -> dict[str, Any]:
    cards = {card.id: card for card in list_cards({line.product_id for line in lines})}
    kept = [
        {"variant_id": line.variant_id, "quantity": line.quantity, "product": cards[line.product_id]} for line in lines if line.product_id in cards
    ]
    body: dict[str, Any] = BagSerializer({"lines": kept}).data
    return body
