"""A show is forecast when it begins; cards that many will tap are prepared for; what came is written beside it. The show never waits."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from redis.exceptions import ConnectionError as ValkeyGone

from commerce.stock import hot
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema
from rooms.director import actions as director
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel
from rooms.insights.forecasts.queries import CueForecast, RoomForecast
from rooms.preparation import actions
from rooms.preparation.facts import CardAhead
from rooms.preparation.models import CardPreparation, ShowForecast
from rooms.preparation.queries import list_expected, list_preparations
from rooms.program.actions import start_show
from rooms.program.models import Airing, Room
from tests.rooms.building import HOST, Stage
from tests.rooms.insights.test_forecast import _evening, _event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    hot.forget()


@pytest.fixture
def expect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`expect(stage, taps=40)`: what every card of the room's next show is forecast to bring."""

    def make(stage: Stage, *, taps: float, orders: float = 1.0) -> None:
        cues = [cue for episode in stage.episodes for cue in list_cues(episode)]
        rows = tuple(CueForecast(cue.id, 1, 5, "Brass lantern", 100.0, taps, orders, None, None) for cue in cues)
        monkeypatch.setattr(actions, "forecast_room", lambda room: RoomForecast(room.id, 3, rows, {}))

    return make


def variant_of(stage: Stage) -> Any:
    from commerce.catalog.queries import get_card

    product_id = list_cues(stage.episodes[0])[0].product_id
    assert product_id is not None
    return get_card(product_id).variants[0].id


def show(stage: Stage, *, looks_s: tuple[float, ...]) -> Any:
    """Start the show and let the director look at these seconds of it."""
    began = clock.now()
    with clock.frozen(began):
        start_show(room_id=stage.room_id, actor=HOST)
    for second in looks_s:
        with clock.frozen(began + timedelta(seconds=second)):
            director.direct(room_id=stage.room_id)
    return began


def test_a_show_is_forecast_when_it_begins_and_its_cards_are_prepared_for(aurora: Any, set_up: Callable[..., Stage], expect: Any) -> None:
    """The first card from the start on, the next episode's twenty seconds ahead: each once, and its goods are hot until minutes after it."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        expect(stage, taps=40, orders=8)
        began = show(stage, looks_s=(1, 1.5, 2, 10, 14, 16, 17, 18, 28))
        first, second = CardPreparation.objects.order_by("due_at")
        assert [row.cue_id for row in (first, second)] == [list_cues(episode)[0].id for episode in stage.episodes[:2]]
        assert (second.due_at - first.due_at).total_seconds() == 30
        assert 4 < (first.due_at - began).total_seconds() < 7
        assert [row.program_seq for row in (first, second)] == [1, 1]
        assert all((row.hot_variants, row.expected_taps, row.expected_orders) == (1, 40, 8) for row in (first, second))
        assert all(row.done_at is not None and row.took_ms is not None and row.taps is None for row in (first, second))
        assert 15 <= (second.due_at - second.opened_at).total_seconds() <= 20
        assert hot.is_any([variant_of(stage)])
        told = FactRecord.objects.filter(kind=CardAhead.kind())
        assert sorted(record.payload["preparation_id"] for record in told) == sorted(str(row.pk) for row in (first, second))
        kept = ShowForecast.objects.get()
        assert (str(kept.pk), len(kept.cards)) == (str(stage.room.airing_id), 6)


def test_few_taps_are_not_prepared_for(aurora: Any, set_up: Callable[..., Stage], expect: Any, settings: Any) -> None:
    """Neither a quiet show, nor a rehearsal, nor one without a past; the bounds are the settings'."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        expect(stage, taps=settings.PREPARE_FROM_TAPS - 1, orders=settings.PREPARE_FROM_ORDERS - 1)
        show(stage, looks_s=(1, 14))
        assert ShowForecast.objects.get().cards == []
        assert not CardPreparation.objects.exists()
        assert not hot.is_any([variant_of(stage)])
    rehearsal = set_up(aurora, slug="rehearsal", is_rehearsal=True)
    with in_schema(aurora.schema):
        expect(rehearsal, taps=400)
        show(rehearsal, looks_s=(1,))
        assert ShowForecast.objects.count() == 1
        assert not CardPreparation.objects.exists()


def test_preparing_twice_or_too_late_changes_nothing(aurora: Any, set_up: Callable[..., Stage], expect: Any) -> None:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        expect(stage, taps=40)
        show(stage, looks_s=(1,))
        before = CardPreparation.objects.values().get()
        actions.prepare_card(preparation_id=before["id"])
        actions.keep_forecast(airing_id=stage.room.airing_id)
        assert CardPreparation.objects.values().get() == before
        CardPreparation.objects.update(done_at=None, hot_variants=0, due_at=clock.now() - timedelta(minutes=1))
        actions.prepare_card(preparation_id=before["id"])
        assert CardPreparation.objects.get().done_at is None


