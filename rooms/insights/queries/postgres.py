"""The four questions, from the rollups."""

from typing import Any

from django.db import connection

from rooms.insights.queries.conditions import where
from rooms.insights.queries.shapes import STEP_NAMES, CohortRow, DwellRow, FunnelRow, Question, RetentionRow
from rooms.insights.queries.survival import list_survival
from rooms.insights.rollups.statements import LONGEST_VISIT_DAYS

_GROUPS = {
    "none": "''",
    "variant": "fact.variant",
    "source": "fact.source",
    "room": "fact.room_id::text",
    "season": "coalesce(fact.season_id::text, '')",
}

_FUNNEL = """
SELECT {group}, count(fact.entered_at),
    count(*) FILTER (WHERE fact.play_ms <= %(window)s), count(*) FILTER (WHERE fact.cue_ms <= %(window)s),
    count(*) FILTER (WHERE fact.click_ms <= %(window)s), count(*) FILTER (WHERE fact.bag_ms <= %(window)s),
    count(*) FILTER (WHERE fact.checkout_ms <= %(window)s), count(*) FILTER (WHERE fact.paid_ms <= %(window)s)
FROM insights_session_fact fact WHERE {where} GROUP BY 1 ORDER BY 1
"""

_CUE_FUNNEL = """
SELECT {group}, count(fact.entered_at), count(fact.play_ms), count(cue.session_id) FILTER (WHERE fact.play_ms IS NOT NULL),
    count(*) FILTER (WHERE cue.click_ms <= %(window)s AND fact.play_ms IS NOT NULL),
    count(*) FILTER (WHERE cue.bag_ms <= %(window)s AND fact.play_ms IS NOT NULL),
    count(*) FILTER (WHERE cue.checkout_ms <= %(window)s AND fact.play_ms IS NOT NULL),
    count(*) FILTER (WHERE cue.paid_ms <= %(window)s AND fact.play_ms IS NOT NULL)
FROM insights_session_fact fact LEFT JOIN (
    SELECT session_id, min(click_ms) AS click_ms, min(bag_ms) AS bag_ms, min(checkout_ms) AS checkout_ms, min(paid_ms) AS paid_ms
    FROM insights_cue_fact WHERE tenant_id = %(tenant)s AND {cues} GROUP BY session_id
) cue ON cue.session_id = fact.session_id
WHERE {where} GROUP BY 1 ORDER BY 1
"""

# Of steps that are chosen the rollups know nothing: the visits' own events are folded anew, as rolling up does it.
_CHOSEN_FUNNEL = f"""
WITH visits AS (
    SELECT fact.session_id, fact.first_at, {{group}} AS grouping FROM insights_session_fact fact WHERE {{where}}
), made AS (
    SELECT visit.session_id,
        array_agg(array_position(%(steps)s::smallint[], event.kind)::smallint ORDER BY event.at, event.kind, event.id) AS kinds,
        array_agg(event.at ORDER BY event.at, event.kind, event.id) AS ats
    FROM visits visit JOIN insights_event event ON event.tenant_id = %(tenant)s AND event.session_id = visit.session_id
        AND event.kind <= {{last}} AND event.kind = ANY(%(steps)s) AND event.at < visit.first_at + interval '{LONGEST_VISIT_DAYS} days'
    GROUP BY visit.session_id
), folded AS (
    SELECT visit.grouping, insights_fold(1, {{count}}, made.kinds, made.ats) AS at FROM visits visit LEFT JOIN made USING (session_id)
)
SELECT grouping, count(at[1]), {{counts}} FROM folded GROUP BY 1 ORDER BY 1
"""  # noqa: S608  our own names and numbers
_REACHED = "count(*) FILTER (WHERE at[{step}] - at[1] <= %(window)s * interval '1 millisecond')"

_RETENTION = """
SELECT fact.place, sum(fact.began), sum(fact.ended) FROM insights_retention_bucket fact
WHERE {where} GROUP BY 1 HAVING sum(fact.began) <> 0 OR sum(fact.ended) <> 0 ORDER BY 1
"""

_DWELL = """
SELECT count(*), coalesce(sum(fact.watched_ms), 0)::bigint,
    percentile_disc(ARRAY[0.25, 0.5, 0.75, 0.9, 0.95]) WITHIN GROUP (ORDER BY fact.watched_ms)
FROM insights_session_fact fact WHERE {where}
"""

_COHORTS = """
WITH visits AS (
    SELECT fact.viewer_id, fact.on_day, fact.orders, fact.revenue_minor, min(fact.on_day) OVER (PARTITION BY fact.viewer_id) AS cohort_on
    FROM insights_session_fact fact WHERE {where}
)
SELECT cohort_on, on_day - cohort_on, count(DISTINCT viewer_id), count(DISTINCT viewer_id) FILTER (WHERE orders > 0), sum(revenue_minor)::bigint
FROM visits GROUP BY 1, 2 ORDER BY 1, 2
"""


class PostgresInsights:
    """Implements `port.InsightsPort`."""

    def list_funnel(self, question: Question) -> list[FunnelRow]:
        """A row a group and step. With a cue or an episode the first two steps are the visit's, the others the cue's own."""
        conditions, values = where(question.slice, table="fact")
        values["window"] = question.window_ms
        cues = [f"{name} = %({name})s" for name in ("cue_id", "episode_id") if getattr(question, name)]
        values |= {"cue_id": question.cue_id, "episode_id": question.episode_id, "steps": question.step_numbers}
        statement = _CUE_FUNNEL if cues else _FUNNEL if question.steps == STEP_NAMES else _chosen_funnel(len(question.steps))
        return [
            FunnelRow(group=group, step=step, name=name, sessions=sessions)
            for group, *counts in _fetch(statement.format(group=_GROUPS[question.split], where=conditions, cues=" AND ".join(cues)), values)
            for step, (name, sessions) in enumerate(zip(question.steps, counts, strict=True), start=1)
        ]

    def list_retention(self, question: Question) -> list[RetentionRow]:
        conditions, values = where(question.slice, table="fact")
        return list_survival(_fetch(_RETENTION.format(where=conditions), values))

    def list_dwell(self, question: Question) -> list[DwellRow]:
        """One row; zeros when nobody came."""
        conditions, values = where(question.slice, table="fact")
        (sessions, total_ms, shares), *_ = _fetch(_DWELL.format(where=conditions), values)
        return [DwellRow(sessions, total_ms, *(shares or [0] * 5))]

    def list_cohorts(self, question: Question) -> list[CohortRow]:
        conditions, values = where(question.slice, table="fact")
        return [CohortRow(*row) for row in _fetch(_COHORTS.format(where=conditions), values)]


def _chosen_funnel(count: int) -> str:
    counts = ", ".join(_REACHED.format(step=step) for step in range(2, count + 1))
    return _CHOSEN_FUNNEL.replace("{count}", str(count)).replace("{counts}", counts).replace("{last}", str(len(STEP_NAMES)))


def list_drop_nodes(rows: list[RetentionRow], *, count: int = 3, least_watching: int = 30) -> list[RetentionRow]:
    """The seconds at which the greatest share left, the greatest first. The story's last second is no drop.

    Where fewer than `least_watching`, or than a hundredth of the fullest second, were watching, a share says nothing.
    """
    most = max((row.watching for row in rows), default=0)
    known = [row for row in rows[:-1] if row.watching >= max(least_watching, most / 100)]
    return sorted(known, key=lambda row: (-row.hazard, row.episode, row.second))[:count]


def _fetch(statement: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
