"""What the charts stand on: the plot with its orders by second, what is behind a span, the live board. Always two shops."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale
from commerce.orders.models import Order
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from rooms.engagement.models import Danmaku, HiddenDanmaku
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.insights.story.pulse import get_pulse
from rooms.insights.story.queries import get_behind, list_plot
from rooms.program.actions import start_show
from rooms.program.models import Airing, ProgramEntry
from tests.conftest import Shop
from tests.dramas.building import count_queries
from tests.rooms.building import HOST, Stage
from tests.rooms.insights.building import sell
from tests.rooms.insights.conftest import BEGIN_MS, store_all
from tests.rooms.insights.fold import PLAYBACK, visits_of
from tests.rooms.insights.planting import EPISODES, Planted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shown(aurora: Shop, set_up: Callable[..., Stage]) -> Iterator[tuple[Stage, Planted]]:
    """A room on air, and visits of its season before that."""
    stage = set_up(aurora, episodes=EPISODES)
    planted = Planted("aurora", [stage.room_id], stage.episodes, [new_id(), new_id()], BEGIN_MS).plant(120)
    store_all(planted)
    with in_schema("aurora"):
        start_show(room_id=stage.room_id, actor=HOST)
        yield stage, planted


def order_at(stage: Stage, seq: int, position_ms: int, *, back_minor: int = 0) -> Order:
    order = sell(str(new_id()), room_id=stage.room_id, at=clock.now(), total_minor=5_000, refunded_minor=back_minor)
    Order.objects.filter(pk=order.pk).update(program_seq=seq, position_ms=position_ms)
    with transaction.atomic():
        processor, sales = ProcessorTrace(payment_intent=str(new_id())), [Sale("SKU", 1, Money(5_000, "USD"))]
        ledger.post_capture(order=OrderTrace(order.pk, order.number, stage.room_id), processor=processor, sales=sales, at=clock.now())
    return order


def line_at(stage: Stage, position_ms: int, text: str) -> Danmaku:
    airing = Airing.objects.get()
    return Danmaku.objects.create(
        id=new_id(), room_id=stage.room_id, airing=airing, episode_id=stage.episodes[0], program_seq=1, position_ms=position_ms,
        viewer_id="v", nickname="Iris", text=text, created_at=clock.now(),
    )  # fmt: skip


def test_the_plot_has_its_cues_and_its_orders_at_the_second_they_were_tapped(shown: tuple[Stage, Planted]) -> None:
    stage, _ = shown
    seq = ProgramEntry.objects.get(room_id=stage.room_id, source_id=stage.episodes[0]).seq
    for position_ms in (7_000, 7_900, 21_000):
        order_at(stage, seq, position_ms)
    order_at(stage, 999, 7_000)  # of a program entry that there is not
    plot = list_plot(stage.room)
    assert [episode.id for episode in plot] == stage.episodes
    assert plot[0].orders == {7: 2, 21: 1}
    assert all(not episode.orders for episode in plot[1:])
    assert [(node.at_ms, node.label) for node in plot[0].nodes] == [(5_000, "Brass lantern")]
    assert list_plot(stage.room, until=(clock.now() - timedelta(days=1)).date())[0].orders == {}


def test_behind_a_span_are_its_visits_its_lines_and_its_orders(shown: tuple[Stage, Planted]) -> None:
    stage, planted = shown
    seq = ProgramEntry.objects.get(room_id=stage.room_id, source_id=stage.episodes[0]).seq
    inside, outside = order_at(stage, seq, 12_000, back_minor=1_000), order_at(stage, seq, 20_000)
    line_at(stage, 11_000, "look")
    line_at(stage, 20_000, "later")
    HiddenDanmaku.objects.create(danmaku_id=line_at(stage, 12_000, "hidden").pk, room_id=stage.room_id, hidden_at=clock.now())
    behind = get_behind(stage.room, stage.episodes[0], begin_s=10, end_s=20)
    ends = []
    for visit in visits_of(planted.parcels):
        places = [(stage_number(planted, event), event.position_ms // 1000) for event in visit.events if isinstance(event, PLAYBACK)]
        if places and min(places) < (1, 20) and max(places) >= (1, 10):
            ends.append(max(places))
    assert behind.visits_count == len(ends) > 50
    assert behind.left_count == sum(end < (1, 20) for end in ends) > 0
    assert [row.left_s for row in behind.visits if row.left_s is not None] == sorted(end[1] for end in ends if end < (1, 20))
    assert (behind.danmaku_count, [line.text for line in behind.danmaku]) == (1, ["look"])
    assert [(order.number, order.net_minor) for order in behind.orders] == [(inside.number, 4_000)]
    assert outside.number not in {order.number for order in behind.orders}
    assert count_queries(lambda: get_behind(stage.room, stage.episodes[0], begin_s=10, end_s=20)) == 7


def stage_number(planted: Planted, event: Any) -> int:
    return planted.episodes.index(event.episode_id) + 1


def test_orders_are_links_for_those_who_may_open_them(shown: tuple[Stage, Planted], aurora: Shop, borealis: Shop, enter: Callable[..., Any]) -> None:
    stage, _ = shown
    seq = ProgramEntry.objects.get(room_id=stage.room_id, source_id=stage.episodes[0]).seq
    order = order_at(stage, seq, 12_000)
    page = f"/api/v1/insights/rooms/{stage.room_id}/behind/"
    asked = {"episode_id": str(stage.episodes[0]), "begin_s": "10", "end_s": "20"}
    (found,) = enter(aurora, "finance").get(page, asked).json()["orders"]
    assert (found["url"], found["net"]) == (f"/admin/commerce/order/{order.pk}/change/", "$50.00")
    (bare,) = enter(aurora, "editor").get(page, asked).json()["orders"]
    assert (bare["number"], bare["url"]) == (order.number, "")
    assert enter(aurora, "host").get(page, asked).status_code == 403
    assert enter(borealis, "owner").get(page, asked).status_code == 404
    assert enter(aurora, "owner").get(page, asked | {"end_s": "10"}).status_code == 422


def test_the_live_board_counts_from_the_shows_start(shown: tuple[Stage, Planted], aurora: Shop, enter: Callable[..., Any]) -> None:
    """The planted visits were before it: of them nothing. Money is the ledger's, of this room."""
    stage, planted = shown
    Airing.objects.update(started_at=clock.now() - timedelta(minutes=1))
    order_at(stage, 1, 1_000)
    pulse = get_pulse(stage.room)
    assert (pulse.is_on_air, pulse.viewers, pulse.danmaku, pulse.orders, pulse.net_minor) == (True, 0, 0, 1, 5_000)
    now_ms = clock.now_ms()
    for viewer in (new_id(), new_id()):
        ids = [planted._id(now_ms) for _ in range(4)]
        done = [m.EnterEvent(id=ids[0], surface="room"), m.DanmakuEvent(id=ids[1]), m.LikeEvent(id=ids[2], count=3)]
        parcel = Parcel("aurora", stage.room_id, viewer, viewer, now_ms, [*done, m.CueClickedEvent(id=ids[3], product_id=new_id())])
        ensure_days(days_of([parcel]))
        store("aurora", [parcel], Places())
    answer = enter(aurora, "editor").get(f"/api/v1/insights/rooms/{stage.room_id}/pulse/").json()
    assert {name: answer[name] for name in ("is_on_air", "viewers", "danmaku", "likes", "taps", "orders", "net")} == {
        "is_on_air": True, "viewers": 2, "danmaku": 2, "likes": 6, "taps": 2, "orders": 1, "net": "$50.00",
    }  # fmt: skip
    assert sum(found["danmaku"] for found in answer["bins"]) == 2


def test_a_room_off_air_has_no_board(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    stage = set_up(aurora)
    with in_schema("aurora"):
        assert not get_pulse(stage.room).is_on_air
