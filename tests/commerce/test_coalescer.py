"""Orders for a hot variant are written in batches: the same orders, facts and refusals as one at a time, whoever leads and whatever fails."""

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from redis.exceptions import ConnectionError as ValkeyGone

from commerce.catalog.queries import list_sellable
from commerce.orders.actions import Buyer, LineWish, batches, place_order, placing
from commerce.orders.actions.drafts import Draft
from commerce.orders.errors import ClientKeyReused
from commerce.orders.models import Order, OrderLine
from commerce.orders.queries import get_order
from commerce.stock import coalescer, hot
from commerce.stock.actions import mark_hot
from commerce.stock.coalescer import Coalescer, NotWritten
from commerce.stock.errors import SoldOut, StockBusy
from commerce.stock.models import Hold
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import current_schema, in_schema
from tests.commerce.test_stock import let_holds_lapse, together

pytestmark = pytest.mark.django_db(transaction=True)
PLACED = "commerce.orders.facts.OrderPlaced"


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    hot.forget()
    yield
    hot.forget()
    cache.clear()
    assert not batches.queue._queues  # nobody waits, nobody leads


@pytest.fixture
def batch_sizes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """(shop, size) of each batch that was tried."""
    tried: list[tuple[str, int]] = []
    write = batches.queue._write

    def note(drafts: Sequence[Any]) -> list[Any]:
        tried.append((current_schema(), len(drafts)))
        return write(drafts)

    monkeypatch.setattr(batches.queue, "_write", note)
    return tried


def heat(shop: Any, *cards: Any) -> None:
    with in_schema(shop.schema):
        mark_hot(variant_ids=[variant.id for card in cards for variant in card.variants], for_s=60)


def buyer(shop: Any, lines: Sequence[LineWish]) -> Callable[[int], Any]:
    def buy(number: int) -> Any:
        who = Buyer(viewer_id=f"rush-{number}", email=f"b{number}@mail.test")
        with in_schema(shop.schema):
            return place_order(buyer=who, client_key=f"key-of-rush-{number}", lines=lines)

    return buy


def buy_as(shop: Any, who: str, key: str, lines: Sequence[LineWish]) -> Any:
    with in_schema(shop.schema):
        return place_order(buyer=Buyer(who, "b@mail.test"), client_key=key, lines=lines)


def test_two_hundred_buyers_for_the_last_twenty(aurora, sell, level_of, batch_sizes):
    """Exactly twenty orders, each told to insights once; the others hear that nothing is left; many share a transaction."""
    card = sell(aurora, stock=20)
    heat(aurora, card)
    results = together(200, buyer(aurora, [LineWish(card.variants[0].id, 1)]), workers=48)
    sold_out = [result for result in results if isinstance(result, SoldOut)]
    orders = [result for result in results if not isinstance(result, Exception)]
    assert (len(orders), len(sold_out)) == (20, 180), [result for result in results if not isinstance(result, SoldOut)][:3]
    assert {refusal.params["available"] for refusal in sold_out} == {0}
    level = level_of(aurora, card)
    assert (level.available, level.held, level.sold) == (0, 20, 0)
    with in_schema(aurora.schema):
        assert Order.objects.count() == OrderLine.objects.count() == Hold.objects.count() == 20
        assert len({order.number for order in orders}) == 20
        told = FactRecord.objects.filter(kind=PLACED).values_list("payload__order_id", flat=True)
        assert sorted(told) == sorted(str(order.id) for order in orders)
    assert sum(size for _, size in batch_sizes) == 200
    assert len(batch_sizes) < 150
    assert max(size for _, size in batch_sizes) <= coalescer.MOST_AT_ONCE


