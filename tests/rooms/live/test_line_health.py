"""What the director makes of the host's line, in simulated time."""

from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.rtc.overview import Overview
from rooms.director.plan import SILENCE_MS, Bridge, Line, ReturnToLine, Scene, decide
from rooms.live.health import STALE_MS, LineWatch
from rooms.live.queries import STEADY_MS, is_steady
from rooms.program.clock import Entry, Source, current_entry
from rooms.program.lineup import Lineup, Slot
from rooms.program.states import SourceKind, State
from rooms.program.steps import LEAD_MS
from tests.rooms.live.lines import report

EPISODE, SCENE = Slot(UUID(int=1), 1, "One", 30_000, True), Slot(UUID(int=9), 2, "Back in a moment", 8_000, True)
LINEUP = Lineup((EPISODE, SCENE), is_airable=True)
LIVE = Entry(2, Source(SourceKind.LIVE), 1_000, cause="go_live")
BRIDGE = Entry(3, Source(SourceKind.EPISODE, SCENE.episode_id), 10_000, 0, 1.0, SCENE.duration_ms, "silence")
SLATE = Entry(3, Source(SourceKind.SLATE), 10_000, cause="silence")
HEARD = Line(silent_since_ms=None, is_steady=True)


def scene(*log: Entry, **fields: object) -> Scene:
    return replace(Scene(state=State.LIVE, log=log, lineup=LINEUP, is_looping=False, fault_scene=SCENE), **fields)


def test_two_seconds_of_silence_on_air_bring_the_fault_scene() -> None:
    """Not a millisecond before, and looked for at that very moment."""
    silent = scene(LIVE, line=Line(silent_since_ms=5_000))
    early = decide(silent, 5_000 + SILENCE_MS - 1)
    assert (early.steps, early.look_again_ms) == ((), 5_000 + SILENCE_MS)
    assert decide(silent, 5_000 + SILENCE_MS).steps == (Bridge(scene=SCENE, at_ms=5_000 + SILENCE_MS + LEAD_MS),)
    assert decide(scene(LIVE, line=HEARD), 500_000).steps == ()


def test_a_line_that_was_silent_before_gets_its_two_seconds_on_air() -> None:
    """A cut to a line that has died meanwhile."""
    silent = scene(LIVE, line=Line(silent_since_ms=0))
    assert decide(silent, LIVE.started_at_ms + SILENCE_MS - 1).steps == ()
    assert len(decide(silent, LIVE.started_at_ms + SILENCE_MS).steps) == 1


def test_without_an_approved_and_ready_scene_the_slate_bridges() -> None:
    """None chosen, not ready, not approved."""
    for fields in (
        {"fault_scene": None},
        {"fault_scene": replace(SCENE, is_ready=False)},
        {"lineup": replace(LINEUP, is_airable=False)},
    ):
        assert decide(scene(LIVE, line=Line(0), **fields), 9_000).steps == (Bridge(scene=None, at_ms=9_000 + LEAD_MS),)


def test_nothing_is_decided_about_a_line_that_nobody_listens_to() -> None:
    """Valkey does not answer: live stays on air."""
    assert decide(scene(LIVE, line=None), 900_000).steps == ()


def test_the_line_returns_where_the_scene_ends() -> None:
    """Heard long enough or not is asked at the last moment."""
    bridged = scene(LIVE, BRIDGE, state=State.FAULT, line=HEARD)
    ends = BRIDGE.ends_at_ms
    assert decide(bridged, ends - LEAD_MS - 1).steps == ()
    assert decide(bridged, ends - LEAD_MS).steps == (ReturnToLine(at_ms=ends),)
    assert decide(replace(bridged, line=Line(0)), ends - LEAD_MS).steps == (Bridge(scene=SCENE, at_ms=ends),)
    assert decide(replace(bridged, line=Line(None, is_steady=False)), ends - LEAD_MS).steps == (Bridge(scene=SCENE, at_ms=ends),)


def test_from_the_slate_the_line_returns_once_it_can_be_trusted() -> None:
    """A slate has no end to wait for."""
    bridged = scene(LIVE, SLATE, state=State.FAULT, line=Line(None, is_steady=False))
    assert decide(bridged, 20_000).steps == ()
    assert decide(replace(bridged, line=HEARD), 20_000).steps == (ReturnToLine(at_ms=20_000 + LEAD_MS),)


