"""Forecasts: better than guessing "as last time", honest about how far off, and from this shop's past shows alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel
from rooms.insights.forecasts.queries import forecast_room
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.insights.stats.forecast import MEASURES, CardSeen, CardToCome, PastShow, as_last_time, backtest, forecast
from rooms.program.models import Airing, Room
from tests.dramas.building import count_queries
from tests.rooms.building import Stage
from tests.rooms.insights.airings import make_shows

CARD = CardToCome("a", "card", 0.5)


def show(audience: int, *cards: tuple[str, float, int, int, int], is_here: bool = True) -> PastShow:
    return PastShow(audience, tuple(CardSeen(card, "card", place, *counts) for card, place, *counts in cards), is_here)


def test_it_beats_the_usual_guess_by_a_fifth() -> None:
    """Thirty evenings of the simulator's model for each of ten seeds: viewers, taps and orders, each off by a fifth less at least."""
    measured = [backtest(make_shows(30, seed=seed)) for seed in range(1, 11)]
    for name in MEASURES:
        assert all(found[name].cards == 8 * 27 for found in measured)
        assert sum(found[name].error for found in measured) <= 0.8 * sum(found[name].naive_error for found in measured), name


def test_of_ten_shows_two_fall_out_of_the_interval() -> None:
    """`low` and `high` are of shows that the forecast had not seen: on later ones between 70 and 92 of a hundred stay within."""
    shows = make_shows(60, seed=3)
    past, later = shows[:40], shows[40:]
    measured = backtest(past)["taps"]
    inside = total = 0
    for number, evening in enumerate(later):
        known = [*past, *later[:number]]
        expected = {found.card: found for found in forecast(known, [CardToCome(seen.card, seen.kind, seen.place) for seen in evening.cards])}
        for seen in evening.cards:
            total += 1
            inside += expected[seen.card].taps * measured.low <= seen.taps <= expected[seen.card].taps * measured.high
    assert 0.70 <= inside / total <= 0.92


def test_a_card_that_few_have_seen_is_drawn_to_the_others() -> None:
    """One of one tapped: that is no rate of 100 %. A card seen by thousands keeps its own."""
    others = [(f"o{number}", 0.1 * number, 1_000, 100, 10) for number in range(1, 10)]
    (rare,) = forecast([show(1_000, *others, ("a", 0.5, 1, 1, 1))], [CARD])
    assert rare.taps / rare.viewers < 0.12
    (often,) = forecast([show(100_000, *((card, place, 90_000, 9_000, 900) for card, place, *_ in others), ("a", 0.5, 90_000, 45_000, 900))], [CARD])
    assert often.taps / often.viewers == pytest.approx(0.5, abs=0.02)


def test_a_new_card_does_what_cards_do_at_its_place() -> None:
    """Early cards are tapped by few, late ones by many; a card nobody has seen follows its place."""
    cards = [(f"c{number}", number / 20, 500, 5 * number, number) for number in range(1, 20)]
    early, late = forecast([show(500, *cards)], [CardToCome("new", "card", 0.1), CardToCome("newer", "card", 0.9)])
    assert late.taps / late.viewers > 3 * early.taps / early.viewers


def test_the_newest_evenings_weigh_most_and_one_does_not_decide() -> None:
    """Audiences of 100, then one of 1,000: the forecast moves, by far less than to 1,000."""
    usual = [show(100, ("a", 0.5, 50, 5, 1))] * 10
    (before,), (after,) = forecast(usual, [CARD]), forecast([*usual, show(1_000, ("a", 0.5, 500, 50, 10))], [CARD])
    assert before.viewers == pytest.approx(50, rel=0.02)
    assert 55 < after.viewers < 120
    (grown,) = forecast([*usual, *[show(1_000, ("a", 0.5, 500, 50, 10))] * 30], [CARD])
    assert grown.viewers == pytest.approx(500, rel=0.1)


def test_other_rooms_tell_of_cards_and_not_of_the_audience() -> None:
    here, there = show(40, ("a", 0.5, 20, 2, 0)), show(4_000, ("b", 0.5, 2_000, 800, 0), is_here=False)
    (found,) = forecast([there, here, there], [CARD])
    assert found.viewers == pytest.approx(20, rel=0.05)
    assert found.taps / found.viewers > 0.15
    (first_show,) = forecast([there], [CARD])
    assert first_show.viewers > 1_000


def test_without_a_past_nothing_is_said() -> None:
    """No show, too few shows, shows without anybody: no number is made up."""
    assert forecast([], [CARD]) == as_last_time([], [CARD]) == []
    assert backtest([show(10, ("a", 0.5, 5, 1, 0))] * 3) == {}
    (nobody,) = forecast([show(0, ("a", 0.5, 0, 0, 0))], [CARD])
    assert (nobody.viewers, nobody.taps, nobody.orders) == (0, 0, 0)
    assert "orders" not in backtest([show(10, ("a", 0.5, 5, 1, 0))] * 6)


def test_an_error_is_counted_as_it_is_said() -> None:
    """Alternating evenings of 10 and 20: guessing the last one is always off by 10."""
    evenings = [show(10 + 10 * (number % 2), ("a", 0.5, 10 + 10 * (number % 2), 1, 1)) for number in range(9)]
    measured = backtest(evenings)["viewers"]
    assert measured.naive_error == pytest.approx(60 / 90)
    assert measured.error < measured.naive_error


