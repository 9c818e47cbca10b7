"""Visits as nobody makes them: events of many kinds at few moments, so that most of them tie, and all that leaves a funnel in doubt.

Several entries, a cue before the page was entered, two seasons in one visit, cues of the same second, visits of a buyer that begin at
the same moment, orders at that very moment, before any visit and more than a week after it, tabs that are open for ten days.
"""

import random
from dataclasses import dataclass
from uuid import UUID

from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel, Stored

DAY_MS = 86_400_000
MOMENTS, MOMENT_MS = 40, 30_000


@dataclass
class OddEvening:
    schema: str
    rooms: list[UUID]
    viewers: list[UUID]
    episodes: list[UUID]
    cues: list[UUID]
    begin_ms: int
    seed: int = 5

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def parcels(self, *, visits: int, orders: int) -> list[Parcel]:
        """In any order; a visit is one parcel."""
        parcels = [self._visit(number) for number in range(visits)] + [self._order() for _ in range(orders)]
        self.dice.shuffle(parcels)
        return parcels

    def _visit(self, number: int) -> Parcel:
        dice = self.dice
        begin, span_ms = self._moment(), 10 * DAY_MS if dice.random() < 0.1 else MOMENTS * MOMENT_MS
        # Now and then a session's number is the greater one though it began no later.
        session = UUID(int=dice.getrandbits(60) << 64 | 4 << 76 | 2 << 62 | number)
        events = [self._event(begin + dice.randrange(MOMENTS) * span_ms // MOMENTS) for _ in range(dice.randrange(1, 40))]
        return Parcel(self.schema, dice.choice(self.rooms), dice.choice(self.viewers), session, begin + 500, events)

    def _order(self) -> Parcel:
        dice = self.dice
        at = self._moment() + dice.choice([0, 0, 0, 7 * DAY_MS, 7 * DAY_MS - 1, 8 * DAY_MS])
        step = dice.choice([m.CheckoutEvent, m.PaidEvent])
        event = step(id=self._id(at), amount_minor=dice.randrange(1, 5_000), cue_id=dice.choice([None, *self.cues]))
        return Parcel(self.schema, dice.choice(self.rooms), dice.choice(self.viewers), None, at, [event])

    def _moment(self) -> int:
        return self.begin_ms + self.dice.randrange(2) * DAY_MS + self.dice.randrange(MOMENTS) * MOMENT_MS

    def _id(self, at_ms: int) -> UUID:
        return UUID(int=at_ms << 80 | 7 << 76 | self.dice.getrandbits(12) << 64 | 2 << 62 | self.dice.getrandbits(62))

    def _event(self, at_ms: int) -> Stored:
        dice = self.dice
        where = {"id": self._id(at_ms), "episode_id": dice.choice([None, *self.episodes]), "position_ms": dice.randrange(4) * 900}
        which = {"product_id": self.cues[0], "cue_id": dice.choice([None, *self.cues])}
        return dice.choice(
            [
                lambda: m.EnterEvent(**where, surface="room", source=dice.choice(["", "mail", "Mail", "z"]), variant=dice.choice(["", "A", "B"])),
                lambda: m.EnterEvent(**where, surface="replay"),
                lambda: m.PlayEvent(**where, after_ms=10),
                lambda: m.CueShownEvent(**where, **which),
                lambda: m.CueShownEvent(**where, **which),
                lambda: m.CueClickedEvent(**where, **which),
                lambda: m.CueClickedEvent(**where, **which),
                lambda: m.BagEvent(**where, **which),
                lambda: m.BagEvent(**where, **which),
                lambda: m.HeartbeatEvent(**where, watched_ms=dice.randrange(20_000)),
                lambda: m.ExitEvent(**where, watched_ms=dice.randrange(9_000)),
                lambda: m.SeekEvent(**where, from_ms=1),
                lambda: m.LikeEvent(**where, count=2),
            ]
        )()