def test_a_fault_of_another_kind_waits_for_the_host() -> None:
    """The slate over a vanished episode does not turn into live."""
    assert decide(scene(LIVE, replace(SLATE, cause="fail"), state=State.FAULT, line=HEARD), 900_000).steps == ()


def test_silence_counts_from_the_last_report_that_heard_the_line() -> None:
    """Reports end with the node; one that is read twice is one."""
    watch, last = LineWatch(), report(steady_ms=1)
    watch.note(last, 1_000)
    assert watch.silent_since_ms is None
    watch.note(last, 1_000 + STALE_MS)
    assert watch.silent_since_ms is None
    watch.note(last, 1_001 + STALE_MS)
    assert watch.silent_since_ms == 1_000
    watch.note(None, 9_000)
    assert watch.silent_since_ms == 1_000
    watch.note(report(steady_ms=2), 9_500)
    assert watch.silent_since_ms is None
    watch.note(report(is_heard=False), 10_000)
    assert watch.silent_since_ms == 9_500


def test_silence_counts_from_the_last_packet_as_far_as_the_node_knows_it() -> None:
    """Not from the report that says so, which is told at once but read a moment later; read twice it is one report."""
    watch, silent = LineWatch(), report(is_heard=False, silent_ms=350)
    watch.note(report(steady_ms=1), 1_000)
    watch.note(silent, 1_500)
    assert watch.silent_since_ms == 1_150
    watch.note(silent, 1_650)
    assert watch.silent_since_ms == 1_150
    watch.note(report(is_heard=False, silent_ms=900), 2_050)
    assert watch.silent_since_ms == 1_150
    watch.note(report(is_heard=False, silent_ms=60_000), 2_100)
    assert watch.silent_since_ms == 1_150, "it was heard after that"


def test_the_fault_scene_stands_within_two_seconds_of_the_last_packet() -> None:
    """The node tells of silence after 0.3 s and at once; the leader asks every 0.15 s and decides at the very moment."""
    assert SILENCE_MS + LEAD_MS <= 1_900


def test_a_new_leader_counts_from_its_first_look() -> None:
    """It knows nothing of before, and does not pull a line off air for that."""
    watch = LineWatch()
    watch.note(None, 70_000)
    assert watch.silent_since_ms == 70_000


def test_a_line_is_steady_after_five_seconds_without_a_pause() -> None:
    """As the node measured it."""
    assert not is_steady(None)
    assert not is_steady(report(steady_ms=STEADY_MS - 1))
    assert is_steady(report(steady_ms=STEADY_MS))
    assert not is_steady(report(steady_ms=STEADY_MS, is_heard=False))


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 90_000), st.integers(300, 20_000)), max_size=6), st.booleans())
def test_whatever_the_line_does_no_silence_stays_on_air_and_the_line_comes_back(outages: list[tuple[int, int]], has_scene: bool) -> None:
    """A simulated hour of flapping: never more than three seconds of silence on air, and live again in the end."""
    log, watch, steady_since, state = [LIVE], LineWatch(), 0, State.LIVE
    silent_on_air = worst = 0
    for now in range(1_000, 130_000, 100):
        is_dead = any(start <= now < start + length for start, length in outages)
        steady_since = now if is_dead else steady_since
        if now % 500 == 0:
            told: Overview | None = report(is_heard=not is_dead, steady_ms=now - steady_since)
            watch.note(told, now)
        line = Line(watch.silent_since_ms, is_steady=watch.silent_since_ms is None and now - steady_since >= STEADY_MS)
        for step in decide(scene(*log, state=state, line=line, fault_scene=SCENE if has_scene else None), now).steps:
            assert step.at_ms >= now + 500
            if isinstance(step, Bridge):
                source = Source(SourceKind.EPISODE, SCENE.episode_id) if step.scene else Source(SourceKind.SLATE)
                log.append(Entry(len(log) + 2, source, step.at_ms, 0, 1.0, SCENE.duration_ms if step.scene else None, "silence"))
                state = State.FAULT
            else:
                log.append(Entry(len(log) + 2, Source(SourceKind.LIVE), step.at_ms, cause="heard"))
                state = State.LIVE
        shown = current_entry(log, now)
        silent_on_air = silent_on_air + 100 if is_dead and shown.source.kind == SourceKind.LIVE else 0
        worst = max(worst, silent_on_air)
    assert worst <= SILENCE_MS + LEAD_MS + 600
    assert current_entry(log, 140_000).source.kind == SourceKind.LIVE
