"""What a season cost and what its shows left, from the ledger alone."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Sum

from commerce.ledger.queries import list_flows
from dramas.seasons.queries import get_season
from merchants.tenants.queries import get_current_merchant
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.texts import say_gate
from rooms.insights.stats.contribution import get_contribution
from rooms.program.models import Airing


@dataclass(frozen=True)
class ContributionView:
    """Amounts in minor units of `currency`; `low` and `high` of what is left at the end of the plan, None while nobody can say.

    `flows`: what the shows took in, by account of the ledger, and what they lost to fees, refunds and disputes, below 0; together they
    are the takings. `goods` went for the goods, the rest is `margin`. `code`: scale, stop, keep_going, too_few. `sentence` in the
    reader's language.
    """

    currency: str
    flows: Mapping[str, int]
    goods: int
    costs: Mapping[str, int]
    cost: int
    margin: int
    left: int
    shows: int
    break_even_shows: int | None
    low: int | None
    high: int | None
    code: str
    sentence: str


def get_season_contribution(season_id: UUID, *, planned_shows: int, margin_permille: int) -> ContributionView:
    """Of the season's finished shows. Seven queries. Raises: SeasonNotFound."""
    season = get_season(season_id)
    shows = Airing.objects.filter(season_id=season.id, withdrawn_at=None, ended_at__isnull=False, room__is_rehearsal=False)
    return weigh(list(shows.order_by("started_at")), get_costs([season.id]), planned_shows=planned_shows, margin_permille=margin_permille)


def get_costs(season_ids: Sequence[UUID]) -> dict[str, int]:
    """By kind, over all of the seasons. One query."""
    return dict(SeasonCost.objects.filter(season_id__in=season_ids).order_by("kind").values_list("kind").annotate(Sum("amount_minor")))


def weigh(shows: Sequence[Airing], costs: Mapping[str, int], *, planned_shows: int, margin_permille: int) -> ContributionView:
    """What these shows brought against these costs. Three queries."""
    currency = get_current_merchant().currency
    by_show = _flows_by_show(shows, currency)
    flows: Counter[str] = Counter()
    for of_show in by_show:
        flows.update(of_show)
    takings = [sum(of_show.values()) for of_show in by_show]
    found = get_contribution(cost=sum(costs.values()), takings=takings, margin_permille=margin_permille, planned_shows=planned_shows)
    low, high = (round(found.interval.low), round(found.interval.high)) if found.interval else (None, None)
    return ContributionView(
        currency=currency,
        flows=dict(flows),
        goods=sum(takings) - found.margin,
        costs=dict(costs),
        cost=found.cost,
        margin=found.margin,
        left=found.left,
        shows=found.shows,
        break_even_shows=found.break_even_shows,
        low=low,
        high=high,
        code=found.code,
        sentence=say_gate(found.code, low=low, high=high, shows=found.shows, planned=planned_shows, currency=currency),
    )


def _flows_by_show(shows: Sequence[Airing], currency: str) -> list[Counter[str]]:
    """By account, of each show. What is sold after a show counts to it until the room's next one; refunds follow their sale."""
    room_ids = {show.room_id for show in shows}
    begun: dict[UUID, list[tuple[datetime, UUID]]] = defaultdict(list)
    for started_at, room_id, show_id in (
        Airing.objects.filter(room_id__in=room_ids, withdrawn_at=None).order_by("started_at").values_list("started_at", "room_id", "pk")
    ):
        begun[room_id].append((started_at, show_id))
    sums: dict[UUID, Counter[str]] = {show.pk: Counter() for show in shows}
    for flow in list_flows(room_ids, currency=currency):
        times = [started_at for started_at, _show in begun[flow.room_id]]
        place = bisect_right(times, flow.sold_at) - 1
        if place >= 0 and (held := begun[flow.room_id][place][1]) in sums:
            sums[held][flow.account] += flow.amount_minor
    return [sums[show.pk] for show in shows]
