"""Parts, segments and heads: what players get decodes to all that was sent, sound and picture together."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.rtc.hls.audio import Opus, Sound, Transcoder
from realtime.rtc.hls.depacketize import Picture
from realtime.rtc.hls.fmp4 import AUDIO_HZ, VIDEO_HZ
from realtime.rtc.hls.segmenter import PART_TARGET_S, TARGET_DURATION_S, End, Head, Part, Piece
from tests.realtime.rtc.hls.material import OPUS_SAMPLES, depacketized, opus, pictures, segmenter, sounds
from tests.realtime.rtc.hls.watching import decode

BEGAN = 1_000.0
FILM = depacketized(pictures())


def run(film: list[Picture], dates: list[float], heard: list[Sound]) -> list[Piece]:
    """Sound comes with the picture of its time, as from a stage."""
    cutter, waiting = segmenter(), list(heard)
    pieces: list[Piece] = []
    for picture, date in zip(film, dates, strict=True):
        ready = [sound for sound in waiting if sound.at <= date - 0.03]
        waiting = waiting[len(ready) :]
        cutter.add_sounds(ready)
        pieces += cutter.add_picture(picture, date)
    cutter.add_sounds(waiting)
    return pieces + cutter.finish()


def steady(count: int, *, fps: float = 30.0) -> list[float]:
    return [BEGAN + number / fps for number in range(count)]


def parts_of(pieces: list[Piece]) -> list[Part]:
    return [piece for piece in pieces if isinstance(piece, Part)]


def film_of(pieces: list[Piece]) -> bytes:
    return b"".join(piece.data for piece in pieces if isinstance(piece, Head | Part))


def segments_of(pieces: list[Piece]) -> list[list[Part]]:
    return [[part for part in parts_of(pieces) if part.segment == piece.segment] for piece in pieces if isinstance(piece, End)]


def assert_whole(pieces: list[Piece]) -> None:
    """Both tracks run on without holes, and never back."""
    parts = parts_of(pieces)
    for before, after in zip(parts, parts[1:], strict=False):
        assert after.video.start == before.video.start + before.video.duration
    heard = [part.audio for part in parts if part.audio.samples]
    for before, after in zip(heard, heard[1:], strict=False):
        assert 0 <= after.start - (before.start + before.duration) <= AUDIO_HZ // 46


def test_everything_decodes_and_flash_meets_beep() -> None:
    pieces = run(FILM, steady(150), sounds(5))
    decoded = decode(film_of(pieces))
    assert len(decoded.pictures) == 150
    assert decoded.longest_hole_s("video") < 0.034
    assert decoded.longest_hole_s("audio") < 0.022
    skews = decoded.skews_ms()
    assert len(skews) == 4
    assert max(map(abs, skews)) < 2, skews
    assert_whole(pieces)


def test_segments_begin_with_keyframes_and_keep_what_is_declared() -> None:
    pieces = run(FILM, steady(150), sounds(5))
    segments = segments_of(pieces)
    assert [round(sum(part.duration_s for part in segment), 2) for segment in segments] == [2, 2, 1]
    assert all(segment[0].is_independent for segment in segments)
    assert all(0.85 * PART_TARGET_S <= part.duration_s <= PART_TARGET_S for segment in segments for part in segment[:-1])
    assert [part.number for part in segments[0]] == list(range(len(segments[0])))
    assert parts_of(pieces)[0].at == BEGAN


@given(st.data())
@settings(max_examples=30)
def test_unsteady_dates_never_tear_a_track(data: st.DataObject) -> None:
    """Whatever dates reports give: decode times only grow, tracks have no holes, and whole segments round to the target."""
    usual = st.floats(-0.05, 0.9)
    steps = data.draw(st.lists(st.one_of(usual, usual, usual, st.floats(-20_000, 20_000)), min_size=59, max_size=59))
    lag = data.draw(st.floats(-0.4, 0.4))
    dates = [BEGAN]
    for step in steps:
        dates.append(dates[-1] + step)
    heard = [Sound(BEGAN + lag + number * 1024 / 48_000, b"\x21\x00") for number in range(2_000)]
    pieces = run(FILM[:60], dates, heard)
    parts = parts_of(pieces)
    assert_whole(pieces)
    assert sum(len(part.video.samples) for part in parts) == 60
    assert all(sample.duration > 0 for part in parts for sample in part.video.samples)
    assert all(round(sum(part.duration_s for part in segment)) <= TARGET_DURATION_S for segment in segments_of(pieces))


@pytest.mark.parametrize("fps", [20, 24, 25, 30])
def test_usual_rates_keep_the_part_target(fps: int) -> None:
    parts = [part for segment in segments_of(run(FILM, steady(150, fps=fps), [])) for part in segment[:-1]]
    assert max(part.duration_s for part in parts) <= PART_TARGET_S


def test_a_new_size_brings_a_new_head_and_runs_on() -> None:
    """The same film at other sizes; parts of each head decode, and the timestamps of all make one line."""
    takes = [depacketized(pictures(*size, count=45)) for size in ((160, 96), (320, 192), (240, 144))]
    film = [picture for take in takes for picture in take]
    pieces = run(film, steady(135), sounds(5))
    heads = [place for place, piece in enumerate(pieces) if isinstance(piece, Head)]
    assert [piece.parameters.size for piece in pieces if isinstance(piece, Head)] == [(160, 96), (320, 192), (240, 144)]
    assert_whole(pieces)
    times: list[float] = []
    for first, end in zip(heads, [*heads[1:], len(pieces)], strict=True):
        decoded = decode(film_of(pieces[first:end]))
        assert len(decoded.pictures) == 45
        times += [at for at, _ in decoded.pictures]
    assert max(after - before for before, after in zip(times, times[1:], strict=False)) < 0.034
    assert all(parts_of(pieces[place:])[0].is_independent for place in heads)


def test_a_pause_takes_no_time_of_the_film() -> None:
    """The source was away for seven seconds: a new segment with its own date, without a hole."""
    dates = steady(90) + [at + 7 for at in steady(150)[90:]]
    heard = [sound if sound.at < BEGAN + 3 else sound._replace(at=sound.at + 7) for sound in sounds(5)]
    pieces = run(FILM, dates, heard)
    assert_whole(pieces)
    decoded = decode(film_of(pieces))
    assert len(decoded.pictures) == 150
    assert decoded.longest_hole_s("video") < 0.04
    after = [part for part in parts_of(pieces) if part.is_after_pause]
    assert [part.at for part in after] == [dates[90]]
    assert after[0].number == 0
    assert max(map(abs, decoded.skews_ms())) < 40


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    """A wrong report puts the source six hours ahead for a second."""
    dates = [at + (20_000 if 45 <= number < 75 else 0) for number, at in enumerate(steady(150))]
    pieces = run(FILM, dates, [])
    assert_whole(pieces)
    assert sum(part.duration_s for part in parts_of(pieces)) == pytest.approx(5, abs=0.1)
    assert [part.at for part in parts_of(pieces) if part.is_after_pause] == [dates[45], dates[75]]


def test_timestamps_that_stand_still_are_cut_by_number() -> None:
    """Memory is bounded whatever a publisher counts."""
    film = [FILM[0], *[FILM[1]] * 30_000]
    pieces = run(film, [BEGAN] * len(film), [])
    parts = parts_of(pieces)
    assert max(len(part.video.samples) for part in parts) <= 240
    assert max(sum(len(part.data) for part in segment) for segment in segments_of(pieces)) < 7 << 20
    assert max(part.number for part in parts) < 100
    assert len(segments_of(pieces)) > 1


def test_missing_sound_becomes_silence() -> None:
    """Players stop where a track ends: a source without sound, or one that was muted for a while, still has both tracks."""
    assert decode(film_of(run(FILM, steady(150), []))).longest_hole_s("audio") < 0.022
    half = [sound for sound in sounds(5) if not BEGAN + 1.5 < sound.at < BEGAN + 3.5]
    decoded = decode(film_of(run(FILM, steady(150), half)))
    assert decoded.longest_hole_s("audio") < 0.044
    assert len(decoded.beeps()) == 2
    assert max(map(abs, decoded.skews_ms())) < 40


def test_sound_that_drifts_is_set_right() -> None:
    """A sound card that is a thousandth too slow: corrected whenever it is 20 ms off."""
    heard = [sound._replace(at=BEGAN + (sound.at - BEGAN) * 1.01) for sound in sounds(5)]
    film = [replace(picture, timestamp=0) for picture in FILM]
    pieces = run(film, [BEGAN + (at - BEGAN) * 1.01 for at in steady(150)], heard)
    assert_whole(pieces)
    skews = decode(film_of(pieces)).skews_ms()
    assert max(map(abs, skews)) < 40, skews


def test_lost_opus_packets_leave_the_rest_in_its_place() -> None:
    """Five packets are missing, one comes late and one twice: later beeps are where they were."""
    feed = [Opus(number * OPUS_SAMPLES, BEGAN + number * 0.02, data) for number, data in enumerate(opus(5))]
    broken = [*feed[:60], *feed[65:70], feed[66], feed[64], *feed[70:]]
    transcoder = Transcoder()
    heard = [sound for packet in broken for sound in transcoder.feed([packet])]
    decoded = decode(film_of(run(FILM, steady(150), heard)))
    assert len(decoded.skews_ms()) == 4
    assert max(map(abs, decoded.skews_ms())) < 3


def test_broken_opus_is_counted_and_left_out() -> None:
    transcoder = Transcoder()
    assert transcoder.feed([Opus(0, BEGAN, b"\xff\xff\xff"), Opus(960, BEGAN + 0.02, b"")]) is not None
    assert len(transcoder.feed([Opus(1920 + number * 960, BEGAN + 0.04 + number * 0.02, data) for number, data in enumerate(opus(1))])) > 40


def test_ticks_are_those_of_the_dates() -> None:
    part = parts_of(run(FILM, steady(150), []))[3]
    assert part.video.start / VIDEO_HZ == pytest.approx(part.at - BEGAN, abs=1e-4)
