"""The host cuts in and returns: the stories, and what the room is told."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from merchants.foundation import clock
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.live.actions import go_live
from rooms.live.errors import NoLine
from rooms.pages.reel import lay_out
from rooms.program import actions
from rooms.program.clock import Entry, Source, current_entry, interrupted_episode, position, upcoming_entry
from rooms.program.errors import IllegalMove, NoEpisodeRuns, RoomNotFound
from rooms.program.lineup import get_lineup
from rooms.program.models import Room
from rooms.program.queries import get_replay, list_entries
from rooms.program.states import SourceKind
from rooms.program.steps import LEAD_MS, lock_room
from tests.rooms.building import HOST, Stage, count_rows, heard
from tests.rooms.live.lines import report, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> Any:
    """On air in aurora; borealis has a room of the same name, which nothing here may touch."""
    with in_schema(borealis.schema):
        other = set_up(borealis)
        actions.start_show(room_id=other.room_id, actor=HOST)
        before = (other.room.revision, other.room.state, heard(other.room_id), count_rows())
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        actions.start_show(room_id=stage.room_id, actor=HOST)
        yield stage
    with in_schema(borealis.schema):
        assert (other.room.revision, other.room.state, heard(other.room_id), count_rows()) == before


def log_of(stage: Stage) -> list[Entry]:
    return list_entries(stage.room.airing_id)


def on_air(stage: Stage, *, after_ms: int = LEAD_MS) -> Any:
    return current_entry(log_of(stage), clock.now_ms() + after_ms)


def pass_time(monkeypatch: pytest.MonkeyPatch, ms: int) -> None:
    """The stories' clock goes on; Valkey's does not."""
    now = clock.now
    monkeypatch.setattr(clock, "now", lambda: now() + timedelta(milliseconds=ms))


def test_without_a_line_nobody_goes_live(stage: Stage) -> None:
    """Nobody sends, or who sends is silent: the refusal says what to do, and nothing changed."""
    rows, said, room = count_rows(), heard(stage.room_id), stage.room
    with pytest.raises(NoLine, match="Connect the camera"):
        go_live(room_id=stage.room_id, actor=HOST)
    tell(stage.room_id, report(is_heard=False))
    with pytest.raises(NoLine):
        go_live(room_id=stage.room_id, actor=HOST, at_episode_end=True)
    assert (count_rows(), heard(stage.room_id), stage.room) == (rows, said, room)


def test_a_line_of_the_other_shop_is_none_here(stage: Stage, borealis: Any) -> None:
    """Even under the same room's id."""
    with in_schema(borealis.schema):
        tell(stage.room_id)
    with pytest.raises(NoLine):
        go_live(room_id=stage.room_id, actor=HOST)
    with in_schema(borealis.schema), pytest.raises(RoomNotFound):
        go_live(room_id=stage.room_id, actor=HOST)


def test_the_host_cuts_in_and_returns_to_where_the_episode_stood(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One entry, announced ahead, the state after it; audit; then back at the very position."""
    pass_time(monkeypatch, 5_000)
    tell(stage.room_id)
    before, said = clock.now_ms(), len(heard(stage.room_id))
    go_live(room_id=stage.room_id, actor=HOST)
    program, state = heard(stage.room_id)[said:]
    assert (program["k"], program["entry"]["source"]["kind"], program["entry"]["source"]["id"]) == ("program", "live", None)
    assert before + 500 <= program["entry"]["started_at_ms"] <= clock.now_ms() + LEAD_MS
    assert (state["k"], state["state"], state["at_ms"], state["undo"]["move"]) == ("state", "live", program["entry"]["started_at_ms"], "go_live")
    assert AuditEntry.objects.get(action="room.go_live").actor == HOST
    with pytest.raises(IllegalMove):
        go_live(room_id=stage.room_id, actor=HOST)
    left_at = log_of(stage)[1].started_at_ms
    stood = position(log_of(stage)[0], left_at)
    pass_time(monkeypatch, 60_000)
    actions.go_back(room_id=stage.room_id, actor=HOST)
    back = on_air(stage)
    assert (back.source.id, back.offset_ms, back.cause, stage.room.state) == (stage.episodes[0], stood, "back", "drama")


def test_a_cut_is_taken_back_within_ten_seconds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The episode goes on where it was left."""
    pass_time(monkeypatch, 3_000)
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST)
    first, live = log_of(stage)
    pass_time(monkeypatch, 4_000)
    actions.undo(room_id=stage.room_id, actor=HOST)
    again = on_air(stage)
    assert (again.source.id, again.offset_ms, stage.room.state) == (stage.episodes[0], position(first, live.started_at_ms), "drama")