def test_an_order_is_the_same_by_either_road(aurora, sell, batch_sizes):
    """Every column of order, line, hold and fact, but for what is different with every order."""
    from merchants.foundation import signing
    from merchants.foundation.ids import new_id

    card, unlock = sell(aurora, stock=9, ships=True), sell(aurora, stock=None, grants=f"episode:{new_id()}")
    lines = [LineWish(card.variants[0].id, 2), LineWish(unlock.variants[0].id, 1)]

    def place(viewer: str) -> Any:
        token = signing.sign("attribution", {"room_id": str(room_id), "program_seq": 3, "position_ms": 41_000, "cue_id": "a-cue"}, 60)
        who = Buyer(viewer, " iris@mail.test ", ship_name=" Iris ", ship_address="1 Harbour Road, 12345 Port", user_id=room_id)
        return place_order(buyer=who, client_key="one-and-only", lines=lines, attribution=token)

    with in_schema(aurora.schema):
        room_id = new_id()
        alone = place("viewer-1")
        heat(aurora, card)
        hot.forget()
        together_ = place("viewer-2")
        assert [size for _, size in batch_sizes] == [1]
        assert together_ == get_order(together_.id)
        own = {"id", "number", "viewer_id", "placed_at", "expires_at", "request_digest"}
        first, second = (Order.objects.filter(pk=view.id).values().get() for view in (alone, together_))
        assert {name: value for name, value in first.items() if name not in own} == {name: value for name, value in second.items() if name not in own}
        assert second["expires_at"] - second["placed_at"] == first["expires_at"] - first["placed_at"]
        rows = [list(OrderLine.objects.filter(order_id=view.id).order_by("sku").values()) for view in (alone, together_)]
        for mine, theirs in zip(*rows, strict=True):
            assert mine | {"id": 0, "order_id": 0} == theirs | {"id": 0, "order_id": 0}
        holds = [Hold.objects.filter(order_id=view.id).values().get() for view in (alone, together_)]
        assert all(hold["idempotency_key"] == f"{hold['order_id']}:{card.variants[0].id}" for hold in holds)
        assert [(hold["level_id"], hold["quantity"], hold["state"]) for hold in holds] == [(card.variants[0].id, 2, "active")] * 2
        payloads = FactRecord.objects.filter(kind=PLACED).order_by("created_at").values_list("payload", flat=True)
        a, b = (payload | {"order_id": "", "order_no": "", "viewer_id": "", "at": ""} for payload in payloads)
        assert a == b


def test_one_tap_sent_many_times_holds_once(aurora, sell, level_of):
    """Twenty copies of the same request, some in the same batch, make one order and one hold; other contents are refused."""
    card = sell(aurora, stock=20)
    heat(aurora, card)

    results = together(20, lambda _: buy_as(aurora, "iris", "one-and-only", [LineWish(card.variants[0].id, 1)]), workers=20)
    assert len({result.id for result in results}) == 1
    assert level_of(aurora, card).held == 1
    with in_schema(aurora.schema), pytest.raises(ClientKeyReused):
        place_order(buyer=Buyer("iris", "b@mail.test"), client_key="one-and-only", lines=[LineWish(card.variants[0].id, 2)])


def test_a_batch_waits_for_no_key_that_is_being_written(aurora, sell, monkeypatch, level_of):
    """An order alone has written its key and wants the stock; a batch with the same tap must not stand in its way with the stock in hand."""
    card = sell(aurora, stock=20)
    lines = [LineWish(card.variants[0].id, 1)]
    has_key, may_go_on = threading.Event(), threading.Event()
    hold_units = placing.hold_units

    def slowly(**asked: Any) -> None:
        has_key.set()
        assert may_go_on.wait(10)
        hold_units(**asked)

    monkeypatch.setattr(placing, "hold_units", slowly)
    with ThreadPoolExecutor(1) as pool:
        alone = pool.submit(together, 1, lambda _: buy_as(aurora, "iris", "one-and-only", lines), workers=1)
        assert has_key.wait(10)
        with in_schema(aurora.schema):
            sellable, taps = list_sellable([lines[0].variant_id]), (("iris", "one-and-only"), ("otto", "another-key"))
            drafts = [Draft(Buyer(who, "b@mail.test"), key, "", lines, sellable, {}, "en") for who, key in taps]
            same_tap, other = batches.write_batch(drafts)
        may_go_on.set()
        (first,) = alone.result()
    assert same_tap is None
    with in_schema(aurora.schema):
        assert {first.id, other.id} == set(Order.objects.values_list("id", flat=True))
        assert batches.write_batch(drafts) == [None, None]
    assert level_of(aurora, card).held == 2


