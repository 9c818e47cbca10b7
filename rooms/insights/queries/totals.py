"""Sums that only the rollups hold: a room's totals, its days, and what statistics need of its viewers."""

from typing import Any

from django.db import connection

from rooms.insights.queries.conditions import where
from rooms.insights.queries.shapes import DayRow, Question, SummaryRow, ViewerSumsRow

_SUMMARY = """
SELECT count(*), count(DISTINCT fact.viewer_id), count(*) FILTER (WHERE fact.orders > 0), {sums}
FROM insights_session_fact fact WHERE {where}
"""
_SUMMED = ("orders", "revenue_minor", "danmaku", "likes", "gifts", "clicks", "watched_ms", "stalled_ms")

_DAYS = """
SELECT fact.on_day, sum(fact.sessions)::bigint, sum(fact.paid_sessions)::bigint, sum(fact.orders)::bigint, sum(fact.revenue_minor)::bigint,
    sum(fact.watched_ms)::bigint
FROM insights_daily_fact fact WHERE {where} GROUP BY 1 HAVING sum(fact.sessions) <> 0 ORDER BY 1
"""

METRICS = {
    "revenue_minor": "revenue_minor",
    "watched_ms": "watched_ms",
    "orders": "orders",
    "clicks": "clicks",
    "interactions": "interactions",
    "buyers": "least(orders, 1)",
}
_VIEWERS = """
SELECT fact.variant, count(*), {sums} FROM insights_viewer_fact fact WHERE {where} AND fact.sessions > 0 GROUP BY 1 ORDER BY 1
"""


def list_summary(question: Question) -> list[SummaryRow]:
    """One row. One query."""
    conditions, values = where(question.slice, table="fact")
    sums = ", ".join(f"coalesce(sum(fact.{name}), 0)::bigint" for name in _SUMMED)
    (sessions, viewers, paid, *totals), *_ = _fetch(_SUMMARY.format(sums=sums, where=conditions), values)
    total = dict(zip(_SUMMED, totals, strict=True))
    return [
        SummaryRow(
            sessions=sessions,
            viewers=viewers,
            paid_sessions=paid,
            conversion=paid / sessions if sessions else 0.0,
            revenue_per_viewer=total["revenue_minor"] / viewers if viewers else 0.0,
            **total,
        )
    ]


def list_days(question: Question) -> list[DayRow]:
    """By day of the visits' beginning, oldest first. One query. Days know no season: the slice may not name one."""
    conditions, values = where(question.slice, table="fact")
    return [DayRow(*row) for row in _fetch(_DAYS.format(where=conditions), values)]


def list_viewer_sums(question: Question) -> list[ViewerSumsRow]:
    """By variant and metric, over all days: a viewer of a room is one, however often they came. One query.

    The slice may name a room and a variant, nothing else.
    """
    conditions, values = where(question.slice, table="fact")
    sums = ", ".join(f"sum({metric})::bigint, sum({metric}::numeric * {metric})::bigint" for metric in METRICS.values())
    rows = []
    for variant, viewers, *found in _fetch(_VIEWERS.format(sums=sums, where=conditions), values):
        pairs = zip(METRICS, found[::2], found[1::2], strict=True)
        rows += [ViewerSumsRow(variant, metric, viewers, total, squares) for metric, total, squares in pairs]
    return rows


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
