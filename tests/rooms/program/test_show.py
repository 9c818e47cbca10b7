"""The moves of a room, through their stories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.program import actions
from rooms.program.clock import current_entry
from rooms.program.errors import IllegalMove, NoSuchEpisode, NothingToReturnTo, NothingToUndo, RoomNotFound, SeasonMissing, SeasonNotAirable
from rooms.program.queries import get_room, list_entries, list_replays, list_rooms_on_air, list_rooms_upcoming
from rooms.program.schedule import create_room, schedule_show
from rooms.program.states import SourceKind
from rooms.program.steps import LEAD_MS
from tests.rooms.building import HOST, Stage, count_rows, heard, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        yield set_up(aurora)


def on_air(stage: Stage, *, after_ms: int = LEAD_MS) -> Any:
    return current_entry(list_entries(stage.room.airing_id), clock.now_ms() + after_ms)


def test_a_start_announces_the_first_episode_ahead_of_time(stage: Stage) -> None:
    """Everybody is told the same moment, at least half a second ahead, and then the state."""
    before_ms = clock.now_ms()
    actions.start_show(room_id=stage.room_id, actor=HOST)
    program, state = [message for message in heard(stage.room_id) if message["k"] in {"program", "state"}]
    entry = program["entry"]
    assert entry["source"] == {"kind": "episode", "id": str(stage.episodes[0]), "number": 1, "of": 6, "title": "Part 1"}
    assert (entry["seq"], entry["offset_ms"], entry["rate"], entry["duration_ms"]) == (1, 0, 1.0, 30_000)
    assert entry["started_at_ms"] >= before_ms + 500
    assert (state["state"], state["at_ms"], state["airing_id"]) == ("drama", entry["started_at_ms"], str(stage.room.airing_id))
    assert state["undo"]["move"] == "start"
    assert AuditEntry.objects.get(action="room.start").actor == HOST


def test_a_season_that_is_not_approved_does_not_air(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """The refusal says what to do, and nothing changed."""
    with in_schema(aurora.schema):
        stage = set_up(aurora, is_approved=False)
        rows, room = count_rows(), stage.room
        with pytest.raises(SeasonNotAirable, match="approve"):
            actions.start_show(room_id=stage.room_id, actor=HOST)
        assert (count_rows(), stage.room, heard(stage.room_id)) == (rows, room, [])


def test_a_room_without_season_does_not_start(aurora: Any) -> None:
    """The refusal names what is missing."""
    with in_schema(aurora.schema):
        room_id = create_room(slug="empty", title="Empty", actor=HOST)
        with pytest.raises(SeasonMissing):
            actions.start_show(room_id=room_id, actor=HOST)
        assert heard(room_id) == []


@pytest.mark.parametrize("move", [actions.end_show, actions.play_next, actions.play_previous, actions.put_up_slate, actions.go_back])
def test_moves_of_a_show_are_refused_before_the_start(stage: Stage, move: Callable[..., None]) -> None:
    """Illegal moves change nothing."""
    rows, room = count_rows(), stage.room
    with pytest.raises(IllegalMove):
        move(room_id=stage.room_id, actor=HOST)
    assert (count_rows(), stage.room, heard(stage.room_id)) == (rows, room, [])


def test_next_and_previous_walk_the_season(stage: Stage) -> None:
    """The next episode starts at its first frame; before the first and after the last there is nothing."""
    actions.start_show(room_id=stage.room_id, actor=HOST)
    with pytest.raises(NoSuchEpisode):
        actions.play_previous(room_id=stage.room_id, actor=HOST)
    for episode_id in stage.episodes[1:]:
        actions.play_next(room_id=stage.room_id, actor=HOST)
        assert (on_air(stage).source.id, on_air(stage).offset_ms) == (episode_id, 0)
    with pytest.raises(NoSuchEpisode):
        actions.play_next(room_id=stage.room_id, actor=HOST)
    actions.play_previous(room_id=stage.room_id, actor=HOST)
    assert on_air(stage).source.id == stage.episodes[-2]


def test_a_looping_room_has_no_last_episode(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """After the last comes the first, and before the first the last."""
    with in_schema(aurora.schema):
        stage = set_up(aurora, is_looping=True)
        actions.start_show(room_id=stage.room_id, actor=HOST)
        actions.play_previous(room_id=stage.room_id, actor=HOST)
        assert on_air(stage).source.id == stage.episodes[-1]
        actions.play_next(room_id=stage.room_id, actor=HOST)
        assert on_air(stage).source.id == stage.episodes[0]


def test_back_goes_on_where_the_slate_interrupted(stage: Stage) -> None:
    """Ten seconds in, slate for five, back: the episode goes on at ten seconds and the lead."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=10)):
        actions.put_up_slate(room_id=stage.room_id, actor=HOST)
        assert stage.room.state == "waiting"
    with clock.frozen(start + timedelta(seconds=15)):
        actions.go_back(room_id=stage.room_id, actor=HOST)
        assert stage.room.state == "drama"
        assert (on_air(stage).source.id, on_air(stage).offset_ms) == (stage.episodes[0], 10_000)
        with pytest.raises(NothingToReturnTo):
            actions.go_back(room_id=stage.room_id, actor=HOST)


