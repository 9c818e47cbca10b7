"""The replay's timeline: episodes and live parts in the order of the program, and what had to be left out."""

from uuid import UUID

from rooms.pages.reel import LeftOut, Stretch, lay_out
from rooms.program.clock import Source, Span
from rooms.program.states import SourceKind
from rooms.recordings.queries import PieceView, RecordingView

ONE, TWO, FILM, OTHER = (UUID(int=number) for number in range(1, 5))
AT = 1_700_000_000_000


def episode(seq: int, at_s: int, from_s: int, to_s: int, which: UUID = ONE) -> Span:
    return Span(seq, Source(SourceKind.EPISODE, which), AT + at_s * 1000, from_s * 1000, to_s * 1000)


def live(seq: int, at_s: int, length_s: int) -> Span:
    return Span(seq, Source(SourceKind.LIVE), AT + at_s * 1000, 0, length_s * 1000)


def recording(*pieces: tuple[float, float, float], which: UUID = FILM) -> RecordingView:
    """Pieces as (second of the evening, second of the film, seconds)."""
    views = tuple(PieceView(AT + round(at * 1000), round(media * 1000), round(length * 1000)) for at, media, length in pieces)
    return RecordingView(which, f"/media/a/recordings/{which}/index.m3u8", 160, 96, sum(view.length_ms for view in views), views)


EVENING = [episode(1, 0, 0, 10), live(2, 10, 20), episode(3, 30, 10, 40)]


def test_a_live_part_stands_between_the_episodes() -> None:
    """It begins with its first picture, 0.2 s after the cut; the drama goes on where it stopped."""
    reel = lay_out(EVENING, [recording((10.2, 0.0, 19.8))])
    assert reel.stretches == (
        Stretch(1, ONE, None, 0, 0, 10_000, 0),
        Stretch(2, None, FILM, 10_000, 200, 20_000, 0),
        Stretch(3, ONE, None, 29_800, 10_000, 40_000, 10_000),
    )
    assert (reel.left_out, reel.duration_ms) == ((), 59_800)
    assert reel.place_of(2, 5_200) == 15_000
    assert reel.place_of(2, 100) == 10_000  # said in the moment before the first picture
    assert reel.place_of(2, 20_000) is None
    assert reel.place_of(3, 9_000) is None


def test_without_a_recording_the_part_is_left_out_and_told() -> None:
    reel = lay_out(EVENING, [])
    assert [stretch.seq for stretch in reel.stretches] == [1, 3]
    assert reel.left_out == (LeftOut(10_000, 20_000),)
    assert reel.place_of(2, 5_000) is None


def test_a_pause_is_jumped_over_in_one_film() -> None:
    """The publisher's line was gone for six seconds: the film runs on, the program's positions do not."""
    reel = lay_out(EVENING, [recording((10, 0, 4), (20, 4, 10))])
    assert [(one.at_ms, one.from_ms, one.to_ms, one.media_ms) for one in reel.stretches[1:3]] == [
        (10_000, 0, 4_000, 0),
        (14_000, 10_000, 20_000, 4_000),
    ]
    assert reel.left_out == (LeftOut(14_000, 6_000),)


def test_two_nodes_films_follow_each_other_without_repetition() -> None:
    """The first was drained while the second began already."""
    reel = lay_out(EVENING, [recording((19, 0, 11), which=OTHER), recording((10, 0, 10))])
    assert [(one.recording_id, one.from_ms, one.to_ms, one.media_ms) for one in reel.stretches[1:3]] == [
        (FILM, 0, 10_000, 0),
        (OTHER, 10_000, 20_000, 1_000),
    ]


def test_one_film_of_two_live_parts_gives_each_its_own() -> None:
    """Back to live within the ten seconds of the undo: one recording, two entries."""
    evening = [live(1, 0, 5), episode(2, 5, 0, 3), live(3, 8, 4)]
    reel = lay_out(evening, [recording((0, 0, 5), (8, 5, 4))])
    assert [(one.seq, one.media_ms, one.length_ms) for one in reel.stretches] == [(1, 0, 5_000), (2, 0, 3_000), (3, 5_000, 4_000)]


def test_what_is_cut_short_at_the_end_is_told() -> None:
    """The disk was full after eight seconds, and the show ended live."""
    reel = lay_out(EVENING[:2], [recording((10, 0, 8))])
    assert reel.left_out == (LeftOut(18_000, 12_000),)
    assert reel.duration_ms == 18_000
