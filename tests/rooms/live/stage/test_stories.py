"""Asking, backstage, on stage, muted, removed: the stories, their refusals, and who is told."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from realtime.rtc.stage import MOST_SOURCES
from rooms.live.stage import actions
from rooms.live.stage.errors import GuestNotFound, GuestNotHeard, KeptOffStage, NotBackstage, QueueFull, StageClosed, StageFull
from rooms.live.stage.models import StageGuest
from rooms.live.stage.queries import find_sender, get_stage
from rooms.live.stage.states import MOST_GUESTS, Standing
from rooms.moderation.actions import ban, mute
from rooms.program.actions import put_up_slate, start_show
from rooms.program.errors import RoomNotFound
from tests.rooms.building import HOST, Stage, count_rows, heard
from tests.rooms.live.lines import tell
from tests.rooms.live.stage.house import ask, bring_backstage, bring_on_stage, go_on_air, lines_of, row_of, told, told_everybody

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = ("room", "stage_guest", "audit_entry", "program_entry")


@pytest.fixture
def stage(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> Any:
    """Live in aurora; borealis has a live room of the same name, with a guest of the same viewer, which nothing here may touch."""
    with in_schema(borealis.schema):
        other = set_up(borealis)
        go_on_air(other)
        bring_on_stage(other, "ann")
        before = (heard(other.room_id), told("ann"), count_rows(*TABLES), get_stage(other.room_id))
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        go_on_air(stage)
        yield stage
    with in_schema(borealis.schema):
        assert (heard(other.room_id), told("ann"), count_rows(*TABLES), get_stage(other.room_id)) == before


def press(stage: Stage, story: Callable[..., None], guest_id: Any) -> None:
    story(room_id=stage.room_id, guest_id=guest_id, actor=HOST)


def test_from_asking_to_the_stage_and_off_it(stage: Stage) -> None:
    """Everybody hears of the waiting by number and of guests by name; the guest hears each step; the audit has them all."""
    guest_id = ask(stage, "ann")
    assert [(message["waiting"], message["guests"]) for message in told_everybody(stage)] == [(1, [])]
    press(stage, actions.invite, guest_id)
    assert told_everybody(stage)[-1]["guests"] == [], "backstage is nobody's business"
    assert "ann" not in str(told_everybody(stage)).lower()
    tell(stage.room_id, lines_of(guest_id))
    press(stage, actions.admit, guest_id)
    shown = {"id": str(guest_id), "nickname": "Ann", "place": 1, "has_picture": True, "is_muted": False, "is_gone": False}
    assert told_everybody(stage)[-1]["guests"] == [shown]
    press(stage, actions.mute_guest, guest_id)
    press(stage, actions.unmute_guest, guest_id)
    press(stage, actions.remove_guest, guest_id)
    assert (told_everybody(stage)[-1]["guests"], told_everybody(stage)[-1]["waiting"]) == ([], 0)
    steps = [(message["own"] or {}).get("standing") for message in told("ann")]
    assert steps == ["asked", "backstage", "on_stage", "on_stage", "on_stage", None]
    assert [message["own"]["is_muted"] for message in told("ann")[2:5]] == [False, True, False]
    assert told("ann")[-1]["ending"] == "removed"
    acts = ["stage.ask", "stage.invite", "stage.admit", "stage.mute", "stage.unmute", "stage.end"]
    audit = AuditEntry.objects.filter(action__startswith="stage.").order_by("at", "id")
    assert list(audit.values_list("action", "actor")) == [(act, "viewer:ann" if act == "stage.ask" else HOST) for act in acts]
    revisions = [message["revision"] for message in told_everybody(stage)]
    assert revisions == sorted(set(revisions))


def test_every_button_may_be_pressed_twice(stage: Stage) -> None:
    """The second time nothing is written, said or audited."""
    guest_id = bring_backstage(stage, "ann")
    tell(stage.room_id, lines_of(guest_id))
    again = [actions.invite, actions.admit, actions.invite, actions.mute_guest, actions.unmute_guest, actions.remove_guest]
    for story in again:
        press(stage, story, guest_id)
        before = (count_rows(), heard(stage.room_id), told("ann"))
        press(stage, story, guest_id)
        assert (count_rows(), heard(stage.room_id), told("ann")) == before, story.__name__
    actions.withdraw(room_id=stage.room_id, viewer_id="ann")
    assert row_of("ann").ending == "removed"


def test_who_asks_twice_waits_once(stage: Stage) -> None:
    """A second request changes the kind alone; afterwards one may ask anew."""
    first = ask(stage, "ann")
    assert ask(stage, "ann", has_picture=False) == first
    assert not row_of("ann").has_picture
    rows = count_rows("stage_guest")
    ask(stage, "ann", has_picture=False)
    assert count_rows("stage_guest") == rows
    actions.withdraw(room_id=stage.room_id, viewer_id="ann")
    assert (row_of("ann").ending, told("ann")[-1]["ending"]) == ("withdrawn", "withdrawn")
    assert ask(stage, "ann") != first
    press(stage, actions.remove_guest, row_of("ann").pk)
    assert row_of("ann").ending == "declined"


def test_nobody_comes_on_stage_while_the_host_is_not_live(stage: Stage) -> None:
    """Neither asking nor letting on works over an episode or a slate, and nothing is written."""
    guest_id = ask(stage, "ann")
    waiting = bring_backstage(stage, "bob")
    put_up_slate(room_id=stage.room_id, actor=HOST)
    with clock.frozen(clock.from_ms(clock.now_ms() + 2_000)):
        before = count_rows()
        with pytest.raises(StageClosed):
            ask(stage, "cid")
        with pytest.raises(StageClosed):
            press(stage, actions.invite, guest_id)
        tell(stage.room_id, lines_of(waiting))
        with pytest.raises(StageClosed):
            press(stage, actions.admit, waiting)
        assert count_rows() == before
        assert not get_stage(stage.room_id).is_open


def test_a_room_that_plays_its_drama_takes_no_requests(aurora: Any, set_up: Callable[..., Stage]) -> None:
    """Before the show, and in its first episode."""
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        with pytest.raises(StageClosed):
            ask(stage, "ann")
        start_show(room_id=stage.room_id, actor=HOST)
        with pytest.raises(StageClosed):
            ask(stage, "ann")


def test_people_who_are_muted_or_banned_stay_off(stage: Stage) -> None:
    """At asking, and again at the invitation; nobody is told anything."""
    waiting = ask(stage, "dora")
    mute(room_id=stage.room_id, viewer_id="ann", for_s=60, actor=HOST)
    ban(viewer_id="bob", actor=HOST)
    mute(room_id=stage.room_id, viewer_id="dora", for_s=60, actor=HOST)
    before, said = count_rows(), told_everybody(stage)
    for viewer in ("ann", "bob"):
        with pytest.raises(KeptOffStage):
            ask(stage, viewer)
    with pytest.raises(KeptOffStage):
        press(stage, actions.invite, waiting)
    assert (count_rows(), told_everybody(stage)) == (before, said)


def test_the_host_sees_before_everybody_does(stage: Stage) -> None:
    """Straight from the queue, or before anything arrives, nobody is let on."""
    guest_id = ask(stage, "ann")
    with pytest.raises(NotBackstage):
        press(stage, actions.admit, guest_id)
    with pytest.raises(NotBackstage):
        press(stage, actions.mute_guest, guest_id)
    press(stage, actions.invite, guest_id)
    for told_by_node in (None, lines_of(), lines_of(new_id()), lines_of(guest_id, heard_ms=9_000)):
        tell(stage.room_id, told_by_node or lines_of())
        with pytest.raises(GuestNotHeard):
            press(stage, actions.admit, guest_id)
    assert row_of("ann").standing == Standing.BACKSTAGE


def test_the_stage_and_its_queue_are_bounded(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are taken from the first free one; whoever leaves frees theirs; the media plane has room for all and the host's two."""
    assert MOST_GUESTS + 2 <= MOST_SOURCES
    guests = [bring_backstage(stage, f"guest{number}") for number in range(MOST_GUESTS)]
    late = ask(stage, "late")
    with pytest.raises(StageFull):
        press(stage, actions.invite, late)
    press(stage, actions.remove_guest, guests[1])
    press(stage, actions.invite, late)
    assert [guest.place for guest in get_stage(stage.room_id).guests] == [1, 2, 3, 4]
    assert row_of("late").place == 2
    monkeypatch.setattr(actions, "MOST_WAITING", 2)
    ask(stage, "w1"), ask(stage, "w2")
    with pytest.raises(QueueFull):
        ask(stage, "w3")


