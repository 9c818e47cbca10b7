"""A verdict from orders and exposures: what counts, what blocks it, what is kept. Always two shops."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from commerce.catalog.queries import get_card
from commerce.orders import actions as orders
from commerce.orders.actions import Buyer, LineWish
from commerce.stock.actions import set_stock
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.experiments import judging
from rooms.insights.experiments.actions import GoalDraft, VariantDraft
from rooms.insights.experiments.errors import ExperimentNotFound, MoveRefused
from rooms.insights.experiments.inputs import judge_inputs
from rooms.insights.experiments.judging import compute_verdict, request_verdict
from rooms.insights.experiments.models import Experiment, Exposure, Judgement
from rooms.insights.experiments.orders import OrderStatistics
from rooms.insights.experiments.queries import get_experiment
from rooms.insights.experiments.tasks import judge_running
from rooms.program.schedule import create_room
from tests.conftest import Shop
from tests.rooms.building import HOST, Stage
from tests.rooms.insights.building import draft_experiment, expose_many, run_experiment, sell
from tests.rooms.pages.test_pages import air, state_of

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = timedelta(days=7)


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


def judged(experiment_id: UUID) -> Judgement:
    """Asked for and computed at once, as the tests' tasks run with the commit."""
    request_verdict(experiment_id=experiment_id)
    return Judgement.objects.filter(experiment_id=experiment_id).latest("judged_at")


def numbers(experiment_id: UUID) -> tuple[str, str]:
    """Ids of the control and of the variant."""
    control, variant = (str(one.pk) for one in Experiment.objects.get(pk=experiment_id).variants.all())
    return control, variant


def sell_to(dealt: dict[str, str], variant: str, count: int, stage: Stage, **order: Any) -> None:
    buyers = [viewer for viewer, of in dealt.items() if of == variant][:count]
    for viewer in buyers:
        sell(viewer, room_id=stage.room_id, at=clock.now() - timedelta(days=1), **order)


def test_what_a_viewer_bought_before_and_after(stage: Stage) -> None:
    """After the exposure and in this room: counted. Elsewhere or before: not; what was before, within thirty days, is the covariate."""
    experiment_id = run_experiment(stage, ago=WEEK)
    at = clock.now() - timedelta(days=3)
    dealt = expose_many(experiment_id, stage.room_id, 4, at=at)
    hour = timedelta(hours=1)
    sell("viewer-0", room_id=stage.room_id, at=at + hour, total_minor=1_000)
    sell("viewer-0", room_id=stage.room_id, at=at + 2 * hour, total_minor=500, refunded_minor=200)
    sell("viewer-0", room_id=None, at=at + hour, total_minor=90_000)
    sell("viewer-0", room_id=stage.room_id, at=at - hour, total_minor=700)
    sell("viewer-0", room_id=stage.room_id, at=at - timedelta(days=31), total_minor=70_000)
    sell("stranger", room_id=stage.room_id, at=at + hour)
    unpaid = sell("viewer-1", room_id=stage.room_id, at=at + hour)
    unpaid.paid_at = None
    unpaid.save()
    experiment = Experiment.objects.prefetch_related("variants").get(pk=experiment_id)
    found = OrderStatistics().read(experiment, until=clock.now(), report=lambda _permille: None)
    arm = found[UUID(dealt["viewer-0"])]
    assert sum(moments.n for moments in found.values()) == 4
    sums = {"buyers": 1, "orders": 2, "revenue": 1_300, "refunded": 200, "revenue_before": 700, "gross": 1_500}
    assert dict(zip(arm.names, arm.sums, strict=True)) == sums
    assert arm.products[2][4] == 1_300 * 700
    assert all(moments.sums == (0, 0, 0, 0, 0, 0) for variant_id, moments in found.items() if str(variant_id) != dealt["viewer-0"])


def test_a_winner_is_said_in_words_with_its_interval(stage: Stage, enter: Any, aurora: Shop) -> None:
    """Three hundred viewers an arm; one in five buys in the control, every second one in the variant."""
    experiment_id = run_experiment(stage, ago=WEEK, planned_units=300, goals=[GoalDraft("buyers"), GoalDraft("revenue")])
    dealt = expose_many(experiment_id, stage.room_id, 600, at=clock.now() - timedelta(days=2))
    control, variant = numbers(experiment_id)
    sell_to(dealt, control, 60, stage)
    sell_to(dealt, variant, 150, stage)
    row = judged(experiment_id)
    assert (row.code, row.params["variant"]) == ("winner", variant)
    assert row.params["low"] > 0
    assert {one["goal"] for one in row.comparisons} == {"buyers", "revenue"}
    shown = enter(aurora, "finance").get(f"/api/v1/insights/experiments/{experiment_id}/").json()
    assert shown["judgement"]["advice"] == "winner"
    assert shown["judgement"]["sentence"].startswith("“Ten seconds later” wins: it changes “")
    assert (shown["verdict_state"], shown["verdict_permille"]) == ("idle", 1000)
    assert "p_value" not in str(shown)
    said = enter(aurora, "owner").get(f"/api/v1/insights/experiments/{experiment_id}/verdicts/", headers={"accept-language": "zh-hans"}).json()
    assert "胜出" in said[0]["sentence"]


