"""What the console shows beside the snapshot: episodes, legal moves, viewers, who is muted."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from merchants.foundation.tenancy import current_schema
from realtime.presence import counts_key, sum_fresh
from realtime.publish import Topic
from rooms.engagement.queries import count_likes
from rooms.live.desk import LiveView, get_live
from rooms.live.models import Drill
from rooms.live.stage.queries import StageView, get_stage
from rooms.live.statistics import list_drills
from rooms.moderation.queries import RestrictionView, list_mutes
from rooms.program.actions import last_episode_id
from rooms.program.air import client
from rooms.program.clock import current_entry, interrupted_episode, position
from rooms.program.errors import NoSuchEpisode
from rooms.program.lineup import Lineup, Slot, get_lineup
from rooms.program.queries import RoomView, get_room, list_last_entries
from rooms.program.states import Move, is_legal
from rooms.program.steps import LEAD_MS
from rooms.rehearsal.queries import RehearsalView, get_rehearsal


@dataclass(frozen=True)
class OnAirView:
    """`position_ms` and `remaining_ms` at the moment of asking; `remaining_ms` None for what has no end."""

    seq: int
    kind: str
    episode_id: UUID | None
    position_ms: int
    remaining_ms: int | None


@dataclass(frozen=True)
class ConsoleView:
    """`moves`: name of a button -> whether it would work now. `problem`: code of what keeps a start from working, or empty.
    `drill`: the last one in this room. `rehearsal`: None in a room for shoppers."""

    room: RoomView
    server_ms: int
    on_air: OnAirView | None
    episodes: tuple[Slot, ...]
    moves: dict[str, bool]
    problem: str
    viewers: int
    likes_total: int
    mutes: list[RestrictionView]
    aired_since: datetime | None
    live: LiveView
    drill: Drill | None
    stage: StageView
    rehearsal: RehearsalView | None


def get_console(slug: str) -> ConsoleView:
    """Raises: RoomNotFound."""
    room = get_room(slug)
    now_ms = wall.now_ms()
    log = list_last_entries(room.airing_id)
    lineup = get_lineup(room.season_id)
    entry = current_entry(log, now_ms) if room.is_on_air else None
    switch_ms = now_ms + LEAD_MS  # a button pressed now acts then
    here = last_episode_id(log, switch_ms)
    is_playing_legal = is_legal(room.state, Move.PLAY) and lineup.is_airable
    live = get_live(room.id, log, now_ms)
    is_live_legal = live.is_heard and (is_legal(room.state, Move.GO_LIVE) or live.announced_at_ms is not None)
    is_back_legal = is_playing_legal and interrupted_episode(log, switch_ms) is not None
    switching = current_entry(log, switch_ms)
    moves = {
        "start": is_legal(room.state, Move.START) and not _problem(lineup),
        "end": is_legal(room.state, Move.END),
        "undo": room.undo is not None,
        "next": is_playing_legal and _has_slot(lineup, here, 1, room),
        "previous": is_playing_legal and _has_slot(lineup, here, -1, room),
        "slate": is_legal(room.state, Move.SLATE),
        "back": is_back_legal,
        "return": is_back_legal,
        "go_live": is_live_legal,
        "go_live_at_end": is_live_legal and switching is not None and switching.is_story,
    }
    return ConsoleView(
        room=room,
        server_ms=now_ms,
        on_air=OnAirView(
            seq=entry.seq,
            kind=str(entry.source.kind),
            episode_id=entry.source.id,
            position_ms=position(entry, now_ms),
            remaining_ms=max(0, entry.ends_at_ms - now_ms) if entry.ends_at_ms is not None else None,
        )
        if entry
        else None,
        episodes=lineup.slots,
        moves=moves,
        problem=_problem(lineup),
        viewers=count_viewers(room.id),
        likes_total=count_likes(room.airing_id),
        mutes=list_mutes(room.id),
        aired_since=room.started_at if room.is_on_air else None,
        live=live,
        drill=next(iter(list_drills(room.id, limit=1)), None),
        stage=get_stage(room.id),
        rehearsal=get_rehearsal(room.id) if room.is_rehearsal else None,
    )


def get_console_live(slug: str) -> LiveView:
    """The part that is asked for every second. Two queries. Raises: RoomNotFound."""
    room = get_room(slug)
    return get_live(room.id, list_last_entries(room.airing_id) if room.is_on_air else [], wall.now_ms())


def count_viewers(room_id: UUID) -> int:
    """Sockets in the room over all processes; 0 when Valkey does not answer."""
    try:
        counts = client().hgetall(counts_key(Topic.room(current_schema(), room_id)))
    except RedisError:
        return 0
    return sum_fresh(counts, wall.now().timestamp())[0]


def _problem(lineup: Lineup) -> str:
    if not lineup.slots:
        return "season_missing"
    return "" if lineup.is_airable else "season_not_airable"


def _has_slot(lineup: Lineup, here: UUID | None, step: int, room: RoomView) -> bool:
    try:
        lineup.beside(here, step, is_looping=room.is_looping)
    except NoSuchEpisode:
        return False
    return True
