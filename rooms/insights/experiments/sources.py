"""The port through which an experiment asks for its sums. `config/metric_sources.py` names an implementation for each source."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from rooms.insights.experiments.models import Experiment
from rooms.insights.stats.moments import Moments

# The people in a room, where rooms are the units.
PEOPLE = "people"
Report = Callable[[int], None]


class StatisticsSource(Protocol):
    """Sums over the units of each variant."""

    def read(self, experiment: Experiment, *, until: datetime, report: Report) -> Mapping[UUID, Moments]:
        """Moments by variant id; a variant that nobody has seen may be missing.

        Units are the viewers exposed by `until`, or the rooms that any of them came to; a viewer counts from their exposure on. Every
        source has the same units, so that metrics of several may stand in one verdict. Rooms carry the quantity `PEOPLE` as well.
        `report` takes the permille that is done. Needs: the tenant's schema.
        """
        ...


def get_source(name: str) -> StatisticsSource:
    """A name that the table lacks is a defect: KeyError."""
    return _sources()[name]


@cache
def _sources() -> dict[str, StatisticsSource]:
    table: dict[str, str] = import_string(settings.METRIC_SOURCES_TABLE)
    return {name: import_string(path)() for name, path in table.items()}