def test_a_broken_split_blocks_the_verdict(stage: Stage) -> None:
    """A third of the control's exposures is lost: no lift is told, however large."""
    experiment_id = run_experiment(stage, ago=WEEK)
    dealt = expose_many(experiment_id, stage.room_id, 1_500, at=clock.now() - timedelta(days=2))
    control, variant = numbers(experiment_id)
    lost = [viewer for viewer, of in dealt.items() if of == control][::3]
    _delete_as_owner(lost)
    sell_to(dealt, variant, 100, stage)
    row = judged(experiment_id)
    assert (row.code, row.comparisons) == ("split_broken", [])
    assert get_experiment(experiment_id).judgement.advice == "broken"  # type: ignore[union-attr]


def test_the_same_sums_are_judged_once_and_can_be_judged_again(stage: Stage) -> None:
    """The digest names the inputs; whoever has them comes to the same verdict."""
    experiment_id = run_experiment(stage, ago=WEEK, goals=[GoalDraft("buyers"), GoalDraft("refunds", is_guardrail=True, tolerance_permille=50)])
    dealt = expose_many(experiment_id, stage.room_id, 400, at=clock.now() - timedelta(days=2))
    sell_to(dealt, numbers(experiment_id)[1], 20, stage)
    first = judged(experiment_id)
    assert judged(experiment_id).pk == first.pk
    verdict = judge_inputs(first.inputs)
    assert (verdict.code, dict(verdict.params)) == (first.code, first.params)
    sell_to(dealt, numbers(experiment_id)[0], 1, stage)
    second = judged(experiment_id)
    assert second.inputs_digest != first.inputs_digest
    assert Judgement.objects.count() == 2


def test_planned_looks_are_taken_once_each(stage: Stage) -> None:
    """Two looks over 400: one at half, none in between, one at the end; each remembers its fraction, and its word stands."""
    experiment_id = run_experiment(stage, ago=WEEK, planned_units=400, method="planned", looks=2)
    at = clock.now() - timedelta(days=2)
    expose_many(experiment_id, stage.room_id, 500, at=at)
    for seen in Exposure.objects.order_by("viewer_id")[:60]:
        sell(seen.viewer_id, room_id=stage.room_id, at=at + timedelta(hours=1))
    first = judged(experiment_id)
    assert first.code == "undecided"
    assert 0.5 < (first.look or 0) < 0.7
    assert judged(experiment_id).pk == first.pk
    Experiment.objects.filter(pk=experiment_id).update(planned_units=200)
    last = judged(experiment_id)
    assert (last.code, last.look, last.inputs["plan"]["taken"]) == ("not_found", 1.0, [first.look])
    assert judged(experiment_id).pk == last.pk


