"""The four questions, from the raw events in ClickHouse."""

from rooms.insights.clickhouse.connection import ask
from rooms.insights.queries import clickhouse_statements as statements
from rooms.insights.queries.shapes import CohortRow, DwellRow, FunnelRow, Question, RetentionRow
from rooms.insights.queries.survival import list_survival


class ClickHouseInsights:
    """Implements `port.InsightsPort`. Raises: ClickHouseAway."""

    def list_funnel(self, question: Question) -> list[FunnelRow]:
        values = statements.list_values(question.slice)
        values |= {"window": question.window_ms}
        values |= {name: getattr(question, name) for name in ("cue_id", "episode_id") if getattr(question, name)}
        statement = statements.cue_funnel if question.cue_id or question.episode_id else statements.funnel
        return [
            FunnelRow(group=group, step=step, name=name, sessions=sessions)
            for group, *counts in ask(statement(question), values)
            for step, (name, sessions) in enumerate(zip(question.steps, counts, strict=True), start=1)
        ]

    def list_retention(self, question: Question) -> list[RetentionRow]:
        values = statements.list_values(question.slice)
        return list_survival((place, began, ended) for place, began, ended in ask(statements.retention(question), values))

    def list_dwell(self, question: Question) -> list[DwellRow]:
        values = statements.list_values(question.slice)
        ((sessions, total_ms, quantiles),) = ask(statements.dwell(question), values)
        return [DwellRow(sessions, total_ms, *quantiles)]

    def list_cohorts(self, question: Question) -> list[CohortRow]:
        values = statements.list_values(question.slice)
        return [CohortRow(*row) for row in ask(statements.cohorts(question), values)]
