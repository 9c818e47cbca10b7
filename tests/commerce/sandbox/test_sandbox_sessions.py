"""Checkout Sessions: made, paid through the sheet, expired, listed, refused."""

import time
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import SHOP_ORIGIN, Merchant, Sandbox, ask, new_merchant


def _line(currency: str) -> dict[str, Any]:
    return {"price_data": {"currency": currency, "unit_amount": 900, "product_data": {"name": "Pin"}}, "quantity": 1}


def test_a_session_is_made_for_the_sheet(merchant: Merchant) -> None:
    """Open, unpaid, with a client secret and no PaymentIntent yet; its lines are listed on request."""
    session = merchant.session(1299, metadata={"order": "A-1"}, client_reference_id="A-1", customer_email="mei@example.com")
    assert (session.status, session.payment_status, session.payment_intent, session.url) == ("open", "unpaid", None, None)
    assert (session.amount_total, session.currency, session.ui_mode) == (1299, "usd", "elements")
    assert session.client_secret
    lines = merchant.client.v1.checkout.sessions.line_items.list(session.id, {}, merchant.on)
    assert [(line.description, line.quantity, line.amount_total) for line in lines.data] == [("Lamp", 1, 1299)]
    assert session.to_dict().get("line_items") is None


def test_a_session_adds_up_its_lines(merchant: Merchant) -> None:
    """Prices by id and in place, quantities multiplied."""
    price = merchant.client.v1.prices.create({"currency": "usd", "unit_amount": 250, "product_data": {"name": "Pin"}}, merchant.on)
    inline: Any = {"price_data": {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "Cup"}}, "quantity": 3}
    session = merchant.session(line_items=[{"price": price.id, "quantity": 2}, inline])
    assert session.amount_total == 3500


