"""A past show's crowd as moments on the show's own line of time. Pure: where a run stands follows from the clock and nothing else."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rooms.rehearsal.messages import GhostCounts

MomentKind = Literal["enter", "exit", "line", "like", "tap", "order"]


@dataclass(frozen=True)
class Moment:
    """`at_ms`: after the past show's beginning. `ghost`: whose, counted from 1. `count`: of likes."""

    at_ms: int
    kind: MomentKind
    ghost: int
    text: str = ""
    count: int = 1


class Tape:
    """Moments in order of time, with what they come to at each of them."""

    def __init__(self, moments: Sequence[Moment], *, length_ms: int) -> None:
        self.length_ms = length_ms
        self.moments = sorted(moments, key=lambda moment: moment.at_ms)
        self._times = [moment.at_ms for moment in self.moments]
        self._counts = [GhostCounts()]
        inside: dict[int, int] = {}
        for moment in self.moments:
            self._counts.append(_add(self._counts[-1], moment, inside))

    def between(self, after_ms: int, until_ms: int) -> list[Moment]:
        """Moments later than `after_ms`, up to and with `until_ms`."""
        return self.moments[bisect_right(self._times, after_ms) : bisect_right(self._times, until_ms)]

    def counts_at(self, at_ms: int) -> GhostCounts:
        return self._counts[bisect_right(self._times, at_ms)]


def _add(before: GhostCounts, moment: Moment, inside: dict[int, int]) -> GhostCounts:
    """`inside`: open visits by ghost. Somebody with two pages is there once."""
    visits = inside.get(moment.ghost, 0)
    if moment.kind == "enter":
        inside[moment.ghost] = visits + 1
    elif moment.kind == "exit":
        inside[moment.ghost] = max(0, visits - 1)
    present = before.present + (inside.get(moment.ghost, 0) > 0) - (visits > 0)
    return GhostCounts(
        present=present,
        lines=before.lines + (moment.kind == "line"),
        likes=before.likes + (moment.count if moment.kind == "like" else 0),
        taps=before.taps + (moment.kind == "tap"),
        orders=before.orders + (moment.kind == "order"),
    )
