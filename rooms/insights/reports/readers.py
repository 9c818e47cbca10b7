"""The reports by name: what each takes and gives. REST, CSV and stored reports go through this one table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rooms.insights.audience.queries import AudienceRow, list_audience
from rooms.insights.queries import totals
from rooms.insights.queries.groups import of_experiment
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import list_drop_nodes
from rooms.insights.queries.shapes import CohortRow, DayRow, DwellRow, FunnelRow, Question, RetentionRow, SummaryRow, ViewerSumsRow

_SLICE = frozenset({"room_id", "season_id", "source", "variant", "since", "until"})


@dataclass(frozen=True)
class Reader:
    """`takes`: the parameters that narrow it; any other is refused rather than left unheard."""

    row: type
    read: Callable[[Question], Sequence[Any]]
    takes: frozenset[str] = _SLICE


def _read_funnel(question: Question) -> list[FunnelRow]:
    rows = get_port().list_funnel(question)
    return of_experiment(rows, question.experiment) if question.experiment else rows


READERS: dict[str, Reader] = {
    "funnel": Reader(FunnelRow, _read_funnel, _SLICE | {"window_h", "split", "episode_id", "cue_id", "experiment", "steps"}),
    "retention": Reader(RetentionRow, lambda question: get_port().list_retention(question)),
    "drops": Reader(RetentionRow, lambda question: list_drop_nodes(get_port().list_retention(question))),
    "dwell": Reader(DwellRow, lambda question: get_port().list_dwell(question)),
    "cohorts": Reader(CohortRow, lambda question: get_port().list_cohorts(question)),
    "audience": Reader(AudienceRow, list_audience, _SLICE | {"split"}),
    "summary": Reader(SummaryRow, totals.list_summary),
    "days": Reader(DayRow, totals.list_days, _SLICE - {"season_id"}),
    "viewers": Reader(ViewerSumsRow, totals.list_viewer_sums, frozenset({"room_id", "variant"})),
}
