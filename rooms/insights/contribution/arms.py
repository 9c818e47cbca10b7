"""Does drama pay here? The arms of an experiment that deals rooms out, each weighed like a season: what its shows left, less what they cost."""

from dataclasses import dataclass
from uuid import UUID

from merchants.foundation.money import Money
from rooms.insights.contribution.models import SeasonCost
from rooms.insights.contribution.queries import ContributionView, get_costs, weigh
from rooms.insights.experiments.kinds import Kind
from rooms.insights.experiments.payloads import Arm, say_payload
from rooms.insights.experiments.queries import ExperimentView, list_dealt_rooms, list_experiments
from rooms.insights.experiments.states import State
from rooms.program.models import Airing


@dataclass(frozen=True)
class ArmView:
    """`shown`: drama, live pitch or both, in the reader's language."""

    variant: str
    shown: str
    rooms: int
    weighed: ContributionView

    @property
    def margin(self) -> Money:
        return Money(self.weighed.margin, self.weighed.currency)

    @property
    def cost(self) -> Money:
        return Money(self.weighed.cost, self.weighed.currency)

    @property
    def left(self) -> Money:
        return Money(self.weighed.left, self.weighed.currency)


def list_comparisons() -> list[ExperimentView]:
    """Experiments about drama or live that have started, the newest first. Six queries."""
    return [one for one in list_experiments() if one.kind == Kind.DRAMA_OR_LIVE and one.state != State.DRAFT]


def list_arms(experiment: ExperimentView, *, planned_shows: int, margin_permille: int) -> list[ArmView]:
    """Of the shows that began while the experiment ran, in the rooms that were dealt to each arm; refunds count however late they come.

    Each arm bears the whole cost of the seasons in its shows, since that is what it takes to go on with this arm alone; a live pitch
    bears no production. One query, and five an arm.
    """
    dealt = list_dealt_rooms(experiment.id)
    arms = []
    for variant in experiment.variants:
        room_ids = dealt.get(variant.id, [])
        shows = _list_shows(experiment, room_ids)
        costs = get_costs([show.season_id for show in shows if show.season_id])
        if variant.payload.get("arm") == Arm.PITCH:
            costs.pop(SeasonCost.Kind.PRODUCTION, None)
        weighed = weigh(shows, costs, planned_shows=planned_shows, margin_permille=margin_permille)
        arms.append(ArmView(variant.title, say_payload(variant.payload), len(room_ids), weighed))
    return arms


def _list_shows(experiment: ExperimentView, room_ids: list[UUID]) -> list[Airing]:
    shows = Airing.objects.filter(
        room_id__in=room_ids, room__is_rehearsal=False, withdrawn_at=None, ended_at__isnull=False, started_at__gte=experiment.started_at
    )
    if experiment.stopped_at is not None:
        shows = shows.filter(started_at__lt=experiment.stopped_at)
    return list(shows.order_by("started_at"))
