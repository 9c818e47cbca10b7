"""Reads of recordings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from dramas.seasons.queries import media_url
from merchants.foundation import clock
from realtime.rtc.hls.cut import Moment
from rooms.program.clock import as_run
from rooms.program.queries import list_entries
from rooms.program.states import SourceKind
from rooms.recordings.models import Recording
from rooms.recordings.places import INDEX, shelf_folder

# A node closes a recording two seconds after the live part, and the sweeper comes by every ten.
NOTICED_AFTER = timedelta(seconds=45)


@dataclass(frozen=True)
class PieceView:
    """What was captured at `at_ms` (epoch) and the `length_ms` after it stands at `media_ms` of the recording's film."""

    at_ms: int
    media_ms: int
    length_ms: int


@dataclass(frozen=True)
class RecordingView:
    """A film that can be played."""

    id: UUID
    url: str
    width: int
    height: int
    duration_ms: int
    pieces: tuple[PieceView, ...]


def list_recordings(airing_id: UUID) -> list[RecordingView]:
    """Of a show, what is in the media, in the order of the evening. One query."""
    rows = Recording.objects.filter(airing_id=airing_id, state=Recording.State.DONE).order_by("created_at", "id")
    found = [
        RecordingView(
            id=row.pk,
            url=media_url(shelf_folder(row.pk), INDEX),
            width=row.width,
            height=row.height,
            duration_ms=row.duration_ms,
            pieces=tuple(PieceView(*piece) for piece in row.pieces),
        )
        for row in rows
    ]
    return sorted(found, key=lambda view: view.pieces[0].at_ms)


def is_under_way(airing_id: UUID, *, ended_at: datetime) -> bool:
    """Whether something of a finished show may still come into the media. One query."""
    if settings.RECORDINGS_DIR is None:
        return False
    is_fresh = clock.now() - ended_at < NOTICED_AFTER
    return is_fresh or Recording.objects.filter(airing_id=airing_id, state__in=Recording.UNFINISHED).exists()


def list_moments(airing_id: UUID, until_ms: int) -> list[Moment]:
    """When the host's line was on air in a show. Moments that touch are one."""
    moments: list[Moment] = []
    for span in as_run(list_entries(airing_id), until_ms):
        if span.source.kind != SourceKind.LIVE:
            continue
        begins_at, ends_at = span.started_at_ms / 1000, (span.started_at_ms + span.length_ms) / 1000
        if moments and begins_at - moments[-1].ends_at < 0.001:
            begins_at = moments.pop().begins_at
        moments.append(Moment(begins_at, ends_at))
    return moments


def used_bytes() -> int:
    """What the shop's recordings take of its media quota."""
    return Recording.objects.aggregate(total=Sum("size_bytes"))["total"] or 0