def test_a_failure_of_preparing_leaves_the_show_alone(
    aurora: Any, set_up: Callable[..., Stage], expect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Valkey is gone, or the row cannot be written: the show plays on, and the preparation is tried again."""
    stage = set_up(aurora)

    def gone(**_values: Any) -> None:
        raise ValkeyGone

    def broken(**_values: Any) -> None:
        raise DatabaseError

    with in_schema(aurora.schema):
        expect(stage, taps=40)
        with monkeypatch.context() as broken_row:
            broken_row.setattr(director, "open_preparation", broken)
            began = show(stage, looks_s=(1, 2))
        assert not CardPreparation.objects.exists()
        assert stage.room.state == "drama"
        with monkeypatch.context() as no_valkey, clock.frozen(began + timedelta(seconds=3)):
            no_valkey.setattr(actions, "mark_hot", gone)
            director.direct(room_id=stage.room_id)
        row = CardPreparation.objects.get()
        assert row.done_at is None
        record = FactRecord.objects.get(kind=CardAhead.kind())
        assert (record.delivered_at, record.attempts) == (None, 1)
        from merchants.foundation.facts import deliver

        with clock.frozen(began + timedelta(seconds=5)):
            deliver(fact_id=record.pk)
        assert CardPreparation.objects.get().done_at is not None


def test_what_came_is_counted_beside_what_was_expected(aurora: Any, borealis: Any, set_up: Callable[..., Stage], enter: Any) -> None:
    """Taps and orders of the ten minutes after the card, of this room and this shop; the page shows them in one line."""
    ours, theirs = set_up(aurora), set_up(borealis)
    for shop, stage, taps in ((aurora, ours, 8), (borealis, theirs, 3)):
        with in_schema(shop.schema):
            cue = list_cues(stage.episodes[0])[0]
            _evening(shop.schema, stage.room_id, cue, ago=timedelta(hours=1), viewers=20, taps=taps, orders=2)
            show_of = Airing.objects.get(room_id=stage.room_id)
            fields = {"program_seq": 1, "cue_id": cue.id, "product_id": cue.product_id, "lasts_ms": 10_000, "opened_at": show_of.started_at}
            fields |= {"expected_taps": 9.6, "expected_orders": 2.4, "done_at": show_of.started_at - timedelta(seconds=19), "took_ms": 12}
            CardPreparation.objects.create(airing=show_of, due_at=show_of.started_at, **fields)
            CardPreparation.objects.create(airing=show_of, due_at=show_of.started_at - timedelta(days=100), **(fields | {"program_seq": 0}))
            CardPreparation.objects.create(airing=show_of, due_at=clock.now(), **(fields | {"program_seq": 2, "done_at": None}))
    with in_schema(aurora.schema):
        assert actions.count_what_came() == 2
        assert actions.count_what_came() == 0
        coming, counted = list_preparations(ours.room_id)
        assert (counted.taps, counted.orders, counted.ahead_s, counted.title) == (8, 2, 19, "Brass lantern")
        assert (coming.taps, coming.orders, coming.ahead_s) == (None, None, None)
    with in_schema(borealis.schema):
        assert not CardPreparation.objects.filter(taps__isnull=False).exists()
    page = enter(aurora, "owner").get(f"/insights/{ours.slug}/forecast/").content.decode()
    assert "19 s" in page
    assert "not in time" in page
    assert enter(aurora, "host").get(f"/insights/{ours.slug}/forecast/").status_code == 403


def test_a_card_that_comes_again_belongs_to_its_next_showing(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """As in a room that loops every two minutes."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        from merchants.foundation.ids import new_id
        from rooms.insights.ingest.merge import store
        from rooms.insights.ingest.partitions import ensure_days
        from rooms.insights.ingest.places import Places
        from rooms.insights.ingest.rows import days_of

        cue = list_cues(stage.episodes[0])[0]
        began = clock.now() - timedelta(hours=1)
        airing = Airing.objects.create(room_id=stage.room_id, title="Loop", started_at=began)
        fields = {"cue_id": cue.id, "product_id": cue.product_id, "lasts_ms": 10_000, "opened_at": began, "expected_taps": 1, "expected_orders": 1}
        which = {"product_id": cue.product_id, "cue_id": cue.id}
        parcels = []
        for number, (minute, viewers) in enumerate(((0, 3), (2, 5))):
            CardPreparation.objects.create(airing=airing, program_seq=number, due_at=began + timedelta(minutes=minute), **fields)
            for _ in range(viewers):
                at_ms = clock.to_ms(began) + 60_000 * minute + 500
                told = [_event(at_ms, m.EnterEvent, surface="room"), _event(at_ms + 1, m.PlayEvent, after_ms=1)]
                told += [_event(at_ms + 2, m.CueShownEvent, **which), _event(at_ms + 3, m.CueClickedEvent, **which)]
                parcels.append(Parcel(aurora.schema, stage.room_id, new_id(), new_id(), clock.now_ms(), told))
        ensure_days(days_of(parcels))
        store(aurora.schema, parcels, Places())
        actions.count_what_came()
        assert list(CardPreparation.objects.order_by("due_at").values_list("taps", flat=True)) == [3, 5]


def test_shops_know_of_their_own_shows_alone(aurora: Any, borealis: Any, set_up: Callable[..., Stage], expect: Any) -> None:
    """Another shop's show of the same id is none here, also from what this process remembers; nor are its goods hot."""
    ours, theirs = set_up(aurora), set_up(borealis)
    with in_schema(aurora.schema):
        expect(ours, taps=40)
        show(ours, looks_s=(1,))
        airing_id = ours.room.airing_id
        assert airing_id is not None
        assert len(list_expected(airing_id)) == 6
        variant_id = variant_of(ours)
    with in_schema(borealis.schema):
        assert list_expected(airing_id) == {}
        assert not hot.is_any([variant_id, variant_of(theirs)])
        assert list_preparations(ours.room_id) == []
        assert Room.objects.get(pk=theirs.room_id).state == "scheduled"
