"""What each figure is called, and how it is written: the page and the letters say it in the same words."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from merchants.foundation.money import format_money
from rooms.insights.figures.queries import Figures


def list_lines(figures: Figures) -> list[tuple[str, str]]:
    """[(name, value)], both in the reader's language."""
    audience = figures.audience
    return [
        (_("Visits"), number_format(audience.visits)),
        (_("Viewers"), number_format(audience.viewers)),
        (_("Came back another day"), say_share(audience.returned_share, audience.viewers)),
        (_("Took part"), say_share(audience.interacted_share, audience.viewers)),
        (_("Bought"), say_share(audience.conversion, audience.viewers)),
        (_("Orders paid"), number_format(figures.money.orders)),
        (_("Sold"), format_money(figures.gross)),
        (_("Given back"), format_money(figures.returned)),
        (_("Net revenue"), format_money(figures.net)),
        (_("Net revenue per viewer"), format_money(figures.net_per_viewer)),
    ]


def say_share(share: float, viewers: int) -> str:
    """`number_format` cuts digits off, so that they are rounded before."""
    return f"{number_format(round(100 * share, 1), 1)} %" if viewers else "—"
