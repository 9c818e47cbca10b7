"""What the charts stand on: the plot of a room's season, orders by second, and what is behind a span of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.catalog.queries import list_cards
from commerce.orders.queries import PlacedSale, list_placed_sales
from dramas.playback.queries import Storyboard, find_storyboard
from dramas.seasons.queries import EpisodeView, get_episode, get_season, list_cues_of
from merchants.foundation.tenancy import current_schema
from rooms.engagement.queries import count_danmaku, list_danmaku
from rooms.insights.events.kinds import PLACE_BASE
from rooms.insights.queries.spans import moments_of_days
from rooms.program.queries import RoomView, list_episodes_by_seq

MOST_BEHIND = 50


@dataclass(frozen=True)
class PlotNode:
    """A cue of the plot. `label` is its product's name, or its kind's."""

    id: UUID
    at_ms: int
    duration_ms: int
    kind: str
    label: str


@dataclass(frozen=True)
class PlotEpisode:
    """`orders`: {second: orders that were tapped at it and paid}."""

    id: UUID
    number: int
    title: str
    duration_ms: int
    poster_url: str
    storyboard: Storyboard | None
    nodes: list[PlotNode]
    orders: dict[int, int]


@dataclass(frozen=True)
class VisitBehind:
    """A visit that was there. `left_s`: the second of the episode at which it ended, None when it went on past the span."""

    session_id: UUID
    first_at: datetime
    surface: str
    source: str
    variant: str
    watched_ms: int
    orders: int
    left_s: int | None


@dataclass(frozen=True)
class LineBehind:
    at_ms: int
    nickname: str
    text: str


@dataclass(frozen=True)
class OrderBehind:
    order_id: UUID
    number: str
    at_ms: int
    net_minor: int


@dataclass(frozen=True)
class Behind:
    """Counts are of everything; the lists hold the first `MOST_BEHIND` of it."""

    visits_count: int
    left_count: int
    danmaku_count: int
    orders_count: int
    visits: list[VisitBehind]
    danmaku: list[LineBehind]
    orders: list[OrderBehind]


_BEHIND = """
SELECT fact.session_id, fact.first_at, fact.surface, fact.source, fact.variant, fact.watched_ms, fact.orders,
    CASE WHEN fact.furthest_place < %(end)s THEN fact.furthest_place - %(base)s END, count(*) OVER (),
    count(*) FILTER (WHERE fact.furthest_place < %(end)s) OVER ()
FROM insights_session_fact fact
WHERE fact.tenant_id = %(tenant)s AND fact.room_id = %(room)s AND fact.season_id = %(season)s
    AND fact.first_place < %(end)s AND fact.furthest_place >= %(begin)s
    AND (%(since)s::date IS NULL OR fact.on_day >= %(since)s) AND (%(until)s::date IS NULL OR fact.on_day <= %(until)s)
ORDER BY fact.furthest_place, fact.first_at, fact.session_id LIMIT %(most)s
"""


def list_plot(room: RoomView, *, since: date | None = None, until: date | None = None) -> list[PlotEpisode]:
    """The season's episodes in order; nothing for a room without one. Six queries, and one an episode."""
    if room.season_id is None:
        return []
    episodes = get_season(room.season_id).episodes
    cues = list_cues_of(episode.id for episode in episodes)
    titles = {card.id: card.title for card in list_cards([cue.product_id for found in cues.values() for cue in found if cue.product_id])}
    orders: dict[UUID, Counter[int]] = {episode.id: Counter() for episode in episodes}
    for episode_id, sale in _placed(room.id, since, until):
        if episode_id in orders:
            orders[episode_id][(sale.position_ms or 0) // 1000] += 1
    return [
        PlotEpisode(
            id=episode.id,
            number=episode.number,
            title=episode.title,
            duration_ms=episode.duration_ms,
            poster_url=episode.poster_url,
            storyboard=find_storyboard(episode.id),
            nodes=[
                PlotNode(cue.id, cue.at_ms, cue.duration_ms, cue.kind, titles.get(cue.product_id, cue.kind) if cue.product_id else cue.kind)
                for cue in cues[episode.id]
            ],
            orders=dict(orders[episode.id]),
        )
        for episode in episodes
    ]


def get_behind(room: RoomView, episode_id: UUID, *, begin_s: int, end_s: int, since: date | None = None, until: date | None = None) -> Behind:
    """Visits that were at seconds `begin_s` to `end_s` (left out) of an episode, lines written there, orders tapped there.

    Visits of the days given, and orders paid on them; lines of all airings. Six queries. Raises: EpisodeNotFound.
    """
    episode = get_episode(episode_id)
    rows = _visits(room.id, episode, begin_s, end_s, since, until)
    sales = [sale for of, sale in _placed(room.id, since, until) if of == episode.id and begin_s <= (sale.position_ms or 0) // 1000 < end_s]
    from_ms, to_ms = begin_s * 1000, end_s * 1000
    lines = list_danmaku(room.id, from_ms=from_ms, to_ms=to_ms, episode_id=episode.id)
    return Behind(
        visits_count=rows[0][-2] if rows else 0,
        left_count=rows[0][-1] if rows else 0,
        danmaku_count=count_danmaku(room.id, from_ms=from_ms, to_ms=to_ms, episode_id=episode.id),
        orders_count=len(sales),
        visits=[VisitBehind(*row[:-2]) for row in rows],
        danmaku=[LineBehind(line.position_ms, line.nickname, line.text) for line in lines[:MOST_BEHIND]],
        orders=[
            OrderBehind(sale.order_id, sale.number, sale.position_ms or 0, sale.total_minor - sale.refunded_minor) for sale in sales[:MOST_BEHIND]
        ],
    )


def _placed(room_id: UUID, since: date | None, until: date | None) -> list[tuple[UUID, PlacedSale]]:
    """Paid orders whose tap has an episode. Two queries."""
    begin, end = moments_of_days(since, until)
    sales = [sale for sale in list_placed_sales(room_id, since=begin, until=end) if sale.program_seq]
    shown = list_episodes_by_seq(room_id, {sale.program_seq for sale in sales if sale.program_seq})
    return [(shown[sale.program_seq], sale) for sale in sales if sale.program_seq in shown]


def _visits(room_id: UUID, episode: EpisodeView, begin_s: int, end_s: int, since: date | None, until: date | None) -> list[Any]:
    base = episode.number * PLACE_BASE
    values: dict[str, Any] = {
        "tenant": current_schema(),
        "room": room_id,
        "season": episode.season_id,
        "base": base,
        "begin": base + begin_s,
        "end": base + end_s,
        "since": since,
        "until": until,
        "most": MOST_BEHIND,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, values)
        return list(cursor.fetchall())
