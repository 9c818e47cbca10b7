"""Statistics from the rollups of viewer events: what viewers watched, tapped and wrote after they had met their variant.

Viewers and variants are those of the exposures, never those of the events, and whoever was exposed and is not measured counts with
nothing, in every arm alike. Exact are later visits, shown and tapped cards: they carry their own moment. The rest is known of whole
visits: the visit in which the viewer met the experiment counts from its beginning, those that had ended before it do not. What a
visit in progress has not told yet is missing, `until` or not; the next verdict has it.
"""

# ruff: noqa: S608  what is put in are our own names; values are parameters

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import combinations_with_replacement
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from merchants.foundation.tenancy import current_schema
from rooms.insights.experiments.models import Experiment
from rooms.insights.experiments.sources import PEOPLE, Report
from rooms.insights.stats.moments import Moments, gather

EARLY_MS = 30_000
_AFTER = "FILTER (WHERE fact.last_at >= seen.exposed_at)"
# What CUPED takes out: visits of the thirty days before, over when the viewer met the experiment.
_BEFORE = "FILTER (WHERE fact.last_at < seen.exposed_at)"
_EXPRESSIONS: Mapping[str, str] = {
    "visits": f"count(fact.session_id) {_AFTER}",
    "returns": "count(fact.session_id) FILTER (WHERE fact.first_at > seen.exposed_at)",
    "left_early": f"count(fact.session_id) FILTER (WHERE fact.last_at >= seen.exposed_at AND fact.watched_ms < {EARLY_MS})",
    "watched_ms": f"coalesce(sum(fact.watched_ms) {_AFTER}, 0)",
    "stalled_ms": f"coalesce(sum(fact.stalled_ms) {_AFTER}, 0)",
    "interactions": f"coalesce(sum(fact.danmaku + fact.likes + fact.gifts) {_AFTER}, 0)",
    "clicks": f"coalesce(sum(fact.clicks) {_AFTER}, 0)",
    "shown": "coalesce(sum(cards.shown), 0)",
    "tapped": "coalesce(sum(cards.tapped), 0)",
    "watched_before": f"coalesce(sum(fact.watched_ms) {_BEFORE}, 0)",
}
QUANTITIES = tuple(_EXPRESSIONS)

# One row a viewer. Ids that are no UUID are nobody's who is measured.
_VIEWERS = f"""
SELECT seen.variant_id, seen.room_id, {", ".join(f"({expression})::numeric AS {name}" for name, expression in _EXPRESSIONS.items())}
FROM experiment_exposure seen
LEFT JOIN insights_session_fact fact ON fact.tenant_id = %(tenant)s AND fact.room_id = seen.room_id
    AND fact.viewer_id = CASE WHEN seen.viewer_id ~* '^[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$' THEN seen.viewer_id::uuid END
    AND fact.last_at >= seen.exposed_at - interval '30 days'
LEFT JOIN LATERAL (
    SELECT count(*) AS shown, count(cue.click_ms) AS tapped FROM insights_cue_fact cue
    WHERE cue.tenant_id = %(tenant)s AND cue.session_id = fact.session_id AND cue.shown_at >= seen.exposed_at
) cards ON true
WHERE seen.experiment_id = %(experiment)s AND seen.exposed_at <= %(until)s
GROUP BY seen.id
"""
_PAIRS = tuple(combinations_with_replacement(range(len(QUANTITIES)), 2))
_SUMS = ", ".join(f"sum({name})" for name in QUANTITIES)
_PRODUCTS = ", ".join(f"sum({QUANTITIES[one]} * {QUANTITIES[other]})" for one, other in _PAIRS)
_BY_VIEWER = f"SELECT variant_id, count(*), {_SUMS}, {_PRODUCTS} FROM ({_VIEWERS}) viewer GROUP BY variant_id ORDER BY variant_id"
_BY_ROOM = f"SELECT variant_id, {_SUMS}, count(*) FROM ({_VIEWERS}) viewer GROUP BY variant_id, room_id ORDER BY variant_id, room_id"


class ViewingStatistics:
    """One query; the database sums, so memory does not grow with the crowd."""

    def read(self, experiment: Experiment, *, until: datetime, report: Report) -> Mapping[UUID, Moments]:
        values: dict[str, Any] = {"tenant": current_schema(), "experiment": experiment.pk, "until": until}
        with connection.cursor() as cursor:
            cursor.execute(_BY_VIEWER if experiment.is_by_viewer else _BY_ROOM, values)
            rows = cursor.fetchall()
        report(1000)
        return {row[0]: _moments(row[1], row[2:]) for row in rows} if experiment.is_by_viewer else _of_rooms(rows)


def _moments(count: int, sums: Sequence[Any]) -> Moments:
    """`sums`: of the quantities, then of their products pair by pair."""
    size = len(QUANTITIES)
    products = np.zeros((size, size))
    for (one, other), total in zip(_PAIRS, sums[size:], strict=True):
        products[one, other] = products[other, one] = float(total)
    return Moments(count, QUANTITIES, tuple(float(total) for total in sums[:size]), tuple(tuple(map(float, row)) for row in products))


def _of_rooms(rows: Sequence[Any]) -> dict[UUID, Moments]:
    rooms: dict[UUID, list[Sequence[float]]] = defaultdict(list)
    for variant_id, *sums in rows:
        rooms[variant_id].append([float(total) for total in sums])
    return {variant_id: gather((*QUANTITIES, PEOPLE), found) for variant_id, found in rooms.items()}
