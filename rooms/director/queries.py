"""Reads of the director: which rooms need one, and the scene of a room."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from dramas.seasons.queries import CueView, list_cues_of
from merchants.foundation import clock as wall
from rooms.director.models import CueFiring
from rooms.director.plan import Line, Scene
from rooms.preparation.queries import list_expected, list_prepared
from rooms.program.clock import Entry
from rooms.program.lineup import EMPTY, Lineup, get_lineup
from rooms.program.models import Airing, Room
from rooms.program.queries import list_last_entries
from rooms.program.states import ON_AIR, SourceKind, State
from rooms.program.steps import LEAD_MS

# A scheduled room gets its leader this long before it starts.
EARLY = timedelta(seconds=5)


def list_rooms_to_lead() -> list[UUID]:
    """Rooms on air or ending, and those that start by themselves within seconds. One query."""
    due = Q(state=State.SCHEDULED, starts_by_itself=True, scheduled_at__lte=wall.now() + EARLY, season__isnull=False)
    rooms = Room.objects.filter(Q(state__in=[*ON_AIR, State.ENDED]) | (due & ~_tried())).order_by("pk")
    return list(rooms.values_list("pk", flat=True))


def read_scene(room: Room, line: Line | None = None) -> Scene:
    """`line` is what the caller knows of the host's. Needs: the tenant's schema. At most eight queries."""
    log, lineup = list_last_entries(room.airing_id), get_lineup(room.season_id)
    expected = list_expected(room.airing_id) if room.airing_id and room.state in ON_AIR else {}
    return Scene(
        state=State(room.state),
        log=log,
        lineup=lineup,
        line=line,
        fault_scene=lineup.find(room.fault_episode_id),
        is_looping=room.is_looping,
        cues=_cues(log, lineup if expected else EMPTY),
        expected=expected,
        prepared=list_prepared(room.airing_id) if room.airing_id and expected else {},
        fired=_fired(room, log),
        start_at_ms=_start_at_ms(room),
        close_at_ms=wall.to_ms(room.undo_until) if room.undo_until else 0,
    )


def may_start(lineup: Lineup) -> bool:
    """Whether a room would get past the gate before air."""
    return lineup.is_airable and bool(lineup.slots)


def _tried() -> Exists:
    """A show that began since the scheduled time, also one that was taken back: the schedule has had its say."""
    return Exists(Airing.objects.filter(room=OuterRef("pk"), started_at__gte=OuterRef("scheduled_at") - EARLY))


def _start_at_ms(room: Room) -> int | None:
    if room.state != State.SCHEDULED or not room.starts_by_itself or room.scheduled_at is None:
        return None
    if Airing.objects.filter(room=room, started_at__gte=room.scheduled_at - EARLY).exists():
        return None
    return wall.to_ms(room.scheduled_at) - LEAD_MS


def _cues(log: list[Entry], lineup: Lineup) -> dict[UUID, list[CueView]]:
    """Of the episodes in the log, and of those that may follow."""
    episodes = {entry.source.id for entry in log if entry.source.kind == SourceKind.EPISODE and entry.source.id}
    episodes |= {slot.episode_id for slot in lineup.slots}
    return list_cues_of(episodes) if episodes else {}


def _fired(room: Room, log: list[Entry]) -> frozenset[tuple[int, UUID]]:
    if not log or room.airing_id is None:
        return frozenset()
    rows = CueFiring.objects.filter(airing_id=room.airing_id, program_seq__gte=log[0].seq)
    return frozenset(rows.values_list("program_seq", "cue_id"))