def test_one_tap_on_both_roads_and_in_two_processes_is_one_order(aurora, sell, monkeypatch, level_of):
    """Batches of two processes and orders alone, all with the same key and some with others: nobody waits in a circle, each key is one order."""
    card = sell(aurora, stock=50)
    heat(aurora, card)
    processes = [Coalescer(batches.write_batch), Coalescer(batches.write_batch)]
    turn = itertools.count()

    def spread(shop: str, draft: Draft) -> Any:
        process = next(turn) % 3
        if process == 2:
            raise NotWritten
        return processes[process].put(shop, draft)

    monkeypatch.setattr(batches.queue, "put", spread)

    def buy(number: int) -> Any:
        who, key = ("iris", "one-and-only") if number % 2 else (f"viewer-{number}", f"client-key-{number}")
        return buy_as(aurora, who, key, [LineWish(card.variants[0].id, 1)])

    results = together(48, buy, workers=24)
    assert not [result for result in results if isinstance(result, Exception)]
    assert len({result.id for result in results}) == 25
    assert level_of(aurora, card).held == 25


def test_carts_in_opposite_order_do_not_deadlock(aurora, sell):
    """Two articles in both orders, beside orders of the usual road and payments: every order is answered."""
    cards = [sell(aurora, stock=1000), sell(aurora, stock=1000), sell(aurora, stock=1000)]
    heat(aurora, cards[0])
    lines = [LineWish(card.variants[0].id, 1) for card in cards]

    def buy(number: int) -> Any:
        wanted = [lines[:2], lines[1::-1], lines[1:]][number % 3]  # the last one holds no hot article
        return buyer(aurora, wanted)(number)

    assert not [result for result in together(90, buy, workers=24) if isinstance(result, Exception)]


def test_lapsed_holds_are_sold_without_the_sweeper(aurora, sell, order, level_of):
    """The sweeper never ran: units of holds that lapsed go to those who come now, and not more than those."""
    card = sell(aurora, stock=2)
    order(aurora, card, quantity=2)
    let_holds_lapse(aurora.schema)
    heat(aurora, card)
    results = together(4, buyer(aurora, [LineWish(card.variants[0].id, 1)]), workers=4)
    assert sum(isinstance(result, SoldOut) for result in results) == 2
    assert level_of(aurora, card).held == 2


def test_who_asks_for_too_many_leaves_them_to_the_next(aurora, sell, level_of):
    """Three are left: five are refused with what is left, three are not, one comes too late. Units go in order of arrival."""
    card = sell(aurora, stock=3)
    variant_id = card.variants[0].id

    def draft(quantity: int) -> Draft:
        who = Buyer(f"v{quantity}", "b@mail.test")
        return Draft(who, f"client-key-{quantity}", "", [LineWish(variant_id, quantity)], list_sellable([variant_id]), {}, "en")

    with in_schema(aurora.schema):
        first, second, third = batches.write_batch([draft(quantity) for quantity in (5, 3, 1)])
    assert isinstance(first, SoldOut)
    assert first.params["available"] == 3
    assert not isinstance(second, Exception)
    assert isinstance(third, SoldOut)
    assert third.params["available"] == 0
    assert level_of(aurora, card).held == 3


def test_a_batch_whose_answer_is_lost_makes_each_order_once(aurora, sell, monkeypatch, level_of):
    """The connection breaks while the commit is answered: who waited finds the order by its key."""
    card = sell(aurora, stock=50)
    heat(aurora, card)
    write = batches.queue._write

    def lose(drafts: Sequence[Any]) -> Any:
        write(drafts)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(batches.queue, "_write", lose)
    results = together(24, buyer(aurora, [LineWish(card.variants[0].id, 1)]), workers=24)
    assert not [result for result in results if isinstance(result, Exception)]
    assert level_of(aurora, card).held == 24


def test_a_leader_that_dies_takes_nobody_with_it(aurora, sell, monkeypatch, level_of):
    """Its own request fails; the others of its batch go alone, those behind it get a new leader."""
    card = sell(aurora, stock=100)
    heat(aurora, card)
    write, deaths = batches.queue._write, iter([True, True])

    def die(drafts: Sequence[Any]) -> Any:
        if next(deaths, False):
            raise MemoryError
        return write(drafts)

    monkeypatch.setattr(batches.queue, "_write", die)
    results = together(60, buyer(aurora, [LineWish(card.variants[0].id, 1)]), workers=30)
    failed = [result for result in results if isinstance(result, Exception)]
    assert [type(error) for error in failed] == [MemoryError] * 2
    assert level_of(aurora, card).held == 58


