"""The tape: what is due between two moments, and what it has come to."""

from rooms.rehearsal.messages import GhostCounts
from rooms.rehearsal.tape import Moment, Tape

MOMENTS = [
    Moment(4_000, "exit", 1),
    Moment(0, "enter", 1),
    Moment(1_000, "enter", 2),
    Moment(1_000, "line", 2, "hello"),
    Moment(2_000, "enter", 1),
    Moment(3_000, "like", 2, count=7),
    Moment(3_500, "tap", 1),
    Moment(5_000, "exit", 1),
    Moment(6_000, "order", 2),
]


def test_each_moment_is_due_once_however_the_time_is_cut() -> None:
    """Neither at a cut nor at the beginning is one lost or said twice."""
    tape = Tape(MOMENTS, length_ms=7_000)
    for cuts in ([7_000], [0, 1_000, 3_000, 7_000], list(range(0, 7_001, 250))):
        said, before = [], -1
        for until in cuts:
            said += tape.between(before, until)
            before = until
        assert said == tape.moments, cuts


def test_counts_follow_from_the_moment_alone() -> None:
    """Somebody with two pages is there until the second is closed."""
    tape = Tape(MOMENTS, length_ms=7_000)
    assert tape.counts_at(-1) == GhostCounts()
    assert [tape.counts_at(at).present for at in (0, 1_000, 2_500, 4_000, 5_000)] == [1, 2, 2, 2, 1]
    assert tape.counts_at(7_000) == GhostCounts(present=1, lines=1, likes=7, taps=1, orders=1)
