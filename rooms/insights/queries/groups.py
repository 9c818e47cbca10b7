"""Groups of a split that are one to the reader. Pure, over rows that any engine gave."""

from collections.abc import Sequence

from rooms.insights.events.variants import BETWEEN
from rooms.insights.queries.shapes import FunnelRow


def of_experiment(rows: Sequence[FunnelRow], key: str) -> list[FunnelRow]:
    """A funnel split by variant, by the variants of one experiment: visits that differ in others alone are added up.

    The group is the variant's number, 0 the control; "" for visits that were no part of it.
    """
    sums: dict[tuple[str, int, str], int] = {}
    for row in rows:
        place = (_number(row.group, key), row.step, row.name)
        sums[place] = sums.get(place, 0) + row.sessions
    return [FunnelRow(group, step, name, sessions) for (group, step, name), sessions in sorted(sums.items())]


def _number(group: str, key: str) -> str:
    words = (word.rpartition(".") for word in group.split(BETWEEN))
    return next((number for name, _, number in words if name == key), "")
