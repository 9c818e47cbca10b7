"""What playlists say, and what the window keeps."""

import re

from hypothesis import given
from hypothesis import strategies as st

from realtime.rtc.hls.playlist import PartLine, SegmentLine, render
from realtime.rtc.hls.segmenter import Part, Piece
from realtime.rtc.hls.window import MOST_SEGMENTS, Window
from tests.realtime.rtc.hls.material import depacketized, pictures, segmenter
from tests.realtime.rtc.hls.watching import HINT, PART

BEGAN = 1_700_000_000.25
FILM = depacketized(pictures(count=60))
OTHER = depacketized(pictures(320, 192, count=60))


def pieces_of(*takes: list) -> list[list[Piece]]:
    """One entry a picture."""
    cutter = segmenter()
    film = [picture for take in takes for picture in take]
    return [cutter.add_picture(picture, BEGAN + number / 30) for number, picture in enumerate(film)]


def test_a_playlist_reads_as_the_draft_wants_it() -> None:
    """RFC 8216bis: whole segments with their parts, the growing one's parts, and the part that comes next."""
    whole = SegmentLine(7, 7, BEGAN, [PartLine(0.2333, True), PartLine(0.1, False)])
    growing = SegmentLine(8, 8, BEGAN + 0.3333, [PartLine(0.25, True)])
    assert render([whole], open_segment=growing, next_sequence=9, discontinuity=7, is_over=False).splitlines() == [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        "#EXT-X-TARGETDURATION:4",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.780",
        "#EXT-X-PART-INF:PART-TARGET=0.260",
        "#EXT-X-MEDIA-SEQUENCE:7",
        "#EXT-X-DISCONTINUITY-SEQUENCE:7",
        '#EXT-X-MAP:URI="init7.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.250Z",
        '#EXT-X-PART:DURATION=0.23330,URI="s7.p0.m4s",INDEPENDENT=YES',
        '#EXT-X-PART:DURATION=0.10000,URI="s7.p1.m4s"',
        "#EXTINF:0.33330,",
        "s7.m4s",
        '#EXT-X-MAP:URI="init8.mp4"',
        "#EXT-X-PROGRAM-DATE-TIME:2023-11-14T22:13:20.583Z",
        '#EXT-X-PART:DURATION=0.25000,URI="s8.p0.m4s",INDEPENDENT=YES',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="s8.p1.m4s"',
    ]
    ended = render([whole], open_segment=None, next_sequence=8, discontinuity=7, is_over=True)
    assert ended.endswith("s7.m4s\n#EXT-X-ENDLIST\n")


@given(st.lists(st.lists(st.floats(0.01, 1.2), min_size=1, max_size=12), min_size=1, max_size=12))
def test_declared_durations_hold(lengths: list[list[float]]) -> None:
    segments = [SegmentLine(number, 0, BEGAN, [PartLine(length, False) for length in parts]) for number, parts in enumerate(lengths)]
    text = render(segments[:-1], open_segment=segments[-1], next_sequence=len(segments), discontinuity=0, is_over=False)
    target = float(re.search(r"PART-TARGET=([\d.]+)", text)[1])  # type: ignore[index]
    hold_back = float(re.search(r"PART-HOLD-BACK=([\d.]+)", text)[1])  # type: ignore[index]
    assert all(float(part[1]) <= target + 1e-5 for part in PART.finditer(text))
    assert hold_back >= 3 * target - 0.003
    assert HINT.search(text)[2] == str(len(segments) - 1)  # type: ignore[index]
    # parts older than three target durations are left out, their segments are not
    assert text.count("#EXTINF") == len(segments) - 1


def test_every_update_continues_the_one_before() -> None:
    """Parts only appear at the place that was hinted at; everything listed can be fetched, and says the same for good."""
    window = Window(first_number=100)
    hinted, seen = ("s100.p0.m4s", {})
    for pieces in pieces_of(FILM, OTHER, FILM):
        window.add(pieces)
        parts = [piece for piece in pieces if isinstance(piece, Part)]
        text = window.render().decode()
        named = [part[2] for part in PART.finditer(text)]
        if parts:
            assert hinted == named[-1]
            hint = HINT.search(text)
            assert hint is not None
            hinted = hint[1]
            assert window.is_announced(hinted)
            assert window.find(hinted) is None
        for name in [*named, *re.findall(r"^s\d+\.m4s$", text, re.MULTILINE), *re.findall(r'URI="(init\d+\.mp4)"', text)]:
            data = window.find(name)
            assert data
            assert seen.setdefault(name, data) == data
    assert text.count("#EXT-X-MAP") == 3
    assert "#EXT-X-DISCONTINUITY\n" not in text
    assert window.find("s100.m4s") == b"".join(window.find(f"s100.p{number}.m4s") or b"" for number in range(9))


def test_memory_is_bounded() -> None:
    """By segments, and by bytes: the newest stays."""
    takes = [FILM] * 14
    wide, narrow = Window(first_number=0), Window(first_number=0, most_bytes=200_000)
    for pieces in pieces_of(*takes):
        wide.add(pieces)
        narrow.add(pieces)
        assert narrow.size_bytes < 300_000
    text = wide.render().decode()
    assert text.count("#EXTINF") in {MOST_SEGMENTS - 1, MOST_SEGMENTS}
    assert wide.find("s0.m4s") is None
    assert wide.find("init0.mp4")
    assert 1 <= narrow.render().decode().count("#EXTINF") < MOST_SEGMENTS - 2


def test_names_of_others_find_nothing() -> None:
    window = Window(first_number=0)
    for pieces in pieces_of(FILM):
        window.add(pieces)
    assert [window.find(name) for name in ("s0.p99.m4s", "s9.m4s", "init1.mp4", "s0.m4s/../x", "", "s٣.m4s", "s0.p0.m4s\n")] == [None] * 7
