"""The console's line on the real road: alarms of a program that sends by WHIP, numbers across two web processes, and drills."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.embedded.processes import die_with_parent
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from realtime.rtc.engine import Description
from rooms.live.drills import performer
from rooms.live.grants import sign_grant
from rooms.live.models import Drill
from rooms.program import actions
from rooms.program.models import Room
from tests.dramas.building import approve, report_ready
from tests.leaks.server import Server
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Peers, until
from tests.rooms.building import HOST, Stage
from tests.rooms.live.road import Road, ffmpeg_command
from tests.rooms.live.test_desk import FIGURES, SENDING
from tests.rooms.phone import Phone, in_shop, phones

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SCENE_MS = 20_000  # the shortest that the profile allows


@pytest.fixture
def stage(aurora: Any, borealis: Any, set_up: Callable[..., Stage], hire: Callable[..., Any]) -> Stage:
    """On air, with a short fault scene; the other shop has the same room."""
    set_up(borealis)
    stage = set_up(aurora, is_approved=False)
    with in_schema(aurora.schema):
        report_ready(stage.episodes[5], source="b", duration_ms=SCENE_MS)
        approve(stage.season.id, hire(aurora, "reviewer", "second-reviewer@shop.test"))
        Room.objects.filter(pk=stage.room_id).update(fault_episode_id=stage.episodes[5])
        actions.start_show(room_id=stage.room_id, actor=HOST)
    return stage


@pytest.fixture
def host(aurora: Any, key_of: Callable[..., Any]) -> tuple[Any, str]:
    """Cookie and id."""
    return key_of(aurora, "host")


async def test_alarms_of_a_whip_line_and_viewers_of_another_process_reach_the_console(
    road: Road, aurora: Any, stage: Stage, host: tuple[Any, str], cast: Peers, tmp_path: Path
) -> None:
    """FFmpeg sends black and silence through the node; the console sits at another web process than the viewers and the sender."""
    key, host_id = host
    await road.node()
    (tmp_path / "second").mkdir()
    second = Server(tmp_path / "second", {})
    _, grant = await road.press(aurora, stage, "live/token", key, line="primary")
    command = [
        part.replace("testsrc2=size=320x192:rate=20", "color=black:size=320x192:rate=20") for part in ffmpeg_command(grant["url"], grant["token"])
    ]
    command = [part.replace("sine=frequency=440:sample_rate=48000", "anullsrc=sample_rate=48000") for part in command]
    process = await asyncio.create_subprocess_exec(*command, preexec_fn=die_with_parent(), stdin=asyncio.subprocess.DEVNULL, env=road.studio)
    try:
        await road.until_live_shows(aurora, stage, key, lambda live: live["is_heard"])
        began = time.monotonic()
        assert (await road.press(aurora, stage, "go-live", key))[0] == 200
        await asyncio.to_thread(second.wait)
        near, far = Road(tmp_path, road.server), Road(tmp_path, second)
        async with far.phone(aurora, stage, host_id, role="host") as desk, near.phone(aurora, stage, "ann") as ann:
            assert (await desk.send("desk.watch"))["k"] == "ack"
            alarmed = await desk.of_kind("desk", lambda told: {"black", "silent"} <= {alarm["kind"] for alarm in told["live"]["alarms"]})
            took_s = time.monotonic() - began
            assert all(alarm["role"] == "primary" for alarm in alarmed["live"]["alarms"])
            assert took_s < 60, "on a slow machine; what it takes otherwise is written in the README"
            assert (await ann.send("live.figures", **FIGURES))["k"] == "ack"
            crowd = await desk.of_kind("desk", lambda told: told["audience"])
            assert (crowd["audience"][0]["viewers"], crowd["live"]["lines"][0]["width"]) == (1, 320)
            await desk.publish(cast.publisher(), Film(), Tone(), line="backup")
            assert (await desk.send("live.sending", line="backup", figures=SENDING))["k"] == "ack"
            told = await desk.of_kind("desk", lambda told: told["sending"])
            assert (told["sending"][0]["line"], told["sending"][0]["figures"]["encode_ms"]) == ("backup", 7.5)
            await desk.of_kind("desk", lambda told: told is not alarmed and "no_backup" not in {alarm["kind"] for alarm in told["live"]["alarms"]})
            assert not [message for message in ann.got if message["k"] == "desk"]
    finally:
        second.stop()
        if process.returncode is None:
            process.kill()
        await asyncio.wait_for(process.wait(), 10)


async def drill(shop: Any, desk: Phone, kind: str) -> Drill:
    """Begin one and wait for its report."""
    answer = await desk.send("desk.drill", failure=kind)
    assert answer["k"] == "ack", answer
    deadline = time.monotonic() + 90
    while True:
        found = await in_shop(shop, lambda: Drill.objects.filter(kind=kind).first())
        if found.state != Drill.State.RUNNING:
            return found
        assert time.monotonic() < deadline, kind
        await asyncio.sleep(0.3)


async def test_each_failure_is_really_rehearsed_and_reported(
    road: Road, aurora: Any, borealis: Any, stage: Stage, host: tuple[Any, str], cast: Peers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup takes over, the fault scene comes and goes, the line follows to another node: what viewers saw agrees with the report.

    Before that each is refused for what it lacks, and nothing has happened.
    """
    key, host_id = host
    monkeypatch.setattr(performer, "REPORTS_S", 1.0)
    node = await road.node()
    road.director()
    async with road.phone(aurora, stage, host_id, role="host") as sender, phones(aurora, stage, host_id, role="host") as (desk,):
        assert (await desk.send("desk.drill", failure="primary_lost"))["code"] == "drill_needs_line"
        await sender.publish(cast.publisher(), Film(), Tone())
        await road.until_live_shows(aurora, stage, key, lambda live: live["is_heard"])
        assert (await desk.send("desk.drill", failure="primary_lost"))["code"] == "drill_needs_backup"
        assert (await desk.send("desk.drill", failure="line_lost"))["code"] == "drill_needs_air"
        assert (await desk.send("desk.drill", failure="fire"))["code"] == "message_invalid"
        async with phones(aurora, stage, "ann") as (ann,):
            assert (await ann.send("desk.drill", failure="primary_lost"))["code"] == "forbidden"
        assert not await in_shop(aurora, Drill.objects.exists)
        await sender.publish(cast.publisher(), Film(is_bright=False), Tone(), line="backup")
        assert (await road.press(aurora, stage, "go-live", key))[0] == 200
        await road.until_live_shows(aurora, stage, key, lambda live: len(live["lines"]) == 2)
        await asyncio.sleep(1)
        viewer = await watching(road, aurora, stage, cast)
        began = time.monotonic()
        first = await drill(aurora, desk, "primary_lost")
        assert (first.state, first.verdict, [step["code"] for step in first.steps]) == (
            "passed",
            "passed",
            ["primary_dropped", "backup_on_air", "primary_on_air"],
        )
        assert first.gap_ms > 200
        assert abs(viewer.longest_gap_s(since=began) - first.gap_ms / 1000) < 0.5
        assert not all(is_bright for at, _, is_bright in viewer.pictures[0] if at > began), "the backup was seen"

        second = await drill(aurora, desk, "line_lost")
        assert (second.verdict, [step["code"] for step in second.steps]) == ("passed", ["line_dropped", "scene_on_air", "line_on_air"]), second.steps
        assert second.fault_ms < second.back_ms
        assert second.back_ms >= second.fault_ms + SCENE_MS - 100, "where the scene ends"

        await road.node()
        node_drill = asyncio.create_task(drill(aurora, desk, "node_moves"))
        await asyncio.sleep(1)
        assert (await desk.send("desk.drill", failure="node_moves"))["code"] == "drill_runs"
        await sender.publish(cast.publisher(), Film(), Tone())  # as the console's page does by itself
        third = await node_drill
        assert (third.verdict in {"passed", "move_slow"}, third.back_ms > 0) == (True, True), third.verdict
        shown = await road.look(aurora, stage, key, "state")
        assert (shown["drill"]["kind"], shown["drill"]["verdict"]) == ("node_moves", third.verdict)
        node.kill()
        audit = await in_shop(aurora, lambda: list(AuditEntry.objects.filter(action="live.drill").values_list("details", flat=True)))
        assert sorted(entry["kind"] for entry in audit) == ["line_lost", "node_moves", "primary_lost"]
    assert not await in_shop(borealis, Drill.objects.exists)


async def watching(road: Road, shop: Any, stage: Stage, cast: Peers) -> Any:
    """A program that watches by WHEP."""
    token = sign_grant(shop.schema, room_id=stage.room_id, slug=stage.slug, role="viewer")
    viewer = cast.viewer()
    status, headers, sdp = await road.offer(shop, f"/whep/{stage.slug}/", token, await viewer.offer("video"))
    assert status == 201, sdp
    await viewer.take(Description(headers["location"].rpartition("/")[2], "answer", sdp))
    await viewer.sees(10)
    await until(lambda: viewer.pictures[0][-1][2], what="the primary's bright pictures")
    return viewer
