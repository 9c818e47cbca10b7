"""Reads of rooms, shows and programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from merchants.foundation import clock as wall
from rooms.program.clock import BRIDGES, Entry, Source, Span, as_run
from rooms.program.errors import RoomNotFound
from rooms.program.models import Airing, ProgramEntry, Room
from rooms.program.states import ON_AIR, SourceKind, State

UPCOMING_LIMIT = 24
REPLAY_LIMIT = 24
SHOW_LIMIT = 24
REPLAY_ENTRIES = 500
LAST_ENTRIES = 32
# Entries that a hand or the director may have made void around a cut.
STORY_MARGIN = 6


@dataclass(frozen=True)
class UndoView:
    """The last move by hand, while it may be taken back. `position_ms` is where the entry `seq` stood; seq None: before the start."""

    move: str
    until: datetime
    state: State
    seq: int | None
    position_ms: int


@dataclass(frozen=True)
class RoomView:
    """A room as other slices may know it. `started_at` is the current or last show's start. `host_avatar_url` may be empty."""

    id: UUID
    slug: str
    title: str
    season_id: UUID | None
    host_name: str
    host_avatar_url: str
    scheduled_at: datetime | None
    starts_by_itself: bool
    is_looping: bool
    state: State
    state_since_ms: int
    airing_id: UUID | None
    started_at: datetime | None
    ended_at: datetime | None
    revision: int
    slow_mode_s: int
    undo: UndoView | None
    allows_filters: bool = True
    is_rehearsal: bool = False

    @property
    def is_on_air(self) -> bool:
        return self.state in ON_AIR


@dataclass(frozen=True)
class ReplayView:
    """A finished show that may be watched. `spans` is what was on air, in order, without what bridged a fault; a list of
    replays leaves them out.

    A show that looped for weeks gives its first `REPLAY_ENTRIES`.
    """

    airing_id: UUID
    room_id: UUID
    slug: str
    title: str
    season_id: UUID | None
    host_name: str
    host_avatar_url: str
    started_at: datetime
    ended_at: datetime
    likes_total: int
    spans: tuple[Span, ...]

    @property
    def duration_ms(self) -> int:
        """From the first frame to the end, interruptions included."""
        return round((self.ended_at - self.started_at).total_seconds() * 1000)


@dataclass(frozen=True)
class ShowView:
    """One show of a room, running or over."""

    id: UUID
    room_id: UUID
    title: str
    started_at: datetime
    ended_at: datetime | None


def get_room(slug: str) -> RoomView:
    """One query. Raises: RoomNotFound."""
    return _one(slug=slug)


def get_open_room(slug: str, role: str) -> RoomView:
    """The room for a viewer of this `role` (empty for shoppers): a rehearsal is there for staff alone. Raises: RoomNotFound."""
    room = _one(slug=slug)
    if room.is_rehearsal and not role:
        raise RoomNotFound
    return room


def get_room_by_id(room_id: UUID | str) -> RoomView:
    """Raises: RoomNotFound."""
    return _one(pk=room_id)


def list_rooms_by_id(room_ids: Iterable[UUID]) -> list[RoomView]:
    """Those of the rooms that exist, by title. One query."""
    return [_view(room) for room in _rooms().filter(pk__in=list(room_ids)).order_by("title", "pk")]


def list_rooms_of_season(season_id: UUID) -> list[RoomView]:
    """Rooms that show the season to shoppers, the one that was made last first. One query."""
    return [_view(room) for room in _rooms().filter(season_id=season_id, is_rehearsal=False).order_by("-created_at", "-pk")]


def list_rooms_on_air(*, with_rehearsals: bool = False) -> list[RoomView]:
    """The show that began last comes first. Rehearsals on air are for who works on rooms, never for a shopper's page. One query."""
    rooms = _rooms().filter(state__in=ON_AIR).order_by("-airing__started_at")
    return [_view(room) for room in rooms if with_rehearsals or not room.is_rehearsal]


def list_rooms_upcoming() -> list[RoomView]:
    """Scheduled rooms without rehearsals, the next one first; those without a time come last. One query."""
    rooms = _rooms().filter(state=State.SCHEDULED, is_rehearsal=False).order_by(F("scheduled_at").asc(nulls_last=True), "created_at")
    return [_view(room) for room in rooms[:UPCOMING_LIMIT]]


def list_replays() -> list[ReplayView]:
    """Finished shows, the latest first, without their spans. One query."""
    return [_replay(airing, spans=()) for airing in _finished().order_by("-ended_at")[:REPLAY_LIMIT]]


def list_shows(room_id: UUID) -> list[ShowView]:
    """A room's last shows, the newest first. One query."""
    airings = Airing.objects.filter(room_id=room_id, withdrawn_at=None).order_by("-started_at")[:SHOW_LIMIT]
    return [_show_view(airing) for airing in airings]


def find_show(airing_id: UUID) -> ShowView | None:
    """A show that was not taken back and was no rehearsal, if there is such a one. One query."""
    airing = Airing.objects.filter(pk=airing_id, withdrawn_at=None, room__is_rehearsal=False).first()
    return _show_view(airing) if airing else None


def _show_view(airing: Airing) -> ShowView:
    return ShowView(airing.pk, airing.room_id, airing.title, airing.started_at, airing.ended_at)


