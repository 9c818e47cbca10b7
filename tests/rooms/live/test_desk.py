"""The line's numbers on the console's socket, viewers' figures on theirs, and the camera's filter."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from merchants.accounts.models import User
from merchants.foundation import clock
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.cards.actions import pin_product, refresh_bag
from rooms.cards.queries import get_bag
from rooms.live import desks, samples
from rooms.live.actions import go_live, set_filter
from rooms.live.errors import FiltersBarred
from rooms.live.models import WatchSample
from rooms.live.statistics import list_minutes, list_tiers
from rooms.program import actions
from rooms.program.air import mirror
from rooms.program.clock import interrupted_episode
from rooms.program.lineup import get_lineup
from rooms.program.models import Room
from rooms.program.queries import list_last_entries
from rooms.program.steps import lock_room
from tests.rooms.building import HOST, Stage
from tests.rooms.director.test_office import post
from tests.rooms.live.lines import report, sender, tell
from tests.rooms.phone import in_shop, phones

pytestmark = pytest.mark.django_db(transaction=True)

FIGURES = {
    **{"tier": "webrtc", "over_ms": 5_000, "width": 720, "height": 1280, "frames_per_s": 29.5, "freezes": 1, "frozen_ms": 400, "stalls": 0},
    **{"lost_permille": 3, "decode_ms": 4.5, "buffered_ms": 80.0, "round_trip_ms": 30.0},
}
SENDING = {
    **{"captured_per_s": 30, "encoded_per_s": 30, "encode_ms": 7.5, "send_ms": 1.5, "kbits_per_s": 1500, "lost_permille": 2},
    **{"width": 1280, "height": 720, "limited_by": "none", "round_trip_ms": 25.0},
}


def live_stage(shop: Any, stage: Stage) -> None:
    """Needs: the shop's schema. The host is on air."""
    actions.start_show(room_id=stage.room_id, actor=HOST)
    tell(stage.room_id)
    go_live(room_id=stage.room_id, actor=HOST)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        live_stage(aurora, stage)
    return stage


@pytest.fixture
def staff(aurora: Any, hire: Callable[..., Any]) -> dict[str, str]:
    """Role to id."""
    return {role: str(hire(aurora, role).pk) for role in ("host", "moderator", "editor")}


@pytest.fixture
def their_host(borealis: Any, hire: Callable[..., Any]) -> str:
    return str(hire(borealis, "host").pk)


@pytest.fixture
def other(borealis: Any, set_up: Callable[..., Stage]) -> Stage:
    """Live in the other shop."""
    other = set_up(borealis)
    with in_schema(borealis.schema):
        live_stage(borealis, other)
    return other


def keep_telling(shop: Any, stage: Stage, **told: Any) -> "asyncio.Task[None]":
    """As a node does."""

    async def run() -> None:
        while True:
            await in_shop(shop, lambda: tell(stage.room_id, report(**told)))
            await asyncio.sleep(0.4)

    return asyncio.create_task(run())