def test_an_undone_start_never_was(stage: Stage) -> None:
    """The room is scheduled again, and no replay remains."""
    actions.start_show(room_id=stage.room_id, actor=HOST)
    actions.undo(room_id=stage.room_id, actor=HOST)
    assert (stage.room.state, stage.room.airing_id, stage.room.undo) == ("scheduled", None, None)
    last = heard(stage.room_id)[-1]
    assert (last["k"], last["state"], last["airing_id"], last["undo"]) == ("state", "scheduled", None, None)
    assert (last["revision"], last["at_ms"]) == (stage.room.revision, stage.room.state_since_ms)
    assert list_replays() == []


def test_an_undone_end_goes_on_where_it_stood(stage: Stage) -> None:
    """Within ten seconds the show goes on, in the same airing."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    airing = stage.room.airing_id
    with clock.frozen(start + timedelta(seconds=12)):
        actions.end_show(room_id=stage.room_id, actor=HOST)
        assert stage.room.state == "ended"
    with clock.frozen(start + timedelta(seconds=20)):
        actions.undo(room_id=stage.room_id, actor=HOST)
        assert (stage.room.state, stage.room.airing_id, stage.room.ended_at) == ("drama", airing, None)
        assert on_air(stage).offset_ms == 12_000


def test_after_ten_seconds_nothing_is_taken_back(stage: Stage) -> None:
    """The refusal says so, and nothing changed."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=10, milliseconds=1)):
        rows, room = count_rows(), stage.room
        with pytest.raises(NothingToUndo):
            actions.undo(room_id=stage.room_id, actor=HOST)
        assert (count_rows(), stage.room) == (rows, room)


def test_an_undone_next_returns_to_the_scene(stage: Stage) -> None:
    """A slip of the finger costs the viewers nothing of the story."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=8)):
        actions.play_next(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=11)):
        actions.undo(room_id=stage.room_id, actor=HOST)
        assert (on_air(stage).source.id, on_air(stage).offset_ms) == (stage.episodes[0], 8_000)


def test_an_episode_that_is_not_ready_is_waited_for(aurora: Any, hire: Callable[..., Any]) -> None:
    """A start shows the waiting scene of the first episode while that one is not ready."""
    from tests.dramas.building import make_season
    from tests.rooms.building import kinds as _kinds

    with in_schema(aurora.schema):
        from dramas.seasons.models import Season

        season = make_season(is_ready=False, has_cues=False)
        Season.objects.filter(pk=season.id).update(state="approved")  # the office refuses this; an episode may still vanish later
        room_id = create_room(slug="early", title="Early", season_id=season.id, actor=HOST)
        actions.start_show(room_id=room_id, actor=HOST)
        room = get_room("early")
        entry = list_entries(room.airing_id)[0]
        assert (room.state, entry.source.kind, entry.source.id) == ("waiting", SourceKind.WAITING, season.episodes[0].id)
        assert _kinds(room_id)[:2] == ["program", "state"]


def test_the_lobby_lists_rooms_by_what_they_do(stage: Stage, borealis: Any) -> None:
    """On air, upcoming and replays are apart, and another shop sees none of them."""
    at = clock.now() + timedelta(hours=3)
    later = create_room(slug="later", title="Later", actor=HOST, scheduled_at=at)
    create_room(slug="some-day", title="Some day", actor=HOST)
    actions.start_show(room_id=stage.room_id, actor=HOST)
    assert [room.id for room in list_rooms_on_air()] == [stage.room_id]
    assert [room.slug for room in list_rooms_upcoming()] == ["later", "some-day"]
    assert list_rooms_upcoming()[0].id == later
    with in_schema(borealis.schema):
        assert (list_rooms_on_air(), list_rooms_upcoming(), list_replays()) == ([], [], [])
        with pytest.raises(RoomNotFound):
            get_room(stage.slug)
        with pytest.raises(RoomNotFound):
            actions.end_show(room_id=stage.room_id, actor="thief@borealis.test")
    assert stage.room.state == "drama"


def test_a_room_on_air_is_not_scheduled_again(stage: Stage) -> None:
    """First it has to end."""
    actions.start_show(room_id=stage.room_id, actor=HOST)
    with pytest.raises(IllegalMove):
        schedule_show(room_id=stage.room_id, at=clock.now(), actor=HOST)
    assert (stage.room.state, stage.room.scheduled_at) == ("drama", None)
    assert kinds(stage.room_id).count("state") == 1
