"""Visits with a planted truth: where people leave, what a variant does, and the traps that a careless funnel falls into.

Traps: a click before any cue, a payment after the window, a repeated cue, a cue of a far episode on a shelf, a bag without a
click, batches out of order and sent twice.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel, Stored

EPISODES, EPISODE_S = 8, 75
STORY_S = EPISODES * EPISODE_S
BASE_HAZARD = 0.0036
# (episode, second): share that leaves there.
NODES = {(1, 8): 0.06, (2, 30): 0.05, (4, 0): 0.20}
LIFT = 1.08
LATE_MS = 2 * 86_400_000


@dataclass
class Planted:
    """`parcels` in the order of their visits; `visits` counts them."""

    schema: str
    rooms: list[UUID]
    episodes: list[UUID]
    cues: list[UUID]
    begin_ms: int
    seed: int = 7
    visits: int = 0
    parcels: list[Parcel] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.products = [UUID(int=self.rng.getrandbits(128), version=4) for _ in self.cues]
        self.clock = 0

    def plant(self, count: int) -> "Planted":
        """Stratified, so that the shares come out as planted also with few visits."""
        strata = [(number + 0.5) / count for number in range(count)]
        self.rng.shuffle(strata)
        for share in strata:
            self._visit(share, viewers=int(count * 0.78))
        return self

    def _id(self, at_ms: int) -> UUID:
        return UUID(int=at_ms << 80 | 7 << 76 | self.rng.getrandbits(12) << 64 | 2 << 62 | self.rng.getrandbits(62))

    def _visit(self, share: float, *, viewers: int) -> None:
        rng, number = self.rng, self.visits
        self.visits += 1
        viewer = UUID(int=(rng.randrange(viewers) + 1) << 64 | 4 << 76 | 2 << 62)
        room, variant = rng.choice(self.rooms), "AB"[viewer.int >> 64 & 1]
        start = self.begin_ms + rng.randrange(3 * 86_400_000)
        session = UUID(int=number + 1 << 80 | 4 << 76 | 2 << 62)
        watched_s = watched_seconds(share)
        browser: list[Stored] = [m.EnterEvent(id=self._id(start), surface="room", source=rng.choice(["", "mail"]), variant=variant)]
        ledger: list[Stored] = []
        if watched_s:
            browser += self._watching(start + 800, watched_s)
            self._buying(start + 800, watched_s, variant, browser, ledger)
        for event in browser:
            if rng.random() < 0.01:
                event.program_seq = 3
        self._pack(room, viewer, session, browser)
        for event in ledger:
            self.parcels.append(Parcel(self.schema, room, viewer, None, m.happened_ms(event.id), [event]))

    def _watching(self, begin: int, watched_s: int) -> Iterator[Stored]:
        rng = self.rng
        yield m.PlayEvent(id=self._id(begin), after_ms=800, **self._at(0))
        for second in range(10, watched_s + 1, 10):
            yield m.HeartbeatEvent(id=self._id(begin + second * 1000 + rng.randrange(200)), watched_ms=10_000, **self._at(second))
            if rng.random() < 0.05:
                yield m.LikeEvent(id=self._id(begin + second * 1000 + 300), count=rng.randrange(1, 5), **self._at(second))
            if rng.random() < 0.03:
                yield m.DanmakuEvent(id=self._id(begin + second * 1000 + 400), **self._at(second))
        yield m.ExitEvent(id=self._id(begin + watched_s * 1000 + 1), watched_ms=watched_s % 10 * 1000, **self._at(watched_s))

    def _at(self, second: int) -> dict[str, object]:
        number = min(second // EPISODE_S, EPISODES - 1)
        return {"episode_id": self.episodes[number], "position_ms": (second - number * EPISODE_S) * 1000}

    def _buying(self, begin: int, watched_s: int, variant: str, browser: list[Stored], ledger: list[Stored]) -> None:
        rng = self.rng
        if rng.random() < 0.02:  # from the shelf, before any cue
            browser.append(m.CueClickedEvent(id=self._id(begin + 5_000), product_id=self.products[0], cue_id=self.cues[0]))
        if rng.random() < 0.02:  # a cue of the sixth episode on the shelf: it moves nobody there
            browser.append(m.CueShownEvent(id=self._id(begin + 6_000), product_id=self.products[1], cue_id=self.cues[1], **self._at(400)))
        if watched_s <= 60:
            return
        at = begin + 60_050
        which = {"product_id": self.products[0], "cue_id": self.cues[0]}
        browser.append(m.CueShownEvent(id=self._id(at), **which, **self._at(60)))
        if rng.random() < 0.3:
            browser.append(m.CueShownEvent(id=self._id(at + 90_000), **which, **self._at(150)))
        if rng.random() < 0.02:
            browser.append(m.BagEvent(id=self._id(at + 500), **which))
        if rng.random() >= 0.35 * (LIFT if variant == "B" else 1):
            return
        at += rng.randrange(1_000, 20_000)
        browser.append(m.CueClickedEvent(id=self._id(at), **which))
        if rng.random() >= 0.5:
            return
        at += rng.randrange(2_000, 60_000)
        browser.append(m.BagEvent(id=self._id(at), **which))
        self._paying(at, ledger)

    def _paying(self, at: int, ledger: list[Stored]) -> None:
        rng, amount = self.rng, self.rng.randrange(900, 20_000)
        if rng.random() >= 0.7:
            return
        at += rng.randrange(5_000, 120_000)
        ledger.append(m.CheckoutEvent(id=self._id(at), amount_minor=amount, cue_id=self.cues[0]))
        if rng.random() >= 0.8:
            return
        at += rng.randrange(5_000, 300_000) + (LATE_MS if rng.random() < 0.05 else 0)
        ledger.append(m.PaidEvent(id=self._id(at), amount_minor=amount, cue_id=self.cues[0]))

    def _pack(self, room: UUID, viewer: UUID, session: UUID, events: list[Stored]) -> None:
        for begin in range(0, len(events), m.MOST_EVENTS):
            batch = events[begin : begin + m.MOST_EVENTS]
            received = max(m.happened_ms(event.id) for event in batch) + 500
            self.parcels.append(Parcel(self.schema, room, viewer, session, received, batch))

    def shuffled(self, *, repeated: float) -> list[Parcel]:
        """All parcels in any order, some of them twice."""
        parcels = [*self.parcels, *(parcel for parcel in self.parcels if self.rng.random() < repeated)]
        self.rng.shuffle(parcels)
        return parcels


def _survival() -> list[float]:
    """P(watched more than s seconds), for each second of the story."""
    shares, left = [], 1.0
    for second in range(STORY_S):
        left *= 1 - NODES.get((second // EPISODE_S + 1, second % EPISODE_S), BASE_HAZARD)
        shares.append(left)
    return shares


_SURVIVAL = _survival()


def watched_seconds(share: float) -> int:
    """The second at which this share of the visits is gone; the story's length for those who see its end."""
    return next((second for second, left in enumerate(_SURVIVAL) if left <= 1 - share), STORY_S)