def get_replay(slug: str, airing_id: UUID | None = None) -> ReplayView:
    """The room's latest finished show, or the one asked for. Two queries. Raises: RoomNotFound."""
    airings = _finished().filter(room__slug=slug)
    airing = (airings.filter(pk=airing_id) if airing_id else airings.order_by("-ended_at")).first()
    if airing is None:
        raise RoomNotFound
    rows = list(ProgramEntry.objects.filter(airing_id=airing.pk).order_by("seq")[: REPLAY_ENTRIES + 1])
    until_ms = rows[-1].started_at_ms if len(rows) > REPLAY_ENTRIES else wall.to_ms(airing.ended_at)
    log = [_entry(row) for row in rows[:REPLAY_ENTRIES]]
    bridges = {entry.seq for entry in log if entry.is_bridge}
    return _replay(airing, spans=tuple(span for span in as_run(log, until_ms) if span.seq not in bridges))


def has_replay(airing_id: UUID) -> bool:
    """Whether the show may be watched again. One query."""
    return bool(_finished().filter(pk=airing_id).exists())


def list_entries(airing_id: UUID | None) -> list[Entry]:
    """The whole program of a show, by seq."""
    if airing_id is None:
        return []
    return [_entry(row) for row in ProgramEntry.objects.filter(airing_id=airing_id).order_by("seq")]


def list_episodes_by_seq(room_id: UUID, seqs: Iterable[int]) -> dict[int, UUID]:
    """Which episode each of a room's program entries showed; what showed none is left out. One query."""
    rows = ProgramEntry.objects.filter(room_id=room_id, seq__in=list(seqs), source_kind=SourceKind.EPISODE, source_id__isnull=False)
    return {seq: episode_id for seq, episode_id in rows.values_list("seq", "source_id") if episode_id}


def list_last_entries(airing_id: UUID | None, count: int = LAST_ENTRIES) -> list[Entry]:
    """The newest entries of a show, by seq: enough for the clock, however long a room has looped.

    A fault scene that was repeated for longer than that is not all there is: the story that it interrupted comes along. One query,
    two more in that case.
    """
    if airing_id is None:
        return []
    rows = list(ProgramEntry.objects.filter(airing_id=airing_id).order_by("-seq")[:count])[::-1]
    if len(rows) == count and not any(_entry(row).is_story for row in rows):
        rows = [*_rows_around_last_story(airing_id, before=rows[0].seq), *rows]
    return [_entry(row) for row in rows]


def _rows_around_last_story(airing_id: UUID, *, before: int) -> list[ProgramEntry]:
    """With what shows whether it came on air at all, and what became of it."""
    earlier = ProgramEntry.objects.filter(airing_id=airing_id, seq__lt=before)
    story = earlier.filter(source_kind=SourceKind.EPISODE).exclude(cause__in=BRIDGES).order_by("-seq").first()
    return [] if story is None else list(earlier.filter(seq__range=(story.seq - STORY_MARGIN, story.seq + STORY_MARGIN)).order_by("seq"))


def _rooms() -> Any:
    return Room.objects.select_related("airing")


def _finished() -> Any:
    """Shows whose end can no longer be taken back. A rehearsal is none."""
    ended = Airing.objects.select_related("room").filter(withdrawn_at=None, ended_at__isnull=False, room__is_rehearsal=False)
    return ended.exclude(room__airing_id=F("pk"), room__state=State.ENDED)


def _one(**key: Any) -> RoomView:
    room = _rooms().filter(**key).first()
    if room is None:
        raise RoomNotFound
    return _view(room)


def _view(room: Room) -> RoomView:
    airing = room.airing
    return RoomView(
        id=room.pk,
        slug=room.slug,
        title=room.title,
        season_id=room.season_id,
        host_name=room.host_name,
        host_avatar_url=room.host_avatar.url if room.host_avatar else "",
        scheduled_at=room.scheduled_at,
        starts_by_itself=room.starts_by_itself,
        is_looping=room.is_looping,
        state=State(room.state),
        state_since_ms=room.state_since_ms,
        airing_id=room.airing_id,
        started_at=airing.started_at if airing else None,
        ended_at=airing.ended_at if airing else None,
        revision=room.revision,
        slow_mode_s=room.slow_mode_s,
        undo=undo_of(room),
        allows_filters=room.allows_filters,
        is_rehearsal=room.is_rehearsal,
    )


def undo_of(room: Room) -> UndoView | None:
    """What may be taken back now."""
    if not room.undo_move or room.undo_until is None or room.undo_until <= wall.now():
        return None
    return UndoView(
        move=room.undo_move,
        until=room.undo_until,
        state=State(room.undo_state),
        seq=room.undo_seq,
        position_ms=room.undo_position_ms,
    )


def _entry(row: ProgramEntry) -> Entry:
    return Entry(
        seq=row.seq,
        source=Source(SourceKind(row.source_kind), row.source_id),
        started_at_ms=row.started_at_ms,
        offset_ms=row.offset_ms,
        rate=row.rate,
        duration_ms=row.duration_ms,
        cause=row.cause,
    )


def _replay(airing: Airing, *, spans: tuple[Span, ...]) -> ReplayView:
    assert airing.ended_at is not None
    room = airing.room
    return ReplayView(
        airing_id=airing.pk,
        room_id=room.pk,
        slug=room.slug,
        title=airing.title,
        season_id=airing.season_id,
        host_name=room.host_name,
        host_avatar_url=room.host_avatar.url if room.host_avatar else "",
        started_at=airing.started_at,
        ended_at=airing.ended_at,
        likes_total=airing.likes_total,
        spans=spans,
    )
