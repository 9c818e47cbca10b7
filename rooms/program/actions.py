"""The moves of a room, one story each. A person's move may be taken back for ten seconds.

Every story locks the room, asks the state machine, writes the entry, and tells the room after the commit: first `program`,
then `state`. Switches happen `LEAD_MS` after the story, at the same moment on every screen.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from dramas.seasons.actions import mark_aired
from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from merchants.foundation.facts import emit
from rooms.program.clock import BRIDGES, FAULT, SILENCE, Entry, Source, as_run, current_entry, interrupted_episode, position
from rooms.program.errors import (
    NoEpisodeRuns,
    NoSuchEpisode,
    NothingToReturnTo,
    NothingToUndo,
    SeasonMissing,
    SeasonNotAirable,
)
from rooms.program.facts import ShowStarted
from rooms.program.lineup import Lineup, Slot, get_lineup, source_for
from rooms.program.models import Airing, ProgramEntry, Room
from rooms.program.queries import UndoView, list_last_entries, undo_of
from rooms.program.states import Move, SourceKind, State, arrive
from rooms.program.steps import LEAD_MS, append_entry, forget_undo, lock_room, remember_for_undo, set_state, state_before


@dataclass(frozen=True)
class Desk:
    """What a story works on: the locked room, its program so far, its episodes, and when the switch happens."""

    room: Room
    log: list[Entry]
    lineup: Lineup
    at: datetime
    switch_ms: int


def start_show(*, room_id: UUID, actor: str) -> None:
    """Begin a show with the first episode, or with the waiting scene while that one is not ready.

    Raises: IllegalMove, SeasonMissing, SeasonNotAirable. After commit: ShowStarted; `program`, `state`.
    """
    with transaction.atomic(durable=True):
        open_show(room=lock_room(room_id), actor=actor)


def open_show(*, room: Room, actor: str) -> None:
    """Needs: an open transaction with the room's lock."""
    desk = _sit_down(room)
    arrive(State(room.state), Move.START, SourceKind.WAITING)
    if room.season_id is None or not desk.lineup.slots:
        raise SeasonMissing
    if not desk.lineup.is_airable:
        raise SeasonNotAirable
    remember_for_undo(room, Move.START, [], at=desk.at, leaves_at_ms=desk.switch_ms)
    room.airing = Airing.objects.create(room=room, season_id=room.season_id, title=room.title, started_at=wall.from_ms(desk.switch_ms))
    if not room.is_rehearsal:  # or a draft that was only rehearsed would be open to shoppers
        mark_aired(season_id=room.season_id)
    emit(ShowStarted(room_id=room.pk, airing_id=room.airing.pk))
    _show(desk, desk.lineup.slots[0], move=Move.START, cause=Move.START)
    _note(actor, "room.start", room)


def end_show(*, room_id: UUID, actor: str) -> None:
    """End the show; it becomes a replay when the ten seconds are over. Raises: IllegalMove."""
    with transaction.atomic(durable=True):
        close_program(room=lock_room(room_id), actor=actor)


def close_program(*, room: Room, actor: str, at_ms: int | None = None) -> None:
    """Stop the clock at `at_ms` (by default after the usual lead). Needs: an open transaction with the room's lock."""
    desk = _sit_down(room, at_ms)
    state = arrive(State(room.state), Move.END)
    assert room.airing is not None
    remember_for_undo(room, Move.END, desk.log, at=max(desk.at, wall.from_ms(desk.switch_ms)), leaves_at_ms=desk.switch_ms)
    append_entry(room, desk.lineup, Source(SourceKind.SLATE), started_at_ms=desk.switch_ms, cause=Move.END)
    room.airing.ended_at = wall.from_ms(desk.switch_ms)
    room.airing.save(update_fields=["ended_at"])
    set_state(room, state, at_ms=desk.switch_ms)
    _note(actor, "room.end", room)


def play_next(*, room_id: UUID, actor: str) -> None:
    """Raises: IllegalMove, NoSuchEpisode after the last one (unless the room loops), SeasonNotAirable."""
    _step(room_id=room_id, actor=actor, by=1, cause="next")


def play_previous(*, room_id: UUID, actor: str) -> None:
    """Raises: IllegalMove, NoSuchEpisode before the first one (unless the room loops), SeasonNotAirable."""
    _step(room_id=room_id, actor=actor, by=-1, cause="previous")


def play_episode(*, room_id: UUID, episode_id: UUID, actor: str) -> None:
    """Raises: IllegalMove, NoSuchEpisode, SeasonNotAirable."""
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        slot = desk.lineup.find(episode_id)
        if slot is None:
            raise NoSuchEpisode
        _play_by_hand(desk, slot, cause="play", actor=actor)


