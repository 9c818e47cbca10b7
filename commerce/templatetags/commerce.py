"""Money and drawing numbers in templates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from merchants.foundation.money import Money, format_money

register = template.Library()


@register.simple_tag
def money(amount: Money) -> SafeString:
    """An amount in the reader's language; a negative one with a true minus and the class that colours it."""
    return format_html('<span class="money{}">{}</span>', " is-minus" if amount.amount_minor < 0 else "", format_money(amount))


@register.filter
def as_money(amount: Money) -> str:
    return format_money(amount)


@register.filter
def unlocalized(number: float) -> str:
    """A coordinate: always with a point."""
    return f"{number:g}"
