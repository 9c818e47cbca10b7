"""What rooms do about changes in the shop and in the seasons."""

from commerce.catalog.facts import PriceChanged, ProductChanged
from commerce.stock.facts import StockChanged
from dramas.seasons.facts import SeasonChanged
from rooms.cards import actions
from rooms.program.facts import ShowStarted
from rooms.program.queries import list_rooms_on_air


def show_price(fact: PriceChanged) -> None:
    actions.tell_product(product_id=fact.product_id)


def show_product(fact: ProductChanged) -> None:
    actions.tell_product(product_id=fact.product_id)


def show_stock(fact: StockChanged) -> None:
    actions.tell_product(product_id=fact.product_id)


def fill_bag(fact: ShowStarted) -> None:
    actions.refresh_bag(room_id=fact.room_id)


def refill_bags(fact: SeasonChanged) -> None:
    for room in list_rooms_on_air(with_rehearsals=True):
        if room.season_id == fact.season_id:
            actions.refresh_bag(room_id=room.id)
