"""The office's page about a room's line, and drills as stories."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.live.actions import go_live
from rooms.live.drills.actions import LONGEST, Report, begin_drill, end_drill
from rooms.live.errors import DrillNeedsBackup, DrillNeedsFaultScene, DrillRuns
from rooms.live.models import Drill, WatchSample
from rooms.program import actions
from rooms.program.errors import RoomNotFound
from rooms.program.models import Room
from tests.rooms.building import HOST, Stage
from tests.rooms.live.lines import report, sender, tell

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = (sender(), sender("backup", is_on_air=False))


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    """Live on air, with a backup."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        actions.start_show(room_id=stage.room_id, actor=HOST)
        tell(stage.room_id, report(senders=BOTH))
        go_live(room_id=stage.room_id, actor=HOST)
    return stage


def watch(stage: Stage, viewer: str, **told: Any) -> None:
    values = {
        **{"airing_id": stage.room.airing_id, "viewer_id": viewer, "at": clock.now(), "tier": "webrtc", "over_ms": 5_000, "width": 720},
        **{"height": 1280, "frames_per_s": 30.0, "freezes": 0, "frozen_ms": 0, "stalls": 0, "lost_permille": 0, "decode_ms": 4.0},
        **{"buffered_ms": 60.0, "round_trip_ms": 20.0},
    }
    WatchSample.objects.create(**(values | told))


def test_the_office_shows_what_viewers_saw_and_how_drills_went(
    aurora: Any, borealis: Any, stage: Stage, set_up: Callable[..., Stage], enter: Callable[..., Any]
) -> None:
    """In words and as CSV; another shop's show, room and viewers stand nowhere."""
    other = set_up(borealis)
    with in_schema(borealis.schema):
        actions.start_show(room_id=other.room_id, actor=HOST)
        watch(other, "viewer-of-borealis")
    with in_schema(aurora.schema):
        for minute in range(3):
            watch(stage, "ann", at=clock.now() + timedelta(minutes=minute))
        watch(stage, "bob", frames_per_s=12.0, freezes=2, frozen_ms=900, lost_permille=30, tier="llhls")
        tell(stage.room_id, report(senders=BOTH))  # a slow machine may have let the first one grow old
        begun = begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)
        steps = [{"code": "primary_dropped", "at_ms": 0}, {"code": "backup_on_air", "at_ms": 410}]
        end_drill(drill_id=begun.drill_id, report=Report("backup_slow", False, steps, gap_ms=1_400))
    editor = enter(aurora, "editor")
    page = editor.get(f"/office/lines/{stage.slug}/").content.decode()
    for word in ("Low-latency HLS", "Direct (WebRTC)", "Backup on air", "0.4 s", "1.40 s", "stand still for more than a second", "<path"):
        assert word in page, word
    chinese = editor.get(f"/office/lines/{stage.slug}/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "低延迟 HLS" in chinese
    rows = editor.get(f"/office/lines/{stage.slug}/viewers.csv").content.decode().splitlines()
    assert rows == [
        "viewer_id,tier,watched_ms,width,height,frames_per_s,freezes,frozen_ms,stalls,lost_permille",
        "ann,webrtc,15000,720,1280,30.0,0,0,0,0.0",
        "bob,llhls,5000,720,1280,12.0,2,900,0,30.0",
    ]
    with in_schema(borealis.schema):
        foreign = other.room.airing_id
    for path in (f"/office/lines/{stage.slug}/?show={foreign}", "/office/lines/nowhere/", f"/office/lines/{stage.slug}/viewers.csv?show={foreign}"):
        assert editor.get(path).status_code == 404, path
    assert enter(aurora, "finance").get(f"/office/lines/{stage.slug}/").status_code == 404
    theirs = enter(borealis, "editor").get(f"/office/lines/{other.slug}/viewers.csv").content.decode()
    assert "viewer-of-borealis" in theirs
    assert "ann" not in theirs


def test_one_drill_at_a_time_and_a_lost_one_does_not_block_the_next(aurora: Any, borealis: Any, stage: Stage) -> None:
    """What a process took with it is given up after four minutes; a report is written once; the other shop has no such room."""
    with in_schema(aurora.schema):
        first = begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)
        rows = (Drill.objects.count(), AuditEntry.objects.count())
        with pytest.raises(DrillRuns):
            begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)
        assert (Drill.objects.count(), AuditEntry.objects.count()) == rows
        Drill.objects.filter(pk=first.drill_id).update(created_at=clock.now() - LONGEST - timedelta(seconds=1))
        second = begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)
        watch(stage, "ann", frozen_ms=640, at=clock.now() + timedelta(seconds=1))
        end_drill(drill_id=second.drill_id, report=Report("passed", True, gap_ms=300))
        end_drill(drill_id=second.drill_id, report=Report("backup_slow", False))
        end_drill(drill_id=new_id(), report=Report("passed", True))
        found = {drill.pk: drill for drill in Drill.objects.all()}
        assert (found[first.drill_id].state, found[first.drill_id].verdict) == ("broken", "process_lost")
        ended = found[second.drill_id]
        assert (ended.state, ended.verdict, ended.gap_ms, ended.viewers, ended.viewers_frozen_ms) == ("passed", "passed", 300, 1, 640)
        assert [entry.details.get("verdict") for entry in AuditEntry.objects.filter(action="live.drill.end")] == ["passed"]
    with in_schema(borealis.schema), pytest.raises(RoomNotFound):
        begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)


def test_what_is_missing_is_said_and_nothing_happens(stage: Stage, aurora: Any) -> None:
    """No scene, a scene that is no longer approved, no backup."""
    with in_schema(aurora.schema), clock.frozen(clock.now() + timedelta(seconds=1)):  # the cut has happened
        with pytest.raises(DrillNeedsFaultScene, match="Choose one with the room in the office"):
            begin_drill(room_id=stage.room_id, kind="line_lost", actor=HOST)
        tell(stage.room_id, report())
        with pytest.raises(DrillNeedsBackup, match="second source"):
            begin_drill(room_id=stage.room_id, kind="primary_lost", actor=HOST)
        Room.objects.filter(pk=stage.room_id).update(fault_episode_id=stage.episodes[2])
        assert begin_drill(room_id=stage.room_id, kind="line_lost", actor=HOST).scene_ms == 30_000
        assert Drill.objects.count() == 1
