"""How the verdict came about: each judgement's intervals, in order of time, for the chart, its table and the CSV."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from merchants.foundation import clock
from rooms.insights.experiments.errors import ExperimentNotFound
from rooms.insights.experiments.metrics import METRICS
from rooms.insights.experiments.models import Experiment, Judgement
from rooms.insights.experiments.texts import say_percent

# A quarter of an hour apart they are ten days; of a longer course the newest are shown.
MOST_JUDGEMENTS = 1_000


@dataclass(frozen=True)
class CoursePoint:
    """A variant against the control in one goal, as one judgement had it. Fractions; None while nothing could be said.

    `tells`: 1 surely better, −1 surely worse, 0 either. `low` and `high` hold at every look at once, so the truth lies in all of them.
    """

    judged_at: datetime
    verdict: str
    variant: str
    goal: str
    is_guardrail: bool
    lift: float | None
    low: float | None
    high: float | None
    tells: int


def list_course(experiment_id: UUID) -> list[CoursePoint]:
    """The oldest first. Three queries. Raises: ExperimentNotFound."""
    experiment = Experiment.objects.prefetch_related("variants").filter(pk=experiment_id).first()
    if experiment is None:
        raise ExperimentNotFound
    titles = {str(variant.pk): variant.title for variant in experiment.variants.all()}
    rows = Judgement.objects.filter(experiment_id=experiment_id).order_by("-judged_at").values_list("judged_at", "code", "comparisons")
    return [
        CoursePoint(
            judged_at=judged_at,
            verdict=code,
            variant=titles.get(one["variant"], ""),
            goal=one["goal"],
            is_guardrail=one["is_guardrail"],
            lift=one["lift"],
            low=one["low"],
            high=one["high"],
            tells=one["tells"],
        )
        for judged_at, code, comparisons in reversed(rows[:MOST_JUDGEMENTS])
        for one in comparisons
    ]


def course_state(experiment_id: UUID) -> dict[str, Any]:
    """What the page draws: a line for each variant and goal. Shape: `Course` in rooms/frontend/experiment/course.ts."""
    lines: dict[tuple[str, str, bool], list[CoursePoint]] = {}
    for point in list_course(experiment_id):
        lines.setdefault((point.variant, point.goal, point.is_guardrail), []).append(point)
    return {
        "lines": [
            {
                "name": f"{variant} · {METRICS[goal].label}" + (f" ({_('guardrail')})" if is_guardrail else ""),
                "points": [{"at_ms": clock.to_ms(point.judged_at), "lift": point.lift, "low": point.low, "high": point.high} for point in points],
                "rows": _rows(points),
            }
            for (variant, goal, is_guardrail), points in sorted(lines.items(), key=lambda line: line[0][2])
        ],
        "texts": {"interval": _("Interval"), "lift": _("Change"), "none": _("No difference")},
    }


def _rows(points: Sequence[CoursePoint], most: int = 8) -> list[dict[str, Any]]:
    """The newest first, as the table under the chart shows them."""
    return [
        {"judged_at": point.judged_at, "lift": say_percent(point.lift), "low": say_percent(point.low), "high": say_percent(point.high)}
        for point in reversed(points[-most:])
    ]
