"""Accounts, customers, products, prices, payment methods: made, read, changed, listed, and refused."""

from typing import Any

import pytest
import stripe

from tests.commerce.sandbox.running import Merchant


def test_a_connected_account_can_charge_at_once(merchant: Merchant) -> None:
    """Onboarding takes no time; the platform reads and changes the account, and reads itself."""
    account = merchant.client.v1.accounts.retrieve(merchant.account)
    assert account.charges_enabled
    assert account.payouts_enabled
    changed = merchant.client.v1.accounts.update(merchant.account, {"business_profile": {"name": "Borealis"}, "metadata": {"tenant": "b"}})
    assert changed.business_profile is not None
    assert changed.business_profile.name == "Borealis"
    assert changed.metadata is not None
    assert changed.metadata["tenant"] == "b"
    assert merchant.client.v1.accounts.retrieve_current().id != merchant.account
    assert merchant.client.v1.accounts.retrieve_current({}, merchant.on).id == merchant.account
    assert [one.id for one in merchant.client.v1.accounts.list().data] == [merchant.account]


def test_account_creation_is_for_platforms(merchant: Merchant) -> None:
    """A connected account creates none; type and controller exclude each other; unknown types are refused."""
    with pytest.raises(stripe.PermissionError):
        merchant.client.v1.accounts.create({"country": "US"}, merchant.on)
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.accounts.create({"type": "express", "controller": {"fees": {"payer": "account"}}})
    with pytest.raises(stripe.InvalidRequestError):
        merchant.client.v1.accounts.create({"type": "fancy"})  # type: ignore[typeddict-item]


def test_a_deleted_account_can_no_longer_act(merchant: Merchant) -> None:
    """After deletion its id is refused; the platform's own account stays."""
    assert merchant.client.v1.accounts.delete(merchant.account).deleted
    with pytest.raises(stripe.PermissionError):
        merchant.client.v1.balance.retrieve({}, merchant.on)
    with pytest.raises(stripe.PermissionError):
        merchant.client.v1.accounts.delete(merchant.client.v1.accounts.retrieve_current().id)


def test_a_customer_lives_and_is_forgotten(merchant: Merchant) -> None:
    """Create, update with metadata merging, find by e-mail, delete; a deleted one says so and cannot be used."""
    customers = merchant.client.v1.customers
    made = customers.create({"email": "mei@example.com", "metadata": {"a": "1", "b": "2"}}, merchant.on)
    changed = customers.update(made.id, {"name": "Mei", "metadata": {"a": "", "c": "3"}}, merchant.on)
    assert changed.name == "Mei"
    assert changed.metadata is not None
    assert changed.metadata.to_dict() == {"b": "2", "c": "3"}
    assert [one.id for one in customers.list({"email": "mei@example.com"}, merchant.on).data] == [made.id]
    assert customers.delete(made.id, {}, merchant.on).deleted
    assert customers.retrieve(made.id, {}, merchant.on).deleted
    assert customers.list({}, merchant.on).data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        merchant.pay(customer=made.id)


def test_a_product_and_its_prices(merchant: Merchant) -> None:
    """A price belongs to a product and never changes its amount; a product with prices cannot be deleted."""
    product = merchant.client.v1.products.create({"name": "Lamp", "id": "lamp"}, merchant.on)
    price = merchant.client.v1.prices.create({"product": product.id, "currency": "eur", "unit_amount": 1999, "lookup_key": "lamp"}, merchant.on)
    assert price.unit_amount_decimal is not None
    assert str(price.unit_amount_decimal) == "1999"
    assert [one.id for one in merchant.client.v1.prices.list({"lookup_keys": ["lamp"]}, merchant.on).data] == [price.id]
    assert merchant.client.v1.prices.update(price.id, {"active": False}, merchant.on).active is False
    assert [one.id for one in merchant.client.v1.prices.list({"active": False}, merchant.on).data] == [price.id]
    with pytest.raises(stripe.InvalidRequestError, match="Received unknown parameter"):
        merchant.client.v1.prices.update(price.id, {"unit_amount": 1}, merchant.on)  # type: ignore[typeddict-unknown-key]
    with pytest.raises(stripe.InvalidRequestError, match="cannot be deleted"):
        merchant.client.v1.products.delete(product.id, {}, merchant.on)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.client.v1.products.create({"name": "Lamp", "id": "lamp"}, merchant.on)
    assert caught.value.code == "resource_already_exists"
    assert merchant.client.v1.products.update(product.id, {"name": "Lantern"}, merchant.on).name == "Lantern"


def test_a_price_describes_its_product_in_place(merchant: Merchant) -> None:
    """`product_data` makes the product; neither or both is refused; recurring prices are not spoken."""
    made = merchant.client.v1.prices.create({"currency": "usd", "unit_amount": 100, "product_data": {"name": "Pin"}}, merchant.on)
    assert merchant.client.v1.products.retrieve(str(made.product), {}, merchant.on).name == "Pin"
    bad: Any
    for bad in (
        {"currency": "usd", "unit_amount": 100},
        {"currency": "usd", "unit_amount": 100, "product": "nope"},
        {"currency": "usd", "unit_amount": 100, "product_data": {"name": "x"}, "recurring": {"interval": "month"}},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            merchant.client.v1.prices.create(bad, merchant.on)


def test_card_numbers_are_refused_from_servers(merchant: Merchant) -> None:
    """The secret key must not carry card numbers."""
    card: Any = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123"}}
    with pytest.raises(stripe.StripeError, match="unsafe"):
        merchant.client.v1.payment_methods.create(card, merchant.on)


def test_a_browser_makes_a_payment_method(merchant: Merchant) -> None:
    """The publishable key does; the number is not in the answer; the server can pay with it and keep it for a customer."""
    values = {"type": "card", "card": {"number": "4242 4242 4242 4242", "exp_month": 1, "exp_year": 40, "cvc": "123"}}
    made = merchant.sheet("/v1/payment_methods", values).json
    assert made["card"]["last4"] == "4242"
    assert made["card"]["exp_year"] == 2040
    assert "4242424242424242" not in str(made)
    customer = merchant.client.v1.customers.create({}, merchant.on)
    attached = merchant.client.v1.payment_methods.attach(made["id"], {"customer": customer.id}, merchant.on)
    assert attached.customer == customer.id
    assert [one.id for one in merchant.client.v1.customers.payment_methods.list(customer.id, {}, merchant.on).data] == [made["id"]]
    assert merchant.pay(method=made["id"], customer=customer.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="already been attached"):
        merchant.client.v1.payment_methods.attach(made["id"], {"customer": customer.id}, merchant.on)
    assert merchant.client.v1.payment_methods.detach(made["id"], {}, merchant.on).customer is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"number": "4242"}, "incorrect_number"),
        ({"exp_month": 13}, "invalid_expiry_month"),
        ({"exp_year": 2020}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
        ({"number": "378282246310005", "cvc": "123"}, "invalid_cvc"),
    ],
)
def test_impossible_cards_are_refused_before_any_bank(merchant: Merchant, changes: dict[str, Any], code: str) -> None:
    """Check digit, date and code are looked at first: 402 with Stripe's code."""
    card = {"number": "4242424242424242", "exp_month": 12, "exp_year": 2040, "cvc": "123", **changes}
    reply = merchant.sheet("/v1/payment_methods", {"type": "card", "card": card})
    assert reply.status == 402
    assert reply.json["error"]["code"] == code