@pytest.mark.parametrize(
    ("changes", "param"),
    [
        ({"line_items": []}, "line_items"),
        ({"line_items": [{"quantity": 1}]}, "line_items[0]"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
        ({"mode": "subscription"}, "mode"),
        ({"ui_mode": "custom"}, "ui_mode"),
        ({"ui_mode": "embedded_page"}, "ui_mode"),
        ({"ui_mode": "hosted_page"}, "success_url"),
        ({"success_url": "https://shop.example/ok"}, "success_url"),
        ({"return_url": "javascript:alert(1)"}, "return_url"),
        ({"amount": 10}, "line_items"),
        ({"line_items": [_line("usd"), _line("eur")]}, "line_items"),
        ({"expires_at": int(time.time()) + 600}, "expires_at"),
        ({"expires_at": int(time.time()) + 25 * 3600}, "expires_at"),
        ({"payment_intent_data": {"application_fee_amount": 99_999}}, "application_fee_amount"),
        ({"payment_intent_data": {"aplication_fee_amount": 1}}, "payment_intent_data[aplication_fee_amount]"),
    ],
)
def test_a_bad_session_is_refused_by_name(merchant: Merchant, changes: dict[str, Any], param: str) -> None:
    """Every refused session names the parameter, and none is left behind."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.session(**{"amount": 2500, **changes})
    assert caught.value.param == param
    assert merchant.client.v1.checkout.sessions.list({}, merchant.on).data == []


def test_the_sheet_pays_and_completes_the_session(merchant: Merchant) -> None:
    """Read, submit, paid: the session is complete and its intent carries the order's metadata and the platform's fee."""
    wish = {"application_fee_amount": 250, "metadata": {"order": "A-7"}, "description": "Order A-7"}
    session = merchant.session(2500, metadata={"order": "A-7"}, payment_intent_data=wish)
    read = merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet?client_secret={session.client_secret}")
    assert (read.json["result"], read.json["amount_total"], read.json["merchant_name"]) == ("ready", 2500, "Aurora")
    assert read.headers["access-control-allow-origin"] == SHOP_ORIGIN
    assert "A-7" not in read.text
    paid = merchant.submit(session, "4242 4242 4242 4242", expected_amount=2500)
    assert (paid.status, paid.json["result"], paid.json["status"], paid.json["payment_status"]) == (200, "paid", "complete", "paid")
    done = merchant.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]}, merchant.on)
    intent: Any = done.payment_intent
    assert (intent.status, intent.metadata["order"], intent.latest_charge.application_fee_amount) == ("succeeded", "A-7", 250)
    assert done.customer_details is not None
    assert done.customer_details.email == "viewer@example.com"
    found = merchant.client.v1.checkout.sessions.list({"payment_intent": intent.id}, merchant.on)
    assert [one.id for one in found.data] == [session.id]


@pytest.mark.parametrize(
    ("number", "code", "decline_code"),
    [
        ("4000000000000002", "card_declined", "generic_decline"),
        ("4000000000009995", "card_declined", "insufficient_funds"),
        ("4000000000000069", "expired_card", "expired_card"),
        ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
        ("4000000000000119", "processing_error", "processing_error"),
        ("4111111111111111", "card_declined", "test_mode_live_card"),
        ("4242424242424241", "incorrect_number", "incorrect_number"),
    ],
)
def test_a_declined_card_leaves_the_session_open(merchant: Merchant, number: str, code: str, decline_code: str) -> None:
    """A decline is an answer with its reason; the next card pays the same intent once."""
    session = merchant.session()
    declined = merchant.submit(session, number)
    assert declined.status == 200
    assert (declined.json["result"], declined.json["code"], declined.json["decline_code"]) == ("declined", code, decline_code)
    assert declined.json["message"]
    assert merchant.submit(session, "4242424242424242").json["result"] == "paid"
    charges = [one for one in merchant.client.v1.charges.list({}, merchant.on).data if one.paid]
    assert len(charges) == 1


def test_submitting_twice_charges_once(merchant: Merchant) -> None:
    """A double tap after payment answers paid; a repeated key replays; neither charges."""
    session = merchant.session()
    for _ in range(3):
        assert merchant.submit(session, "4242424242424242").json["result"] == "paid"
    assert len(merchant.client.v1.charges.list({}, merchant.on).data) == 1


def test_three_d_secure_completes_the_session(merchant: Merchant) -> None:
    """The sheet gives the bank's page; after Approve it reads as paid."""
    session = merchant.session()
    waiting = merchant.submit(session, "4000002500003155")
    assert waiting.json["result"] == "requires_action"
    page = ask(waiting.json["url"])
    assert f"frame-ancestors {SHOP_ORIGIN}" in page.headers["content-security-policy"]
    done = ask(waiting.json["url"], method="POST", body=b"outcome=approve")
    assert f'data-origin="{SHOP_ORIGIN}"' in done.text
    read = merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet?client_secret={session.client_secret}")
    assert (read.json["result"], read.json["status"]) == ("paid", "complete")


def test_three_d_secure_failed_or_declined_leaves_the_session_open(merchant: Merchant) -> None:
    """Fail says so; a card that is declined after approval says that; both let the shopper try another card."""
    session = merchant.session()
    ask(merchant.submit(session, "4000002760003184").json["url"], method="POST", body=b"outcome=fail")
    read = merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet?client_secret={session.client_secret}")
    assert (read.json["result"], read.json["code"]) == ("declined", "payment_intent_authentication_failure")
    page = ask(merchant.submit(session, "4000008400001629").json["url"], method="POST", body=b"outcome=approve")
    assert 'data-outcome="failed"' in page.text
    assert merchant.submit(session, "4242424242424242").json["result"] == "paid"


def test_the_sheet_is_closed_to_strangers(merchant: Merchant) -> None:
    """Wrong secret 404, secret key 403, foreign page 403 without CORS, another account 404."""
    session = merchant.session()
    path = f"/v1/checkout/sessions/{session.id}/sheet?client_secret="
    assert merchant.sheet(f"{path}{session.client_secret}x").status == 404
    assert merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet").json["error"]["code"] == "parameter_missing"
    assert merchant.sheet(f"{path}{session.client_secret}", key=merchant.key).status == 403
    foreign = merchant.sheet(f"{path}{session.client_secret}", origin="https://evil.example")
    assert foreign.status == 403
    assert "access-control-allow-origin" not in foreign.headers
    stranger = new_merchant(merchant.sandbox)
    assert stranger.sheet(f"{path}{session.client_secret}").status == 404


def test_browsers_may_ask_first(merchant: Merchant) -> None:
    """The preflight admits the sheet's headers from the shop, and nothing else from anywhere."""
    url = f"{merchant.sandbox.base}/v1/checkout/sessions/cs_test_x/sheet/confirm"
    allowed = ask(url, method="OPTIONS", headers={"Origin": SHOP_ORIGIN, "Access-Control-Request-Method": "POST"})
    assert allowed.status == 204
    assert "Stripe-Account" in allowed.headers["access-control-allow-headers"]
    foreign = ask(url, method="OPTIONS", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers
    assert ask(f"{merchant.sandbox.base}/v1/refunds", method="OPTIONS", headers={"Origin": SHOP_ORIGIN}).status == 403


def test_a_shown_amount_that_is_not_the_sessions_is_refused(merchant: Merchant) -> None:
    """Nobody pays what they did not see."""
    reply = merchant.submit(merchant.session(2500), "4242424242424242", expected_amount=2400)
    assert (reply.status, reply.json["error"]["code"]) == (400, "amount_mismatch")
    assert merchant.client.v1.charges.list({}, merchant.on).data == []


def test_an_expired_session_takes_no_money(merchant: Merchant) -> None:
    """Expiring cancels the unpaid intent; the sheet says expired; expiring again and paying are refused."""
    session = merchant.session()
    merchant.submit(session, "4000000000000002")
    expired = merchant.client.v1.checkout.sessions.expire(session.id, {}, merchant.on)
    assert expired.status == "expired"
    assert merchant.client.v1.payment_intents.retrieve(str(expired.payment_intent), {}, merchant.on).status == "canceled"
    late = merchant.submit(session, "4242424242424242")
    assert (late.status, late.json["error"]["code"]) == (400, "checkout_session_not_open")
    read = merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet?client_secret={session.client_secret}")
    assert read.json["result"] == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        merchant.client.v1.checkout.sessions.expire(session.id, {}, merchant.on)


def test_a_paid_session_cannot_be_expired(merchant: Merchant) -> None:
    """Whoever expires a hold learns that it was paid."""
    session = merchant.session()
    merchant.submit(session, "4242424242424242")
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        merchant.client.v1.checkout.sessions.expire(session.id, {}, merchant.on)


def test_a_challenge_of_an_expired_session_pays_nothing(merchant: Merchant) -> None:
    """Approving at the bank after the session was expired is too late."""
    session = merchant.session()
    url = merchant.submit(session, "4000002500003155").json["url"]
    merchant.client.v1.checkout.sessions.expire(session.id, {}, merchant.on)
    assert 'data-outcome="abandoned"' in ask(url, method="POST", body=b"outcome=approve").text
    assert merchant.client.v1.charges.list({}, merchant.on).data == []


def test_time_expires_a_session(own_sandbox: Sandbox) -> None:
    """After `expires_at` the sheet is expired at once, whether or not the sweeper has come by."""
    merchant = new_merchant(own_sandbox)
    session = merchant.session(expires_at=int(time.time()) + 1800)
    own_sandbox.control("clock", {"advance_s": 1801})
    assert merchant.submit(session, "4242424242424242").status == 400
    assert merchant.client.v1.checkout.sessions.retrieve(session.id, {}, merchant.on).status == "expired"


def test_manual_capture_completes_unpaid_and_is_settled_later(merchant: Merchant) -> None:
    """An authorised session is complete but unpaid; capture pays it, cancel voids it; while open its intent is the session's alone."""
    session = merchant.session(payment_intent_data={"capture_method": "manual"})
    merchant.submit(session, "4000000000000002")
    open_intent = str(merchant.client.v1.checkout.sessions.retrieve(session.id, {}, merchant.on).payment_intent)
    with pytest.raises(stripe.InvalidRequestError, match="Checkout"):
        merchant.client.v1.payment_intents.cancel(open_intent, {}, merchant.on)
    reply = merchant.submit(session, "4242424242424242").json
    assert (reply["result"], reply["payment_status"]) == ("paid", "unpaid")
    assert merchant.client.v1.payment_intents.capture(open_intent, {}, merchant.on).status == "succeeded"
    assert merchant.client.v1.checkout.sessions.retrieve(session.id, {}, merchant.on).payment_status == "paid"
    other = merchant.session(payment_intent_data={"capture_method": "manual"})
    merchant.submit(other, "4242424242424242")
    intent = str(merchant.client.v1.checkout.sessions.retrieve(other.id, {}, merchant.on).payment_intent)
    assert merchant.client.v1.payment_intents.cancel(intent, {}, merchant.on).status == "canceled"


def test_the_hosted_page_pays(merchant: Merchant) -> None:
    """The page's form declines in words, keeps no number, and ends at the success address."""
    session = merchant.session(ui_mode="hosted_page", success_url="https://shop.example/ok?s={CHECKOUT_SESSION_ID}")
    assert session.client_secret is None
    url = str(session.url)
    assert "Pay Aurora" in ask(url).text
    assert "支付" in ask(f"{url}?lang=zh").text
    form = b"email=a%40b.co&number=4000000000009995&exp_month=12&exp_year=40&cvc=123"
    declined = ask(url, method="POST", body=form)
    assert (declined.status, "not enough funds" in declined.text, "4000000000009995" in declined.text) == (422, True, False)
    assert ask(url, method="POST", body=b"number=").status == 422
    paid = ask(url, method="POST", body=form.replace(b"9995", b"0077"))
    assert (paid.status, paid.headers["location"]) == (303, f"https://shop.example/ok?s={session.id}")
    assert merchant.client.v1.checkout.sessions.retrieve(session.id, {}, merchant.on).payment_status == "paid"


def test_the_banks_page_has_the_name_that_the_browser_used(merchant: Merchant) -> None:
    """A page that calls `localhost` is led to `localhost`, as its policy allows."""
    session = merchant.session()
    card = {"number": "4000002500003155", "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    values = {"client_secret": session.client_secret, "card": card}
    host = f"localhost:{merchant.sandbox.port}"
    waiting = merchant.sheet(f"/v1/checkout/sessions/{session.id}/sheet/confirm", values, Host=host)
    assert waiting.json["url"].startswith(f"http://{host}/3ds/")
