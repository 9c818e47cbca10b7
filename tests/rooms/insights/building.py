"""Experiments for tests. Everything here needs the shop's schema."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from commerce.orders.models import Order
from commerce.orders.states import OrderState
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from rooms.insights.experiments.actions import GoalDraft, Schedule, VariantDraft, create_experiment, start_experiment
from rooms.insights.experiments.models import Experiment, Exposure
from rooms.insights.experiments.variations import deal_viewer
from tests.rooms.building import Stage

ACTOR = "editor@shop.test"
LATER = VariantDraft(title="Ten seconds later", shift_ms=10_000)


def draft_experiment(
    stage: Stage,
    *,
    key: str = "later-cards",
    variants: Sequence[VariantDraft] = (VariantDraft(title="As it is"), LATER),
    goals: Sequence[GoalDraft] = (GoalDraft("buyers"),),
    kind: str = "cue_time",
    room_ids: Sequence[UUID] = (),
    **schedule: Any,
) -> UUID:
    """Cards ten seconds later for half of the room's viewers."""
    return create_experiment(
        key=key,
        title="Do later cards sell more?",
        kind=kind,
        room_ids=room_ids or [stage.room_id],
        variants=variants,
        goals=goals,
        schedule=Schedule(**schedule),
        actor=ACTOR,
    )


def run_experiment(stage: Stage, *, ago: timedelta = timedelta(), **draft: Any) -> UUID:
    experiment_id = draft_experiment(stage, **draft)
    with clock.frozen(clock.now() - ago):
        start_experiment(experiment_id=experiment_id, actor=ACTOR)
    return experiment_id


def expose_many(experiment_id: UUID, room_id: UUID, viewers: int, *, at: datetime) -> dict[str, str]:
    """So many new viewers, dealt as everybody is: variant id by viewer id."""
    experiment = Experiment.objects.prefetch_related("variants").get(pk=experiment_id)
    names = [f"viewer-{number}" for number in range(viewers)]
    dealt = {name: deal_viewer(experiment, name) for name in names}
    Exposure.objects.bulk_create(
        Exposure(experiment=experiment, variant_id=variant_id, room_id=room_id, viewer_id=name, exposed_at=at)
        for name, variant_id in dealt.items()
        if variant_id
    )
    return {name: str(variant_id) for name, variant_id in dealt.items() if variant_id}


def sell(viewer_id: str, *, room_id: UUID | None, at: datetime, total_minor: int = 3600, refunded_minor: int = 0) -> Order:
    """A paid order's row."""
    name = str(new_id())
    return Order.objects.create(
        number=name[-24:],
        viewer_id=viewer_id,
        client_key=name,
        request_digest="0" * 64,
        state=OrderState.PAID,
        email="buyer@shop.test",
        language="en",
        currency="USD",
        total_minor=total_minor,
        refunded_minor=refunded_minor,
        placed_at=at,
        expires_at=at + timedelta(minutes=10),
        paid_at=at,
        room_id=room_id,
    )
