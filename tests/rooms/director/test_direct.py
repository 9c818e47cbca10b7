"""The director's story on a real room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dramas.seasons.actions import edit_episode
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.director.actions import direct, fire_cue, take_lead
from rooms.director.models import CueFiring
from rooms.director.queries import list_rooms_to_lead
from rooms.program import actions
from rooms.program.errors import LeadLost
from rooms.program.queries import get_replay, list_entries, list_replays
from rooms.program.schedule import schedule_show
from rooms.program.steps import LEAD_MS
from tests.dramas.building import ACTOR, approve
from tests.rooms.building import HOST, Stage, heard, kinds

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        yield set_up(aurora)


def play(stage: Stage, start: Any, seconds: float, *, step_s: float = 1.0) -> None:
    """Let the director look every `step_s` of simulated time."""
    at = 0.0
    while at < seconds:
        at += step_s
        with clock.frozen(start + timedelta(seconds=at)):
            direct(room_id=stage.room_id)


def test_a_season_plays_through_and_becomes_a_replay(stage: Stage) -> None:
    """Six episodes without a gap, each cue's effect once, then the end, and ten seconds later the replay."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    play(stage, start, 195)
    entries = list_entries(stage.room.airing_id)
    shown = [entry for entry in entries if entry.source.id]
    assert [entry.source.id for entry in shown] == stage.episodes
    assert [entry.ends_at_ms for entry in shown[:-1]] == [entry.started_at_ms for entry in shown[1:]]
    assert CueFiring.objects.count() == 6
    assert stage.room.state == "replay"
    states = [message["state"] for message in heard(stage.room_id) if message["k"] == "state"]
    assert states == ["drama"] * 6 + ["ended", "replay"]
    replay = get_replay(stage.slug)
    assert (replay.duration_ms, [span.source.id for span in replay.spans]) == (180_000, stage.episodes)
    assert list_rooms_to_lead() == []


def test_directing_twice_does_nothing_twice(stage: Stage) -> None:
    """Two directors at the same moment write one entry and one firing."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=27)):
        direct(room_id=stage.room_id)
        told = heard(stage.room_id)
        direct(room_id=stage.room_id)
        assert heard(stage.room_id) == told
        assert (CueFiring.objects.count(), len(list_entries(stage.room.airing_id))) == (1, 2)


def test_a_deposed_director_writes_nothing(stage: Stage) -> None:
    """Its generation is over: the room's row refuses it."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    old, new = take_lead(room_id=stage.room_id), take_lead(room_id=stage.room_id)
    with clock.frozen(start + timedelta(seconds=27)):
        with pytest.raises(LeadLost):
            direct(room_id=stage.room_id, generation=old)
        assert (CueFiring.objects.count(), len(list_entries(stage.room.airing_id))) == (0, 1)
        direct(room_id=stage.room_id, generation=new)
        assert (CueFiring.objects.count(), len(list_entries(stage.room.airing_id))) == (1, 2)


def test_cues_of_a_leaderless_minute_are_made_up_for(stage: Stage) -> None:
    """The moment was on every screen; the server's part comes late, says how late, and comes once."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=60)):
        direct(room_id=stage.room_id)
        firing = CueFiring.objects.get()
        assert firing.position_ms == 5_000
        assert firing.late_ms == 60_000 - LEAD_MS - 5_000


def test_a_scheduled_room_starts_by_itself_at_its_time(stage: Stage) -> None:
    """To the moment, once; a start that was taken back is not repeated."""
    at = clock.now() + timedelta(hours=1)
    schedule_show(room_id=stage.room_id, at=at, actor=HOST)
    assert list_rooms_to_lead() == []
    with clock.frozen(at - timedelta(milliseconds=LEAD_MS)):
        assert list_rooms_to_lead() == [stage.room_id]
        direct(room_id=stage.room_id)
        assert stage.room.state == "drama"
        assert list_entries(stage.room.airing_id)[0].started_at_ms == clock.to_ms(at)
        actions.undo(room_id=stage.room_id, actor=HOST)
    with clock.frozen(at + timedelta(seconds=2)):
        direct(room_id=stage.room_id)
        assert (stage.room.state, list_rooms_to_lead()) == ("scheduled", [])


def test_an_unapproved_season_does_not_start_by_itself(aurora: Any, set_up: Callable[..., Stage], hire: Callable[..., Any]) -> None:
    """It starts when the approval comes, also late."""
    with in_schema(aurora.schema):
        stage = set_up(aurora, is_approved=False)
        at = clock.now()
        schedule_show(room_id=stage.room_id, at=at, actor=HOST)
        with clock.frozen(at + timedelta(seconds=1)):
            direct(room_id=stage.room_id)
            assert (stage.room.state, kinds(stage.room_id)) == ("scheduled", ["state"])
        approve(stage.season.id, hire(aurora, "owner"))
        with clock.frozen(at + timedelta(seconds=2)):
            direct(room_id=stage.room_id)
            assert stage.room.state == "drama"


def test_an_edit_on_air_holds_the_next_episode_until_it_is_approved_again(stage: Stage, aurora: Any, hire: Callable[..., Any]) -> None:
    """The waiting scene comes up by itself, and the show goes on by itself."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    edit_episode(actor=ACTOR, episode_id=stage.episodes[2], changes={"title": "Another title"})
    play(stage, start, 32)
    assert stage.room.state == "waiting"
    with clock.frozen(start + timedelta(seconds=40)):
        approve(stage.season.id, hire(aurora, "owner"))
    assert stage.room.state == "drama"
    assert list_entries(stage.room.airing_id)[-1].source.id == stage.episodes[1]


def test_a_scheduled_room_after_a_replay_keeps_the_replay(stage: Stage) -> None:
    """The room is free for the next show, and the last one stays in the lobby."""
    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    with clock.frozen(start + timedelta(seconds=12)):
        actions.end_show(room_id=stage.room_id, actor=HOST)
        assert list_replays() == []
    with clock.frozen(start + timedelta(seconds=23)):
        direct(room_id=stage.room_id)
        schedule_show(room_id=stage.room_id, at=None, actor=HOST)
        assert stage.room.state == "scheduled"
        assert [replay.slug for replay in list_replays()] == [stage.slug]
        actions.start_show(room_id=stage.room_id, actor=HOST)
        assert stage.room.state == "drama"


def test_a_cue_fired_by_hand_raises_its_card(stage: Stage) -> None:
    """Everybody sees it, with the cue's own duration."""
    from dramas.seasons.queries import list_cues

    start = clock.now()
    with clock.frozen(start):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    cue = list_cues(stage.episodes[0])[0]
    with clock.frozen(start + timedelta(seconds=3)):
        fire_cue(room_id=stage.room_id, cue_id=cue.id, actor=HOST)
    card = heard(stage.room_id)[-1]["card"]
    assert (card["product_id"], card["cue_id"], card["expires_at_ms"] - card["raised_at_ms"]) == (str(cue.product_id), str(cue.id), 10_000)
