"""Reads of what is expected and what was prepared for."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.catalog.queries import list_cards
from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema
from rooms.preparation.models import CardPreparation, ShowForecast

KEPT_SHOWS = 500


@dataclass(frozen=True)
class Expected:
    """Viewers who tap a card, and who order."""

    taps: float
    orders: float


@dataclass(frozen=True)
class PreparationView:
    """A line of the log. `ahead_s`: how long before the card it was done, None when it was not; `taps`, `orders`: what came, once counted."""

    title: str
    due_at: datetime
    ahead_s: float | None
    took_ms: int | None
    expected: Expected
    taps: int | None
    orders: int | None


_forecasts: "OrderedDict[tuple[str, UUID], Mapping[UUID, Expected]]" = OrderedDict()


def list_expected(airing_id: UUID) -> Mapping[UUID, Expected]:
    """By cue, the cards worth preparing for. No query once this process knows them: a forecast never changes."""
    key = (current_schema(), airing_id)
    known = _forecasts.get(key)
    if known is not None:
        return known
    found = ShowForecast.objects.filter(pk=airing_id).first()
    if found is None:
        return {}
    _forecasts[key] = {UUID(card["cue_id"]): Expected(card["taps"], card["orders"]) for card in found.cards}
    if len(_forecasts) > KEPT_SHOWS:
        _forecasts.popitem(last=False)
    return _forecasts[key]


def list_prepared(airing_id: UUID) -> dict[UUID, int]:
    """By cue, the last moment (epoch ms) that was prepared for. One query."""
    rows = CardPreparation.objects.filter(airing_id=airing_id).order_by("due_at").values_list("cue_id", "due_at")
    return {cue_id: clock.to_ms(due_at) for cue_id, due_at in rows}


def list_preparations(room_id: UUID, *, limit: int = 20) -> list[PreparationView]:
    """The room's last ones, the newest first. At most four queries."""
    rows = list(CardPreparation.objects.filter(airing__room_id=room_id).order_by("-due_at")[:limit])
    titles = {card.id: card.title for card in list_cards(list(dict.fromkeys(row.product_id for row in rows)))} if rows else {}
    return [
        PreparationView(
            title=titles.get(row.product_id, ""),
            due_at=row.due_at,
            ahead_s=(row.due_at - row.done_at).total_seconds() if row.done_at else None,
            took_ms=row.took_ms,
            expected=Expected(row.expected_taps, row.expected_orders),
            taps=row.taps,
            orders=row.orders,
        )
        for row in rows
    ]
