"""Statistics from the ledger: what the rooms of each variant took in since the start, after fees, refunds and disputes.

The ledger knows rooms and not their viewers, so this source is for experiments that compare whole rooms.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from commerce.ledger.queries import list_flows
from merchants.tenants.queries import get_current_merchant
from rooms.insights.experiments.models import Experiment, Exposure
from rooms.insights.experiments.sources import PEOPLE, Report
from rooms.insights.stats.moments import Moments, gather


class TakingsStatistics:
    """Three queries. Sales since the start, and what was paid back of them until now."""

    def read(self, experiment: Experiment, *, until: datetime, report: Report) -> Mapping[UUID, Moments]:
        seen = Exposure.objects.filter(experiment=experiment, exposed_at__lte=until)
        counts = list(seen.values_list("variant_id", "room_id").annotate(Count("pk")).order_by("variant_id", "room_id"))
        report(300)
        sums: Counter[UUID] = Counter()
        for flow in list_flows({room_id for _, room_id, _ in counts}, currency=get_current_merchant().currency):
            if experiment.started_at is not None and experiment.started_at <= flow.sold_at and flow.occurred_at <= until:
                sums[flow.room_id] += flow.amount_minor
        report(1000)
        rooms: dict[UUID, list[tuple[float, float]]] = defaultdict(list)
        for variant_id, room_id, people in counts:
            rooms[variant_id].append((float(sums[room_id]), float(people)))
        return {variant_id: gather(("takings", PEOPLE), found) for variant_id, found in rooms.items()}
