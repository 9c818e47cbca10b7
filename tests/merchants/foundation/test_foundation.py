"""What every floor stands on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest

from merchants.foundation import clock, ids, signing
from merchants.foundation.facts import Fact
from merchants.foundation.money import CurrencyMismatch, Money, format_money, to_decimal_text


def test_ids_sort_by_time():
    """A later id is greater than an earlier one and says version 7."""
    first, second = ids.new_id(), ids.new_id()
    assert first.version == second.version == 7
    assert first.int >> 80 <= second.int >> 80


def test_money_keeps_minor_units_and_currencies_apart():
    """Sums are exact; two currencies never add up."""
    assert Money(10, "USD") + Money(5, "USD") == Money(15, "USD")
    assert to_decimal_text(Money(-1234, "USD")) == "-12.34"
    assert to_decimal_text(Money(500, "JPY")) == "500"
    assert format_money(Money(123456, "USD"), "en") == "$1,234.56"
    with pytest.raises(CurrencyMismatch):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(TypeError):
        Money(1.5, "USD")  # type: ignore[arg-type]


def test_tokens_are_bound_to_shop_and_purpose():
    """A token of one shop or purpose is void for another; an expired one says so."""
    token = signing.sign_for("aurora", "x", {"a": 1}, 60)
    assert signing.read_for("aurora", "x", token) == {"a": 1}
    for schema, purpose in (("borealis", "x"), ("aurora", "y")):
        with pytest.raises(signing.TokenInvalid):
            signing.read_for(schema, purpose, token)
    with pytest.raises(signing.TokenExpired):
        signing.read_for("aurora", "x", signing.sign_for("aurora", "x", {}, -1))


@dataclass(frozen=True)
class ThingHappened(Fact):
    """A fact of this test."""

    thing_id: UUID
    at: datetime
    note: str | None = None


def test_facts_survive_their_journey_through_json():
    """A fact that is written and read is equal to itself."""
    fact = ThingHappened(thing_id=ids.new_id(), at=datetime(2026, 1, 2, tzinfo=UTC))
    assert ThingHappened.from_payload(fact.as_payload()) == fact


def test_clock_can_be_held():
    """Inside `frozen` the clock stands still."""
    at = datetime(2026, 1, 2, tzinfo=UTC)
    with clock.frozen(at):
        assert clock.now() == at
    assert clock.now() != at
