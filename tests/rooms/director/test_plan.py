"""What the director decides, in simulated time."""

from dataclasses import replace
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from dramas.seasons.queries import CueView
from rooms.director.plan import AHEAD_MS, ANNOUNCE_MS, SAME_MS, Close, End, Fault, Fire, Scene, Show, Start, decide
from rooms.preparation.queries import Expected
from rooms.program.clock import Entry, Source, as_run
from rooms.program.lineup import Lineup, Slot
from rooms.program.states import SourceKind, State
from rooms.program.steps import LEAD_MS

EPISODES = [UUID(int=number) for number in range(1, 4)]
LENGTH_MS = 30_000


def lineup(*, ready: int = 3, is_airable: bool = True) -> Lineup:
    slots = tuple(Slot(episode, number, f"Part {number}", LENGTH_MS, number <= ready) for number, episode in enumerate(EPISODES, 1))
    return Lineup(slots=slots, is_airable=is_airable)


def playing(number: int = 1, *, at: int = 0, seq: int = 1, offset: int = 0) -> Entry:
    return Entry(seq, Source(SourceKind.EPISODE, EPISODES[number - 1]), at, offset, 1.0, LENGTH_MS)


def waiting(number: int) -> Entry:
    return Entry(1, Source(SourceKind.WAITING, EPISODES[number - 1]), 0)


def scene(*log: Entry, **fields: object) -> Scene:
    return replace(Scene(state=State.DRAMA, log=log, lineup=lineup(), is_looping=False), **fields)


def cue(at_ms: int, number: int = 1, name: int = 0) -> CueView:
    return CueView(UUID(int=1000 + name or at_ms), EPISODES[number - 1], "card", at_ms, 5_000, {}, None)


def test_the_next_episode_is_announced_ahead_and_starts_at_the_frame() -> None:
    """Four seconds before the end, for exactly the end."""
    assert decide(scene(playing()), LENGTH_MS - ANNOUNCE_MS - 1).steps == ()
    (step,) = decide(scene(playing()), LENGTH_MS - ANNOUNCE_MS).steps
    assert (step.slot.number, step.at_ms, step.cause) == (2, LENGTH_MS, "advance")
    assert decide(scene(playing(), playing(2, at=LENGTH_MS, seq=2)), LENGTH_MS - 10).steps == ()


def test_a_late_director_still_announces_ahead_of_time() -> None:
    """After a minute without a leader the next episode starts half a second and more from now."""
    (step,) = decide(scene(playing()), 90_000).steps
    assert step.at_ms == 90_000 + LEAD_MS >= 90_500


def test_the_waiting_scene_is_the_last_resort() -> None:
    """An episode that is not ready may become so until the last moment; then it is waited for, and played once it is there."""
    unready = scene(playing(), lineup=lineup(ready=1))
    assert decide(unready, LENGTH_MS - LEAD_MS - 1).steps == ()
    (step,) = decide(unready, LENGTH_MS - LEAD_MS).steps
    assert (step.slot.number, step.at_ms) == (2, LENGTH_MS)
    waits = scene(waiting(2), state=State.WAITING, lineup=lineup(ready=1))
    assert decide(waits, 5_000).steps == ()
    (step,) = decide(replace(waits, lineup=lineup(ready=2)), 5_000).steps
    assert (step.slot.number, step.at_ms, step.cause) == (2, 5_000 + LEAD_MS, "ready")


def test_nothing_new_airs_without_approval() -> None:
    """An edit on air takes the approval back: what plays plays on, what would follow waits."""
    edited = scene(playing(), lineup=lineup(is_airable=False))
    assert decide(edited, 10_000).steps == ()
    (step,) = decide(edited, LENGTH_MS - LEAD_MS).steps
    assert isinstance(step, Show)
    assert decide(scene(waiting(2), state=State.WAITING, lineup=lineup(is_airable=False)), 5_000).steps == ()


