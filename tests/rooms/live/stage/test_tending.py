"""Guests whose line dies, who come back, who nobody answers; and the end of live."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from realtime.rtc.names import RoomName
from realtime.rtc.placement import placement_key
from realtime.rtc.relay import queue_key
from realtime.rtc.requests import CloseLine, MuteLine, decode_envelope
from rooms.live.stage import actions
from rooms.live.stage.queries import get_stage
from rooms.live.stage.states import Standing
from rooms.live.stage.tending import ANSWERED_WITHIN, RETURNS_WITHIN
from rooms.moderation.actions import ban, mute
from rooms.program.actions import bridge_silence, go_back
from rooms.program.air import client
from rooms.program.lineup import get_lineup
from rooms.program.steps import lock_room
from tests.dramas.building import count_queries
from tests.rooms.building import HOST, Stage, count_rows, heard
from tests.rooms.live.stage.house import LONG_AGO, ask, bring_backstage, bring_on_stage, go_on_air, lines_of, row_of, told, told_everybody

pytestmark = pytest.mark.django_db(transaction=True)
A_SECOND = timedelta(seconds=1)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        stage = set_up(aurora)
        go_on_air(stage)
        client().hset(placement_key(RoomName.of(aurora.schema, stage.room_id)), mapping={"node": "n1", "generation": 1})
        yield stage


def tend(stage: Stage, report: Any, *, after: timedelta = timedelta()) -> None:
    with clock.frozen(clock.now() + after):
        actions.tend_stage(room_id=stage.room_id, report=report)


def orders() -> list[Any]:
    """What the node was told, oldest first."""
    return [decode_envelope(data).request for data in client().lrange(queue_key("n1"), 0, -1)]


def test_a_guest_whose_line_dies_is_shown_as_gone_and_may_come_back(stage: Stage) -> None:
    """Gone at once, back when heard, and each is said once."""
    guest_id = bring_on_stage(stage, "ann")
    said = len(told_everybody(stage))
    tend(stage, lines_of(guest_id, heard_ms=LONG_AGO))
    assert told_everybody(stage)[-1]["guests"][0]["is_gone"]
    tend(stage, lines_of(), after=RETURNS_WITHIN - A_SECOND)
    assert len(told_everybody(stage)) == said + 1
    tend(stage, lines_of(guest_id), after=RETURNS_WITHIN - A_SECOND)
    assert not told_everybody(stage)[-1]["guests"][0]["is_gone"]
    assert row_of("ann").standing == Standing.ON_STAGE


@pytest.mark.parametrize("report", [lines_of(), None], ids=["silent", "no node"])
def test_who_does_not_come_back_is_removed(stage: Stage, report: Any) -> None:
    """After half a minute, also when the node died; the place is free, and the guest's page knows why."""
    bring_on_stage(stage, "ann")
    tend(stage, report)
    tend(stage, report, after=RETURNS_WITHIN + A_SECOND)
    assert (row_of("ann").ending, row_of("ann").place, told("ann")[-1]["ending"]) == ("gone", None, "gone")
    assert told_everybody(stage)[-1]["guests"] == []


def test_an_invitation_that_nobody_follows_lapses(stage: Stage) -> None:
    """Backstage without ever sending."""
    bring_backstage(stage, "ann")
    tend(stage, lines_of(), after=RETURNS_WITHIN - A_SECOND)
    assert row_of("ann").standing == Standing.BACKSTAGE
    tend(stage, lines_of(), after=RETURNS_WITHIN + A_SECOND)
    assert row_of("ann").ending == "gone"


def test_a_request_that_nobody_answers_lapses(stage: Stage) -> None:
    """After ten minutes."""
    ask(stage, "ann")
    tend(stage, lines_of(), after=ANSWERED_WITHIN - A_SECOND)
    assert row_of("ann").standing == Standing.ASKED
    tend(stage, lines_of(), after=ANSWERED_WITHIN + A_SECOND)
    assert (row_of("ann").ending, told_everybody(stage)[-1]["waiting"]) == ("expired", 0)