def test_a_cut_may_wait_for_the_episodes_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announced at once for the very end; the episode plays on until then."""
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST, at_episode_end=True)
    first, live = log_of(stage)
    assert (live.source.kind, live.started_at_ms) == (SourceKind.LIVE, first.ends_at_ms)
    assert on_air(stage).seq == first.seq
    assert on_air(stage, after_ms=31_000).source.kind == SourceKind.LIVE
    state = [message for message in heard(stage.room_id) if message["k"] == "state"][-1]
    assert (state["state"], state["at_ms"]) == ("live", first.ends_at_ms)
    pass_time(monkeypatch, 60_000)
    actions.go_back(room_id=stage.room_id, actor=HOST)
    assert (on_air(stage).source.id, on_air(stage).offset_ms) == (stage.episodes[1], 0), "the first was over: the second begins"


def test_an_announced_cut_may_be_made_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """And taking that back lets the episode go on, without the cut at its end."""
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST, at_episode_end=True)
    pass_time(monkeypatch, 2_000)
    go_live(room_id=stage.room_id, actor=HOST)
    assert (on_air(stage).source.kind, stage.room.state) == (SourceKind.LIVE, "live")
    pass_time(monkeypatch, 2_000)
    actions.undo(room_id=stage.room_id, actor=HOST)
    assert (on_air(stage).source.id, stage.room.state) == (stage.episodes[0], "drama")
    assert on_air(stage, after_ms=40_000).source.kind == SourceKind.EPISODE


@pytest.mark.parametrize("call_off", [actions.undo, actions.go_back])
def test_an_announced_cut_is_called_off(stage: Stage, monkeypatch: pytest.MonkeyPatch, call_off: Callable[..., None]) -> None:
    """By undo within ten seconds, by `back` until it happens: nobody sees a jump, and the end leads on as always."""
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST, at_episode_end=True)
    pass_time(monkeypatch, 6_000)
    call_off(room_id=stage.room_id, actor=HOST)
    first, now = log_of(stage)[0], on_air(stage)
    assert (now.source.id, stage.room.state) == (stage.episodes[0], "drama")
    assert abs(position(first, now.started_at_ms) - now.offset_ms) <= 1
    assert on_air(stage, after_ms=60_000).source.kind == SourceKind.EPISODE
    assert upcoming_entry(log_of(stage), now.started_at_ms) is None


def test_nothing_to_wait_for_is_refused(stage: Stage) -> None:
    """A slate has no end."""
    tell(stage.room_id)
    actions.put_up_slate(room_id=stage.room_id, actor=HOST)
    rows, said = count_rows(), heard(stage.room_id)
    with pytest.raises(NoEpisodeRuns):
        go_live(room_id=stage.room_id, actor=HOST, at_episode_end=True)
    assert (count_rows(), heard(stage.room_id)) == (rows, said)


def test_a_slate_over_the_live_line_is_taken_back_to_it(stage: Stage) -> None:
    """Undo returns to live as to anything else."""
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST)
    actions.put_up_slate(room_id=stage.room_id, actor=HOST)
    actions.undo(room_id=stage.room_id, actor=HOST)
    assert (on_air(stage).source.kind, stage.room.state) == (SourceKind.LIVE, "live")


def test_scenes_that_bridge_a_fault_are_no_place_to_return_to() -> None:
    """Back leads to the story's episode, over the live stretch and its fault scenes."""
    story, scene = Source(SourceKind.EPISODE, None), Source(SourceKind.EPISODE, None)
    log = [
        Entry(1, story, 0, duration_ms=60_000),
        Entry(2, Source(SourceKind.LIVE), 10_000, cause="go_live"),
        Entry(3, scene, 20_000, duration_ms=5_000, cause="silence"),
        Entry(4, scene, 25_000, duration_ms=5_000, cause="silence"),
    ]
    for at_ms in (15_000, 22_000, 27_000):
        span = interrupted_episode(log, at_ms)
        assert (span.seq, span.to_ms) == (1, 10_000)
    assert interrupted_episode([*log, replace(log[0], seq=5, started_at_ms=30_000)], 31_000) is None


def test_a_replay_leaves_fault_scenes_and_unrecorded_live_stretches_out(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its timeline is the story alone, end to end, and says where the host was live."""
    pass_time(monkeypatch, 5_000)
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST)
    pass_time(monkeypatch, 5_000)
    with transaction.atomic():
        room = lock_room(stage.room_id)
        lineup = get_lineup(room.season_id)
        actions.bridge_silence(room=room, lineup=lineup, scene=lineup.slots[5], at_ms=clock.now_ms() + LEAD_MS)
    assert stage.room.state == "fault"
    pass_time(monkeypatch, 5_000)
    actions.go_back(room_id=stage.room_id, actor=HOST)
    pass_time(monkeypatch, 5_000)
    actions.end_show(room_id=stage.room_id, actor=HOST)
    Room.objects.filter(pk=stage.room_id).update(state="replay")
    reel = lay_out(get_replay(stage.slug).spans, [])
    shown = reel.stretches
    assert [part.at_ms for part in reel.left_out] == [shown[1].at_ms]
    assert [stretch.episode_id for stretch in shown] == [stage.episodes[0]] * 2
    assert shown[1].from_ms == shown[0].to_ms
