"""Cards by hand, the bag, and news of price and stock."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from commerce.catalog.actions import edit_product, set_price
from commerce.catalog.errors import ProductNotFound
from commerce.stock.actions import set_stock
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.errors import InvalidInput
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.cards import actions
from rooms.cards.errors import CardNotShown, CueNotOnAir, ProductNotForSale, ProductNotInBag, RoomOffAir
from rooms.cards.queries import get_bag, list_lowered_cues, list_shown_cards
from rooms.program.actions import start_show
from rooms.program.errors import RoomNotFound
from tests.dramas.building import make_product
from tests.rooms.building import HOST, Stage, count_rows, heard, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        start_show(room_id=stage.room_id, actor=HOST)
        yield stage


def later(stage: Stage, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return heard(stage.room_id)[len(before) :]


def test_a_raised_card_reaches_everybody_and_lands_in_the_bag(stage: Stage) -> None:
    """First the bag, then the card with its product, its time and its place in the program."""
    before, product = heard(stage.room_id), make_product("Harbour silk scarf", price_minor=5800)
    actions.raise_card(room_id=stage.room_id, product_id=product.id, actor=HOST, ttl_s=30)
    bag, card = later(stage, before)
    assert (bag["k"], bag["product_ids"][-1]) == ("bag", str(product.id))
    assert (card["k"], card["product"]["title"], card["product"]["variants"][0]["price"]["amount_minor"]) == ("card", "Harbour silk scarf", 5800)
    assert card["card"]["expires_at_ms"] - card["card"]["raised_at_ms"] == 30_000
    assert card["card"]["program_seq"] == 1
    assert AuditEntry.objects.get(action="card.raise").details["product"] == str(product.id)


def test_raising_again_prolongs_and_a_fourth_card_takes_the_oldest_down(stage: Stage) -> None:
    """Never more than three, never one twice."""
    products = [make_product(f"Product {number}") for number in range(4)]
    first, *_ = [actions.raise_card(room_id=stage.room_id, product_id=product.id, actor=HOST) for product in products[:3]]
    again = actions.raise_card(room_id=stage.room_id, product_id=products[1].id, actor=HOST, ttl_s=300)
    before = heard(stage.room_id)
    actions.raise_card(room_id=stage.room_id, product_id=products[3].id, actor=HOST)
    assert [message["k"] for message in later(stage, before)] == ["card.lower", "bag", "card"]
    assert later(stage, before)[0]["card_id"] == str(first)
    shown = list_shown_cards(stage.room_id)
    assert [card.product_id for card in shown] == [product.id for product in products[1:]]
    assert shown[0].id == again


def test_a_card_goes_by_itself_when_its_time_is_over(stage: Stage) -> None:
    """Without a message: every screen knows the time. It may be raised anew."""
    product = make_product()
    first = actions.raise_card(room_id=stage.room_id, product_id=product.id, actor=HOST, ttl_s=5)
    with clock.frozen(clock.now() + timedelta(seconds=6)):
        assert list_shown_cards(stage.room_id) == []
        with pytest.raises(CardNotShown):
            actions.lower_card(room_id=stage.room_id, card_id=first, actor=HOST)
        assert actions.raise_card(room_id=stage.room_id, product_id=product.id, actor=HOST) != first


def test_lowering_tells_which_card(stage: Stage) -> None:
    """A cue's card is taken down for those who come later, too."""
    card_id = actions.raise_card(room_id=stage.room_id, product_id=make_product().id, actor=HOST)
    before = heard(stage.room_id)
    actions.lower_card(room_id=stage.room_id, card_id=card_id, actor=HOST)
    cue = list_cues(stage.episodes[0])[0]
    for _ in range(2):
        actions.lower_cue(room_id=stage.room_id, cue_id=cue.id, actor=HOST)
    assert [{name: value for name, value in message.items() if name != "s"} for message in later(stage, before)] == [
        {"k": "card.lower", "card_id": str(card_id), "cue_id": None, "program_seq": 0},
        {"k": "card.lower", "card_id": None, "cue_id": str(cue.id), "program_seq": 1},
    ]
    assert list_lowered_cues(stage.room_id, 1) == [cue.id]


def test_what_cannot_be_raised_changes_nothing(stage: Stage, aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Unknown, unpublished, of another shop, for too long, in a room off air."""
    hidden = make_product("Hidden")
    edit_product(product_id=hidden.id, actor=HOST, is_published=False)
    with in_schema(borealis.schema):
        foreign = make_product("Theirs")
    quiet = set_up(aurora, slug="quiet")
    product = make_product()
    rows, told = count_rows(), heard(stage.room_id)
    refused = [
        (ProductNotForSale, {"product_id": hidden.id}),
        (ProductNotFound, {"product_id": foreign.id}),
        (InvalidInput, {"product_id": product.id, "ttl_s": 4}),
        (RoomOffAir, {"product_id": product.id, "room_id": quiet.room_id}),
        (RoomNotFound, {"product_id": product.id, "room_id": product.id}),
    ]
    for error, request in refused:
        with pytest.raises(error):
            actions.raise_card(**({"room_id": stage.room_id, "actor": HOST} | request))
    with pytest.raises(CueNotOnAir):
        actions.lower_cue(room_id=stage.room_id, cue_id=list_cues(stage.episodes[1])[0].id, actor=HOST)
    with pytest.raises(ProductNotInBag):
        actions.pin_product(room_id=stage.room_id, product_id=product.id, actor=HOST)
    assert (count_rows(), heard(stage.room_id), heard(quiet.room_id)) == (rows, told, [])


def test_the_bag_begins_with_the_seasons_products(stage: Stage) -> None:
    """In order of their cues, each once; a pin marks what is explained."""
    season_products = list(dict.fromkeys(cue.product_id for episode in stage.episodes for cue in list_cues(episode)))
    assert get_bag(stage.room_id).product_ids == tuple(season_products)
    assert kinds(stage.room_id) == ["program", "state", "bag"]
    actions.pin_product(room_id=stage.room_id, product_id=season_products[0], actor=HOST)
    assert heard(stage.room_id)[-1]["pinned_id"] == str(season_products[0])
    actions.pin_product(room_id=stage.room_id, product_id=None, actor=HOST)
    assert get_bag(stage.room_id).pinned_id is None


def test_news_of_price_and_stock_reach_the_rooms_that_show_the_product(
    stage: Stage, aurora: Any, borealis: Any, set_up: Callable[..., Stage]
) -> None:
    """The present values, in rooms on air with the product in their bag, and nowhere else."""
    product = make_product("Brass lantern", price_minor=3600)
    other = set_up(aurora, slug="other")
    start_show(room_id=other.room_id, actor=HOST)
    actions.raise_card(room_id=stage.room_id, product_id=product.id, actor=HOST)
    before, quiet = heard(stage.room_id), heard(other.room_id)
    set_price(variant_id=product.variants[0].id, price_minor=3300, actor=HOST)
    set_stock(variant_id=product.variants[0].id, available=7, reason="count", actor=HOST)
    news = [message for message in later(stage, before) if message["k"] == "product"]
    assert news, json.dumps(later(stage, before))
    last = news[-1]["product"]["variants"][0]
    assert (last["price"]["amount_minor"], last["available"]) == (3300, 7)
    assert heard(other.room_id) == quiet
    with in_schema(borealis.schema):
        actions.tell_product(product_id=product.id)
    assert later(stage, before)[-1] == news[-1]