def test_after_the_last_episode_the_show_ends_or_loops() -> None:
    """A looping room goes on with the first one, without a gap."""
    (step,) = decide(scene(playing(3)), LENGTH_MS - LEAD_MS).steps
    assert step == End(at_ms=LENGTH_MS)
    (step,) = decide(scene(playing(3), is_looping=True), LENGTH_MS - LEAD_MS).steps
    assert (step.slot.number, step.at_ms) == (1, LENGTH_MS)


def test_a_slate_stays_until_a_hand_takes_it_away() -> None:
    """So does a fault's slate."""
    slate = Entry(2, Source(SourceKind.SLATE), 5_000)
    for state in (State.WAITING, State.FAULT):
        assert decide(scene(playing(), slate, state=state), 500_000).steps == ()


def test_an_episode_that_vanished_on_air_is_a_fault() -> None:
    """The slate comes up, and the host decides."""
    gone = Entry(1, Source(SourceKind.EPISODE, UUID(int=99)), 0, 0, 1.0, LENGTH_MS)
    assert decide(scene(gone), 5_000).steps == (Fault(),)


def test_scheduled_rooms_start_and_ended_ones_close_at_their_time() -> None:
    """Not a millisecond before."""
    scheduled = scene(state=State.SCHEDULED, start_at_ms=1_000)
    assert (decide(scheduled, 999).steps, decide(scheduled, 1_000).steps) == ((), (Start(),))
    assert decide(scheduled, 999).look_again_ms == 1_000
    assert decide(scene(state=State.SCHEDULED), 10**12).steps == ()
    ended = scene(playing(), state=State.ENDED, close_at_ms=1_000)
    assert (decide(ended, 999).steps[-1:], decide(ended, 1_000).steps[-1:]) == ((), (Close(),))


def test_a_cue_fires_for_the_span_that_shows_it() -> None:
    """Due cues come in order and before the step that changes the program; those that a cut skipped never fire."""
    slate = Entry(2, Source(SourceKind.SLATE), 8_000)
    cues = {EPISODES[0]: [cue(5_000, name=1), cue(2_000, name=2), cue(9_000, name=3)]}
    found = [step for step in decide(scene(playing(), slate, cues=cues, state=State.WAITING), 60_000).steps if isinstance(step, Fire)]
    assert [(fire.cue.at_ms, fire.due_ms) for fire in found] == [(2_000, 2_000), (5_000, 5_000)]


