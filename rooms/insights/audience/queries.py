"""Who came back, who took part, who bought, and what a viewer brought: shares of viewers, each with its interval."""

from dataclasses import dataclass
from math import sqrt

from django.db import connection

from rooms.insights.queries.conditions import where
from rooms.insights.queries.shapes import Question
from rooms.insights.stats.shares import get_share_interval

# 97.5 % of a normal distribution: a viewer's revenue is averaged over far more than thirty of them.
_Z = 1.959964


@dataclass(frozen=True)
class AudienceRow:
    """Viewers of the slice; a viewer of two groups counts in each. `low` and `high` are 95 % intervals (Wilson's for shares).

    `returned`: came on more than one day. `interacted`: wrote, liked, gave or tapped. `revenue_minor` is what their visits brought in
    the shop's currency before refunds; net of them it is in the attribution report, from the ledger.
    """

    group: str
    viewers: int
    visits: int
    returned: int
    returned_share: float
    returned_low: float
    returned_high: float
    interacted: int
    interacted_share: float
    interacted_low: float
    interacted_high: float
    buyers: int
    conversion: float
    conversion_low: float
    conversion_high: float
    revenue_minor: int
    revenue_per_viewer: float
    revenue_per_viewer_low: float
    revenue_per_viewer_high: float


_GROUPS = {
    "none": "''",
    "variant": "fact.variant",
    "source": "fact.source",
    "room": "fact.room_id::text",
    "season": "coalesce(fact.season_id::text, '')",
}
_AUDIENCE = """
WITH viewer AS (
    SELECT {group} AS grouped, count(*) AS visits, count(DISTINCT fact.on_day) AS days,
        sum(fact.danmaku + fact.likes + fact.gifts + fact.clicks) AS acts, sum(fact.orders) AS orders, sum(fact.revenue_minor) AS revenue
    FROM insights_session_fact fact WHERE {where} GROUP BY 1, fact.viewer_id
)
SELECT grouped, count(*), sum(visits)::bigint, count(*) FILTER (WHERE days > 1), count(*) FILTER (WHERE acts > 0),
    count(*) FILTER (WHERE orders > 0), sum(revenue)::bigint, sum(revenue * revenue)::float8
FROM viewer GROUP BY 1 ORDER BY 1
"""


def list_audience(question: Question) -> list[AudienceRow]:
    """A row a group; none when nobody came. One query."""
    conditions, values = where(question.slice, table="fact")
    with connection.cursor() as cursor:
        cursor.execute(_AUDIENCE.format(group=_GROUPS[question.split], where=conditions), values)
        return [_row(*found) for found in cursor.fetchall()]


def _row(
    group: str, viewers: int, visits: int, returned: int, interacted: int, buyers: int, revenue_minor: int, revenue_squares: float
) -> AudienceRow:
    back, acted, bought = (get_share_interval(hits, viewers) for hits in (returned, interacted, buyers))
    mean = revenue_minor / viewers
    variance = max(0.0, revenue_squares - viewers * mean * mean) / max(1, viewers - 1)
    half = _Z * sqrt(variance / viewers)
    return AudienceRow(
        group=group,
        viewers=viewers,
        visits=visits,
        returned=returned,
        returned_share=returned / viewers,
        returned_low=back.low,
        returned_high=back.high,
        interacted=interacted,
        interacted_share=interacted / viewers,
        interacted_low=acted.low,
        interacted_high=acted.high,
        buyers=buyers,
        conversion=buyers / viewers,
        conversion_low=bought.low,
        conversion_high=bought.high,
        revenue_minor=revenue_minor,
        revenue_per_viewer=mean,
        revenue_per_viewer_low=max(0.0, mean - half),
        revenue_per_viewer_high=mean + half,
    )