def put_up_slate(*, room_id: UUID, actor: str) -> None:
    """Interrupt with the slate; `go_back` goes on where the episode stood. Raises: IllegalMove."""
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        room = desk.room
        state = arrive(State(room.state), Move.SLATE, SourceKind.SLATE)
        remember_for_undo(room, Move.SLATE, desk.log, at=desk.at, leaves_at_ms=desk.switch_ms)
        append_entry(room, desk.lineup, Source(SourceKind.SLATE), started_at_ms=desk.switch_ms, cause=Move.SLATE)
        set_state(room, state, at_ms=desk.switch_ms)
        _note(actor, "room.slate", room)


def go_live(*, room_id: UUID, actor: str, at_episode_end: bool = False) -> None:
    """Cut to the host's line: at once, or when the running episode ends. Whether somebody sends is the caller's to know.

    A cut that waits for the episode's end is announced at once; it may be made earlier, taken back, or called off by `go_back`.
    Raises: IllegalMove, NoEpisodeRuns.
    """
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        room, on_air = desk.room, current_entry(desk.log, desk.switch_ms)
        state = arrive(state_before(room, on_air, desk.switch_ms), Move.GO_LIVE, SourceKind.LIVE)
        at_ms = desk.switch_ms
        if at_episode_end:
            if on_air is None or not on_air.is_story or on_air.ends_at_ms is None:
                raise NoEpisodeRuns
            at_ms = max(at_ms, on_air.ends_at_ms)
        remember_for_undo(room, Move.GO_LIVE, desk.log, at=desk.at, leaves_at_ms=desk.switch_ms)
        append_entry(room, desk.lineup, Source(SourceKind.LIVE), started_at_ms=at_ms, cause=Move.GO_LIVE)
        set_state(room, state, at_ms=at_ms)
        _note(actor, "room.go_live", room, at_episode_end="yes" if at_episode_end else "no")


def go_back(*, room_id: UUID, actor: str) -> None:
    """Return to the interrupted episode at the position where it stood. Raises: IllegalMove, NothingToReturnTo."""
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        arrive(State(desk.room.state), Move.PLAY, SourceKind.EPISODE)
        span = interrupted_episode(desk.log, desk.switch_ms)
        slot = desk.lineup.find(span.source.id) if span else None
        if span is None or slot is None:
            raise NothingToReturnTo
        if span.to_ms >= slot.duration_ms and slot != desk.lineup.slots[-1]:  # it was over when the host cut in
            _play_by_hand(desk, desk.lineup.beside(slot.episode_id, 1), cause="back", actor=actor)
        else:
            _play_by_hand(desk, slot, cause="back", actor=actor, offset_ms=span.to_ms)


def undo(*, room_id: UUID, actor: str) -> None:
    """Take the last move by hand back: the state and the program as they were, going on where they stood.

    Raises: NothingToUndo.
    """
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        room, undone = desk.room, undo_of(desk.room)
        if undone is None:
            raise NothingToUndo
        forget_undo(room)
        state = _withdraw(desk) if undone.seq is None else _restore(desk, undone.seq, undone)
        set_state(room, state, at_ms=desk.switch_ms)
        _note(actor, "room.undo", room, move=undone.move)


def _sit_down(room: Room, switch_ms: int | None = None) -> Desk:
    at = wall.now()
    return Desk(
        room=room,
        log=list_last_entries(room.airing_id),
        lineup=get_lineup(room.season_id),
        at=at,
        switch_ms=switch_ms if switch_ms is not None else wall.to_ms(at) + LEAD_MS,
    )


def _step(*, room_id: UUID, actor: str, by: int, cause: str) -> None:
    with transaction.atomic(durable=True):
        desk = _sit_down(lock_room(room_id))
        arrive(State(desk.room.state), Move.PLAY, SourceKind.EPISODE)
        slot = desk.lineup.beside(last_episode_id(desk.log, desk.switch_ms), by, is_looping=desk.room.is_looping)
        _play_by_hand(desk, slot, cause=cause, actor=actor)


def _play_by_hand(desk: Desk, slot: Slot, *, cause: str, actor: str, offset_ms: int = 0) -> None:
    arrive(State(desk.room.state), Move.PLAY, SourceKind.EPISODE)
    if not desk.lineup.is_airable:
        raise SeasonNotAirable
    remember_for_undo(desk.room, cause, desk.log, at=desk.at, leaves_at_ms=desk.switch_ms)
    _show(desk, slot, move=Move.PLAY, cause=cause, offset_ms=offset_ms)
    _note(actor, f"room.{cause}", desk.room, episode=str(slot.episode_id))


