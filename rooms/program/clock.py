"""The program clock: which entry is on air, and where in it the room is. Pure functions; times in epoch milliseconds.

The browser's copy of these rules is the room page's `program.ts`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from rooms.program.states import SourceKind

# Causes of entries that stand in for something: what was on air could not be shown any more, or the host's line fell silent.
FAULT, SILENCE = "fail", "silence"
BRIDGES = frozenset({FAULT, SILENCE})

# Positions are stored in 32 bits; a slate may stand for longer than the 24 days they hold.
MOST_MS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Source:
    """What an entry shows. `id` is the episode's, or the one a waiting scene waits for; None for everything else."""

    kind: SourceKind
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the program (see `models.ProgramEntry`)."""

    seq: int
    source: Source
    started_at_ms: int
    offset_ms: int = 0
    rate: float = 1.0
    duration_ms: int | None = None
    cause: str = ""

    @property
    def is_silence(self) -> bool:
        """Stands in for the host's line, which will come back."""
        return self.cause == SILENCE

    @property
    def is_bridge(self) -> bool:
        """Stands in for what could not be shown."""
        return self.cause in BRIDGES

    @property
    def is_story(self) -> bool:
        """An episode in its own right, not one that bridges a fault."""
        return self.source.kind == SourceKind.EPISODE and not self.is_bridge

    @property
    def ends_at_ms(self) -> int | None:
        """When its last frame is over; None if it has no end or stands still."""
        if self.duration_ms is None or self.rate <= 0:
            return None
        return self.started_at_ms + round((self.duration_ms - self.offset_ms) / self.rate)

    def reaches_at_ms(self, position_ms: int) -> int | None:
        """When the clock shows `position_ms`; None if it never does."""
        if position_ms < self.offset_ms or self.rate <= 0:
            return None
        if self.duration_ms is not None and position_ms > self.duration_ms:
            return None
        return self.started_at_ms + round((position_ms - self.offset_ms) / self.rate)


@dataclass(frozen=True, slots=True)
class Span:
    """What was really shown of an entry: `source` from `from_ms` to `to_ms` (positions), beginning at `started_at_ms`."""

    seq: int
    source: Source
    started_at_ms: int
    from_ms: int
    to_ms: int

    @property
    def length_ms(self) -> int:
        return self.to_ms - self.from_ms


def position(entry: Entry, at_ms: int) -> int:
    """Milliseconds into the source at `at_ms`: the offset before the start, the last frame after the end."""
    reached = entry.offset_ms + round(max(0, at_ms - entry.started_at_ms) * entry.rate)
    return min(reached, MOST_MS if entry.duration_ms is None else max(entry.duration_ms, entry.offset_ms))


def current_entry(log: Iterable[Entry], at_ms: int) -> Entry | None:
    """On air is the entry with the greatest `seq` among those that have started; None before the first.

    An entry that is announced for later is void once a greater `seq` has started before it.
    """
    return max((entry for entry in log if entry.started_at_ms <= at_ms), key=lambda entry: entry.seq, default=None)


def upcoming_entry(log: Iterable[Entry], at_ms: int) -> Entry | None:
    """The announced entry that will be on air next, if any."""
    entries = list(log)
    on_air = current_entry(entries, at_ms)
    later = [entry for entry in entries if entry.started_at_ms > at_ms and (on_air is None or entry.seq > on_air.seq)]
    return min(later, key=lambda entry: (entry.started_at_ms, -entry.seq), default=None)


def as_run(log: Iterable[Entry], until_ms: int) -> list[Span]:
    """What was on air, in order, up to `until_ms`. Entries that never came on are left out."""
    entries = sorted(log, key=lambda entry: entry.seq)
    moments = sorted({entry.started_at_ms for entry in entries if entry.started_at_ms < until_ms})
    spans: list[Span] = []
    for start, end in pairwise([*moments, until_ms]):
        entry = current_entry(entries, start)
        if entry is None:
            continue
        if spans and spans[-1].seq == entry.seq:  # an announced entry that a later hand made void
            spans[-1] = Span(entry.seq, entry.source, spans[-1].started_at_ms, spans[-1].from_ms, position(entry, end))
        else:
            spans.append(Span(entry.seq, entry.source, start, position(entry, start), position(entry, end)))
    return spans


def interrupted_episode(log: Iterable[Entry], at_ms: int) -> Span | None:
    """The last episode before what is on air at `at_ms`: where `back` returns to. Scenes that bridge a fault are none.

    While an episode runs whose end will cut to the live line, it is that episode: going back calls the cut off.
    """
    entries = list(log)
    spans = as_run(entries, at_ms + 1)
    stories = {entry.seq for entry in entries if entry.is_story}
    announced = upcoming_entry(entries, at_ms)
    is_calling_off = announced is not None and announced.source.kind == SourceKind.LIVE
    earlier = spans if is_calling_off else spans[:-1] if spans and spans[-1].seq not in stories else []
    return next((span for span in reversed(earlier) if span.seq in stories), None)
