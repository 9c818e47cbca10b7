"""What a media node is asked to record: the host's line while it is on air or announced, and nothing else."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.rtc.names import RoomName
from realtime.rtc.takes import EARLY_MS, LATE_MS, Take, encode, read_take, take_key
from rooms.program.clock import Entry, Source, as_run
from rooms.program.states import SourceKind
from rooms.program.take import take_of

AIRING = UUID(int=7)
LIVE, EPISODE, SLATE = Source(SourceKind.LIVE), Source(SourceKind.EPISODE, UUID(int=1)), Source(SourceKind.SLATE)
# Drama, a cut to the host at 10 s, back at 20 s.
LOG = [Entry(1, EPISODE, 0, duration_ms=60_000), Entry(2, LIVE, 10_000), Entry(3, EPISODE, 20_000, offset_ms=10_000, duration_ms=60_000)]


@pytest.mark.parametrize(
    ("known", "now_ms", "take"),
    [
        (1, 5_000, None),
        (2, 9_300, (10_000, None)),
        (2, 15_000, (10_000, None)),
        (3, 19_300, (10_000, 20_000)),
        (3, 20_000 + LATE_MS - 1, (10_000, 20_000)),
        (3, 20_000 + LATE_MS, None),
    ],
)
def test_a_take_is_the_live_part(known: int, now_ms: int, take: tuple[int, int | None] | None) -> None:
    """Announced, on air, about to end, just over, over."""
    assert take_of(AIRING, LOG[:known], now_ms) == (Take(str(AIRING), *take) if take else None)


def test_a_room_without_a_show_has_none() -> None:
    """A start that was taken back too: the camera is nobody's business."""
    assert take_of(None, LOG, 15_000) is None


def test_a_cut_that_is_called_off_ends_its_take() -> None:
    """Announced for the episode's end, and void since a greater entry has started."""
    log = [LOG[0], Entry(2, LIVE, 60_000)]
    assert take_of(AIRING, log, 30_000) == Take(str(AIRING), 60_000)
    log.append(Entry(3, EPISODE, 31_000, offset_ms=31_000, duration_ms=60_000))
    assert take_of(AIRING, log, 31_000) is None


@given(
    st.lists(st.tuples(st.sampled_from([LIVE, EPISODE, SLATE]), st.integers(0, 40)), min_size=1, max_size=8),
    st.integers(0, 60),
)
def test_whatever_is_live_now_is_due_now(steps: list[tuple[Source, int]], second: int) -> None:
    """Over any program: while the host's line is on air, the take says so, and it never asks for what is long over."""
    log = [Entry(seq, source, at * 1000) for seq, (source, at) in enumerate(steps, 1)]
    now_ms = second * 1000
    spans = as_run(log, now_ms + 1)
    take = take_of(AIRING, log, now_ms)
    if spans and spans[-1].source.kind == SourceKind.LIVE:
        assert take is not None
        assert take.is_due(now_ms)
    if take is not None and take.is_due(now_ms):
        begins = [span.started_at_ms for span in spans if span.source.kind == SourceKind.LIVE]
        assert take.from_ms in begins or 0 <= take.from_ms - now_ms <= EARLY_MS


def test_a_name_that_could_be_a_path_is_no_take() -> None:
    """What stands in Valkey is read strictly, and the key begins with the shop."""
    assert read_take(encode(Take("a-1", 5))) == Take("a-1", 5)
    for name in ("", "../x", "a/b", "a~b", "x" * 65):
        assert read_take(encode(Take(name, 5))) is None
    assert read_take(b"nonsense") is None
    assert read_take(None) is None
    assert take_key(RoomName.of("aurora", "r1")).startswith("aurora:")
