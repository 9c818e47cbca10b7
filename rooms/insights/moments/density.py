"""What happens at each second of an episode: danmaku, rewinds to it, taps, leaving, and how many were there."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from dramas.seasons.queries import EpisodeView
from merchants.foundation.tenancy import current_schema
from rooms.insights.events.kinds import PLACE_BASE, Kind
from rooms.insights.moments.signals import Signal

BIN_S = 5
# A jump back of less is a correction of the player's, or of a thumb's.
LEAST_REWIND_MS = 2_000


@dataclass(frozen=True)
class HeatRow:
    """One second of an episode: viewers who were there, and those of them who did something; a viewer counts once a second."""

    second: int
    watching: int
    danmaku: int
    rewinds: int
    taps: int
    left: int


@dataclass(frozen=True)
class Density:
    """`by_bin[signal][bin]`: viewers who did it in these `BIN_S` seconds, each once; `watched_s[bin]`: viewer-seconds spent there.

    `seconds` are all of the episode. The last bin is left out of the leaving: its end is not what people leave.
    """

    seconds: list[HeatRow] = field(default_factory=list)
    by_bin: dict[Signal, list[int]] = field(default_factory=dict)
    watched_s: list[float] = field(default_factory=list)


_SAID = f"""
SELECT signal, second, bin, count(DISTINCT viewer_id) FROM (
    SELECT CASE event.kind WHEN {Kind.DANMAKU:d} THEN '{Signal.DANMAKU}' WHEN {Kind.SEEK:d} THEN '{Signal.REWIND}' ELSE '{Signal.TAP}' END AS signal,
        event.position_ms / 1000 AS second, event.position_ms / {BIN_S * 1000} AS bin, event.viewer_id
    FROM insights_event event
    WHERE event.tenant_id = %(tenant)s AND event.episode_id = %(episode)s AND (%(room)s::uuid IS NULL OR event.room_id = %(room)s)
        AND event.position_ms < %(duration)s
        AND (event.kind IN ({Kind.CUE_CLICKED:d}, {Kind.DANMAKU:d})
            OR event.kind = {Kind.SEEK:d} AND event.position_ms + {LEAST_REWIND_MS} <= event.value)
) said GROUP BY GROUPING SETS ((signal, second), (signal, bin))
"""  # noqa: S608  our own numbers

# A viewer's reach in the season, cut to the episode: from their first second to the last one that they came to.
_REACH = f"""
SELECT greatest(first_place - %(begin)s, 0), furthest_place - %(begin)s, count(*) FROM (
    SELECT fact.viewer_id, min(fact.first_place) AS first_place, max(fact.furthest_place) AS furthest_place
    FROM insights_session_fact fact
    WHERE fact.tenant_id = %(tenant)s AND fact.season_id = %(season)s AND (%(room)s::uuid IS NULL OR fact.room_id = %(room)s)
        AND fact.first_place IS NOT NULL
    GROUP BY fact.viewer_id
) reach WHERE first_place < %(begin)s + {PLACE_BASE} AND furthest_place >= %(begin)s GROUP BY 1, 2
"""  # noqa: S608


def read_density(episode: EpisodeView, room_id: UUID | None = None) -> Density:
    """Of one episode, in one room or in all. Two queries."""
    length = -(-episode.duration_ms // 1000)
    if not length:
        return Density()
    watching, left = _reach(episode, room_id, length)
    by_second, by_bin = _said(episode, room_id, -(-length // BIN_S))
    seconds = [
        HeatRow(
            second=second,
            watching=watching[second],
            danmaku=by_second[Signal.DANMAKU][second],
            rewinds=by_second[Signal.REWIND][second],
            taps=by_second[Signal.TAP][second],
            left=left[second],
        )
        for second in range(length)
    ]
    bins = range(0, length, BIN_S)
    by_bin[Signal.EXIT] = [sum(left[begin : begin + BIN_S]) for begin in bins][:-1]
    return Density(seconds, by_bin, [float(sum(watching[begin : begin + BIN_S])) for begin in bins])


def _reach(episode: EpisodeView, room_id: UUID | None, length: int) -> tuple[list[int], list[int]]:
    """Viewers at each second, and those who came no further than it."""
    begin = episode.number * PLACE_BASE
    values = {"tenant": current_schema(), "season": episode.season_id, "room": room_id, "begin": begin}
    changes, left = [0] * (length + 1), [0] * length
    for first, last, viewers in _fetch(_REACH, values):
        changes[min(first, length)] += viewers
        changes[min(last + 1, length)] -= viewers
        if last < length:
            left[last] += viewers
    watching, now = [], 0
    for change in changes[:-1]:
        now += change
        watching.append(now)
    return watching, left


def _said(episode: EpisodeView, room_id: UUID | None, bins: int) -> tuple[dict[Signal, dict[int, int]], dict[Signal, list[int]]]:
    values = {"tenant": current_schema(), "episode": episode.id, "room": room_id, "duration": episode.duration_ms}
    by_second: dict[Signal, dict[int, int]] = {signal: defaultdict(int) for signal in Signal}
    by_bin: dict[Signal, list[int]] = {signal: [0] * bins for signal in Signal}
    for signal, second, place, viewers in _fetch(_SAID, values):
        if second is None:
            by_bin[Signal(signal)][place] = viewers
        else:
            by_second[Signal(signal)][second] = viewers
    return by_second, by_bin


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
