"""The port of insights: four questions that every engine must answer alike, to the unit."""

from typing import Protocol

from rooms.insights.clickhouse.connection import is_on
from rooms.insights.queries.clickhouse import ClickHouseInsights
from rooms.insights.queries.postgres import PostgresInsights
from rooms.insights.queries.shapes import CohortRow, DwellRow, FunnelRow, Question, RetentionRow


class InsightsPort(Protocol):
    """Needs: the shop's schema. Every method is one query."""

    def list_funnel(self, question: Question) -> list[FunnelRow]: ...

    def list_retention(self, question: Question) -> list[RetentionRow]: ...

    def list_dwell(self, question: Question) -> list[DwellRow]: ...

    def list_cohorts(self, question: Question) -> list[CohortRow]: ...


def get_port() -> InsightsPort:
    """ClickHouse where `CLICKHOUSE_URL` names one, else the rollups in PostgreSQL."""
    return ClickHouseInsights() if is_on() else PostgresInsights()
