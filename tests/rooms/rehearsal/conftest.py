"""A past show with a crowd, and a rehearsal on air, in a shop of choice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.engagement.models import Comment, Danmaku, HiddenDanmaku
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.program.actions import start_show
from rooms.program.models import Airing
from tests.rooms.building import HOST, Stage

LENGTH_S = 20


@dataclass(frozen=True)
class PastShow:
    stage: Stage
    id: UUID
    started_at: datetime


@pytest.fixture
def remember(set_up: Callable[..., Stage]) -> Callable[..., PastShow]:
    """`remember(aurora)` is a show of 20 s an hour ago: three viewers, four lines that count, nine likes, a tap and an order."""

    def make(shop: Any, *, slug: str = "past", has_crowd: bool = True) -> PastShow:
        stage = set_up(shop, slug=slug)
        began = clock.now() - timedelta(hours=1)
        with in_schema(shop.schema):
            airing = Airing.objects.create(
                room_id=stage.room_id,
                season_id=stage.season.id,
                title="Last Thursday",
                started_at=began,
                ended_at=began + timedelta(seconds=LENGTH_S),
            )
            if has_crowd:
                _crowd(shop.schema, stage, airing)
        return PastShow(stage, airing.pk, began)

    return make


@pytest.fixture
def rehearse(set_up: Callable[..., Stage]) -> Callable[..., Stage]:
    """`rehearse(aurora)` is a rehearsal on air."""

    def make(shop: Any, *, slug: str = "tonight", is_on_air: bool = True) -> Stage:
        stage = set_up(shop, slug=slug, is_rehearsal=True)
        if is_on_air:
            with in_schema(shop.schema):
                start_show(room_id=stage.room_id, actor=HOST)
        return stage

    return make


def _crowd(schema: str, stage: Stage, airing: Airing) -> None:
    ann, bo, cy = new_id(), new_id(), new_id()
    lines = [(1.0, ann, "", "first"), (5.0, bo, "", "second"), (5.2, ann, "", "third"), (6.0, cy, "host", "of the host"), (7.0, cy, "", "removed")]
    rows = [
        Danmaku(
            id=new_id(), room_id=stage.room_id, airing=airing, episode_id=stage.episodes[0], program_seq=1, position_ms=int(at * 1000),
            viewer_id=str(viewer), nickname="Somebody", role=role, text=text, created_at=airing.started_at + timedelta(seconds=at),
        )
        for at, viewer, role, text in lines
    ]  # fmt: skip
    Danmaku.objects.bulk_create(rows)
    HiddenDanmaku.objects.create(danmaku_id=rows[-1].id, room_id=stage.room_id, hidden_by="moderator", hidden_at=clock.now())
    common = {
        "room_id": stage.room_id,
        "airing": airing,
        "program_seq": 1,
        "position_ms": 9_000,
        "created_at": airing.started_at + timedelta(seconds=9),
    }
    Comment.objects.create(viewer_id=str(bo), nickname="Somebody", text="a comment", **common)
    Comment.objects.create(viewer_id=str(bo), nickname="Somebody", text="taken away", deleted_at=clock.now(), **common)
    visits = {
        ann: [(0.5, m.EnterEvent, {"surface": "room"}), (12, m.LikeEvent, {"count": 4}), (19, m.ExitEvent, {"watched_ms": 0})],
        bo: [(2, m.EnterEvent, {"surface": "room"}), (8, m.CueClickedEvent, {"product_id": new_id()}), (10, m.ExitEvent, {"watched_ms": 0})],
        # They waited for the show: there from its beginning, but what they liked before it is none of it; nor is what came after.
        cy: [
            (-60, m.EnterEvent, {"surface": "room"}),
            (-50, m.LikeEvent, {"count": 7}),
            (13, m.LikeEvent, {"count": 5}),
            (90, m.LikeEvent, {"count": 30}),
        ],
    }
    parcels = [
        Parcel(schema, stage.room_id, viewer, new_id(), clock.now_ms(), [_at(airing, second, kind, **fields) for second, kind, fields in told])
        for viewer, told in visits.items()
    ]
    parcels.append(Parcel(schema, stage.room_id, bo, None, clock.now_ms(), [_at(airing, 9.5, m.CheckoutEvent, amount_minor=3600)]))
    ensure_days(days_of(parcels))
    store(schema, parcels, Places())


def _at(airing: Airing, second: float, kind: Any, **fields: Any) -> Any:
    at_ms = clock.to_ms(airing.started_at + timedelta(seconds=second))
    return kind(id=UUID(int=at_ms << 80 | 7 << 76 | new_id().int & (1 << 76) - 1), **fields)