def _evening(
    schema: str, room_id: UUID, cue: Any, *, ago: timedelta, viewers: int, taps: int, orders: int, length: timedelta = timedelta(minutes=5)
) -> None:
    """A show that is over, in which so many were shown the card."""
    began = clock.now() - ago
    Airing.objects.create(room_id=room_id, title="Evening", started_at=began, ended_at=began + length)
    parcels = []
    for number in range(viewers):
        viewer, at_ms = new_id(), clock.to_ms(began) + 1_000 * number
        which = {"product_id": cue.product_id, "cue_id": cue.id}
        told: list[Any] = [
            _event(at_ms, m.EnterEvent, surface="room"),
            _event(at_ms + 1, m.PlayEvent, after_ms=1),
            _event(at_ms + 2, m.CueShownEvent, **which),
        ]
        if number < taps:
            told += [_event(at_ms + 3, m.CueClickedEvent, **which), _event(at_ms + 4, m.BagEvent, **which)]
        parcels.append(Parcel(schema, room_id, viewer, new_id(), clock.now_ms(), told))
        if number < orders:
            parcels.append(Parcel(schema, room_id, viewer, None, clock.now_ms(), [_event(at_ms + 5, m.CheckoutEvent, amount_minor=1, cue_id=cue.id)]))
    ensure_days(days_of(parcels))
    store(schema, parcels, Places())


def _event(at_ms: int, kind: Any, **fields: Any) -> Any:
    return kind(id=UUID(int=at_ms << 80 | 7 << 76 | new_id().int & (1 << 76) - 1), **fields)


@pytest.fixture
def evenings(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> tuple[Stage, Stage]:
    """Three evenings of 20 viewers in aurora's room, one in borealis'."""
    ours, theirs = set_up(aurora), set_up(borealis)
    for shop, stage, hours in ((aurora, ours, (3, 2, 1)), (borealis, theirs, (1,))):
        with in_schema(shop.schema):
            cue = list_cues(stage.episodes[0])[0]
            for ago in hours:
                _evening(shop.schema, stage.room_id, cue, ago=timedelta(hours=ago), viewers=20, taps=8, orders=2)
    return ours, theirs


@pytest.mark.django_db(transaction=True)
def test_a_room_is_forecast_from_its_past_shows(evenings: tuple[Stage, Stage]) -> None:
    """Counted from the rollups: what was shown, tapped and ordered during the shows; ten queries, however many there were."""
    ours, theirs = evenings
    with in_schema("aurora"):
        found = forecast_room(ours.room)
        assert (found.shows, len(found.cues), found.measured) == (3, 6, {})
        first = found.cues[0]
        assert (first.episode, first.second, first.title) == (1, 5, "Brass lantern")
        assert first.viewers == pytest.approx(20, rel=0.05)
        assert (first.taps, first.orders) == (pytest.approx(8, rel=0.05), pytest.approx(2, rel=0.05))
        assert count_queries(lambda: forecast_room(ours.room)) <= 10
    with in_schema("borealis"):
        assert forecast_room(theirs.room).shows == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_no_show_does_not_count(evenings: tuple[Stage, Stage]) -> None:
    """Visits between shows, a withdrawn start, a rehearsal."""
    ours, _ = evenings
    with in_schema("aurora"):
        before = forecast_room(ours.room)
        cue = list_cues(ours.episodes[0])[0]
        _evening("aurora", ours.room_id, cue, ago=timedelta(hours=5), viewers=40, taps=40, orders=0)
        Airing.objects.order_by("started_at").first().delete()
        _evening("aurora", ours.room_id, cue, ago=timedelta(hours=7), viewers=40, taps=40, orders=0)
        Airing.objects.filter(started_at__lt=clock.now() - timedelta(hours=6)).update(withdrawn_at=clock.now())
        assert replace(forecast_room(ours.room), room_id=before.room_id).cues[0].viewers == pytest.approx(before.cues[0].viewers)
        Room.objects.filter(pk=ours.room_id).update(is_rehearsal=True)
        assert forecast_room(ours.room).shows == 0


@pytest.mark.django_db(transaction=True)
def test_the_page_and_the_api_say_the_same(evenings: tuple[Stage, Stage], aurora: Any, borealis: Any, enter: Callable[..., Any]) -> None:
    """For those who see insights; a room of another shop is none here, and its numbers are its own."""
    ours, _ = evenings
    owner = enter(aurora, "owner")
    body = owner.get(f"/api/v1/insights/rooms/{ours.slug}/forecast/").json()
    page = owner.get(f"/insights/{ours.slug}/forecast/")
    assert (page.status_code, len(body["cues"]), body["shows"]) == (200, 6, 3)
    assert page.context["forecast"].cues[0].viewers == body["cues"][0]["viewers"]
    assert "After four shows" in page.content.decode()
    with in_schema("aurora"):
        _evening("aurora", ours.room_id, list_cues(ours.episodes[0])[0], ago=timedelta(minutes=20), viewers=18, taps=6, orders=1)
    body = owner.get(f"/api/v1/insights/rooms/{ours.slug}/forecast/").json()
    assert body["measured"]["viewers"]["error"] < 0.3
    assert body["cues"][0]["orders_low"] <= body["cues"][0]["orders"] <= body["cues"][0]["orders_high"] or body["measured"]["orders"]["high"] < 1
    assert "off by" in owner.get(f"/insights/{ours.slug}/forecast/").content.decode().lower()
    assert owner.get("/insights/nowhere/forecast/").status_code == 404
    assert enter(borealis, "owner").get(f"/api/v1/insights/rooms/{ours.slug}/forecast/").json()["shows"] == 1
    host = enter(aurora, "host")
    assert host.get(f"/api/v1/insights/rooms/{ours.slug}/forecast/").status_code == 403
    assert host.get(f"/insights/{ours.slug}/forecast/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_shop_without_shows_says_so(aurora: Any, set_up: Callable[..., Stage], enter: Callable[..., Any]) -> None:
    stage = set_up(aurora)
    page = enter(aurora, "owner").get(f"/insights/{stage.slug}/forecast/")
    assert "A forecast needs at least one" in page.content.decode()
