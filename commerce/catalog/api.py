"""REST: what the shop sells."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.catalog.queries import get_card_by_slug, search
from commerce.shapes import MoneySerializer
from commerce.throttles import BrowseThrottle
from merchants.foundation.http import ApiView

MOST_A_PAGE = 48


class VariantCardSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    sku = serializers.CharField()
    price = MoneySerializer()
    available = serializers.IntegerField()
    stock_total = serializers.IntegerField()
    is_limited = serializers.BooleanField()


class ProductCardSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    subtitle = serializers.CharField()
    description = serializers.CharField()
    image_url = serializers.CharField()
    image_urls = serializers.ListField(child=serializers.CharField())
    badge = serializers.CharField()
    ships = serializers.BooleanField()
    is_published = serializers.BooleanField()
    variants = VariantCardSerializer(many=True)


class ProductPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    products = ProductCardSerializer(many=True)


class ProductSearchSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=80)
    offset = serializers.IntegerField(required=False, default=0, min_value=0, max_value=10_000)
    limit = serializers.IntegerField(required=False, default=24, min_value=1, max_value=MOST_A_PAGE)


class ProductListView(ApiView):
    throttle_classes = [BrowseThrottle]

    @extend_schema(tags=["products"], operation_id="products_list", parameters=[ProductSearchSerializer], responses=ProductPageSerializer)
    def get(self, request: Request) -> Response:
        """Products for sale by title; `q` looks in titles and article numbers."""
        asked = ProductSearchSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wish = asked.validated_data
        products, count = search(wish["q"].strip(), offset=wish["offset"], limit=wish["limit"])
        return Response(ProductPageSerializer({"count": count, "products": products}).data)


class ProductView(ApiView):
    throttle_classes = [BrowseThrottle]

    @extend_schema(tags=["products"], operation_id="products_get", responses=ProductCardSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """One product for sale."""
        return Response(ProductCardSerializer(get_card_by_slug(slug)).data)
