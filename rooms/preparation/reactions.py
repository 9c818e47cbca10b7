"""What is done about shows that begin and cards that come."""

from rooms.preparation.actions import keep_forecast, prepare_card
from rooms.preparation.facts import CardAhead
from rooms.program.facts import ShowStarted


def forecast_show(fact: ShowStarted) -> None:
    keep_forecast(airing_id=fact.airing_id)


def prepare(fact: CardAhead) -> None:
    prepare_card(preparation_id=fact.preparation_id)
