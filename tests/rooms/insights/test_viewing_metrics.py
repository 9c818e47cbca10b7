"""Metrics from the rollups and the ledger: an experiment's sums against plain loops over the same events. Always two shops."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.insights.events import messages as m
from rooms.insights.events.messages import happened_ms
from rooms.insights.experiments.actions import GoalDraft, VariantDraft
from rooms.insights.experiments.models import Experiment, Exposure
from rooms.insights.experiments.sources import PEOPLE, get_source
from rooms.insights.experiments.viewing import EARLY_MS, QUANTITIES
from rooms.insights.stats.moments import Moments
from rooms.program.schedule import create_room
from tests.conftest import Shop
from tests.dramas.building import count_queries
from tests.rooms.building import HOST, Stage
from tests.rooms.insights.building import run_experiment, sell
from tests.rooms.insights.conftest import BEGIN_MS, plant, store_all
from tests.rooms.insights.fold import Visit, visits_of
from tests.rooms.insights.planting import Planted
from tests.rooms.insights.test_contribution import book, pay_back
from tests.rooms.insights.test_judging import judged

pytestmark = pytest.mark.django_db(transaction=True)
MONTH_MS = 30 * 86_400_000


@pytest.fixture
def planted(aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> Iterator[tuple[Stage, Planted]]:
    """A hundred and fifty visits of about a hundred viewers over three days in the room of the experiment; a week later."""
    with clock.frozen(clock.from_ms(BEGIN_MS) + timedelta(days=10)):
        stage = set_up(aurora)
        found = plant("aurora", 150)
        for parcel in found.parcels:
            parcel.room_id = stage.room_id
        store_all(found)
        yield stage, found


def read(name: str, experiment_id: UUID) -> dict[UUID, Moments]:
    experiment = Experiment.objects.prefetch_related("variants").get(pk=experiment_id)
    return dict(get_source(name).read(experiment, until=clock.now(), report=lambda _permille: None))


def expose(experiment_id: UUID, room_id: UUID, at_ms: dict[str, int]) -> dict[str, UUID]:
    """Every viewer at their own moment, in turns: the variant by viewer."""
    experiment = Experiment.objects.get(pk=experiment_id)
    variants = list(experiment.variants.all())
    dealt = {viewer: variants[place % len(variants)] for place, viewer in enumerate(sorted(at_ms))}
    Exposure.objects.bulk_create(
        Exposure(experiment=experiment, variant=variant, room_id=room_id, viewer_id=viewer, exposed_at=clock.from_ms(at_ms[viewer]))
        for viewer, variant in dealt.items()
    )
    return {viewer: variant.pk for viewer, variant in dealt.items()}


def oracle(visits: Sequence[Visit], at_ms: int) -> dict[str, int]:
    """What one viewer's visits give from the exposure on, by loops."""
    kinds = (m.DanmakuEvent, m.LikeEvent, m.GiftEvent)
    found = dict.fromkeys(QUANTITIES, 0)
    for visit in visits:
        ends = max(happened_ms(event.id) for event in visit.events)
        if at_ms - MONTH_MS <= ends < at_ms:
            found["watched_before"] += visit.watched_ms
        if ends < at_ms:
            continue
        found["visits"] += 1
        found["returns"] += visit.first_ms > at_ms
        found["left_early"] += visit.watched_ms < EARLY_MS
        found["watched_ms"] += visit.watched_ms
        found["interactions"] += sum(getattr(event, "count", getattr(event, "coins", 1)) for event in visit.events if isinstance(event, kinds))
        found["clicks"] += sum(isinstance(event, m.CueClickedEvent) for event in visit.events)
        for cue in {event.cue_id for event in visit.events if isinstance(event, m.CueShownEvent)}:
            steps = visit.steps(cue)
            shown = min(at for at, step in steps if step == 3)
            if shown >= at_ms:
                found["shown"] += 1
                found["tapped"] += any(step == 4 and at >= shown for at, step in steps)
    return found


def test_sums_of_viewers_are_those_of_their_events(planted: tuple[Stage, Planted]) -> None:
    """To the unit, sums and products: before, during and after the exposure; one query; who has no events counts with nothing."""
    stage, found = planted
    visits: dict[str, list[Visit]] = defaultdict(list)
    for visit in visits_of(found.parcels):
        visits[str(visit.viewer)].append(visit)
    # In the middle of each viewer's first visit; a guest who never came; somebody whose id is no UUID.
    at_ms = {viewer: (mine[0].first_ms + 20_000) for viewer, mine in visits.items()} | {str(new_id()): found.begin_ms, "by-hand": found.begin_ms}
    with in_schema("aurora"):
        with clock.frozen(clock.from_ms(found.begin_ms - 1)):
            experiment_id = run_experiment(stage)
        dealt = expose(experiment_id, stage.room_id, at_ms)
        sums = read("viewing", experiment_id)
        assert count_queries(lambda: read("viewing", experiment_id)) == 3  # the experiment, its variants, the sums
    assert set(sums) == set(dealt.values())
    for variant_id, moments in sums.items():
        units = [oracle(visits[viewer], at_ms[viewer]) for viewer, of in dealt.items() if of == variant_id]
        assert (moments.n, moments.names) == (len(units), QUANTITIES)
        for one, name in enumerate(QUANTITIES):
            assert moments.sums[one] == sum(unit[name] for unit in units), name
            for other, second in enumerate(QUANTITIES):
                assert moments.products[one][other] == sum(unit[name] * unit[second] for unit in units), (name, second)
    together = {name: sum(moments.sums[place] for moments in sums.values()) for place, name in enumerate(QUANTITIES)}
    assert all(together[name] > 0 for name in ("visits", "returns", "left_early", "watched_ms", "interactions", "clicks", "shown", "tapped"))