def test_a_verdict_under_way_is_not_asked_for_twice(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until its worker has surely died; then the next request takes over."""
    sent: list[str] = []
    monkeypatch.setattr(judging, "enqueue", lambda name, **ids: sent.append(ids["experiment_id"]))
    experiment_id = run_experiment(stage)
    assert request_verdict(experiment_id=experiment_id)
    assert not request_verdict(experiment_id=experiment_id)
    with clock.frozen(clock.now() + judging.ABANDONED + timedelta(seconds=1)):
        assert request_verdict(experiment_id=experiment_id)
    assert sent == [str(experiment_id)] * 2
    compute_verdict(experiment_id=experiment_id)
    compute_verdict(experiment_id=experiment_id)
    assert get_experiment(experiment_id).judgement.code == "nobody_yet"  # type: ignore[union-attr]


def test_a_verdict_that_fails_says_so_and_can_be_asked_for_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source is out of reach once: `failed`, no judgement; the next request succeeds."""
    experiment_id = run_experiment(stage)
    with monkeypatch.context() as patch:
        patch.setattr(OrderStatistics, "read", lambda *_args, **_options: 1 / 0)
        request_verdict(experiment_id=experiment_id)
    assert get_experiment(experiment_id).verdict_state == "failed"
    assert not Judgement.objects.exists()
    assert judged(experiment_id).code == "nobody_yet"


def test_drafts_and_strangers_have_no_verdict(stage: Stage, aurora: Shop, borealis: Shop) -> None:
    """Nothing to judge before the start, nothing of another shop."""
    draft = draft_experiment(stage)
    with pytest.raises(MoveRefused):
        request_verdict(experiment_id=draft)
    compute_verdict(experiment_id=draft)
    with in_schema(borealis.schema), pytest.raises(ExperimentNotFound):
        request_verdict(experiment_id=draft)
    assert not Judgement.objects.exists()


def test_the_schedule_judges_what_runs(stage: Stage, aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """Each running experiment of this shop, no draft, nothing of the other shop."""
    foreign = set_up(borealis)
    with in_schema(borealis.schema):
        run_experiment(foreign)
    running = run_experiment(stage)
    draft_experiment(stage, key="draft")
    judge_running(schema=aurora.schema)
    assert list(Judgement.objects.values_list("experiment_id", flat=True)) == [running]
    with in_schema(borealis.schema):
        assert not Judgement.objects.exists()


def test_rooms_are_the_units_where_rooms_are_compared(stage: Stage) -> None:
    """Ten rooms of sixty viewers: five units an arm, whatever the crowd; the split is not tested, since rooms are dealt."""
    rooms = [stage.room_id, *(create_room(slug=f"r{number}", title="Room", season_id=stage.season.id, actor=HOST) for number in range(9))]
    variants = [VariantDraft(title="Drama"), VariantDraft(title="Live host")]
    experiment_id = run_experiment(stage, ago=WEEK, kind="drama_or_live", room_ids=rooms, variants=variants, planned_units=10)
    at = clock.now() - timedelta(days=2)
    experiment = Experiment.objects.get(pk=experiment_id)
    dealt: Counter[Any] = Counter()
    for place, compared in enumerate(experiment.rooms.all()):
        viewers = [f"{place}-{number}" for number in range(60)]
        Exposure.objects.bulk_create(
            Exposure(experiment=experiment, variant=compared.variant, room_id=compared.room_id, viewer_id=viewer, exposed_at=at) for viewer in viewers
        )
        dealt[compared.variant_id] += 1  # both arms sell alike, however the rooms were dealt
        for viewer in viewers[: 5 + 2 * dealt[compared.variant_id]]:
            sell(viewer, room_id=compared.room_id, at=at + timedelta(hours=1))
    row = judged(experiment_id)
    assert [arm["n"] for arm in row.inputs["sums"]["orders"].values()] == [5, 5]
    assert row.code == "undecided"
    assert row.comparisons[0]["low"] < row.comparisons[0]["lift"] < row.comparisons[0]["high"]


def test_judgements_and_exposures_are_never_changed(stage: Stage) -> None:
    """The application's role may only add to them."""
    experiment_id = run_experiment(stage, ago=WEEK)
    expose_many(experiment_id, stage.room_id, 2, at=clock.now() - WEEK)
    judged(experiment_id)
    for rows in (Judgement.objects.all(), Exposure.objects.all()):
        for change in (lambda found=rows: found.update(experiment=None), rows.delete):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                change()


def test_from_the_page_to_the_verdict(stage: Stage, aurora: Shop, browse: Any) -> None:
    """A guest opens the room, meets the experiment, taps a card, pays: they are one buyer of their variant."""
    card = get_card(list_cues(stage.episodes[0])[0].product_id)
    set_stock(variant_id=card.variants[0].id, available=5, reason="for sale", actor=HOST)
    experiment_id = run_experiment(stage)
    air(aurora, stage)
    guest = browse(aurora)
    state = state_of(guest.get("/rooms/harbour/"))
    guest.post(state["urls"]["exposures"], {"experiment_id": str(experiment_id)}, content_type="application/json")
    tapped = {"program_seq": 1, "position_ms": 5_000}
    token = guest.post(state["urls"]["attribution"], tapped, content_type="application/json").json()["token"]
    with in_schema(aurora.schema):
        buyer = Buyer(viewer_id=state["viewer"]["id"], email="guest@shop.test", ship_name="Lin", ship_address="Pier 1")
        order = orders.place_order(buyer=buyer, client_key="tap-of-a-guest", lines=[LineWish(card.variants[0].id, 1)], attribution=token)
        with transaction.atomic():
            orders.begin_paying(order_id=order.id)
            orders.pay_order(order_id=order.id, paid=order.total, at=clock.now())
    with in_schema(aurora.schema), clock.frozen(clock.now() + timedelta(minutes=5)):
        sums = judged(experiment_id).inputs["sums"]["orders"]
        (variant_id,) = sums
        assert sums[variant_id]["n"] == 1
        assert sums[variant_id]["sums"][:3] == [1, 1, order.total.amount_minor]
        assert variant_id == str(Exposure.objects.get().variant_id)


def _delete_as_owner(viewer_ids: list[str]) -> None:
    """What a lost message would do; the application itself may not."""
    import os

    import psycopg

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("DELETE FROM aurora.experiment_exposure WHERE viewer_id = ANY(%s)", (viewer_ids,))
