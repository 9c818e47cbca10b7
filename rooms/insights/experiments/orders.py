"""Statistics from the orders: what viewers bought in the room after they had seen their variant, and what they bought before.

A purchase after the exposure counts for the room that the order's signed attribution names; what was bought in the thirty days
before it, anywhere in the shop, is what CUPED takes out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from commerce.orders.queries import Sale, list_sales
from rooms.insights.experiments.models import Experiment, Exposure
from rooms.insights.experiments.sources import PEOPLE, Report
from rooms.insights.stats.moments import Moments, gather

BEFORE = timedelta(days=30)
QUANTITIES = ("buyers", "orders", "revenue", "refunded", "revenue_before", "gross")
_BATCH = 5_000


@dataclass(frozen=True)
class _Unit:
    """One who bought anything, before or after."""

    variant_id: UUID
    room_id: UUID
    row: tuple[float, ...]


class OrderStatistics:
    """Memory holds the buyers alone; those who never bought are counted by the database."""

    def read(self, experiment: Experiment, *, until: datetime, report: Report) -> Mapping[UUID, Moments]:
        sales: dict[str, list[Sale]] = defaultdict(list)
        if experiment.started_at is None:
            return {}
        for sale in list_sales(since=experiment.started_at - BEFORE, until=until):
            sales[sale.viewer_id].append(sale)
        report(300)
        units = _units(experiment, sales, until, report)
        return _by_viewer(experiment, units, until) if experiment.is_by_viewer else _by_room(experiment, units, until)


def _units(experiment: Experiment, sales: Mapping[str, list[Sale]], until: datetime, report: Report) -> Iterator[_Unit]:
    buyers = sorted(sales)
    for start in range(0, len(buyers), _BATCH):
        viewer_ids = buyers[start : start + _BATCH]
        for exposure in _exposures(experiment, until).filter(viewer_id__in=viewer_ids):
            yield _Unit(exposure.variant_id, exposure.room_id, _row(exposure, sales[exposure.viewer_id]))
        report(300 + 600 * (start + len(viewer_ids)) // len(buyers))


def _row(exposure: Exposure, sales: Iterable[Sale]) -> tuple[float, ...]:
    """In the order of `QUANTITIES`; amounts in minor units."""
    after = [sale for sale in sales if sale.placed_at >= exposure.exposed_at and sale.room_id == exposure.room_id]
    since = exposure.exposed_at - BEFORE
    before = [sale for sale in sales if since <= sale.placed_at < exposure.exposed_at]
    return (
        float(bool(after)),
        float(len(after)),
        float(sum(sale.total_minor - sale.refunded_minor for sale in after)),
        float(sum(sale.refunded_minor for sale in after)),
        float(sum(sale.total_minor for sale in before)),
        float(sum(sale.total_minor for sale in after)),
    )


def _by_viewer(experiment: Experiment, units: Iterable[_Unit], until: datetime) -> dict[UUID, Moments]:
    rows: dict[UUID, list[tuple[float, ...]]] = defaultdict(list)
    for unit in units:
        rows[unit.variant_id].append(unit.row)
    counts = _exposures(experiment, until).values_list("variant_id").annotate(Count("pk"))
    return {variant_id: gather(QUANTITIES, rows[variant_id], n=count) for variant_id, count in counts.order_by("variant_id")}


def _by_room(experiment: Experiment, units: Iterable[_Unit], until: datetime) -> dict[UUID, Moments]:
    sums: dict[tuple[UUID, UUID], list[float]] = {}
    counts = _exposures(experiment, until).values_list("variant_id", "room_id").annotate(Count("pk"))
    for variant_id, room_id, people in counts.order_by("variant_id", "room_id"):
        sums[variant_id, room_id] = [*(0.0 for _ in QUANTITIES), float(people)]
    for unit in units:
        room = sums[unit.variant_id, unit.room_id]
        for place, value in enumerate(unit.row):
            room[place] += value
    names = (*QUANTITIES, PEOPLE)
    variants = dict.fromkeys(variant_id for variant_id, _ in sums)
    return {variant_id: gather(names, [room for (of, _), room in sums.items() if of == variant_id]) for variant_id in variants}


def _exposures(experiment: Experiment, until: datetime) -> QuerySet[Exposure]:
    return Exposure.objects.filter(experiment=experiment, exposed_at__lte=until)