async def test_staff_hear_the_numbers_every_second_and_shoppers_never(
    aurora: Any, stage: Stage, staff: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Host and moderator on their own sockets; a shopper, a forged role and a dismissed one do not."""
    host, moderator, editor = staff.values()
    monkeypatch.setattr(desks, "ASK_AGAIN_S", 0.5)
    telling = keep_telling(aurora, stage, senders=(sender(troubles={"black": 2_500}, width=1280, height=720),))
    await asyncio.sleep(1)  # the cut has happened
    async with phones(aurora, stage, host, moderator, editor, role="host") as (desk, other, forged), phones(aurora, stage, "ann") as (ann,):
        assert (await forged.send("desk.watch"))["code"] == "forbidden"
        assert (await ann.send("desk.watch"))["code"] == "forbidden"
        assert (await desk.send("desk.watch"))["k"] == "ack"
        assert (await other.send("desk.watch"))["k"] == "ack"
        shown = await desk.until(lambda message: message["k"] == "desk" and message["live"]["lines"] != [])
        assert (shown["live"]["is_heard"], shown["live"]["lines"][0]["width"], shown["allows_filters"]) == (True, 1280, True)
        assert [(alarm["kind"], alarm["role"]) for alarm in shown["live"]["alarms"]] == [("black", "primary"), ("no_backup", "primary")]
        first_at = shown["at_ms"]
        later = await desk.until(lambda message: message["k"] == "desk" and message["at_ms"] > first_at + 1_500)
        assert later["at_ms"] - first_at < 10_000
        await other.of_kind("desk")
        await in_shop(aurora, lambda: User.objects.filter(pk=moderator).update(role="finance"))
        await asyncio.sleep(2.5)
        heard = len([message for message in other.got if message["k"] == "desk"])
        await asyncio.sleep(1.5)
        assert len([message for message in other.got if message["k"] == "desk"]) == heard
        assert not [message for phone in (ann, forged) for message in phone.got if message["k"] == "desk"]
    telling.cancel()


async def test_viewers_figures_reach_the_console_and_the_statistics(
    aurora: Any, borealis: Any, stage: Stage, other: Stage, staff: dict[str, str], their_host: str
) -> None:
    """Of those who watch the host on air, in their own shop; staff's own screens are no audience, wrong numbers are refused."""
    await asyncio.sleep(1)  # the cuts have happened
    async with phones(aurora, stage, staff["host"], role="host") as (desk,), phones(aurora, stage, "ann", "bob") as (ann, bob):
        async with phones(borealis, other, "ann") as (foreign,), phones(borealis, other, their_host, role="host") as (theirs,):
            await theirs.send("desk.watch")
            assert (await foreign.send("live.figures", **FIGURES | {"width": 99}))["k"] == "ack"
            told = await theirs.until(lambda message: message["k"] == "desk" and message["audience"] != [])
            assert told["audience"][0]["sizes"] == {"99x1280": 1}
        await desk.send("desk.watch")
        for phone in (ann, bob, desk):
            assert (await phone.send("live.figures", **FIGURES))["k"] == "ack"
        for wrong in ({"width": -1}, {"frames_per_s": 1e9}, {"tier": "carrier pigeon"}, {"name": "Ann"}):
            assert (await bob.send("live.figures", **FIGURES | wrong))["code"] == "message_invalid"
        shown = await desk.until(lambda message: message["k"] == "desk" and message["audience"] != [])
        [tier] = shown["audience"]
        assert (tier["tier"], tier["viewers"], tier["frames_per_s"], tier["stalled"], tier["sizes"]) == ("webrtc", 2, 29.5, 2, {"720x1280": 2})
        assert (await ann.send("live.sending", line="primary", figures=SENDING))["code"] == "forbidden"
        assert (await desk.send("live.sending", line="primary", figures=SENDING))["code"] == "forbidden", "it sends no line"
        codes = [(await ann.send("live.figures", **FIGURES)).get("code") for _ in range(6)]
        assert "rate_limited" in codes or "too_many_requests" in codes, codes
    await in_shop(aurora, samples.waiting.drain)
    await in_shop(aurora, samples.waiting.drain)

    def check() -> None:
        airing = stage.room.airing_id
        assert set(WatchSample.objects.values_list("viewer_id", flat=True)) == {"ann", "bob"}
        [quality] = list_tiers(airing)
        assert (quality.viewers, quality.frames_per_s, quality.frozen_permille, quality.sizes[0][0]) == (2, 29.5, 80, "720×1280")
        assert list_minutes(airing)[0].viewers == 2
        with clock.frozen(clock.now() + samples.KEPT + timedelta(minutes=1)):
            assert samples.sweep() > 0
        assert not WatchSample.objects.exists()

    await in_shop(aurora, check)
    assert await in_shop(borealis, samples.waiting.drain) == 1


async def test_figures_of_a_line_that_nobody_should_watch_are_not_kept(aurora: Any, stage: Stage) -> None:
    """The episode is back on air: acknowledged, and forgotten."""
    await in_shop(aurora, lambda: actions.go_back(room_id=stage.room_id, actor=HOST))
    await asyncio.sleep(1)
    async with phones(aurora, stage, "ann") as (ann,):
        assert (await ann.send("live.figures", **FIGURES))["k"] == "ack"
    assert await in_shop(aurora, samples.waiting.drain) == 0


def test_a_filter_is_noted_with_the_product_and_refused_where_it_is_barred(
    aurora: Any, borealis: Any, enter: Callable[..., Any], set_up: Any
) -> None:
    """On and off, by whom, for which product; the office switches it off for a room, which open consoles hear of."""
    stage, other = set_up(aurora), set_up(borealis)
    host = enter(aurora, "host")
    path = f"/api/v1/console/{stage.slug}/filter"
    with in_schema(aurora.schema):
        actions.start_show(room_id=stage.room_id, actor=HOST)
        refresh_bag(room_id=stage.room_id)
        product_id = get_bag(stage.room_id).product_ids[0]
        pin_product(room_id=stage.room_id, product_id=product_id, actor=HOST)
    assert host.post(path, {"is_on": True}, content_type="application/json").json()["allows_filters"] is True
    with in_schema(aurora.schema):
        noted = AuditEntry.objects.get(action="live.filter")
        assert (noted.details["is_on"], noted.details["product"], noted.actor) == ("yes", str(product_id), "host@aurora.localhost.test")
        Room.objects.filter(pk=stage.room_id).update(allows_filters=False)
    refused = host.post(path, {"is_on": True}, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "filters_barred")
    assert host.post(path, {"is_on": False}, content_type="application/json").json()["allows_filters"] is False
    assert host.post(path, {"is_on": "perhaps"}, content_type="application/json").status_code == 422
    assert enter(aurora, "moderator").post(path, {"is_on": False}, content_type="application/json").status_code == 403
    with in_schema(aurora.schema):
        assert [entry.details["is_on"] for entry in AuditEntry.objects.filter(action="live.filter").order_by("id")] == ["yes", "no"]
        with pytest.raises(FiltersBarred, match="show things as they are"):
            set_filter(room_id=stage.room_id, actor=HOST, is_on=True)
    with in_schema(borealis.schema):
        set_filter(room_id=other.room_id, actor=HOST, is_on=True)
        assert AuditEntry.objects.filter(action="live.filter").count() == 1


def test_the_office_bars_filters_and_open_consoles_hear_of_it(aurora: Any, stage: Stage, enter: Any) -> None:
    """Without the box the room allows none; the mirror that consoles are told from has another revision, so that no process keeps the old."""
    with in_schema(aurora.schema):
        before = mirror(stage.room_id)
    saved = post(enter(aurora, "editor"), f"/admin/rooms/room/{stage.room_id}/change/", title="Friday", season="")
    assert saved.status_code == 302
    with in_schema(aurora.schema):
        after = mirror(stage.room_id)
    assert (before.allows_filters, after.allows_filters, after.revision > before.revision) == (True, False, True)


def test_a_fault_scene_repeated_for_an_hour_loses_no_place(aurora: Any, stage: Stage) -> None:
    """Beyond the entries that are usually read, the interrupted episode and its position are still known."""
    with in_schema(aurora.schema):
        before = interrupted_episode(list_last_entries(stage.room.airing_id), clock.now_ms() + 2_000)
        assert before is not None
        lineup, at_ms = get_lineup(stage.season.id), clock.now_ms() + 1_000
        for number in range(40):
            with transaction.atomic():
                actions.bridge_silence(room=lock_room(stage.room_id), lineup=lineup, scene=lineup.slots[5], at_ms=at_ms + number * 30_000)
        log = list_last_entries(stage.room.airing_id)
        after = interrupted_episode(log, at_ms + 41 * 30_000)
        assert (after.source, after.to_ms) == (before.source, before.to_ms)
        assert len(log) < 50
