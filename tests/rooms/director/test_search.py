"""Shops with a show are looked at each time, quiet ones in turn, and none is forgotten."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from merchants.foundation.tenancy import in_schema
from merchants.tenants.actions import suspend_merchant
from rooms.director.search import SWEEP, Rooms, Search
from rooms.program import actions
from rooms.program.air import CHANGED_SHOPS, client
from tests.rooms.building import HOST, Stage

SHOPS = [f"shop{number:03}" for number in range(100)]


def test_every_quiet_shop_has_its_turn_within_a_sweep() -> None:
    """Each once, whether shops open or close meanwhile; those that changed are asked at once, and beside the turn."""
    search = Search(least_at_once=1)
    asked = [search.choose(SHOPS, ["shop042", "closed"]) for _ in range(SWEEP)]
    assert all(shops[0] == "shop042" for shops in asked)
    assert all("closed" not in shops for shops in asked)
    assert {shop for shops in asked for shop in shops} == set(SHOPS)
    assert max(len(shops) for shops in asked) <= 14
    fewer = SHOPS[::2]
    assert {shop for _ in range(SWEEP) for shop in search.choose(fewer, [])} == set(fewer)


def test_few_shops_are_all_asked_each_time() -> None:
    search = Search()
    for _ in range(3):
        assert sorted(search.choose(SHOPS[:40], [])) == SHOPS[:40]


@pytest.mark.django_db(transaction=True)
def test_a_show_that_begins_is_found_though_it_is_not_its_shops_turn(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Found because its shop said so, kept while it is on air, and gone with its shop. The other shop's rooms are told as its own."""
    ours, theirs = set_up(aurora), set_up(borealis)
    search = Search(least_at_once=1)

    def find() -> Rooms:
        return async_to_sync(search.find)()

    assert find() == find() == frozenset()  # the first shop, the second one: now it is the first one's turn again
    with in_schema(borealis.schema):
        actions.start_show(room_id=theirs.room_id, actor=HOST)
    assert find() == {(borealis.schema, theirs.room_id)}
    with in_schema(aurora.schema):
        actions.start_show(room_id=ours.room_id, actor=HOST)
    assert find() == {(aurora.schema, ours.room_id), (borealis.schema, theirs.room_id)}
    suspend_merchant(schema=borealis.schema, reason="a test")
    assert find() == {(aurora.schema, ours.room_id)}


@pytest.mark.django_db(transaction=True)
def test_what_was_not_told_is_found_in_its_turn(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Valkey forgot: one shop is asked a time, and two searches are enough for two."""
    stage = set_up(borealis)
    with in_schema(borealis.schema):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    client().delete(CHANGED_SHOPS)
    search = Search(least_at_once=1)
    assert async_to_sync(search.find)() == frozenset()
    assert async_to_sync(search.find)() == {(borealis.schema, stage.room_id)}
