"""How the sandbox speaks: keys, versions, parameters, idempotency, lists, expansion, and the walls between accounts."""

import base64
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Merchant, Sandbox, ask, new_merchant


def test_without_a_key_the_call_is_refused(sandbox: Sandbox) -> None:
    """No key, a live key and a nonsense key are three different 401 answers."""
    for authorization, words in (("", "did not provide"), ("Bearer sk_live_abc123", "live key"), ("Bearer hello", "Invalid API Key")):
        reply = ask(f"{sandbox.base}/v1/balance", headers={"Authorization": authorization})
        assert reply.status == 401
        assert words in reply.json["error"]["message"]


def test_the_sdk_raises_its_own_class_for_a_live_key(sandbox: Sandbox) -> None:
    """A live key becomes AuthenticationError in the SDK."""
    with pytest.raises(stripe.AuthenticationError, match="refused"):
        sandbox.client("sk_live_0123456789").v1.balance.retrieve()


def test_basic_authentication_works_as_with_curl(sandbox: Sandbox) -> None:
    """`curl -u sk_test_…:` is how Stripe's documentation calls."""
    token = base64.b64encode(b"sk_test_basic:").decode()
    assert ask(f"{sandbox.base}/v1/balance", headers={"Authorization": f"Basic {token}"}).status == 200


def test_a_publishable_key_cannot_call_the_server_api(merchant: Merchant) -> None:
    """The browser's key gets 403 `secret_key_required`."""
    with pytest.raises(stripe.PermissionError) as caught:
        merchant.sandbox.client(merchant.publishable).v1.balance.retrieve()
    assert caught.value.error.code == "secret_key_required"


def test_another_api_version_is_refused(merchant: Merchant) -> None:
    """One version is spoken, so a shape cannot silently be another's."""
    client = merchant.sandbox.client(merchant.key, stripe_version="2024-06-20")
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version"):
        client.v1.balance.retrieve()


def test_unknown_addresses_are_named(merchant: Merchant) -> None:
    """An endpoint the sandbox does not have is a 404 that names it."""
    reply = ask(f"{merchant.sandbox.base}/v1/subscriptions", headers={"Authorization": f"Bearer {merchant.key}"})
    assert reply.status == 404
    assert "GET: /v1/subscriptions" in reply.json["error"]["message"]


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 500, "currency": "usd", "amuont": 1}, "parameter_unknown", "amuont"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": "5.5", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5, "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"amount": 500, "currency": "zzz"}, None, "currency"),
        ({"amount": 49, "currency": "usd"}, "amount_too_small", "amount"),
        ({"amount": 49, "currency": "jpy"}, "amount_too_small", "amount"),
        ({"amount": 500, "currency": "usd", "metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"amount": 500, "currency": "usd", "metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"amount": 500, "currency": "usd", "capture_method": "later"}, None, "capture_method"),
        ({"amount": 500, "currency": "usd", "automatic_payment_methods": {"enabled": "maybe"}}, None, "automatic_payment_methods[enabled]"),
    ],
)
def test_bad_parameters_are_refused_by_name(merchant: Merchant, params: Any, code: str | None, param: str) -> None:
    """Unknown, missing, mistyped and out-of-range parameters answer 400 with Stripe's code and the parameter's name."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.payment_intents.create(params, merchant.on)
    error = caught.value
    assert error.http_status == 400
    assert error.code == code
    assert error.param is not None
    assert error.param.startswith(param)


def test_the_same_key_gives_the_same_object_once(merchant: Merchant) -> None:
    """A repeated POST with its idempotency key is answered from memory and says so."""
    options: Any = {**merchant.on, "idempotency_key": "t:aurora:pay:1:1"}
    first = merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, options)
    second = merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, options)
    assert first.id == second.id
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert len(merchant.client.v1.payment_intents.list({}, merchant.on).data) == 1


def test_the_same_key_for_another_request_is_an_error(merchant: Merchant) -> None:
    """Other parameters or another path under a used key: 400 idempotency_error."""
    options: Any = {**merchant.on, "idempotency_key": "one"}
    merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, options)
    with pytest.raises(stripe.IdempotencyError) as caught:
        merchant.client.v1.payment_intents.create({"amount": 501, "currency": "usd"}, options)
    assert caught.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        merchant.client.v1.customers.create({"name": "x"}, options)


def test_a_decline_is_replayed_and_a_validation_error_is_not(merchant: Merchant) -> None:
    """A declined attempt is remembered; a request that failed validation may be corrected under the same key."""
    options: Any = {**merchant.on, "idempotency_key": "declined"}
    params: Any = {"amount": 500, "currency": "usd", "confirm": True, "payment_method": "pm_card_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            merchant.client.v1.payment_intents.create(params, options)
    assert len(merchant.client.v1.charges.list({}, merchant.on).data) == 1
    corrected: Any = {**merchant.on, "idempotency_key": "corrected"}
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.payment_intents.create({"amount": 1, "currency": "usd"}, corrected)
    assert merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, corrected).amount == 500


def test_a_key_belongs_to_its_account(merchant: Merchant) -> None:
    """Two accounts may use the same idempotency key for different requests."""
    platform = merchant.client.v1.payment_intents.create({"amount": 700, "currency": "usd"}, {"idempotency_key": "same"})
    connected: Any = {**merchant.on, "idempotency_key": "same"}
    assert merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, connected).id != platform.id


def test_an_overlong_key_is_refused(merchant: Merchant) -> None:
    """Keys have at most 255 characters."""
    with pytest.raises(stripe.InvalidRequestError, match="too long"):
        merchant.client.v1.customers.create({}, {"idempotency_key": "k" * 256})


def test_lists_page_forwards_and_backwards(merchant: Merchant) -> None:
    """Newest first; cursors go both ways; the SDK's auto-paging sees every object exactly once."""
    made = [merchant.client.v1.customers.create({"name": str(number)}, merchant.on).id for number in range(7)][::-1]
    listed = merchant.client.v1.customers.list({"limit": 3}, merchant.on)
    assert [one.id for one in listed.data] == made[:3]
    assert listed.has_more
    assert [one.id for one in listed.auto_paging_iter()] == made
    after = merchant.client.v1.customers.list({"limit": 3, "starting_after": made[2]}, merchant.on)
    before = merchant.client.v1.customers.list({"limit": 2, "ending_before": made[5]}, merchant.on)
    assert [one.id for one in after.data] == made[3:6]
    assert [one.id for one in before.data] == made[3:5]
    assert before.has_more


