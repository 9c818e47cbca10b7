"""The stage on the room's socket, without a media node: who is answered what, and who hears of it."""

from collections.abc import Callable
from typing import Any

import pytest

from merchants.foundation.tenancy import in_schema
from rooms.live.stage import actions
from rooms.live.stage.models import StageGuest
from rooms.moderation.actions import mute
from rooms.program.actions import start_show
from tests.rooms.building import HOST, Stage, some_viewer
from tests.rooms.live.lines import tell
from tests.rooms.live.stage.house import bring_backstage, bring_on_stage, go_on_air, lines_of
from tests.rooms.phone import in_shop, phones

pytestmark = pytest.mark.django_db(transaction=True)
SDP = "v=0 nobody reads this"


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        go_on_air(stage)
    return stage


@pytest.fixture
def other(borealis: Any, set_up: Callable[..., Stage]) -> Stage:
    """The live room of the same address in the other shop."""
    other = set_up(borealis)
    with in_schema(borealis.schema):
        go_on_air(other)
    return other


@pytest.fixture
def drama(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    """On air with its first episode."""
    drama = set_up(aurora, slug="drama")
    with in_schema(aurora.schema):
        start_show(room_id=drama.room_id, actor=HOST)
    return drama


async def test_asking_is_answered_and_everybody_sees_that_somebody_waits(aurora: Any, borealis: Any, stage: Stage, other: Stage) -> None:
    """The standing goes to who asked alone, and survives another socket; the other shop's room of the same name hears nothing."""
    async with phones(aurora, stage, "ann", "bob") as (ann, bob), phones(borealis, other, "ann") as (foreign,):
        answer = await ann.send("stage.ask", has_picture=False)
        assert (answer["k"], answer["own"]["standing"], answer["own"]["has_picture"]) == ("stage.mine", "asked", False)
        assert (await bob.of_kind("guests"))["waiting"] == 1
        await in_shop(aurora, actions.invite, room_id=stage.room_id, guest_id=answer["own"]["guest_id"], actor=HOST)
        told = await ann.until(lambda message: message["k"] == "stage.mine" and (message["own"] or {}).get("standing") == "backstage")
        assert told["room_id"] == str(stage.room_id)
        looked = await ann.send("stage.look")
        assert looked["own"] == told["own"]
        assert (await bob.send("stage.look"))["own"] is None
        assert (await ann.send("stage.withdraw"))["k"] == "ack"
        await ann.until(lambda message: message["k"] == "stage.mine" and message.get("ending") == "withdrawn")
        assert not [message for message in bob.got if message["k"] == "stage.mine" and "ref" not in message]
        assert not [message for message in foreign.got if message["k"] in {"guests", "stage.mine"}]
        assert (await foreign.send("stage.look"))["own"] is None


async def test_asking_again_and_again_is_refused(aurora: Any, stage: Stage) -> None:
    """Over all sockets of a person; the refusal says when to try again."""
    async with phones(aurora, stage, "ann") as (one,), phones(aurora, stage, "ann") as (two,):
        for phone in (one, two, one, two, one):
            assert (await phone.send("stage.ask", has_picture=True))["k"] == "stage.mine"
            await phone.send("stage.withdraw")
        refused = await two.send("stage.ask", has_picture=True)
        assert (refused["code"], refused["params"]["retry_after_s"] > 0) == ("stage_too_often", True)
    assert await in_shop(aurora, StageGuest.objects.count) == 5


async def test_who_may_not_ask_is_told_why(aurora: Any, stage: Stage, drama: Stage) -> None:
    """Muted people, staff, and everybody while the drama plays; malformed messages too. No row is written."""
    await in_shop(aurora, mute, room_id=stage.room_id, viewer_id="ann", for_s=60, actor=HOST)
    async with phones(aurora, stage, "ann") as (ann,), phones(aurora, stage, "lin", role="host") as (lin,), phones(aurora, drama, "bob") as (bob,):
        assert (await ann.send("stage.ask", has_picture=True))["code"] == "kept_off_stage"
        assert (await lin.send("stage.ask", has_picture=True))["code"] == "forbidden"
        assert (await bob.send("stage.ask", has_picture=True))["code"] == "stage_closed"
        assert (await ann.send("stage.ask"))["code"] == "message_invalid"
        assert (await ann.send("stage.ask", has_picture="yes"))["code"] == "message_invalid"
    assert await in_shop(aurora, StageGuest.objects.count) == 0


async def test_nobody_sends_or_watches_who_was_not_let(aurora: Any, borealis: Any, stage: Stage, other: Stage) -> None:
    """Not invited, still waiting, the host's line, a line backstage, a line of another shop, a session of somebody else."""
    backstage = await in_shop(aurora, bring_backstage, stage=stage, viewer="ann", has_picture=False)
    on_stage = await in_shop(aurora, bring_on_stage, stage=stage, viewer="dora")
    foreign = await in_shop(borealis, bring_on_stage, stage=other, viewer="eve")
    async with phones(aurora, stage, "ann", "bob") as (ann, bob), phones(aurora, stage, some_viewer(), role="host") as (former,):
        await bob.send("stage.ask", has_picture=True)
        for phone, kind, fields, code in (
            (bob, "stage.publish", {"sdp": SDP}, "not_invited"),
            (ann, "live.publish", {"sdp": SDP, "line": "primary"}, "forbidden"),
            (ann, "stage.publish", {"sdp": SDP + "\r\nm=video 9"}, "sending_forbidden"),
            (ann, "stage.publish", {"sdp": SDP}, "no_node"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host", str(backstage)], "session": "x"}, "line_not_for_you"),
            (ann, "stage.watch", {"sdp": SDP, "lines": ["host", str(backstage)], "session": "x"}, "line_not_for_you"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host", str(foreign)], "session": "x"}, "line_not_for_you"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host", "guest-x"], "session": "x"}, "line_not_for_you"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host", str(on_stage)], "session": "of-somebody"}, "peer_unknown"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host"]}, "peer_unknown"),
            (bob, "stage.watch", {"sdp": SDP, "lines": ["host"] * 9, "session": "x"}, "message_invalid"),
            (bob, "stage.watch", {"sdp": SDP, "lines": [], "session": "x"}, "message_invalid"),
        ):
            assert (await phone.send(kind, **fields)).get("code") == code, (kind, fields, code)
        dismissed = await former.send("stage.watch", sdp=SDP, lines=[str(backstage)])
        assert dismissed["code"] == "line_not_for_you", "a ticket says who somebody was when the page was opened"


async def test_over_the_drama_no_guest_is_watched(aurora: Any, drama: Stage) -> None:
    """Also with a session at hand: the gate of the host's line is the guests' too."""
    async with phones(aurora, drama, "bob") as (bob,):
        assert (await bob.send("stage.watch", sdp=SDP, lines=["host"], session="x"))["code"] == "not_live"


async def test_the_snapshot_of_a_late_joiner_has_the_stage(aurora: Any, stage: Stage) -> None:
    """Guests and one's own standing, each viewer's own."""
    guest_id = await in_shop(aurora, bring_on_stage, stage=stage, viewer="ann")
    await in_shop(aurora, tell, room_id=stage.room_id, overview=lines_of(guest_id))
    async with phones(aurora, stage, "ann", "bob") as (ann, bob):
        mine, theirs = await ann.of_kind("snapshot"), await bob.of_kind("snapshot")
        assert mine["own_stage"] == {"guest_id": str(guest_id), "standing": "on_stage", "has_picture": True, "is_muted": False}
        assert theirs["own_stage"] is None
        assert [guest["id"] for guest in theirs["guests"]] == [str(guest_id)]
