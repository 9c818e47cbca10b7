"""A recording cut to moments of the wall clock: what was captured outside of them is not in the result, and inside nothing is lost."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from realtime.rtc.hls import manifest as manifests
from realtime.rtc.hls.audio import silence
from realtime.rtc.hls.cut import Cutter, Head, Moment, Segment
from realtime.rtc.hls.recording import Limits, Recorder
from realtime.rtc.hls.segmenter import Piece
from tests.realtime.rtc.hls.material import depacketized, pictures, sounds
from tests.realtime.rtc.hls.test_segmenter import BEGAN, FILM, run, steady
from tests.realtime.rtc.hls.watching import Decoded, decode

FRAME_S = 1 / 30


def record(folder: Path, pieces: list[Piece], *, longest_film_s: float = 600.0) -> None:
    recorder = Recorder(folder, room="aurora:{room:r1}", limits=Limits(least_free_bytes=0, longest_film_s=longest_film_s))
    recorder.start()
    recorder.add(pieces)
    assert recorder.close()


def cut(folder: Path, moments: Sequence[tuple[float, float]]) -> tuple[Cutter, list[Segment], list[bytes]]:
    """(the cutter, its segments, a film for each head)."""
    cutter = Cutter(folder, manifests.read(folder), [Moment(BEGAN + begin, BEGAN + end) for begin, end in moments], silence=silence()[1])
    films: list[bytes] = []
    segments = []
    for piece in cutter.cut():
        if isinstance(piece, Head):
            films.append(piece.data)
        else:
            segments.append(piece)
            films[piece.head] += piece.data
    assert [segment.number for segment in segments] == list(range(len(segments)))
    assert sum(segment.duration_s for segment in segments) == pytest.approx(cutter.duration_s)
    return cutter, segments, films


def assert_in_step(decoded: Decoded) -> None:
    assert decoded.longest_hole_s("video") < 0.05
    assert decoded.longest_hole_s("audio") < 0.045
    assert max(map(abs, decoded.skews_ms()), default=0) <= 40, decoded.skews_ms()


def test_a_moment_begins_with_a_keyframe_inside_it_and_ends_to_the_picture(tmp_path: Path) -> None:
    """Keyframes stand at every full second: asked from 1.0 it begins there, from 1.5 at 2.0, never before."""
    record(tmp_path / "r", run(FILM, steady(150), sounds(5)))
    for begin, end, first in ((1.0, 3.5, 1.0), (1.5, 4.2, 2.0), (0.0, 5.0, 0.0)):
        cutter, _, (film,) = cut(tmp_path / "r", [(begin, end)])
        decoded = decode(film)
        (piece,) = cutter.pieces
        assert piece.at == pytest.approx(BEGAN + first, abs=0.001)
        assert piece.at >= BEGAN + begin - 0.001
        assert piece.at + piece.length_s == pytest.approx(BEGAN + end, abs=FRAME_S)
        assert len(decoded.pictures) == pytest.approx((end - first) * 30, abs=1)
        assert decoded.pictures[0][0] == pytest.approx(0, abs=0.001)
        assert_in_step(decoded)
        flashes = [second - first for second in range(1, 5) if first < second < end]
        assert decoded.flashes() == pytest.approx(flashes, abs=0.02)


def test_a_size_that_changes_is_another_head_and_no_hole(tmp_path: Path) -> None:
    """Times run on over the change, and no sound is lost at it."""
    takes = [depacketized(pictures(*size, count=count)) for size, count in (((160, 96), 60), ((320, 192), 90))]
    record(tmp_path / "r", run([picture for take in takes for picture in take], steady(150), sounds(5)))
    cutter, segments, films = cut(tmp_path / "r", [(0, 5)])
    assert len(cutter.pieces) == 1
    assert {segment.head for segment in segments} == {0, 1}
    small, large = map(decode, films)
    assert (set(small.sizes), set(large.sizes)) == ({(160, 96)}, {(320, 192)})
    assert len(small.pictures) + len(large.pictures) == 150
    assert large.pictures[0][0] - small.pictures[-1][0] == pytest.approx(FRAME_S, abs=0.002)
    for decoded in (small, large):
        assert_in_step(decoded)
    assert small.skews_ms()
    assert large.skews_ms()
    assert -0.003 < large.sounds[0][0] - small.sounds[-1][0] - 1024 / 48_000 < 0.02


def test_films_of_ten_minutes_are_one_film_again(tmp_path: Path) -> None:
    record(tmp_path / "r", run(FILM, steady(150), sounds(5)), longest_film_s=1.5)
    assert len(manifests.read(tmp_path / "r").films) > 1
    cutter, _, (film,) = cut(tmp_path / "r", [(0, 5)])
    assert len(cutter.pieces) == 1
    decoded = decode(film)
    assert len(decoded.pictures) == 150
    assert_in_step(decoded)
    assert decoded.flashes() == pytest.approx([1, 2, 3, 4], abs=0.02)


def test_a_pause_takes_no_time_and_is_told(tmp_path: Path) -> None:
    """Three seconds of film, seven of nothing, two of film; and a hole between two moments."""
    dates = steady(90) + [at + 7 for at in steady(150)[90:]]
    heard = [sound if sound.at < BEGAN + 3 else sound._replace(at=sound.at + 7) for sound in sounds(5)]
    record(tmp_path / "r", run(FILM, dates, heard))
    cutter, _, (film,) = cut(tmp_path / "r", [(0, 20)])
    assert [round(piece.at - BEGAN, 1) for piece in cutter.pieces] == [0.0, 10.0]
    assert [round(piece.media_s, 1) for piece in cutter.pieces] == [0.0, 3.0]
    decoded = decode(film)
    assert len(decoded.pictures) == 150
    assert_in_step(decoded)
    cutter, _, _ = cut(tmp_path / "r", [(0, 1), (2, 3), (11, 20)])
    assert [round(piece.at - BEGAN, 1) for piece in cutter.pieces] == [0.0, 2.0, 11.0]
    assert [round(piece.media_s, 1) for piece in cutter.pieces] == [0.0, 1.0, 2.0]


def test_what_was_never_asked_for_gives_nothing(tmp_path: Path) -> None:
    """Before, after, and inside a group of pictures without a keyframe."""
    record(tmp_path / "r", run(FILM, steady(150), sounds(5)))
    for moment in ((-10.0, 0.0), (5.1, 9.0), (1.2, 1.8)):
        cutter, segments, _ = cut(tmp_path / "r", [moment])
        assert (cutter.pieces, segments) == ([], [])


def test_a_cut_made_twice_is_the_same_to_the_byte(tmp_path: Path) -> None:
    """Another worker goes on where one was killed."""
    record(tmp_path / "r", run(FILM, steady(150), sounds(5)))
    assert cut(tmp_path / "r", [(0.5, 4.5)])[2] == cut(tmp_path / "r", [(0.5, 4.5)])[2]


def test_a_file_that_is_no_film_has_a_name(tmp_path: Path) -> None:
    record(tmp_path / "r", run(FILM, steady(150), sounds(5)))
    (tmp_path / "r" / "0001.mp4").write_bytes(b"\x00\x00\x00\x08free")
    with pytest.raises(ValueError, match="no film"):
        cut(tmp_path / "r", [(0, 5)])


def test_who_has_a_folder_keeps_others_out(tmp_path: Path) -> None:
    """The hold is that of the process: nothing stays when it dies."""
    first = manifests.seize(tmp_path)
    assert first is not None
    assert manifests.seize(tmp_path) is None
    first.close()
    again = manifests.seize(tmp_path)
    assert again is not None
    again.close()
