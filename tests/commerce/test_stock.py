"""Stock is never sold twice, whoever asks at the same time, and whatever stops in between."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction

from commerce.orders.actions import Buyer, LineWish, expire_order, pay_order, place_order
from commerce.orders.errors import GoodsGone, NotForSale
from commerce.orders.models import Order
from commerce.orders.states import OrderState
from commerce.stock.actions import Wish, adjust_stock, hold_units, release_holds, sell_holds, set_stock, sweep
from commerce.stock.errors import SoldOut, StockTooLow
from commerce.stock.models import Adjustment, Hold, Level
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema

pytestmark = pytest.mark.django_db(transaction=True)


def let_holds_lapse(schema: str) -> None:
    """As if their time had passed: holds live by the database's clock."""
    with in_schema(schema), connection.cursor() as cursor:
        cursor.execute("UPDATE stock_hold SET expires_at = now() - interval '1 second' WHERE state = 'active'")
        cursor.execute("UPDATE shop_order SET expires_at = now() - interval '1 second' WHERE state IN ('pending', 'paying')")


def together(count: int, act, *, workers: int = 32) -> list:
    """Call `act(number)` from many threads at once, each with a connection of its own; exceptions are results."""
    start = threading.Barrier(min(workers, count))

    def run(number: int):
        if number < start.parties:
            start.wait(timeout=30)
        try:
            return act(number)
        except Exception as error:  # the test looks at them
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(run, range(count)))


def test_two_hundred_buyers_for_the_last_twenty(aurora, sell, level_of):
    """Exactly twenty orders exist afterwards; the others are told that it is sold out; nothing is lost or doubled."""
    card = sell(aurora, stock=20)
    line = [LineWish(card.variants[0].id, 1)]

    def buy(number: int):
        with in_schema(aurora.schema):
            return place_order(buyer=Buyer(viewer_id=f"viewer-{number}", email=f"b{number}@mail.test"), client_key=f"client-key-{number}", lines=line)

    results = together(200, buy, workers=48)
    sold_out = [result for result in results if isinstance(result, SoldOut)]
    orders = [result for result in results if not isinstance(result, Exception)]
    assert (len(orders), len(sold_out)) == (20, 180), [
        result for result in results if isinstance(result, Exception) and not isinstance(result, SoldOut)
    ][:3]
    level = level_of(aurora, card)
    assert (level.available, level.held, level.sold) == (0, 20, 0)
    with in_schema(aurora.schema):
        assert Order.objects.count() == Hold.objects.count() == 20
        assert len({order.number for order in orders}) == 20


def test_one_tap_sent_many_times_holds_once(aurora, sell, level_of):
    """Twenty copies of the same request make one order and one hold."""
    card = sell(aurora, stock=20)

    def buy(_number: int):
        with in_schema(aurora.schema):
            return place_order(
                buyer=Buyer(viewer_id="iris", email="iris@mail.test"), client_key="one-and-only", lines=[LineWish(card.variants[0].id, 1)]
            )

    results = together(20, buy, workers=20)
    assert len({result.id for result in results}) == 1
    assert level_of(aurora, card).held == 1


def test_carts_in_opposite_order_do_not_deadlock(aurora, sell):
    """Two articles, asked for in both orders by many at once: every order is answered."""
    cards = [sell(aurora, stock=1000), sell(aurora, stock=1000)]
    lines = [LineWish(card.variants[0].id, 1) for card in cards]

    def buy(number: int):
        with in_schema(aurora.schema):
            buyer = Buyer(viewer_id=f"v-{number}", email="b@mail.test")
            return place_order(buyer=buyer, client_key=f"client-key-{number}", lines=lines if number % 2 else lines[::-1])

    assert not [result for result in together(60, buy, workers=16) if isinstance(result, Exception)]


def test_same_article_on_two_lines_is_counted_together(aurora, sell, level_of):
    """Two lines of two units want four; three are too few, and nothing stays held."""
    card = sell(aurora, stock=3)
    with in_schema(aurora.schema), pytest.raises(SoldOut) as refusal:
        place_order(buyer=Buyer("v", "b@mail.test"), client_key="client-key", lines=[LineWish(card.variants[0].id, 2)] * 2)
    assert refusal.value.params["available"] == 3
    assert level_of(aurora, card).available == 3
    with in_schema(aurora.schema):
        assert not Order.objects.exists()


def test_lapsed_hold_is_sold_without_the_sweeper(aurora, sell, order, level_of):
    """The sweeper never ran: the next buyer still gets the unit of a hold that lapsed."""
    card = sell(aurora, stock=1)
    order(aurora, card)
    with pytest.raises(SoldOut):
        order(aurora, card)
    let_holds_lapse(aurora.schema)
    second = order(aurora, card)
    with in_schema(aurora.schema):
        assert list(Hold.objects.filter(state=Hold.State.ACTIVE).values_list("order_id", flat=True)) == [second.id]


def test_who_needs_lapsed_units_that_another_is_freeing_waits_for_them(aurora, sell, order, level_of):
    """Two units lapsed: the first buyer has freed both and not yet committed, the second one finds what was left."""
    card = sell(aurora, stock=2)
    order(aurora, card, quantity=2)
    let_holds_lapse(aurora.schema)
    is_freed, may_commit = threading.Event(), threading.Event()

    def act(number: int):
        if number == 1:
            assert is_freed.wait(10)
            threading.Timer(0.4, may_commit.set).start()
        with in_schema(aurora.schema), transaction.atomic():
            hold_units(order_id=uuid4(), wishes=[Wish(card.variants[0].id, 1, "")], ttl=timedelta(minutes=5))
            if number == 0:
                is_freed.set()
                assert may_commit.wait(10)

    assert together(2, act) == [None, None]
    level = level_of(aurora, card)
    assert (level.available, level.held) == (0, 2)


