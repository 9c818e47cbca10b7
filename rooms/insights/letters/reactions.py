"""What letters hear of shows."""

from rooms.insights.letters.actions import owe_show_letters
from rooms.program.facts import ShowClosed


def owe_figures(fact: ShowClosed) -> None:
    owe_show_letters(airing_id=fact.airing_id)
