"""What a plan comes to, counted as insights count it: what reports are held against."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rooms.insights.simulation.behaviour import FIRST_FRAME_S, Act, Visit
from rooms.insights.simulation.story import Place, Story

# The funnel's steps; each counts once it follows the step before it. An order that is paid is a checkout and a payment.
STEPS = ((Act.ENTER,), (Act.PLAY,), (Act.SHOWN,), (Act.TAP,), (Act.BAG,), (Act.BUY,), (Act.BUY,))
STEP_NAMES = ("entered", "watched", "cue_shown", "cue_clicked", "bagged", "checkout", "paid")


@dataclass(frozen=True)
class Totals:
    """`left`: by place, visits that came no further. `watching`: at these places, visits that had begun and not left before."""

    funnel: dict[str, int]
    acts: dict[str, int]
    likes: int
    watched_ms: int
    left: dict[Place, int]
    watching: dict[Place, int]

    def as_json(self) -> dict[str, Any]:
        left = [
            {"episode": place.number, "second": place.second, "watching": self.watching[place], "left": count} for place, count in self.left.items()
        ]
        return {"funnel": self.funnel, "acts": self.acts, "likes": self.likes, "watched_ms": self.watched_ms, "left": left}


def count_plan(story: Story, visits: Iterable[Visit]) -> Totals:
    """Of visits that are carried out to their ends. A visit is seen from its first frame on; one that never had it, at its exit alone."""
    visits = list(visits)
    levels = [_level(visit) for visit in visits]
    ends = [story.place_of(visit.leaves_at_s) for visit in visits]
    begins = [story.place_of(min(visit.from_s + FIRST_FRAME_S, visit.leaves_at_s)) for visit in visits]
    left, began, ended = Counter(ends), sorted(map(_key, begins)), sorted(map(_key, ends))
    order = sorted(left, key=_key)
    return Totals(
        funnel={name: sum(level > step for level in levels) for step, name in enumerate(STEP_NAMES)},
        acts=dict(sorted(Counter(str(step.act) for visit in visits for step in visit.steps).items())),
        likes=sum(step.count for visit in visits for step in visit.steps if step.act == Act.LIKE),
        watched_ms=sum(round(step.watched_s * 1000) for visit in visits for step in visit.steps),
        left={place: left[place] for place in order},
        watching={place: bisect_right(began, _key(place)) - bisect_left(ended, _key(place)) for place in order},
    )


def _key(place: Place) -> tuple[int, int]:
    return place.number, place.second


def _level(visit: Visit) -> int:
    """How many steps in a row were made. Steps of one moment are in the order of the plan."""
    wanted = 0
    for step in visit.steps:
        while wanted < len(STEPS) and step.act in STEPS[wanted]:
            wanted += 1
            if step.act != Act.BUY:
                break
    return wanted
