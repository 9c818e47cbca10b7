"""Webhooks: signed, repeated, doubled, shuffled, dropped, forged, kept over a kill."""

import signal
import time
from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Delivery, Listener, Merchant, Sandbox, ask, new_merchant, wait_until

SECRET = "whsec_connect_of_the_tests"


def hear(merchant: Merchant, listener: Listener, *, connect: bool = True, events: list[str] | None = None) -> str:
    """Register the listener and give its signing secret."""
    wish: Any = {"url": listener.url, "enabled_events": events or ["*"], "connect": connect}
    return str(merchant.client.v1.webhook_endpoints.create(wish).secret)


def verify(delivery: Delivery, secret: str) -> stripe.Event:
    """The SDK's own verification. Raises: stripe.SignatureVerificationError."""
    return stripe.Webhook.construct_event(delivery.body, delivery.signature, secret)


def test_a_payment_arrives_signed_and_in_the_sdks_shape(merchant: Merchant, listener: Listener) -> None:
    """Connected events carry the account; the SDK verifies them; another secret or a changed body fails."""
    secret = hear(merchant, listener)
    session = merchant.session(metadata={"order": "A-1"})
    merchant.submit(session, "4242424242424242")
    wait_until(lambda: "checkout.session.completed" in listener.types(), "the session's event arrives")
    assert set(listener.types()) >= {"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}
    delivery = next(one for one in listener.received if one.event["type"] == "checkout.session.completed")
    event: Any = verify(delivery, secret)
    assert event.account == merchant.account
    assert (event.data.object.id, event.data.object.payment_status, event.data.object.metadata["order"]) == (session.id, "paid", "A-1")
    assert merchant.client.v1.events.retrieve(event.id, {}, merchant.on).type == "checkout.session.completed"
    with pytest.raises(stripe.SignatureVerificationError):
        verify(delivery, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        verify(Delivery(delivery.body.replace(b"2500", b"9900"), delivery.signature, 0), secret)


def test_endpoints_hear_their_own_accounts_only(merchant: Merchant, listener: Listener) -> None:
    """A platform endpoint does not hear connected accounts, a connect endpoint does not hear the platform, filters filter."""
    hear(merchant, listener, connect=False)
    merchant.pay()
    merchant.client.v1.customers.create({"name": "platform's own"})
    wait_until(lambda: len(listener.received) == 1, "the platform's event arrives")
    assert listener.types() == ["customer.created"]
    assert "account" not in listener.received[0].event
    hear(merchant, listener, connect=True, events=["charge.succeeded"])
    listener.received.clear()
    merchant.pay()
    wait_until(lambda: len(listener.received) == 1, "the filtered event arrives")
    time.sleep(0.3)
    assert listener.types() == ["charge.succeeded"]


def test_an_endpoint_is_listed_without_secret_switched_off_and_deleted(merchant: Merchant, listener: Listener) -> None:
    """The secret is shown once; a disabled or deleted endpoint hears nothing; bad addresses and events are refused."""
    endpoints = merchant.client.v1.webhook_endpoints
    made = endpoints.create({"url": listener.url, "enabled_events": ["*"], "connect": True})
    assert made.secret
    assert endpoints.list().data[0].to_dict().get("secret") is None
    endpoints.update(made.id, {"disabled": True})
    merchant.pay()
    endpoints.update(made.id, {"disabled": False})
    endpoints.delete(made.id)
    merchant.pay()
    time.sleep(0.5)
    assert listener.received == []
    assert endpoints.list().data == []
    for url, events in (("ftp://x", ["*"]), ("https://shop.example/hook", ["*"]), (listener.url, []), (listener.url, ["Not An Event"])):
        bad: Any = {"url": url, "enabled_events": events}
        with pytest.raises(stripe.InvalidRequestError):
            endpoints.create(bad)


def test_a_failed_delivery_is_repeated_until_it_is_taken(own_sandbox: Sandbox, listener: Listener) -> None:
    """500, redirect and 500 again are no delivery; the pauses grow; the event counts as pending until then."""
    merchant = new_merchant(own_sandbox)
    own_sandbox.control("knobs", {"retry_base_ms": 100})
    for status in (500, 302, 503):
        listener.answers.put(status)
    secret = hear(merchant, listener, events=["customer.created"], connect=False)
    made = merchant.client.v1.customers.create({})
    wait_until(lambda: len(listener.received) == 4, "the fourth attempt")
    assert {verify(one, secret).id for one in listener.received} == {listener.received[0].event["id"]}
    gaps = [later.at - earlier.at for earlier, later in zip(listener.received, listener.received[1:], strict=False)]
    assert gaps == sorted(gaps)
    event = listener.received[0].event["id"]
    wait_until(lambda: merchant.client.v1.events.retrieve(event).pending_webhooks == 0, "the event is delivered")
    assert made.id == listener.received[0].event["data"]["object"]["id"]
    time.sleep(0.3)
    assert len(listener.received) == 4


def test_duplicates_and_shuffle(own_sandbox: Sandbox, listener: Listener) -> None:
    """Every event comes three times and the order is not the order of creation."""
    merchant = new_merchant(own_sandbox)
    secret = hear(merchant, listener, events=["customer.created"], connect=False)
    own_sandbox.control("knobs", {"duplicate": 2, "shuffle": True, "shuffle_window_ms": 400})
    made = [merchant.client.v1.customers.create({"name": str(number)}).id for number in range(12)]
    wait_until(lambda: len(listener.received) == 36, "all copies arrive")
    ids = [verify(one, secret).data.object["id"] for one in listener.received]
    assert sorted(ids) == sorted(made * 3)
    assert list(dict.fromkeys(ids)) != made


def test_dropped_events_stay_listed_and_can_be_sent_again(own_sandbox: Sandbox, listener: Listener) -> None:
    """A lost webhook is found by `events.list`; resending delivers it."""
    merchant = new_merchant(own_sandbox)
    hear(merchant, listener, connect=False)
    own_sandbox.control("knobs", {"drop": True})
    merchant.client.v1.customers.create({})
    own_sandbox.control("knobs", {"reset": True})
    time.sleep(0.4)
    assert listener.received == []
    events = merchant.client.v1.events.list({"type": "customer.*"}).data
    assert [one.type for one in events] == ["customer.created"]
    assert merchant.client.v1.events.list({"delivery_success": False}).data
    own_sandbox.control("events/resend", {"event": events[0].id}, key=merchant.key)
    wait_until(lambda: len(listener.received) == 1, "the event arrives after all")


def test_forged_copies_do_not_verify(own_sandbox: Sandbox, listener: Listener) -> None:
    """Beside each event comes a copy with a new id and a hundredfold amount that the SDK rejects."""
    merchant = new_merchant(own_sandbox)
    secret = hear(merchant, listener, events=["payment_intent.succeeded"])
    own_sandbox.control("knobs", {"forged": True})
    merchant.pay(1000)
    wait_until(lambda: len(listener.received) == 2, "the true and the forged one")
    forged = []
    for delivery in listener.received:
        try:
            assert verify(delivery, secret).data.object["amount"] == 1000
        except stripe.SignatureVerificationError:
            forged.append(delivery.event)
    assert [one["data"]["object"]["amount"] for one in forged] == [100_000]


def test_future_timestamps_and_delay(own_sandbox: Sandbox, listener: Listener) -> None:
    """The signature's time is an hour ahead, and the event comes late."""
    merchant = new_merchant(own_sandbox)
    hear(merchant, listener, connect=False)
    own_sandbox.control("knobs", {"future_timestamp_s": 3600, "delay_ms": 600})
    begun = time.time()
    merchant.client.v1.customers.create({})
    wait_until(lambda: len(listener.received) == 1, "the late event")
    stamp = int(listener.received[0].signature.split(",")[0].removeprefix("t="))
    assert stamp > time.time() + 3000
    assert listener.received[0].at - begun >= 0.6


def test_unknown_knobs_are_refused(own_sandbox: Sandbox) -> None:
    """A knob that does not exist, or is out of range, changes nothing."""
    for values in ({"explode": 1}, {"duplicate": 99}, {"delay_ms": "soon"}, {"drop_permille": 1001}):
        with pytest.raises(AssertionError, match="knob|Knob"):
            own_sandbox.control("knobs", values)
    assert own_sandbox.control("knobs", method="GET")["duplicate"] == 0


def test_control_needs_the_secret_key_and_json(own_sandbox: Sandbox) -> None:
    """A page of another site can send neither without a preflight, which is refused."""
    url = f"{own_sandbox.base}/_sandbox/knobs"
    assert ask(url, method="POST", body=b"{}", headers={"Content-Type": "application/json"}).status == 401
    assert ask(url, method="POST", body=b"drop=1", headers={"Authorization": "Bearer sk_test_control"}).status == 400
    assert ask(url, method="POST", body=b"{}", headers={"Authorization": "Bearer pk_test_control"}).status in (401, 403)
    assert ask(url, method="OPTIONS", headers={"Origin": "http://aurora.localhost:8000"}).status == 403


def test_undelivered_events_survive_a_kill(own_sandbox: Sandbox, listener: Listener) -> None:
    """Events made while the endpoint was away arrive after kill -9 and a new start, each with a valid signature."""
    merchant = new_merchant(own_sandbox)
    secret = hear(merchant, listener, connect=False)
    port = listener.server.server_port
    listener.close()
    made = {merchant.client.v1.customers.create({}).id for _ in range(5)}
    own_sandbox.end(signal.SIGKILL)
    again = Listener(port)
    try:
        own_sandbox.start()
        own_sandbox.control("webhooks/flush", {})
        wait_until(lambda: len({one.event["id"] for one in again.received}) == 5, "all five arrive")
        assert {verify(one, secret).data.object["id"] for one in again.received} == made
    finally:
        again.close()


def test_the_command_line_sets_up_endpoints_with_known_secrets(own_sandbox: Sandbox, listener: Listener) -> None:
    """However often it starts there is one endpoint of each kind, with the secret that was given."""
    own_sandbox.end()
    own_sandbox.arguments = ("--key", "sk_test_embedded", "--webhook", listener.url, "--webhook-secret", "whsec_platform_of_the_tests",
                             "--connect-webhook", listener.url, "--connect-webhook-secret", SECRET)  # fmt: skip
    own_sandbox.start()
    own_sandbox.end()
    own_sandbox.start()
    client = own_sandbox.client("sk_test_embedded")
    assert len(client.v1.webhook_endpoints.list().data) == 2
    account = client.v1.accounts.create({"country": "US"})
    client.v1.customers.create({}, {"stripe_account": account.id})
    wait_until(lambda: len(listener.received) == 1, "the connect event arrives")
    assert verify(listener.received[0], SECRET).account == account.id
