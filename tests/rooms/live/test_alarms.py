"""What the console is alarmed about, and what a drill needs: made of the node's report and of what is on air."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rooms.live.alarms import Alarm, list_alarms
from rooms.live.desk import describe
from rooms.live.drills.prerequisites import Known, check
from rooms.live.errors import DrillNeedsAir, DrillNeedsBackup, DrillNeedsFaultScene, DrillNeedsLine, DrillNeedsNode
from rooms.live.figures import pack_watched, read_watched, sum_up
from rooms.live.messages import Figures
from rooms.program.clock import Entry, Source
from rooms.program.states import SourceKind
from tests.rooms.live.lines import report, sender

BOTH = (sender(), sender("backup", is_on_air=False))
LIVE = Entry(2, Source(SourceKind.LIVE), 1_000, cause="go_live")
BRIDGE = Entry(3, Source(SourceKind.SLATE), 2_000, cause="silence")
EPISODE = Entry(1, Source(SourceKind.EPISODE), 0, 0, 1.0, 30_000)


def kinds(alarms: Sequence[Alarm]) -> list[tuple[str, str]]:
    return [(alarm.kind, alarm.role) for alarm in alarms]


def test_what_is_seen_is_said_of_the_line_that_shows_it() -> None:
    """Black before frozen before silent, the primary before the backup; a line that says nothing is not judged by its last picture."""
    lines = (sender(troubles={"silent": 5_000, "black": 4_000}), sender("backup", is_on_air=False, troubles={"frozen": 3_000}))
    found = list_alarms(report(senders=lines), is_live=True)
    assert kinds(found) == [("black", "primary"), ("frozen", "backup"), ("silent", "primary")]
    assert [alarm.for_ms for alarm in found] == [4_000, 3_000, 5_000]
    gone = (sender(heard_ms=9_000, troubles={"black": 4_000}),)
    assert kinds(list_alarms(report(is_heard=False, senders=gone, silent_ms=9_000), is_live=True)) == [("line_lost", "")]


def test_a_lost_line_and_a_missing_backup_matter_while_the_host_is_live() -> None:
    """Announced, on air, or bridged; a camera that is only tried may come and go."""
    single = report()
    for log, expected in (
        ([EPISODE], []),
        ([EPISODE, LIVE], [("no_backup", "primary")]),
        ([EPISODE, LIVE, BRIDGE], [("no_backup", "primary")]),
        ([EPISODE, replace(LIVE, started_at_ms=9_000)], [("no_backup", "primary")]),
    ):
        assert kinds(describe(single, log, 5_000).alarms) == expected
        assert kinds(describe(None, log, 5_000).alarms) == ([("line_lost", "")] if expected else [])
    assert kinds(describe(report(senders=BOTH), [EPISODE, LIVE], 5_000).alarms) == []
    assert kinds(describe(report(senders=BOTH, recording="disk_full"), [EPISODE], 5_000).alarms) == [("recorder", "")]


NODES = ("n1", "n2")


@pytest.mark.parametrize(
    ("kind", "known", "refusal"),
    [
        ("primary_lost", Known(None, True, True, NODES), DrillNeedsLine),
        ("primary_lost", Known(report(is_heard=False, senders=BOTH), True, True, NODES), DrillNeedsLine),
        ("primary_lost", Known(report(), True, True, NODES), DrillNeedsBackup),
        ("primary_lost", Known(report(senders=(sender(), sender("backup", heard_ms=4_000))), True, True, NODES), DrillNeedsBackup),
        ("primary_lost", Known(report(senders=(sender(is_on_air=False), sender("backup"))), True, True, NODES), DrillNeedsBackup),
        ("primary_lost", Known(report(senders=BOTH), False, False, ()), None),
        ("line_lost", Known(report(), False, True, NODES), DrillNeedsAir),
        ("line_lost", Known(report(), True, False, NODES), DrillNeedsFaultScene),
        ("line_lost", Known(report(), True, True, ()), None),
        ("node_moves", Known(report(), True, True, ("n1",)), DrillNeedsNode),
        ("node_moves", Known(report(), False, False, NODES), None),
    ],
)
def test_a_drill_is_refused_with_what_it_lacks(kind: str, known: Known, refusal: Any) -> None:
    """Each by its own words; rehearsals before a show need no program."""
    if refusal is None:
        check(kind, known)
    else:
        with pytest.raises(refusal):
            check(kind, known)


def figures(**told: Any) -> Figures:
    values = {
        **{"tier": "webrtc", "over_ms": 5_000, "width": 1280, "height": 720, "frames_per_s": 30.0, "freezes": 0, "frozen_ms": 0, "stalls": 0},
        **{"lost_permille": 0, "decode_ms": 4.0, "buffered_ms": 60.0, "round_trip_ms": 20.0},
    }
    return Figures(**(values | told))


def test_the_reports_of_several_processes_make_one_sum() -> None:
    """Means over all viewers, the worst loss, who stopped; what is old or of another release does not count."""
    one = pack_watched(sum_up([figures(), figures(frames_per_s=15.0, freezes=2, lost_permille=40, width=640, height=360)]), 10_000)
    other = pack_watched(sum_up([figures(decode_ms=10.0), figures(tier="llhls", stalls=1)]), 10_500)
    stale = pack_watched(sum_up([figures(), figures()]), 1_000)
    hls, webrtc = read_watched([one, other, stale, b"\x00"], 11_000)
    assert (webrtc.tier, webrtc.viewers, webrtc.frames_per_s, webrtc.decode_ms) == ("webrtc", 3, 25.0, 6.0)
    assert (webrtc.worst_loss_permille, webrtc.stalled, webrtc.sizes) == (40, 1, {"1280x720": 2, "640x360": 1})
    assert (hls.tier, hls.viewers, hls.stalled) == ("llhls", 1, 1)
    assert read_watched([], 0) == ()


def test_sums_do_not_grow_with_what_viewers_claim() -> None:
    """A thousand window sizes are eight."""
    [tier] = sum_up([figures(width=number) for number in range(1_000)])
    assert (tier.viewers, len(tier.sizes)) == (1_000, 8)
