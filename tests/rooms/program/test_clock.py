"""The program clock."""

from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from rooms.program.clock import Entry, Source, as_run, current_entry, interrupted_episode, position, upcoming_entry
from rooms.program.states import SourceKind

EPISODE = UUID(int=1)
NEXT = UUID(int=2)


def entry(
    seq: int,
    at: int,
    *,
    kind: SourceKind = SourceKind.EPISODE,
    episode: UUID = EPISODE,
    offset: int = 0,
    duration: int | None = 30_000,
    rate: float = 1.0,
) -> Entry:
    is_episode = kind == SourceKind.EPISODE
    return Entry(seq, Source(kind, episode if is_episode else None), at, offset, rate, duration if is_episode else None)


def test_position_runs_from_the_offset_and_stops_at_the_last_frame() -> None:
    """Before the start it shows the offset, then real time, then the end."""
    playing = entry(1, 1_000, offset=5_000)
    assert [position(playing, at) for at in (0, 1_000, 2_500, 26_000, 99_000)] == [5_000, 5_000, 6_500, 30_000, 30_000]
    assert playing.ends_at_ms == 26_000


def test_rate_stretches_the_clock_and_zero_holds_it() -> None:
    """At half speed an episode lasts twice as long; a held one never ends."""
    assert position(entry(1, 0, rate=0.5), 10_000) == 5_000
    assert entry(1, 0, rate=0.5).ends_at_ms == 60_000
    assert position(entry(1, 0, rate=0.0, offset=700), 10_000) == 700
    assert entry(1, 0, rate=0.0).ends_at_ms is None


def test_the_latest_decision_that_has_started_is_on_air() -> None:
    """A slate put up now makes void what was announced for later."""
    log = [entry(1, 0), entry(2, 30_000, episode=NEXT), entry(3, 10_000, kind=SourceKind.SLATE)]
    assert [found.seq if (found := current_entry(log, at)) else None for at in (-1, 0, 9_999, 10_000, 30_000)] == [None, 1, 1, 3, 3]
    assert upcoming_entry(log, 0).seq == 3
    assert upcoming_entry(log, 10_000) is None


def test_as_run_is_what_was_really_shown() -> None:
    """An announced entry that never came on leaves no span, and an interrupted episode goes on where it stood."""
    log = [entry(1, 0), entry(2, 30_000, episode=NEXT), entry(3, 10_000, kind=SourceKind.SLATE), entry(4, 15_000, offset=10_000)]
    spans = [(span.seq, span.started_at_ms, span.from_ms, span.to_ms) for span in as_run(log, 40_000)]
    assert spans == [(1, 0, 0, 10_000), (3, 10_000, 0, 5_000), (4, 15_000, 10_000, 30_000)]


def test_back_returns_to_the_interrupted_episode() -> None:
    """Also through two slates in a row; while an episode plays nothing is interrupted."""
    log = [entry(1, 0), entry(2, 8_000, kind=SourceKind.SLATE), entry(3, 9_000, kind=SourceKind.SLATE)]
    assert interrupted_episode(log, 10_000).to_ms == 8_000
    assert interrupted_episode(log[:1], 10_000) is None


logs = st.lists(st.tuples(st.integers(0, 50_000), st.sampled_from(list(SourceKind)), st.integers(0, 30_000)), min_size=1, max_size=8).map(
    lambda rows: [entry(seq, at, kind=kind, offset=offset if kind == SourceKind.EPISODE else 0) for seq, (at, kind, offset) in enumerate(rows, 1)]
)


@given(logs, st.integers(0, 100_000))
def test_spans_cover_the_show_without_gap_or_overlap(log: list[Entry], until: int) -> None:
    """Whatever was announced, at every moment exactly one span is on, and it is the one the clock names."""
    spans = as_run(log, until)
    assert all(first.seq < second.seq for first, second in pairwise(spans))
    for span, following in pairwise([*spans, None]):
        last = (following.started_at_ms if following else until) - 1
        for at in {span.started_at_ms, last}:
            assert current_entry(log, at).seq == span.seq
    if spans:
        assert spans[0].started_at_ms == min(found.started_at_ms for found in log)


@given(logs, st.integers(0, 100_000), st.integers(0, 5_000))
def test_position_never_runs_backwards_within_an_entry(log: list[Entry], at: int, later: int) -> None:
    """Of one entry the clock only goes forward."""
    for found in log:
        assert position(found, at) <= position(found, at + later)
