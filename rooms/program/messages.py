"""Socket messages of the program."""

from typing import Literal
from uuid import UUID

import msgspec

from realtime.messages import Lossless

SourceName = Literal["episode", "live", "slate", "waiting"]
StateName = Literal["scheduled", "waiting", "drama", "live", "fault", "ended", "replay"]


class Source(msgspec.Struct):
    """`id` is the episode's, or the one that the waiting scene waits for; None for a slate and the live line.

    `number` counts from 1, `of` is how many episodes there are.
    """

    kind: SourceName
    id: UUID | None = None
    number: int | None = None
    of: int | None = None
    title: str = ""


class Entry(msgspec.Struct):
    """One line of the program: at server time t the position is `offset_ms + (t - started_at_ms) * rate`, at most `duration_ms`.

    On air is the entry with the greatest `seq` among those of the room's show (`airing_id`) that have started.
    """

    seq: int
    source: Source
    started_at_ms: int
    offset_ms: int
    rate: float
    duration_ms: int | None
    airing_id: UUID


class Undo(msgspec.Struct):
    """The last move by hand may be taken back until `until_ms`."""

    move: str
    until_ms: int


class Program(Lossless, tag="program"):
    """A new entry, sent at least half a second before it starts."""

    entry: Entry


class State(Lossless, tag="state"):
    """The room's state from `at_ms` on. Of two, the one with the greater `revision` holds."""

    revision: int
    state: StateName
    at_ms: int
    airing_id: UUID | None
    undo: Undo | None