def test_the_database_itself_keeps_the_stage_in_order(stage: Stage) -> None:
    """Two on one place, a viewer twice, a sender without a place, an end without a reason: none of them can be written."""
    row = StageGuest.objects.get(pk=bring_backstage(stage, "ann"))
    common = {"room_id": stage.room_id, "nickname": "X", "has_picture": True, "asked_at": clock.now()}
    for wrong in (
        {"viewer_id": "ann", "standing": "asked"},
        {"viewer_id": "bob", "standing": "backstage", "place": row.place},
        {"viewer_id": "bob", "standing": "on_stage"},
        {"viewer_id": "bob", "standing": "on_stage", "place": MOST_GUESTS + 1},
        {"viewer_id": "bob", "standing": "asked", "place": 2},
        {"viewer_id": "bob", "standing": "asked", "is_muted": True},
        {"viewer_id": "bob", "standing": "over", "ended_at": clock.now()},
        {"viewer_id": "bob", "standing": "asked", "ending": "gone"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            StageGuest.objects.create(**common, **wrong)


def test_only_who_is_invited_may_send(stage: Stage) -> None:
    """Not who waits, not who was removed, not by an empty name."""
    guest_id = ask(stage, "ann")
    assert find_sender(stage.room_id, viewer_id="ann") is None
    press(stage, actions.invite, guest_id)
    for found in (find_sender(stage.room_id, viewer_id="ann"), find_sender(stage.room_id, guest_id=str(guest_id))):
        assert found is not None
        assert found.id == guest_id
    assert find_sender(stage.room_id) is None
    press(stage, actions.remove_guest, guest_id)
    assert find_sender(stage.room_id, viewer_id="ann") is None


def test_guests_of_another_shop_or_room_do_not_exist(stage: Stage, borealis: Any, set_up: Callable[..., Stage], aurora: Any) -> None:
    """By their ids, for every button."""
    with in_schema(borealis.schema):
        foreign = StageGuest.objects.get().pk
    with in_schema(aurora.schema):
        elsewhere = set_up(aurora, slug="elsewhere")
        go_on_air(elsewhere)
        neighbour = ask(elsewhere, "zoe")
        for story in (actions.invite, actions.admit, actions.mute_guest, actions.unmute_guest, actions.remove_guest):
            for guest_id in (foreign, neighbour, new_id()):
                with pytest.raises(GuestNotFound):
                    press(stage, story, guest_id)
        with pytest.raises(RoomNotFound):
            actions.ask(room_id=new_id(), viewer_id="ann", nickname="Ann", has_picture=True)
