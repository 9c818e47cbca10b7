"""A leader that has nothing to do asks one question a look, and still misses nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import F

from dramas.seasons.actions import CueDraft, add_cue
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.director.actions import direct
from rooms.director.models import CueFiring
from rooms.director.plan import Line
from rooms.director.recall import FRESH_MS, Recall
from rooms.program import actions
from rooms.program.models import Room
from rooms.program.queries import list_entries
from tests.dramas.building import ACTOR, count_queries
from tests.rooms.building import HOST, Stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        yield set_up(aurora)


@pytest.fixture
def start(stage: Stage) -> datetime:
    """The show begins."""
    began = clock.now()
    with clock.frozen(began):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    return began


def settled(stage: Stage, at: datetime) -> Recall:
    """A leader's that has done what was due, and has found nothing more."""
    recall = Recall()
    look(stage, recall, at)
    look(stage, recall, at)
    return recall


def look(stage: Stage, recall: Recall, at: datetime, line: Line | None = None) -> int:
    with clock.frozen(at):
        return direct(room_id=stage.room_id, recall=recall, line=line)


def test_a_quiet_look_is_one_query(stage: Stage, start: datetime) -> None:
    """The room's row; the rest every other second."""
    at = start + timedelta(seconds=12)
    recall = settled(stage, at)
    assert count_queries(lambda: look(stage, recall, at + timedelta(milliseconds=FRESH_MS - 1))) == 1
    assert count_queries(lambda: look(stage, recall, at + timedelta(milliseconds=FRESH_MS))) > 1


def test_with_a_recall_the_show_is_the_same(stage: Stage, start: datetime) -> None:
    """Looks twice a second through a whole season: each cue once, each episode where the one before ends."""
    recall = Recall()
    for half_seconds in range(2 * 195):
        look(stage, recall, start + timedelta(seconds=half_seconds / 2))
    entries = list_entries(stage.room.airing_id)
    shown = [entry for entry in entries if entry.source.id]
    assert [entry.source.id for entry in shown] == stage.episodes
    assert [entry.ends_at_ms for entry in shown[:-1]] == [entry.started_at_ms for entry in shown[1:]]
    assert CueFiring.objects.count() == 6
    assert max(CueFiring.objects.values_list("late_ms", flat=True)) < 500
    assert stage.room.state == "replay"


def test_a_hand_on_the_program_is_seen_at_the_next_look(stage: Stage, start: datetime) -> None:
    """The host goes on; the card of that episode is fired in its time."""
    at = start + timedelta(seconds=12)
    recall = settled(stage, at)
    with clock.frozen(at):
        actions.play_next(room_id=stage.room_id, actor=HOST)
    began_ms = list_entries(stage.room.airing_id)[-1].started_at_ms
    due_ms = look(stage, recall, at + timedelta(milliseconds=100))
    look(stage, recall, clock.from_ms(began_ms + 5_100))
    assert due_ms <= clock.to_ms(at) + 600
    assert CueFiring.objects.filter(program_seq=list_entries(stage.room.airing_id)[-1].seq).count() == 1


def test_any_change_of_the_row_is_seen(stage: Stage, start: datetime) -> None:
    """Also one that is no revision, such as a room that loops from now on."""
    at = start + timedelta(seconds=12)
    recall = settled(stage, at)
    Room.objects.filter(pk=stage.room_id).update(is_looping=~F("is_looping"))
    assert count_queries(lambda: look(stage, recall, at)) > 1


def test_what_the_seasons_people_do_is_seen_in_time(stage: Stage, start: datetime) -> None:
    """A cue put into the episode on air changes nothing in the room's row; its effect comes when the scene is read anew."""
    at = start + timedelta(seconds=12)
    recall = settled(stage, at)
    (card,) = list_cues(stage.episodes[0])
    add_cue(actor=ACTOR, episode_id=stage.episodes[0], draft=CueDraft(at_ms=12_000, duration_ms=5_000, product_id=card.product_id))
    look(stage, recall, at + timedelta(milliseconds=FRESH_MS - 1))
    assert CueFiring.objects.count() == 1
    look(stage, recall, at + timedelta(milliseconds=FRESH_MS))
    assert CueFiring.objects.count() == 2


def test_the_line_is_what_is_heard_now(stage: Stage) -> None:
    """It is never kept: one look may hear the host, the next one not."""
    recall, room = Recall(), Room.objects.get(pk=stage.room_id)
    silent = Line(silent_since_ms=7)
    assert recall.scene_of(room, None).line is None
    assert recall.scene_of(room, silent).line == silent
    assert recall.scene_of(room, None).line is None
