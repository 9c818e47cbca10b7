"""The plan follows from the probe alone."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dramas.transcode.plan import ladder_for, make_plan, output_rate
from dramas.transcode.probe import Probe

SOURCE = Probe(
    container="mov",
    size_bytes=1,
    sha256="a" * 64,
    duration_ms=60_000,
    width=1080,
    height=1920,
    rotation=0,
    frame_rate="30",
    frames=1800,
    has_variable_rate=False,
    is_hdr=False,
    is_interlaced=False,
    pixel_format="yuv420p",
    video_codec="h264",
    audio_codec="aac",
    audio_channels=2,
)


@pytest.mark.parametrize(
    ("size", "names"),
    [
        ((1080, 1920), ["1080p", "720p", "480p", "360p"]),
        ((3840, 2160), ["1080p", "720p", "480p", "360p"]),
        ((720, 1280), ["720p", "480p", "360p"]),
        ((1920, 1012), ["1080p", "720p", "480p", "360p"]),
        ((360, 640), ["360p"]),
        ((160, 90), ["90p"]),
    ],
)
def test_the_ladder_follows_the_short_side(size: tuple[int, int], names: list[str]) -> None:
    """Portrait and landscape get the same steps; a small source gets one of its own size."""
    assert [rung.name for rung in ladder_for(*size)] == names


@given(st.integers(16, 5000), st.integers(16, 5000))
def test_nothing_is_ever_enlarged_or_odd(width: int, height: int) -> None:
    """Every rendition fits inside the source, keeps its shape within two pixels, and has even sides."""
    for rung in ladder_for(width, height):
        assert rung.width <= width
        assert rung.height <= height
        assert rung.width % 2 == rung.height % 2 == 0
        scale = rung.width / width
        assert abs(height * scale - rung.height) <= 2 * max(1.0, height / width)


@pytest.mark.parametrize(
    ("rate", "uneven", "expected"),
    [
        ("60", False, "30"),
        ("60000/1001", False, "30000/1001"),
        ("50", False, "25"),
        ("24000/1001", False, "24000/1001"),
        ("17", True, "30"),
        ("120", False, "30"),
    ],
)
def test_rates_are_halved_or_made_even(rate: str, uneven: bool, expected: str) -> None:
    """No rendition has more than thirty pictures a second, and none an uneven rate."""
    assert output_rate(Fraction(rate), has_variable_rate=uneven) == Fraction(expected)


@given(st.integers(500, 900_000), st.sampled_from(["24000/1001", "24", "25", "30000/1001", "30", "60"]), st.booleans(), st.integers(1, 20))
def test_units_cover_every_frame_once(duration_ms: int, rate: str, with_preview: bool, chunk_gops: int) -> None:
    """For every rendition the chunks follow each other without gap or overlap, cut on the two-second grid."""
    plan = make_plan(replace(SOURCE, duration_ms=duration_ms, frame_rate=rate), with_preview=with_preview, chunk_gops=chunk_gops)
    for rung in plan.rungs:
        units = plan.units_of(rung)
        at = 0
        for unit in units:
            assert unit.chunk.first_frame == at
            assert unit.chunk.first_frame % plan.gop_frames == 0
            at += unit.chunk.frames
        assert at == plan.frames
        assert [unit.is_last for unit in units] == [False] * (len(units) - 1) + [True]


def test_the_preview_comes_first_and_starts_small() -> None:
    """The smallest rendition is made before all others, its first seconds before the rest; each rendition is made once."""
    plan = make_plan(SOURCE)
    assert [rung.name for rung in plan.units[0].rungs] == ["360p"]
    assert plan.units[0].chunk.frames == 120
    assert [rung.name for rung in plan.units[-1].rungs] == ["1080p", "720p", "480p"]
    assert len(make_plan(SOURCE, with_preview=False).units[0].rungs) == 4


def test_the_key_names_the_result() -> None:
    """The same probe gives the same key; another source, length or way gives another."""
    key = make_plan(SOURCE).key
    assert make_plan(SOURCE).key == key
    others = [replace(SOURCE, sha256="b" * 64), replace(SOURCE, duration_ms=59_000), replace(SOURCE, width=720, height=1280)]
    assert key not in {make_plan(other).key for other in others}
    assert make_plan(SOURCE, with_preview=False).key != key


def test_storyboards_stay_small() -> None:
    """However long the episode, a storyboard has at most 120 tiles, shaped like the picture."""
    board = make_plan(replace(SOURCE, duration_ms=900_000)).storyboard
    assert board.tiles <= 120
    assert (board.tile_width, board.tile_height) == (90, 160)
