"""REST: checkout. The card itself never comes here: the sheet's driver gives it to the processor."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from commerce.catalog.api import ProductCardSerializer
from commerce.catalog.queries import get_card_of_variant
from commerce.orders.actions import Buyer, LineWish
from commerce.orders.api import OrderSerializer, order_body
from commerce.orders.models import MOST_QUANTITY
from commerce.orders.queries import find_last_buyer, get_order_of_viewer
from commerce.payments.actions import Checkout, abandon_checkout, settle_order, start_checkout
from commerce.payments.texts import CHECKOUT
from commerce.throttles import CheckoutAddressThrottle, CheckoutThrottle, SettleThrottle, StatusThrottle
from merchants.accounts.guests import viewer_of
from merchants.foundation import clock
from merchants.foundation.http import ApiView

LIVE_KEYS = ("sk_live_", "rk_live_")


class LineWishSerializer(serializers.Serializer[Any]):
    variant_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_QUANTITY)


class CheckoutRequestSerializer(serializers.Serializer[Any]):
    """`client_key`: made by the browser for one tap, the same for its repetitions. `attribution`: the room's token."""

    client_key = serializers.CharField(min_length=8, max_length=64)
    lines = LineWishSerializer(many=True, allow_empty=False, max_length=20)  # type: ignore[call-arg]  # the stub forgets the list's own options
    email = serializers.CharField(max_length=254)
    ship_name = serializers.CharField(required=False, allow_blank=True, default="", max_length=120)
    ship_address = serializers.CharField(required=False, allow_blank=True, default="", max_length=400)
    attribution = serializers.CharField(required=False, allow_blank=True, default="", max_length=4096)


class PaymentSheetSerializer(serializers.Serializer[Any]):
    """What the browser's driver opens the session with. `api_base`: where the sandbox's sheet answers."""

    driver = serializers.ChoiceField(choices=["sandbox", "stripe"])
    session_id = serializers.CharField()
    client_secret = serializers.CharField()
    publishable_key = serializers.CharField()
    account = serializers.CharField()
    api_base = serializers.CharField()


class CheckoutSerializer(serializers.Serializer[Any]):
    order = OrderSerializer()
    payment = PaymentSheetSerializer()
    server_ms = serializers.IntegerField()


class OrderStatusSerializer(serializers.Serializer[Any]):
    order = OrderSerializer()
    server_ms = serializers.IntegerField()


class RememberedBuyerSerializer(serializers.Serializer[Any]):
    email = serializers.CharField()
    ship_name = serializers.CharField()
    ship_address = serializers.CharField()


class OfferSerializer(serializers.Serializer[Any]):
    """What the sheet shows before anything is held: the product, what this buyer gave last time, the sheet's texts."""

    product = ProductCardSerializer()
    buyer = RememberedBuyerSerializer()
    is_test = serializers.BooleanField()
    hold_ttl_s = serializers.IntegerField()
    most = serializers.IntegerField()
    language = serializers.CharField()
    texts = serializers.DictField(child=serializers.CharField())


class OfferView(ApiView):
    throttle_classes = [StatusThrottle]

    @extend_schema(tags=["checkout"], operation_id="checkout_offer", responses=OfferSerializer)
    def get(self, request: Request, variant_id: UUID) -> Response:
        """Everything the payment sheet opens with."""
        viewer = viewer_of(request._request)
        email, ship_name, ship_address = find_last_buyer(viewer.id)
        body = {
            "product": get_card_of_variant(variant_id),
            "buyer": {"email": email or getattr(request.user, "email", ""), "ship_name": ship_name, "ship_address": ship_address},
            "is_test": not settings.STRIPE_SECRET_KEY.startswith(LIVE_KEYS),
            "hold_ttl_s": settings.HOLD_TTL_S,
            "most": MOST_QUANTITY,
            "language": get_language() or settings.LANGUAGE_CODE,
            "texts": {key: str(text) for key, text in CHECKOUT.items()},
        }
        return Response(OfferSerializer(body).data, headers={"Cache-Control": "private, no-store"})


class CheckoutView(ApiView):
    throttle_classes = [CheckoutThrottle, CheckoutAddressThrottle]

    @extend_schema(tags=["checkout"], operation_id="checkout_start", request=CheckoutRequestSerializer, responses={201: CheckoutSerializer})
    def post(self, request: Request) -> Response:
        """Hold the goods, place the order, open the payment. Sent again with the same key, it answers the same."""
        wish = CheckoutRequestSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        fields = wish.validated_data
        viewer = viewer_of(request._request)
        checkout = start_checkout(
            buyer=Buyer(
                viewer_id=viewer.id, user_id=viewer.user_id, email=fields["email"], ship_name=fields["ship_name"], ship_address=fields["ship_address"]
            ),
            client_key=fields["client_key"],
            lines=[LineWish(line["variant_id"], line["quantity"]) for line in fields["lines"]],
            attribution=fields["attribution"],
        )
        return Response(_checkout_body(checkout), status=201)


class CheckoutStatusView(ApiView):
    throttle_classes = [StatusThrottle]

    @extend_schema(tags=["checkout"], operation_id="checkout_status", responses=OrderStatusSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        """How the viewer's order stands."""
        order = get_order_of_viewer(order_id, viewer_of(request._request).id)
        return Response({"order": order_body(order), "server_ms": clock.now_ms()})


class CheckoutSettleView(ApiView):
    throttle_classes = [SettleThrottle]

    @extend_schema(tags=["checkout"], operation_id="checkout_settle", request=None, responses=OrderStatusSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """The browser believes that it paid: look at the processor now instead of waiting for its message."""
        order = get_order_of_viewer(order_id, viewer_of(request._request).id)
        return Response({"order": order_body(settle_order(order_id=order.id)), "server_ms": clock.now_ms()})


class CheckoutCancelView(ApiView):
    throttle_classes = [StatusThrottle]

    @extend_schema(tags=["checkout"], operation_id="checkout_cancel", request=None, responses=OrderStatusSerializer)
    def post(self, request: Request, order_id: UUID) -> Response:
        """The buyer closed the sheet: give the goods back at once."""
        order = abandon_checkout(order_id=order_id, viewer_id=viewer_of(request._request).id)
        return Response({"order": order_body(order), "server_ms": clock.now_ms()})


def _checkout_body(checkout: Checkout) -> dict[str, Any]:
    return {
        "order": order_body(checkout.order),
        "payment": {
            "driver": "sandbox" if settings.IS_STRIPE_SANDBOX else "stripe",
            "session_id": checkout.session_id,
            "client_secret": checkout.client_secret,
            "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
            "account": checkout.account,
            "api_base": settings.STRIPE_BROWSER_BASE,
        },
        "server_ms": clock.now_ms(),
    }