def test_shops_never_share_a_batch(aurora, borealis, sell, level_of, batch_sizes):
    """Both shops sell at once: each batch is one shop's, each order lies in its own, and a mark of one is none in the other."""
    ours, theirs = sell(aurora, stock=60), sell(borealis, stock=60)
    heat(aurora, ours)
    with in_schema(borealis.schema):
        assert not hot.is_any([ours.variants[0].id])
    heat(borealis, theirs)
    hot.forget()
    shops = [(aurora, ours), (borealis, theirs)]
    results = together(80, lambda number: buyer(shops[number % 2][0], [LineWish(shops[number % 2][1].variants[0].id, 1)])(number), workers=32)
    assert not [result for result in results if isinstance(result, Exception)]
    for shop, card in shops:
        assert level_of(shop, card).held == 40
        with in_schema(shop.schema):
            numbers = {int(viewer.removeprefix("rush-")) % 2 for viewer in Order.objects.values_list("viewer_id", flat=True)}
        assert numbers == {shops.index((shop, card))}
        assert sum(size for schema, size in batch_sizes if schema == shop.schema) == 40


def test_what_is_not_hot_goes_the_usual_road(aurora, sell, order, batch_sizes, monkeypatch):
    """Without a mark, after its end, and while Valkey does not answer."""
    card = sell(aurora, stock=9)
    order(aurora, card)
    heat(aurora, card)
    hot.forget()
    order(aurora, card)
    assert len(batch_sizes) == 1
    with in_schema(aurora.schema):
        hot.unmark([card.variants[0].id])
    hot.forget()
    order(aurora, card)

    def gone(*_args: Any) -> Any:
        raise ValkeyGone

    heat(aurora, card)
    hot.forget()
    monkeypatch.setattr(cache, "get_many", gone)
    order(aurora, card)
    assert len(batch_sizes) == 1


def test_waiting_has_an_end_and_a_limit() -> None:
    """Who is not served in time, or would be one too many, is told to try again; those before them are served."""
    may_write, is_writing = threading.Event(), threading.Event()

    def write(works: Sequence[int]) -> list[Any]:
        is_writing.set()
        may_write.wait(20)
        return [work * 2 for work in works]

    queue: Coalescer[int, int] = Coalescer(write, most_waiting=2, wait_s=0.3)
    answers: dict[int, Any] = {}

    def put(work: int) -> None:
        try:
            answers[work] = queue.put("aurora", work)
        except StockBusy as error:
            answers[work] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=put, args=(work,)) for work in range(3)]
    threads[0].start()
    assert is_writing.wait(20)
    for thread in threads[1:]:
        thread.start()
    for thread in threads[1:]:
        thread.join(20)
    assert isinstance(answers[1], StockBusy)
    assert isinstance(answers[2], StockBusy)
    assert answers[1].params == {"retry_after_s": 1}
    assert not queue._queues["aurora"].waiting
    late = [threading.Thread(target=put, args=(work,)) for work in (3, 4)]
    for thread in late:
        thread.start()
    while len(queue._queues["aurora"].waiting) < 2:
        assert thread.is_alive()
    with pytest.raises(StockBusy):
        queue.put("aurora", 5)
    may_write.set()
    for thread in [threads[0], *late]:
        thread.join(20)
    assert (answers[0], answers[3], answers[4]) == (0, 6, 8)
    assert not queue._queues


def test_a_leader_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while the next comer leads beside it, and the lead is not torn from them when it comes back."""
    monkeypatch.setattr(coalescer, "STALE_S", 0.1)
    is_hanging, may_go_on = threading.Event(), threading.Event()

    def write(works: Sequence[int]) -> list[Any]:
        if 0 in works:
            is_hanging.set()
            may_go_on.wait(20)
            return [None] * len(works)
        return list(works)

    queue: Coalescer[int, int] = Coalescer(write, wait_s=0.2)
    hung: list[Any] = []

    def hang() -> None:
        try:
            queue.put("aurora", 0)
        except NotWritten as error:
            hung.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=hang)
    thread.start()
    assert is_hanging.wait(20)
    with pytest.raises(StockBusy):
        queue.put("aurora", 1)
    assert queue.put("aurora", 2) == 2
    assert queue.put("aurora", 3) == 3
    may_go_on.set()
    thread.join(20)
    assert len(hung) == 1
    assert not queue._queues
