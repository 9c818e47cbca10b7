"""Shapes that several endpoints of the floor answer with."""

from typing import Any

from rest_framework import serializers

from merchants.foundation.clock import to_ms
from merchants.foundation.money import Money, format_money


class MoneySerializer(serializers.Serializer[Any]):
    """An amount: minor units, currency, and as the reader's language writes it."""

    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    text = serializers.SerializerMethodField()

    def get_text(self, money: Any) -> str:
        return format_money(Money(money.amount_minor, money.currency))


class MillisecondsField(serializers.IntegerField):
    """A moment as milliseconds since the epoch."""

    def to_representation(self, value: Any) -> int:
        return to_ms(value)