def _show(desk: Desk, slot: Slot, *, move: Move, cause: str, offset_ms: int = 0) -> None:
    source, duration_ms = source_for(desk.lineup, slot)
    is_episode = source.kind == SourceKind.EPISODE
    state = arrive(State(desk.room.state), move, source.kind)
    append_entry(
        desk.room,
        desk.lineup,
        source,
        started_at_ms=desk.switch_ms,
        cause=cause,
        offset_ms=offset_ms if is_episode else 0,
        duration_ms=duration_ms,
    )
    set_state(desk.room, state, at_ms=desk.switch_ms)


def show_at(*, room: Room, lineup: Lineup, slot: Slot, started_at_ms: int, cause: str) -> None:
    """The director's move to an episode, or to its waiting scene. Needs: an open transaction with the room's lock."""
    desk = Desk(room=room, log=[], lineup=lineup, at=wall.now(), switch_ms=started_at_ms)
    _show(desk, slot, move=Move.PLAY, cause=cause)


def report_fault(*, room: Room, lineup: Lineup) -> None:
    """What is on air cannot be shown any more: the slate comes up, the host decides. Needs: the room's lock."""
    state = arrive(State(room.state), Move.FAIL)
    switch_ms = wall.now_ms() + LEAD_MS
    append_entry(room, lineup, Source(SourceKind.SLATE), started_at_ms=switch_ms, cause=FAULT)
    set_state(room, state, at_ms=switch_ms)
    _note("director", "room.fault", room)


def bridge_silence(*, room: Room, lineup: Lineup, scene: Slot | None, at_ms: int) -> None:
    """The host's line is gone: the prepared scene comes up from `at_ms` on, or the slate without one. Again while a scene ends
    and nobody is heard. Needs: the room's lock."""
    state = State(room.state)
    if state != State.FAULT:
        state = arrive(state, Move.FAIL)
        _note("director", "room.silence", room)
    source = Source(SourceKind.EPISODE, scene.episode_id) if scene else Source(SourceKind.SLATE)
    append_entry(room, lineup, source, started_at_ms=at_ms, cause=SILENCE, duration_ms=scene.duration_ms if scene else None)
    set_state(room, state, at_ms=at_ms)


def return_to_line(*, room: Room, lineup: Lineup, at_ms: int) -> None:
    """The host's line, which is heard again, comes back by itself at `at_ms`. Needs: the room's lock."""
    state = arrive(State(room.state), Move.GO_LIVE, SourceKind.LIVE)
    append_entry(room, lineup, Source(SourceKind.LIVE), started_at_ms=at_ms, cause="heard")
    set_state(room, state, at_ms=at_ms)
    _note("director", "room.heard", room)


def last_episode_id(log: list[Entry], at_ms: int) -> UUID | None:
    """The episode that is on air, is waited for, or was last. Scenes that bridge a fault do not count."""
    bridges = {entry.seq for entry in log if entry.is_bridge}
    return next((span.source.id for span in reversed(as_run(log, at_ms + 1)) if span.source.id and span.seq not in bridges), None)


def _withdraw(desk: Desk) -> State:
    """Take a start back: the show never was."""
    assert desk.room.airing is not None
    desk.room.airing.withdrawn_at = desk.at
    desk.room.airing.save(update_fields=["withdrawn_at"])
    desk.room.airing = None
    return State.SCHEDULED


def _restore(desk: Desk, seq: int, undone: UndoView) -> State:
    """Go on with the entry `seq` where it stood. An episode that was over by then gives way to the slate."""
    assert desk.room.airing is not None
    if desk.room.airing.ended_at is not None:
        desk.room.airing.ended_at = None
        desk.room.airing.save(update_fields=["ended_at"])
    left = ProgramEntry.objects.get(room=desk.room, seq=seq)
    on_air = current_entry(desk.log, desk.switch_ms)
    position_ms = undone.position_ms
    if on_air is not None and on_air.seq == seq:  # the move was only announced: nobody has left it
        position_ms = position(on_air, desk.switch_ms)
    is_over = left.duration_ms is not None and position_ms >= left.duration_ms
    source = Source(SourceKind.SLATE) if is_over else Source(SourceKind(left.source_kind), left.source_id)
    append_entry(
        desk.room,
        desk.lineup,
        source,
        started_at_ms=desk.switch_ms,
        cause=left.cause if left.cause in BRIDGES else "undo",
        offset_ms=0 if is_over else position_ms,
        duration_ms=None if is_over else left.duration_ms,
    )
    return State.WAITING if is_over else undone.state


def _note(actor: str, action: str, room: Room, **details: str) -> None:
    record_action(actor=actor, action=action, subject=f"room:{room.pk}", **details)
