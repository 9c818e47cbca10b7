"""The probe measures what is there and refuses, with a reason, what is no episode."""

import dataclasses
from pathlib import Path

import pytest

from dramas.transcode.confined_probe import probe_confined
from dramas.transcode.errors import refused
from dramas.transcode.limits import SourceLimits
from dramas.transcode.probe import Probe, probe_file
from dramas.transcode.refusal import REFUSAL_CODES, Refusal
from tests.dramas.transcode.films import BUNNY, Films

EXPECTED = {
    "portrait": {"width": 202, "height": 360, "frame_rate": "25", "audio_codec": "aac", "rotation": 0},
    "landscape": {"width": 640, "height": 360},
    "rotated": {"width": 180, "height": 320},
    "uneven": {"has_variable_rate": True},
    "hevc": {"video_codec": "hevc"},
    "hdr": {"is_hdr": True, "pixel_format": "yuv420p10le"},
    "silent": {"audio_codec": "", "audio_channels": 0, "warnings": ["silent"]},
    "odd": {"width": 321, "height": 181, "pixel_format": "yuv444p"},
    "ten_bit": {"pixel_format": "yuv420p10le"},
    "anamorphic": {"width": 320, "height": 180},
    "sixty": {"frame_rate": "60", "has_variable_rate": False},
    "ntsc": {"container": "matroska", "frame_rate": "30000/1001", "has_variable_rate": False},
    "surround": {"container": "mov", "audio_channels": 6},
    "webm": {"container": "matroska", "video_codec": "vp8", "audio_codec": "opus"},
    "late_sound": {"width": 202, "height": 360},
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_good_source_is_measured(films: Films, name: str) -> None:
    """Size as displayed, rate, codecs and the picture's length come from the packets and a decoded frame."""
    probe = probe_file(films.get(name))
    assert {key: getattr(probe, key) for key in EXPECTED[name]} == EXPECTED[name]
    assert abs(probe.duration_ms - 2000) <= 100
    assert len(probe.sha256) == 64


REFUSED = {
    "empty": "empty",
    "noise": "not_video_file",
    "sound_only": "no_video",
    "cover": "no_picture",
    "no_moov": "truncated",
    "cut_off": "truncated",
    "cut_mkv": "truncated",
    "huge": "too_many_pixels",
    "theora": "unsupported_codec",
    "blink": "too_short",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_source_is_refused_with_its_reason(films: Films, name: str) -> None:
    """Each refusal has a code and a whole sentence for people."""
    with pytest.raises(Refusal) as caught:
        probe_file(films.get(name))
    assert caught.value.code == REFUSED[name]
    assert "%(" not in refused(caught.value).message


def test_length_and_size_have_limits(films: Films) -> None:
    """A source over a limit is refused with the limit."""
    with pytest.raises(Refusal) as caught:
        probe_file(BUNNY, SourceLimits(max_duration_ms=3000))
    assert (caught.value.code, caught.value.figures) == ("too_long", {"duration_s": 5, "limit_s": 3})
    with pytest.raises(Refusal) as caught:
        probe_file(BUNNY, SourceLimits(max_bytes=1024 * 1024))
    assert (caught.value.code, caught.value.figures) == ("too_large", {"limit_mb": 1})
    with pytest.raises(Refusal) as caught:
        probe_file(films.get("sixty"), SourceLimits(max_frames_per_second=50))
    assert caught.value.code == "too_fast"


def test_every_refusal_has_words() -> None:
    """No code reaches a page without a sentence."""
    figures = {"codec": "x", "limit_mb": 1, "limit_s": 1, "duration_s": 1, "width": 1, "height": 1, "limit_megapixels": 1, "limit_fps": 1}
    assert all(len(refused(Refusal(code, **figures)).message) > 20 for code in REFUSAL_CODES)


def test_the_confined_probe_says_the_same(films: Films) -> None:
    """The process boundary changes nothing: the same measurements, the same refusals."""
    assert probe_confined(films.get("portrait")) == probe_file(films.get("portrait"))
    with pytest.raises(Refusal) as caught:
        probe_confined(films.get("cut_off"))
    assert caught.value.code == "truncated"
    assert set(caught.value.figures) == {"found_s", "claimed_s"}


def test_a_probe_survives_its_json(films: Films) -> None:
    """What is stored with a source comes back whole."""
    probe = probe_file(films.get("ntsc"))
    assert Probe(**probe.as_json()) == probe
    assert dataclasses.is_dataclass(probe)


def test_a_missing_file_is_no_refusal(tmp_path: Path) -> None:
    """A defect of ours is not blamed on the uploader."""
    with pytest.raises(FileNotFoundError):
        probe_file(tmp_path / "gone.mp4")
