"""The oracle: the same answers by plain loops over the raw events, written apart from the product's SQL."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel

STEP_OF = {
    m.EnterEvent: 1,
    m.PlayEvent: 2,
    m.CueShownEvent: 3,
    m.CueClickedEvent: 4,
    m.BagEvent: 5,
    m.CheckoutEvent: 6,
    m.PaidEvent: 7,
}
PLAYBACK = (m.PlayEvent, m.HeartbeatEvent, m.PauseEvent, m.StallEvent, m.ExitEvent)
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS


@dataclass
class Visit:
    room: UUID
    viewer: UUID
    events: list[Any] = field(default_factory=list)
    orders: list[Any] = field(default_factory=list)

    @property
    def first_ms(self) -> int:
        return min(m.happened_ms(event.id) for event in self.events)

    @property
    def entry(self) -> Any:
        return next((event for event in self.events if isinstance(event, m.EnterEvent)), None)

    @property
    def variant(self) -> str:
        return self.entry.variant if self.entry else ""

    @property
    def revenue(self) -> int:
        return sum(event.amount_minor for event in self.orders if isinstance(event, m.PaidEvent))

    @property
    def watched_ms(self) -> int:
        return sum(event.watched_ms for event in self.events if isinstance(event, m.HeartbeatEvent | m.ExitEvent))

    def steps(self, cue: UUID | None = None) -> list[tuple[int, int]]:
        """(moment, step) in order; of one cue: its own steps."""
        events = [*self.events, *self.orders]
        if cue is not None:
            events = [event for event in events if getattr(event, "cue_id", None) == cue]
        return sorted((m.happened_ms(event.id), STEP_OF[type(event)]) for event in events if type(event) in STEP_OF)


def visits_of(parcels: Iterable[Parcel]) -> list[Visit]:
    """Each event once; an order belongs to the latest visit of its buyer to the room that began in the week before it."""
    visits: dict[UUID, Visit] = {}
    seen: set[UUID] = set()
    orders: list[tuple[Parcel, Any]] = []
    for parcel in parcels:
        for event in parcel.events:
            if event.id in seen:
                continue
            seen.add(event.id)
            if parcel.session is None:
                orders.append((parcel, event))
            else:
                visits.setdefault(parcel.session, Visit(parcel.room_id, parcel.viewer_id)).events.append(event)
    by_pair: dict[tuple[UUID, UUID], list[Visit]] = defaultdict(list)
    for visit in visits.values():
        by_pair[visit.room, visit.viewer].append(visit)
    for parcel, event in orders:
        at = m.happened_ms(event.id)
        mine = [visit for visit in by_pair[parcel.room_id, parcel.viewer_id] if at - WEEK_MS < visit.first_ms <= at]
        if mine:
            max(mine, key=lambda visit: visit.first_ms).orders.append(event)
    return list(visits.values())


def level_of(steps: list[tuple[int, int]], *, first: int, window_ms: int) -> int:
    """How many steps in a row were made, each after the one before it and all within the window."""
    wanted, begun = first, 0
    for at, step in steps:
        if step == wanted and (wanted == first or at - begun <= window_ms):
            begun = at if wanted == first else begun
            wanted += 1
    return wanted - first


def funnel_of(visits: Iterable[Visit], *, window_ms: int = DAY_MS) -> list[int]:
    levels = [level_of(visit.steps(), first=1, window_ms=window_ms) for visit in visits]
    return [sum(level >= step for level in levels) for step in range(1, 8)]


def chosen_funnel_of(visits: Iterable[Visit], steps: Sequence[int], *, window_ms: int = DAY_MS) -> list[int]:
    """Of some steps alone: the others may be missing, and are not looked at."""
    places = {step: place for place, step in enumerate(steps, start=1)}
    made = [[(at, places[step]) for at, step in visit.steps() if step in places] for visit in visits]
    levels = [level_of(one, first=1, window_ms=window_ms) for one in made]
    return [sum(level >= place for level in levels) for place in places.values()]


def cue_funnel_of(visits: Iterable[Visit], cue: UUID, *, window_ms: int = DAY_MS) -> list[int]:
    """From the showing of the cue to the payment, of visits that watched."""
    watching = [visit for visit in visits if level_of(visit.steps(), first=1, window_ms=WEEK_MS) >= 2]
    levels = [level_of(visit.steps(cue), first=3, window_ms=window_ms) for visit in watching]
    return [sum(level >= step for level in levels) for step in range(1, 6)]


def retention_of(visits: Iterable[Visit], numbers: dict[UUID, int]) -> dict[tuple[int, int], tuple[int, int]]:
    """(episode, second): (watching, left), at each second where somebody began or left."""
    spans = []
    for visit in visits:
        places = [(numbers[event.episode_id], event.position_ms // 1000) for event in visit.events if isinstance(event, PLAYBACK)]
        if places:
            spans.append((min(places), max(places)))
    marks = sorted({mark for span in spans for mark in span})
    return {mark: (sum(begin <= mark <= end for begin, end in spans), sum(end == mark for _, end in spans)) for mark in marks}