def test_sweepers_at_once_free_each_unit_once(aurora, sell, order, level_of):
    """Four sweepers over thirty lapsed holds free thirty units."""
    card = sell(aurora, stock=30)
    for _ in range(30):
        order(aurora, card)
    let_holds_lapse(aurora.schema)

    def run(_number: int):
        with in_schema(aurora.schema):
            return sweep()

    assert sum(together(4, run, workers=4)) == 30
    level = level_of(aurora, card)
    assert (level.available, level.held) == (30, 0)


def test_payment_and_expiry_at_once_end_in_one_of_two_ways(aurora, sell, order, level_of):
    """Whoever wins, an order is either paid with its units sold or expired with its units back; the sum stays."""
    card = sell(aurora, stock=12)
    orders = [order(aurora, card) for _ in range(12)]
    with in_schema(aurora.schema):
        Order.objects.update(state=OrderState.PAYING)
    let_holds_lapse(aurora.schema)

    def race(number: int):
        from django.db import transaction

        target = orders[number // 2]
        with in_schema(aurora.schema):
            if number % 2:
                return expire_order(order_id=target.id)
            with transaction.atomic():
                return pay_order(order_id=target.id, paid=target.total, at=clock.now())

    results = together(24, race, workers=24)
    assert not [result for result in results if isinstance(result, Exception)]
    level = level_of(aurora, card)
    with in_schema(aurora.schema):
        assert Order.objects.filter(state=OrderState.PAID).count() == 12  # a late payment takes the goods anew
        assert (level.available, level.held, level.sold) == (0, 0, 12)


def test_late_payment_for_goods_that_are_gone_is_refused_whole(aurora, sell, order, level_of):
    """The hold lapsed and somebody else bought the last unit: nothing of the late order changes."""
    from django.db import transaction

    card = sell(aurora, stock=1)
    late = order(aurora, card)
    let_holds_lapse(aurora.schema)
    with in_schema(aurora.schema):
        assert expire_order(order_id=late.id)
    order(aurora, card)
    with in_schema(aurora.schema):
        with pytest.raises(GoodsGone), transaction.atomic():
            pay_order(order_id=late.id, paid=late.total, at=clock.now())
        assert Order.objects.get(pk=late.id).state == OrderState.EXPIRED
    level = level_of(aurora, card)
    assert (level.available, level.held, level.sold) == (0, 1, 0)


def test_writing_off_more_than_is_free_is_refused(aurora, sell, order, level_of):
    """Held units cannot be written off; the refusal names what is free, and no entry is left."""
    card = sell(aurora, stock=3)
    order(aurora, card, quantity=2)
    with in_schema(aurora.schema):
        entries = Adjustment.objects.count()
        with pytest.raises(StockTooLow) as refusal:
            adjust_stock(variant_id=card.variants[0].id, delta=-2, reason="damage", actor="test")
        assert refusal.value.params == {"available": 1}
        assert Adjustment.objects.count() == entries
        assert adjust_stock(variant_id=card.variants[0].id, delta=-1, reason="damage", actor="test").available == 0


def test_units_are_conserved_through_every_move(aurora, sell, level_of):
    """available + held + sold is always what was received, less what was written off."""
    from django.db import transaction
    from django.db.models import Sum

    card = sell(aurora, stock=10)
    variant_id = card.variants[0].id

    def check() -> None:
        received = Adjustment.objects.filter(level_id=variant_id).aggregate(total=Sum("delta"))["total"]
        assert level_of(aurora, card).total == received

    with in_schema(aurora.schema):
        kept, given_back = uuid4(), uuid4()
        for order_id in (kept, given_back):
            with transaction.atomic():
                hold_units(order_id=order_id, wishes=[Wish(variant_id, 2, "x")], ttl=timedelta(minutes=5))
            check()
        with transaction.atomic():
            assert sell_holds(order_id=kept)
        check()
        with transaction.atomic():
            release_holds(order_id=given_back)
        check()
        set_stock(variant_id=variant_id, available=50, reason="delivery", actor="test")
        check()
        assert Level.objects.get(pk=variant_id).sold == 2


def test_viewers_hear_of_a_rush_a_few_times_not_hundreds(aurora, sell, order, settings):
    """Stock facts are coalesced: the first change at once, the last value by the sweeper."""
    from config import reactions
    from merchants.foundation import facts
    from merchants.foundation.models import FactRecord

    kind = "commerce.stock.facts.StockChanged"
    card = sell(aurora, stock=50)
    facts._reactions.cache_clear()
    before = dict(reactions.REACTIONS)
    reactions.REACTIONS[kind] = ["tests.commerce.test_stock.listen"]
    try:
        for _ in range(30):
            order(aurora, card)
        with in_schema(aurora.schema):
            Level.objects.update(announced_at=None)
            sweep()
            told = [record.payload["available"] for record in FactRecord.objects.filter(kind=kind).order_by("created_at")]
        assert len(told) < 15
        assert told[-1] == 20
    finally:
        reactions.REACTIONS.clear()
        reactions.REACTIONS.update(before)
        facts._reactions.cache_clear()


def listen(_fact: object) -> None:
    """A reaction of the test above."""


def test_shops_have_stock_of_their_own(aurora, borealis, sell, order, level_of):
    """Selling out in one shop leaves the other's stock; its article cannot even be named from there."""
    card, other = sell(aurora, stock=1), sell(borealis, stock=1)
    order(aurora, card)
    assert (level_of(aurora, card).available, level_of(borealis, other).available) == (0, 1)
    with pytest.raises(NotForSale):
        order(borealis, card)
