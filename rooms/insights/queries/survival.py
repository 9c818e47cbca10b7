"""From where visits began and ended to who was still watching."""

from collections.abc import Iterable

from rooms.insights.events.kinds import PLACE_BASE
from rooms.insights.queries.shapes import RetentionRow


def list_survival(marks: Iterable[tuple[int, int, int]]) -> list[RetentionRow]:
    """`marks`: place, visits that began there, visits that came no further; in the order of places."""
    rows, watching = [], 0
    for place, began, ended in marks:
        watching += began
        number, second = divmod(place, PLACE_BASE)
        rows.append(RetentionRow(number, second, int(watching), int(ended), float(ended / watching) if watching else 0.0))
        watching -= ended
    return rows