def test_rooms_are_summed_as_one_unit_each(planted: tuple[Stage, Planted]) -> None:
    """Whole rooms: ten of them, with the people in each."""
    stage, found = planted
    with in_schema("aurora"):
        rooms = [stage.room_id, *(create_room(slug=f"r{number}", title="Room", season_id=stage.season.id, actor=HOST) for number in range(9))]
        variants = [VariantDraft(title="Drama", payload={"arm": "drama"}), VariantDraft(title="Pitch", payload={"arm": "pitch"})]
        with clock.frozen(clock.from_ms(found.begin_ms - 1)):
            experiment_id = run_experiment(stage, kind="drama_or_live", room_ids=rooms, variants=variants)
        experiment = Experiment.objects.get(pk=experiment_id)
        viewers = sorted({str(parcel.viewer_id) for parcel in found.parcels})
        of_room = {compared.room_id: compared.variant for compared in experiment.rooms.all()}
        Exposure.objects.bulk_create(
            Exposure(experiment=experiment, variant=variant, room_id=room_id, viewer_id=viewer, exposed_at=clock.from_ms(found.begin_ms))
            for room_id, variant in of_room.items()
            for viewer in (viewers if room_id == stage.room_id else [f"{room_id}-{number}" for number in range(3)])
        )
        sums = read("viewing", experiment_id)
    assert [moments.n for moments in sums.values()] == [5, 5]
    arm = sums[of_room[stage.room_id].pk]
    assert arm.names == (*QUANTITIES, PEOPLE)
    assert arm.sums[-1] == len(viewers) + 4 * 3
    assert arm.sums[QUANTITIES.index("visits")] == len(visits_of(found.parcels))
    assert arm.products[0][0] == arm.sums[0] ** 2  # all visits are one room's


def test_metrics_of_several_sources_stand_in_one_verdict(planted: tuple[Stage, Planted]) -> None:
    """Dwell decides, refunds and stalls guard: each arm has the same units in both sources."""
    stage, found = planted
    goals = [GoalDraft("dwell"), GoalDraft("click_through"), GoalDraft("refund_rate", True, 100), GoalDraft("early_exits", True, 50)]
    with in_schema("aurora"):
        with clock.frozen(clock.from_ms(found.begin_ms - 1)):
            experiment_id = run_experiment(stage, goals=goals, planned_units=20)
        first = {str(visit.viewer): visit.first_ms for visit in visits_of(found.parcels)}
        extra = {str(new_id()): found.begin_ms for _ in range(240 - len(first))}
        dealt = expose(experiment_id, stage.room_id, first | extra)
        after = clock.from_ms(found.begin_ms) + timedelta(days=4)
        for place, viewer in enumerate(sorted(dealt)[:60]):
            sell(viewer, room_id=stage.room_id, at=after, total_minor=1_000, refunded_minor=200 * (place // 2 % 2))
        row = judged(experiment_id)
    units = {name: [arm["n"] for arm in source.values()] for name, source in row.inputs["sums"].items()}
    assert units == {"orders": [120, 120], "viewing": [120, 120]}
    told = {one["goal"]: one for one in row.comparisons}
    assert set(told) == {goal.metric for goal in goals}
    assert told["refund_rate"]["lift"] == pytest.approx(0)  # the same sales in both arms
    assert told["dwell"]["low"] < told["dwell"]["lift"] < told["dwell"]["high"]


def test_another_shops_events_are_in_no_sum(planted: tuple[Stage, Planted], borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """The same viewers, exposed in the other shop: they have watched nothing there."""
    _, found = planted
    foreign = set_up(borealis)
    with in_schema(borealis.schema):
        with clock.frozen(clock.from_ms(found.begin_ms - 1)):
            experiment_id = run_experiment(foreign)
        expose(experiment_id, foreign.room_id, {str(parcel.viewer_id): found.begin_ms for parcel in found.parcels})
        assert all(set(moments.sums) == {0.0} for moments in read("viewing", experiment_id).values())


def test_takings_of_the_rooms_follow_their_sales(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """What was sold since the start, less fees and what was paid back of it; a sale before the start counts with nothing, its refund too."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        rooms = [stage.room_id, *(create_room(slug=f"r{number}", title="Room", season_id=stage.season.id, actor=HOST) for number in range(9))]
        now = clock.now()
        before = book(stage, 50_000, 500, now - timedelta(days=9))
        variants = [VariantDraft(title="Drama"), VariantDraft(title="Pitch")]
        ago = timedelta(days=5)
        experiment_id = run_experiment(stage, ago=ago, kind="drama_or_live", room_ids=rooms, variants=variants, goals=[GoalDraft("takings")])
        sold = book(stage, 10_000, 300, now - timedelta(days=2))
        pay_back(before, 50_000, now - timedelta(days=1))
        pay_back(sold, 4_000, now - timedelta(days=1))
        experiment = Experiment.objects.get(pk=experiment_id)
        for compared in experiment.rooms.all():
            seen = {"experiment": experiment, "variant": compared.variant, "room_id": compared.room_id, "exposed_at": now - timedelta(days=3)}
            Exposure.objects.create(viewer_id=f"v-{compared.room_id}", **seen)
        sums = read("ledger", experiment_id)
        row = judged(experiment_id)
    assert sorted(moments.sums[0] for moments in sums.values()) == [0, 10_000 - 300 - 4_000]
    assert [moments.sums[1] for moments in sums.values()] == [5, 5]
    assert row.comparisons[0]["goal"] == "takings"