def test_lists_refuse_bad_limits_and_unknown_cursors(merchant: Merchant) -> None:
    """Limits are 1 to 100; a cursor must be an object of the list."""
    for limit in (0, 101):
        with pytest.raises(stripe.InvalidRequestError):
            merchant.client.v1.customers.list({"limit": limit}, merchant.on)
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        merchant.client.v1.customers.list({"starting_after": "cus_none"}, merchant.on)


def test_lists_filter_by_time(merchant: Merchant) -> None:
    """`created` takes bounds."""
    made = merchant.client.v1.customers.create({}, merchant.on)
    found = merchant.client.v1.customers.list({"created": {"gte": made.created, "lte": made.created}}, merchant.on)
    assert [one.id for one in found.data] == [made.id]
    assert merchant.client.v1.customers.list({"created": {"gt": made.created + 60}}, merchant.on).data == []


def test_expansion_reaches_four_levels_and_into_lists(merchant: Merchant) -> None:
    """`expand` turns ids into objects in single answers and under `data`."""
    customer = merchant.client.v1.customers.create({"name": "Mei"}, merchant.on)
    paid = merchant.pay(customer=customer.id, expand=["latest_charge.balance_transaction", "customer"])
    charge: Any = paid.latest_charge
    assert charge.balance_transaction.net == 2500 - 103
    assert paid.customer.name == "Mei"  # type: ignore[union-attr]
    listed: Any = merchant.client.v1.payment_intents.list({"expand": ["data.latest_charge.balance_transaction"]}, merchant.on)
    assert listed.data[0].latest_charge.balance_transaction.fee == 103


def test_what_cannot_be_expanded_is_refused(merchant: Merchant) -> None:
    """A plain property, an unknown one and a fifth level are 400."""
    intent = merchant.client.v1.payment_intents.create({"amount": 500, "currency": "usd"}, merchant.on)
    for path in ("amount", "nonsense", "a.b.c.d.e"):
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            merchant.client.v1.payment_intents.retrieve(intent.id, {"expand": [path]}, merchant.on)


def test_accounts_cannot_see_each_other(merchant: Merchant) -> None:
    """An object of one account is absent for the platform, for a sister account, and for another platform."""
    intent = merchant.pay()
    sister = merchant.client.v1.accounts.create({"country": "US"})
    stranger = new_merchant(merchant.sandbox)
    for client, options in ((merchant.client, {}), (merchant.client, {"stripe_account": sister.id}), (stranger.client, stranger.on)):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.payment_intents.retrieve(intent.id, {}, options)
        assert caught.value.code == "resource_missing"
        assert client.v1.charges.list({}, options).data == []
        assert client.v1.refunds.list({}, options).data == []
        assert all(part.amount == 0 for part in client.v1.balance.retrieve({}, options).pending)
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.refunds.create({"payment_intent": intent.id}, {"stripe_account": sister.id})


def test_a_platform_cannot_act_on_an_account_it_did_not_connect(merchant: Merchant) -> None:
    """`Stripe-Account` of another platform's merchant is 403, and so is one that does not exist."""
    stranger = new_merchant(merchant.sandbox)
    for account in (stranger.account, "acct_doesnotexist"):
        with pytest.raises(stripe.PermissionError) as caught:
            merchant.client.v1.balance.retrieve({}, {"stripe_account": account})
        assert caught.value.error.code == "account_invalid"


def test_a_huge_body_is_refused(merchant: Merchant) -> None:
    """More than one megabyte is 413, and the server goes on."""
    reply = ask(
        f"{merchant.sandbox.base}/v1/customers", method="POST", body=b"name=" + b"x" * 1_000_100, headers={"Authorization": f"Bearer {merchant.key}"}
    )
    assert reply.status == 413
    assert merchant.client.v1.balance.retrieve().object == "balance"


@pytest.mark.parametrize("body", [b"a[b", b"a[b][c][d][e][f][g][h][i]=1", b"amount=1&amount[x]=2", b"\xff\xfe", b"[]=1"])
def test_a_malformed_form_is_a_400_and_nothing_else(merchant: Merchant, body: bytes) -> None:
    """Bad encodings are the caller's error, not a crash."""
    headers = {"Authorization": f"Bearer {merchant.key}", "Content-Type": "application/x-www-form-urlencoded"}
    reply = ask(f"{merchant.sandbox.base}/v1/payment_intents", method="POST", body=body, headers=headers)
    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"


def test_a_foreign_host_name_is_not_served(sandbox: Sandbox) -> None:
    """DNS rebinding: a name that is not ours gets nothing."""
    assert ask(f"{sandbox.base}/", headers={"Host": "evil.example"}).status == 421
    assert ask(f"{sandbox.base}/", headers={"Host": f"pay.localhost:{sandbox.port}"}).status == 200
