"""The checkout's REST door: guests buy, others' orders do not exist, tampering gets nowhere."""

import json
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from commerce.orders.models import Order
from commerce.orders.queries import get_order
from commerce.orders.states import OrderState
from commerce.payments.actions import Checkout
from commerce.stock.models import Hold
from merchants.foundation import signing
from merchants.foundation.tenancy import in_schema

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_counters(transactional_db):
    """All tests come from one address: each begins with its own count of requests."""
    cache.clear()


def wish(card, **changes) -> dict:
    return {"client_key": f"key-{uuid4()}", "lines": [{"variant_id": str(card.variants[0].id), "quantity": 1}], "email": "iris@mail.test"} | changes


def post(client, path: str, body: object = None):
    return client.post(path, data=json.dumps(body if body is not None else {}), content_type="application/json")


def put(client, path: str, body: object):
    return client.put(path, data=json.dumps(body), content_type="application/json")


class TestCheckout:
    def test_guest_buys(self, desk, aurora, browse, sell):
        """Offer, checkout, card, settle: the guest's order is paid, and the receipt opens without a sign-in."""
        card = sell(aurora)
        client = browse(aurora)
        offer = client.get(f"/api/v1/checkout/offers/{card.variants[0].id}/").json()
        assert (offer["product"]["variants"][0]["price"]["text"], offer["is_test"], offer["buyer"]["email"]) == ("$89.00", True, "")
        begun = post(client, "/api/v1/checkout/", wish(card))
        assert begun.status_code == 201
        body = begun.json()
        assert (body["order"]["state"], body["payment"]["driver"]) == ("paying", "sandbox")
        with in_schema(aurora.schema):
            checkout = Checkout(
                get_order(body["order"]["id"]), body["payment"]["session_id"], body["payment"]["client_secret"], body["payment"]["account"]
            )
        desk.submit(checkout)
        settled = post(client, f"/api/v1/checkout/{body['order']['id']}/settle/").json()
        assert settled["order"]["state"] == "paid"
        receipt = browse(aurora).get(settled["order"]["receipt_url"])
        assert receipt.status_code == 200
        assert receipt["Cache-Control"] == "private, no-store"
        assert "Thank you, it is paid" in receipt.content.decode()
        assert client.get(f"/api/v1/checkout/offers/{card.variants[0].id}/").json()["buyer"]["email"] == "iris@mail.test"

    def test_price_is_the_servers(self, desk, aurora, browse, sell):
        """A price, total or currency in the request is refused or ignored; the order costs what the shop says."""
        card = sell(aurora)
        body = wish(card) | {"total": 1, "lines": [{"variant_id": str(card.variants[0].id), "quantity": 1, "price_minor": 1}]}
        assert post(browse(aurora), "/api/v1/checkout/", body).json()["order"]["total"]["amount_minor"] == 8900

    @pytest.mark.parametrize(
        ("changes", "code", "status"),
        [
            ({"email": "nonsense"}, "invalid_input", 422),
            ({"email": ""}, "invalid_input", 422),
            ({"lines": []}, "invalid_input", 422),
            ({"lines": "x"}, "invalid_input", 422),
            ({"client_key": "short"}, "invalid_input", 422),
            ({"attribution": "x" * 5000}, "invalid_input", 422),
        ],
    )
    def test_wrong_input_is_explained_and_holds_nothing(self, desk, aurora, browse, sell, changes, code, status):
        """The field is named; no order, no hold."""
        response = post(browse(aurora), "/api/v1/checkout/", wish(sell(aurora)) | changes)
        assert (response.status_code, response.json()["error"]["code"]) == (status, code)
        with in_schema(aurora.schema):
            assert not Order.objects.exists()
            assert not Hold.objects.exists()

    @pytest.mark.parametrize("quantity", [0, -1, 11, 1.5, "x", None])
    def test_impossible_quantities_are_refused(self, desk, aurora, browse, sell, quantity):
        """422, nothing held."""
        card = sell(aurora, stock=100)
        body = wish(card, lines=[{"variant_id": str(card.variants[0].id), "quantity": quantity}])
        assert post(browse(aurora), "/api/v1/checkout/", body).status_code == 422
        with in_schema(aurora.schema):
            assert not Hold.objects.exists()

    def test_goods_that_ship_need_an_address(self, desk, aurora, browse, sell):
        """Name, then address, are asked for by name."""
        card = sell(aurora, ships=True)
        client = browse(aurora)
        first = post(client, "/api/v1/checkout/", wish(card)).json()["error"]
        second = post(client, "/api/v1/checkout/", wish(card, ship_name="Iris")).json()["error"]
        assert (first["params"]["field"], second["params"]["field"]) == ("ship_name", "ship_address")
        assert post(client, "/api/v1/checkout/", wish(card, ship_name="Iris", ship_address="41 Alder St, Portland")).status_code == 201

    def test_sold_out_says_how_many_are_left(self, desk, aurora, browse, sell):
        """409 with the number; the order does not exist."""
        card = sell(aurora, stock=1)
        response = post(browse(aurora), "/api/v1/checkout/", wish(card, lines=[{"variant_id": str(card.variants[0].id), "quantity": 2}]))
        assert (response.status_code, response.json()["error"]["code"], response.json()["error"]["params"]["available"]) == (409, "sold_out", 1)

    def test_key_reused_for_something_else_is_refused(self, desk, aurora, browse, sell):
        """The same key with other contents is a conflict; with the same contents it is the same order."""
        card = sell(aurora)
        client = browse(aurora)
        body = wish(card)
        first, again = (post(client, "/api/v1/checkout/", body).json() for _ in range(2))
        assert first["order"]["id"] == again["order"]["id"]
        assert post(client, "/api/v1/checkout/", body | {"email": "other@mail.test"}).json()["error"]["code"] == "client_key_reused"

    def test_attribution_is_kept_when_it_is_the_rooms(self, desk, aurora, borealis, browse, sell):
        """The room's token marks the order; a forged one or another shop's sells without it."""
        card = sell(aurora)
        room_id = str(uuid4())
        claims = {"room_id": room_id, "program_seq": 7, "position_ms": 133_400, "cue_id": "cue-1"}
        with in_schema(aurora.schema):
            good = signing.sign("attribution", claims, 600)
        with in_schema(borealis.schema):
            foreign = signing.sign("attribution", claims, 600)
        for token in (good, foreign, "forged"):
            assert post(browse(aurora), "/api/v1/checkout/", wish(card, attribution=token)).status_code == 201
        with in_schema(aurora.schema):
            rooms = [
                (str(order.room_id) if order.room_id else "", order.program_seq, order.position_ms, order.cue_id)
                for order in Order.objects.order_by("placed_at")
            ]
        assert rooms == [(room_id, 7, 133_400, "cue-1"), ("", None, None, ""), ("", None, None, "")]

    def test_closing_the_sheet_gives_the_goods_back(self, desk, aurora, browse, sell, level_of):
        """Cancel releases the hold at once and closes the session at Stripe."""
        card = sell(aurora, stock=1)
        client = browse(aurora)
        body = post(client, "/api/v1/checkout/", wish(card)).json()
        assert level_of(aurora, card).available == 0
        assert post(client, f"/api/v1/checkout/{body['order']['id']}/cancel/").json()["order"]["state"] == "cancelled"
        assert level_of(aurora, card).available == 1
        session = desk.client().v1.checkout.sessions.retrieve(body["payment"]["session_id"], {}, {"stripe_account": body["payment"]["account"]})
        assert session.status == "expired"

    def test_checkouts_of_one_viewer_are_limited(self, desk, aurora, browse, sell, settings):
        """The eleventh within a minute waits, and is told how long."""
        card = sell(aurora, stock=100)
        client = browse(aurora)
        client.get("/api/v1/bag/")
        answers = [post(client, "/api/v1/checkout/", wish(card, email="x")) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [422] * 10 + [429]
        assert int(answers[-1]["Retry-After"]) > 0

    def test_without_the_csrf_token_nothing_is_bought(self, desk, aurora, sell):
        """A foreign site's form cannot order in a guest's name."""
        client = Client(headers={"host": aurora.host}, enforce_csrf_checks=True)
        assert post(client, "/api/v1/checkout/", wish(sell(aurora))).status_code == 403
        with in_schema(aurora.schema):
            assert not Order.objects.exists()


class TestOthers:
    """What belongs to somebody else."""

    @pytest.fixture
    def placed(self, desk, aurora, browse, sell):
        client = browse(aurora)
        return client, post(client, "/api/v1/checkout/", wish(sell(aurora))).json()["order"]

    @pytest.mark.parametrize(("method", "tail"), [("get", ""), ("post", "settle/"), ("post", "cancel/")])
    def test_orders_of_others_do_not_exist(self, aurora, borealis, browse, enter, placed, method, tail):
        """Another guest, the owner as a shopper, the other shop: 404, and the order stays as it is."""
        _client, order = placed
        path = f"/api/v1/checkout/{order['id']}/{tail}"
        for visitor in (browse(aurora), enter(aurora, "owner"), browse(borealis), enter(borealis, "owner")):
            assert getattr(visitor, method)(path).status_code == 404
        with in_schema(aurora.schema):
            assert Order.objects.get().state == OrderState.PAYING

    def test_own_orders_are_listed_with_two_queries_each_shop_apart(self, aurora, borealis, browse, placed, sell, count_queries):
        """The buyer sees their orders, newest first; nobody else does."""
        client, order = placed
        second = post(client, "/api/v1/checkout/", wish(sell(aurora))).json()["order"]
        assert [one["id"] for one in client.get("/api/v1/orders/").json()] == [second["id"], order["id"]]
        assert count_queries(client, "/api/v1/orders/") == 2
        assert browse(aurora).get("/api/v1/orders/").json() == []
        stranger = browse(borealis)
        stranger.cookies = client.cookies
        assert stranger.get("/api/v1/orders/").json() == []

    def test_receipt_link_of_one_shop_is_void_in_the_other(self, aurora, borealis, browse, placed):
        """404 with words, for foreign and broken links alike."""
        _client, order = placed
        assert browse(aurora).get(order["receipt_url"]).status_code == 200
        for visitor, path in ((browse(borealis), order["receipt_url"]), (browse(aurora), "/orders/broken/")):
            response = visitor.get(path)
            assert response.status_code == 404
            assert "This order cannot be shown" in response.content.decode()

    @pytest.mark.parametrize(("role", "status"), [("owner", 200), ("finance", 403), ("editor", 403), ("moderator", 403)])
    def test_only_the_owner_reaches_the_refund(self, aurora, enter, placed, role, status):
        """By the permission table; a stranger signs in first."""
        _client, order = placed
        assert enter(aurora, role).get(f"/office/orders/{order['id']}/refund/").status_code == status

    def test_refund_page_of_the_other_shops_order_does_not_exist(self, aurora, borealis, enter, browse, placed):
        """The other owner gets 404, a guest the sign-in page."""
        _client, order = placed
        path = f"/office/orders/{order['id']}/refund/"
        assert enter(borealis, "owner").post(path).status_code == 404
        assert browse(aurora).post(path).status_code == 302

    @pytest.mark.parametrize(
        ("role", "status"), [("owner", 200), ("finance", 200), ("editor", 403), ("host", 403), ("moderator", 403), ("reviewer", 403)]
    )
    def test_who_sees_orders_in_the_office(self, aurora, enter, placed, role, status):
        """List and detail by the permission table; nobody edits them."""
        _client, order = placed
        client = enter(aurora, role)
        assert client.get("/admin/commerce/order/").status_code == status
        assert client.get(f"/admin/commerce/order/{order['id']}/change/").status_code == status
        assert client.post(f"/admin/commerce/order/{order['id']}/change/", {"email": "x@x.test"}).status_code == 403


class TestBag:
    def test_bag_keeps_and_forgets(self, aurora, browse, sell):
        """Lines in the order they came; zero takes one out; a bought one leaves by itself."""
        lamp, sofa = sell(aurora, title="Lamp"), sell(aurora, title="Sofa")
        client = browse(aurora)
        for card, quantity in ((lamp, 1), (sofa, 2), (lamp, 3)):
            put(client, f"/api/v1/bag/{card.variants[0].id}/", {"quantity": quantity})
        assert [(line["product"]["title"], line["quantity"]) for line in client.get("/api/v1/bag/").json()["lines"]] == [("Lamp", 3), ("Sofa", 2)]
        put(client, f"/api/v1/bag/{lamp.variants[0].id}/", {"quantity": 0})
        assert [line["product"]["title"] for line in client.get("/api/v1/bag/").json()["lines"]] == ["Sofa"]

    def test_bags_are_their_viewers(self, aurora, borealis, browse, sell):
        """Another guest's bag is empty; the other shop's article cannot be put in."""
        card, other = sell(aurora), sell(borealis)
        client = browse(aurora)
        put(client, f"/api/v1/bag/{card.variants[0].id}/", {"quantity": 1})
        assert browse(aurora).get("/api/v1/bag/").json() == {"lines": []}
        refused = put(client, f"/api/v1/bag/{other.variants[0].id}/", {"quantity": 1})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_for_sale")

    def test_lists_need_the_same_queries_whatever_they_hold(self, aurora, browse, sell, count_queries):
        """Products and bag: constant counts; a viewer without orders costs one query."""
        client = browse(aurora)
        counts = []
        for add in (1, 6):
            for _ in range(add):
                put(client, f"/api/v1/bag/{sell(aurora).variants[0].id}/", {"quantity": 1})
            counts.append([count_queries(client, path) for path in ("/api/v1/products/", "/api/v1/bag/", "/api/v1/orders/")])
        assert counts[0] == counts[1] == [4, 4, 1]
