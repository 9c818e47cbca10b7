"""What the office's templates ask for: permissions, and where the bars of a small chart stand."""

from collections.abc import Sequence
from typing import Any

from django import template

from merchants.accounts.permissions import can
from merchants.dashboard.panels import Bar

register = template.Library()

CHART_WIDTH, BASE_Y, HIGHEST = 600, 160, 136


@register.simple_tag(takes_context=True)
def may(context: dict[str, Any], permission: str) -> bool:
    """`{% may "rooms.edit" as may_rooms %}`"""
    return can(context["request"].user, permission)


@register.simple_tag
def bar_geometry(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    """Whole pixels in a 600 × 180 picture."""
    step = CHART_WIDTH / max(len(bars), 1)
    width = min(step * 0.68, 48)
    shapes = []
    for place, bar in enumerate(bars):
        height = max(HIGHEST * bar.value_permille / 1000, 2)
        x = place * step + (step - width) / 2
        shapes.append(
            {"bar": bar, "x": round(x), "y": round(BASE_Y - height), "width": round(width), "height": round(height), "middle": round(x + width / 2)}
            | {"label_y": round(BASE_Y - height - 6)}
        )
    return shapes