def test_the_return_to_the_drama_sends_everybody_off(stage: Stage) -> None:
    """Not before the cut is made; their lines are closed on the node; the room hears of it once, however many they were."""
    guests = [bring_on_stage(stage, "ann"), bring_backstage(stage, "bob"), ask(stage, "cid")]
    with clock.frozen(clock.now() + 2 * A_SECOND):
        go_back(room_id=stage.room_id, actor=HOST)
        tend(stage, lines_of(*guests[:2]))
        assert len(get_stage(stage.room_id).guests) == 2, "the host is still live for a moment"
        said = len(told_everybody(stage))
        tend(stage, lines_of(*guests[:2]), after=A_SECOND)
    assert [row_of(viewer).ending for viewer in ("ann", "bob", "cid")] == ["live_over"] * 3
    assert {order.line for order in orders() if isinstance(order, CloseLine)} == {f"guest-{guest}" for guest in guests[:2]}
    assert [message["guests"] for message in told_everybody(stage)[said:]] == [[]]
    assert [told(viewer)[-1]["ending"] for viewer in ("ann", "bob", "cid")] == ["live_over"] * 3


def test_a_host_whose_line_is_bridged_keeps_the_guests(stage: Stage) -> None:
    """The fault scene is no end of live: they are there when the host returns."""
    guest_id = bring_on_stage(stage, "ann")
    with clock.frozen(clock.now() + 2 * A_SECOND):
        with transaction.atomic():
            room = lock_room(stage.room_id)
            bridge_silence(room=room, lineup=get_lineup(room.season_id), scene=None, at_ms=clock.now_ms() + 700)
        tend(stage, lines_of(guest_id), after=2 * A_SECOND)
    assert row_of("ann").standing == Standing.ON_STAGE


def test_a_muted_or_banned_guest_is_sent_off(stage: Stage) -> None:
    """Moderation reaches the stage."""
    guests = [bring_on_stage(stage, "ann"), bring_backstage(stage, "bob"), bring_on_stage(stage, "cid")]
    mute(room_id=stage.room_id, viewer_id="ann", for_s=600, actor=HOST)
    ban(viewer_id="bob", actor=HOST)
    tend(stage, lines_of(*guests))
    assert [row_of(viewer).ending for viewer in ("ann", "bob", "cid")] == ["removed", "removed", ""]


def test_the_node_is_told_again_what_it_did_not_hear(stage: Stage) -> None:
    """A mute that got lost, and a sender who is no guest."""
    guest_id = bring_on_stage(stage, "ann")
    actions.mute_guest(room_id=stage.room_id, guest_id=guest_id, actor=HOST)
    assert orders() == [MuteLine(f"guest-{guest_id}", True)]
    tend(stage, lines_of(guest_id, is_muted=True))
    assert len(orders()) == 1
    tend(stage, lines_of(guest_id))
    assert orders()[1:] == [MuteLine(f"guest-{guest_id}", True)]
    client().delete(queue_key("n1"))
    actions.remove_guest(room_id=stage.room_id, guest_id=guest_id, actor=HOST)
    tend(stage, lines_of(guest_id, "stray"))
    assert orders() == [CloseLine(f"guest-{guest_id}"), CloseLine(f"guest-{guest_id}"), CloseLine("guest-stray")]


def test_a_stage_in_order_is_left_alone(stage: Stage) -> None:
    """One query for an empty one; no word and no row for a full one."""
    assert count_queries(lambda: actions.tend_stage(room_id=stage.room_id, report=lines_of())) == 1
    guest_id = bring_on_stage(stage, "ann")
    before = (count_rows(), heard(stage.room_id))
    tend(stage, lines_of(guest_id))
    assert (count_rows(), heard(stage.room_id)) == before
