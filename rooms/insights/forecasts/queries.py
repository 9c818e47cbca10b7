"""Past shows from the rollups, and the forecast that follows from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.catalog.queries import list_cards
from dramas.seasons.queries import CueView, SeasonView, list_cues_of, list_seasons
from merchants.foundation.tenancy import current_schema
from rooms.insights.stats.forecast import CardSeen, CardToCome, Measured, PastShow, backtest, forecast
from rooms.program.models import Airing
from rooms.program.queries import RoomView

# Older shows weigh nothing any more.
MOST_SHOWS = 60

_SHOWS = """
WITH show AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(rooms)s::uuid[], %(since)s::timestamptz[], %(until)s::timestamptz[]) AS show (id, room_id, since, until)
)
"""
_AUDIENCES = f"""
{_SHOWS}
SELECT show.id, count(*) FROM show JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.room_id = show.room_id
    AND fact.first_at < show.until AND fact.last_at >= show.since AND fact.entered_at IS NOT NULL
GROUP BY 1
"""  # noqa: S608  our own statement
_CARDS = f"""
{_SHOWS}
SELECT show.id, fact.cue_id, count(*), count(fact.click_ms), count(fact.checkout_ms)
FROM show JOIN insights_cue_fact fact ON fact.tenant_id = %(tenant)s AND fact.room_id = show.room_id
    AND fact.shown_at >= show.since AND fact.shown_at < show.until
GROUP BY 1, 2
"""  # noqa: S608


@dataclass(frozen=True)
class CueForecast:
    """A card of the next show. `viewers`, `taps`, `orders`: expected, not whole; `low` and `high` of the orders: between them four of five
    shows stayed, None while there are too few to say."""

    cue_id: UUID
    episode: int
    second: int
    title: str
    viewers: float
    taps: float
    orders: float
    orders_low: float | None
    orders_high: float | None


@dataclass(frozen=True)
class RoomForecast:
    """`shows`: past ones that it rests on, of this room; `measured`: by measure, empty while too few shows were had to judge by."""

    room_id: UUID
    shows: int
    cues: tuple[CueForecast, ...]
    measured: Mapping[str, Measured]


def forecast_room(room: RoomView) -> RoomForecast:
    """At most ten queries. Without past shows, or without a season, `cues` is empty."""
    seasons = list_seasons()
    cues = list_cues_of([episode.id for season in seasons for episode in season.episodes])
    known = {cue.id: (cue, place) for season in seasons for cue, place in _places(season, cues)}
    past = list_past_shows(room.id, {cue_id: CardToCome(cue_id, cue.kind, place) for cue_id, (cue, place) in known.items()})
    season = next((season for season in seasons if season.id == room.season_id), None)
    coming = _places(season, cues) if season else []
    expected = forecast(past, [CardToCome(cue.id, cue.kind, place) for cue, place in coming])
    measured = backtest(past)
    shown = {cue.id: cue for cue, _ in coming}
    titles = _titles(shown.values())
    numbers = {episode.id: episode.number for episode in season.episodes} if season else {}
    orders = measured.get("orders")
    rows = [
        CueForecast(
            cue_id=cue.id,
            episode=numbers[cue.episode_id],
            second=cue.at_ms // 1000,
            title=titles.get(cue.product_id, "") if cue.product_id else "",
            viewers=found.viewers,
            taps=found.taps,
            orders=found.orders,
            orders_low=found.orders * orders.low if orders else None,
            orders_high=found.orders * orders.high if orders else None,
        )
        for found, cue in zip(expected, shown.values(), strict=False)
    ]
    return RoomForecast(room.id, sum(show.is_here for show in past), tuple(rows), measured)


def list_past_shows(room_id: UUID, cards: Mapping[UUID, CardToCome]) -> list[PastShow]:
    """The shop's last finished shows with somebody in them, the oldest first, without rehearsals. `cards`: those still known. Three queries."""
    found = Airing.objects.filter(withdrawn_at=None, ended_at__isnull=False, room__is_rehearsal=False).order_by("-started_at")[:MOST_SHOWS]
    shows = list(found)[::-1]
    if not shows:
        return []
    values = {
        "tenant": current_schema(),
        "ids": [show.pk for show in shows],
        "rooms": [show.room_id for show in shows],
        "since": [show.started_at for show in shows],
        "until": [show.ended_at for show in shows],
    }
    audiences = dict(_fetch(_AUDIENCES, values))
    seen: dict[UUID, list[CardSeen]] = defaultdict(list)
    for show_id, cue_id, viewers, taps, orders in _fetch(_CARDS, values):
        if cue_id in cards:
            card = cards[cue_id]
            seen[show_id].append(CardSeen(cue_id, card.kind, card.place, viewers, taps, orders))
    return [PastShow(audiences[show.pk], tuple(seen[show.pk]), is_here=show.room_id == room_id) for show in shows if show.pk in audiences]


def _places(season: SeasonView, cues: Mapping[UUID, Sequence[CueView]]) -> list[tuple[CueView, float]]:
    """The season's product cards in order, each with its share of the story."""
    length_ms = max(1, sum(episode.duration_ms for episode in season.episodes))
    found, begin_ms = [], 0
    for episode in season.episodes:
        found += [(cue, (begin_ms + cue.at_ms) / length_ms) for cue in cues.get(episode.id, ()) if cue.product_id]
        begin_ms += episode.duration_ms
    return found


def _titles(cues: Iterable[CueView]) -> dict[UUID, str]:
    products = [cue.product_id for cue in cues if cue.product_id]
    return {card.id: card.title for card in list_cards(list(dict.fromkeys(products)))} if products else {}


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
