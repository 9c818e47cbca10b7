"""What the room's media node is to record: the host's line while it is on air or announced, and nothing else. Pure.

A camera that is tried, and one in the green room, is recorded by nobody until the cut to it is announced.
"""

from collections.abc import Sequence
from uuid import UUID

from realtime.rtc.takes import LATE_MS, Take
from rooms.program.clock import Entry, as_run, upcoming_entry
from rooms.program.states import SourceKind


def take_of(airing_id: UUID | None, log: Sequence[Entry], now_ms: int) -> Take | None:
    """Of a room whose show has the program `log`. What is over is still asked for until its last pictures have arrived."""
    if airing_id is None:
        return None
    name, announced = str(airing_id), upcoming_entry(log, now_ms)
    ended_at_ms: int | None = announced.started_at_ms if announced is not None else None
    for span in reversed(as_run(log, now_ms + 1)[-2:]):
        is_recent = ended_at_ms is None or now_ms < ended_at_ms + LATE_MS
        if span.source.kind == SourceKind.LIVE and is_recent:
            return Take(name, span.started_at_ms, ended_at_ms)
        if announced is not None and announced.source.kind == SourceKind.LIVE:
            return Take(name, announced.started_at_ms)
        ended_at_ms = span.started_at_ms
    return None