@settings(max_examples=80)
@given(
    st.lists(st.integers(0, LENGTH_MS - 1), max_size=6, unique=True),
    st.lists(st.tuples(st.integers(0, 120_000), st.sampled_from(["slate", "back", "next"])), max_size=5),
    st.lists(st.tuples(st.integers(0, 120_000), st.integers(0, 8_000)), max_size=3),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_no_cue_is_lost_or_doubled_whatever_hands_and_crashes_do(
    cue_times: list[int], hands: list[tuple[int, str]], outages: list[tuple[int, int]], is_looping: bool, random: Random
) -> None:
    """Simulated shows: hosts cut in, directors die for seconds. In the end each cue has fired once for each span that showed it."""
    cues = {episode: [cue(at, number, 100 * number + place) for place, at in enumerate(cue_times)] for number, episode in enumerate(EPISODES, 1)}
    log: list[Entry] = [playing()]
    fired: list[tuple[int, UUID]] = []
    is_down = lambda at: any(start <= at < start + length for start, length in outages)  # noqa: E731
    for now in range(0, 150_000, 100):
        for at, hand in hands:
            if now <= at < now + 100:
                _by_hand(log, hand, now)
        if is_down(now) and now < 140_000:
            continue
        state = State.DRAMA if log[-1].source.kind == SourceKind.EPISODE else State.WAITING
        shown = replace(scene(*log), cues=cues, fired=frozenset(fired), is_looping=is_looping, state=state)
        steps = decide(shown, now).steps
        assert decide(shown, now).steps == steps
        for step in steps:
            match step:
                case Fire():
                    fired.append((step.program_seq, step.cue.id))
                case Show():
                    assert step.at_ms >= now + 500
                    log.append(playing(step.slot.number, at=step.at_ms, seq=len(log) + 1))
                case End():
                    log.append(Entry(len(log) + 1, Source(SourceKind.SLATE), step.at_ms))
    due = [
        (span.seq, found.id) for span in as_run(log, 149_000) for found in cues.get(span.source.id, []) if span.from_ms <= found.at_ms < span.to_ms
    ]
    assert len(fired) == len(set(fired))
    assert set(due) <= set(fired)
    late = {
        (span.seq, found.id) for span in as_run(log, 150_000) for found in cues.get(span.source.id, []) if span.from_ms <= found.at_ms < span.to_ms
    }
    assert set(fired) <= late


def _by_hand(log: list[Entry], hand: str, now: int) -> None:
    switch = now + LEAD_MS
    if hand == "slate":
        log.append(Entry(len(log) + 1, Source(SourceKind.SLATE), switch))
    elif hand == "next":
        log.append(playing(2, at=switch, seq=len(log) + 1))
    else:
        spans = [span for span in as_run(log, switch) if span.source.kind == SourceKind.EPISODE]
        if spans and spans[-1].to_ms < LENGTH_MS:
            log.append(Entry(len(log) + 1, spans[-1].source, switch, spans[-1].to_ms, 1.0, LENGTH_MS))


def card(at_ms: int, number: int = 1) -> CueView:
    return replace(cue(at_ms, number, at_ms), product_id=UUID(int=7))


def test_a_card_that_many_will_tap_is_prepared_for_twenty_seconds_ahead() -> None:
    """Once, also when a hand moves the program by some seconds; not for cards of which little is expected."""
    busy, quiet = card(25_000), card(26_000)
    ahead = scene(playing(), cues={EPISODES[0]: [busy, quiet]}, expected={busy.id: Expected(40, 9)})
    assert decide(ahead, 25_000 - AHEAD_MS).ahead == ()
    (found,) = decide(ahead, 25_001 - AHEAD_MS).ahead
    assert (found.cue, found.program_seq, found.due_ms, found.expected) == (busy, 1, 25_000, Expected(40, 9))
    assert decide(ahead, 25_001 - AHEAD_MS).steps == ()
    assert len(decide(ahead, 25_000).ahead) == 1
    assert decide(ahead, 25_001).ahead == ()
    assert decide(replace(ahead, prepared={busy.id: 27_500}), 10_000).ahead == ()
    assert len(decide(replace(ahead, prepared={busy.id: 25_000 - SAME_MS}), 10_000).ahead) == 1
    assert decide(replace(ahead, state=State.ENDED), 10_000).ahead == ()


def test_cards_early_in_the_next_episode_are_prepared_for_before_it_is_announced() -> None:
    """From the end of the one on air; no more once the announcement says otherwise, or a cut comes before the card."""
    early = card(5_000, 2)
    ahead = scene(playing(), cues={EPISODES[1]: [early]}, expected={early.id: Expected(40, 9)})
    assert decide(ahead, LENGTH_MS + 5_000 - AHEAD_MS).ahead == ()
    (found,) = decide(ahead, LENGTH_MS + 5_001 - AHEAD_MS).ahead
    assert (found.program_seq, found.due_ms) == (1, LENGTH_MS + 5_000)
    (found,) = decide(replace(ahead, log=[playing(), playing(2, at=LENGTH_MS + 1_000, seq=2)]), LENGTH_MS - 3_000).ahead
    assert found.due_ms == LENGTH_MS + 6_000
    live = Entry(2, Source(SourceKind.LIVE), LENGTH_MS)
    assert decide(replace(ahead, log=[playing(), live]), LENGTH_MS - 3_000).ahead == ()
    late = card(29_000)
    cut = scene(playing(), Entry(2, Source(SourceKind.SLATE), 28_000), cues={EPISODES[0]: [late]}, expected={late.id: Expected(40, 9)})
    assert decide(cut, 20_000).ahead == ()
    last = scene(playing(3), cues={EPISODES[0]: [early]}, expected={early.id: Expected(40, 9)}, is_looping=True)
    assert len(decide(replace(last, cues={EPISODES[0]: [replace(early, episode_id=EPISODES[0])]}), LENGTH_MS - 5_000).ahead) == 1
