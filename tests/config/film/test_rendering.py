"""Rendering: the same bytes every time, once, whole or not at all."""

from __future__ import annotations

import hashlib
import re
import subprocess
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.demo.film import RenderedEpisode, RenderFailed, RenderStopped, render_episode
from config.demo.film.mix import RATE, loudness
from config.demo.film.pictures import product_picture, write_pictures
from config.demo.film.projector import FPS
from config.demo.film.render import default_ffmpeg
from config.demo.film.voices import say

SMALL = 0.4
"""Pixels per point for tests: 216x384."""


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _told(path: Path, *filters: str) -> str:
    """What ffmpeg says about a file."""
    return subprocess.run(
        [default_ffmpeg(), "-hide_banner", "-i", str(path), *filters, "-f", "null", "-"], capture_output=True, text=True, timeout=60
    ).stderr


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> RenderedEpisode:
    """One small episode."""
    return render_episode("borealis", 1, tmp_path_factory.mktemp("films"), density=SMALL)


def test_an_episode_is_a_portrait_film_with_sound(rendered: RenderedEpisode) -> None:
    """H.264 at 25 frames a second, AAC, the length that the script says, its sidecars beside it."""
    told = _told(rendered.video_path)
    assert re.search(r"Video: h264.*yuv420p.*216x384.* 25 fps", told)
    assert re.search(r"Audio: aac.*44100 Hz, stereo", told)
    minutes, seconds = re.search(r"Duration: 00:(\d\d):(\d\d\.\d\d)", told).groups()
    assert int(minutes) * 60 + float(seconds) == pytest.approx(rendered.duration_ms / 1000, abs=0.1)
    assert all(path.read_text(encoding="utf-8").startswith("WEBVTT") for path in rendered.captions.values())
    assert cv2.imread(str(rendered.poster_path)).shape == (384, 216, 3)


def test_the_sound_is_as_loud_as_a_phone_expects_and_never_clips(rendered: RenderedEpisode) -> None:
    """ffmpeg's own meter agrees with ours: -16 LUFS, peaks under -1 dB."""
    told = _told(rendered.video_path, "-af", "ebur128=peak=true").split("Summary:")[-1]
    assert float(re.search(r"I:\s+(-?[\d.]+) LUFS", told).group(1)) == pytest.approx(-16, abs=1)
    assert float(re.search(r"Peak:\s+(-?[\d.]+) dBFS", told).group(1)) <= -1.0


def test_the_picture_moves_and_is_never_blank(rendered: RenderedEpisode) -> None:
    """Every half second there is light, and something has moved since the frame before."""
    film = cv2.VideoCapture(str(rendered.video_path))
    frames = []
    while (read := film.read())[0]:
        frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY))
    assert len(frames) == round(rendered.duration_ms * FPS / 1000)
    for at in range(FPS, len(frames) - FPS, FPS // 2):
        assert frames[at].mean() > 4
        assert cv2.absdiff(frames[at], frames[at - 1]).mean() > 0.05


def test_rendering_again_gives_the_same_bytes(rendered: RenderedEpisode, tmp_path: Path) -> None:
    """Another folder, another run, the same film."""
    again = render_episode("borealis", 1, tmp_path, density=SMALL)
    assert _digest(again.video_path) == _digest(rendered.video_path)
    assert _digest(again.poster_path) == _digest(rendered.poster_path)
    assert again.cues == rendered.cues


def test_a_finished_episode_is_not_rendered_again(rendered: RenderedEpisode) -> None:
    """The second call returns at once with the same file, and no work folder is left."""
    before, started = rendered.video_path.stat().st_mtime_ns, time.monotonic()
    shares: list[float] = []
    again = render_episode("borealis", 1, rendered.video_path.parents[1], shares.append, density=SMALL)
    assert time.monotonic() - started < 2
    assert again.video_path.stat().st_mtime_ns == before
    assert shares == [1.0]
    assert not list(rendered.video_path.parents[1].glob("*.part"))


def test_a_stopped_rendering_leaves_nothing(tmp_path: Path) -> None:
    """Stopping ends every process within moments and removes the half-made folder."""
    started = time.monotonic()
    with pytest.raises(RenderStopped):
        render_episode("borealis", 2, tmp_path, density=SMALL, should_stop=lambda: time.monotonic() - started > 1.5)
    assert time.monotonic() - started < 6
    assert not list(tmp_path.iterdir())
    assert str(tmp_path) not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, timeout=10).stdout


def test_an_encoder_that_cannot_run_is_named(tmp_path: Path) -> None:
    """A wrong path and a program that is no ffmpeg are refused with their name."""
    with pytest.raises(RenderFailed, match="no-such-ffmpeg"):
        render_episode("borealis", 1, tmp_path, ffmpeg=str(tmp_path / "no-such-ffmpeg"))
    with pytest.raises(RenderFailed, match="false"):
        render_episode("borealis", 1, tmp_path, ffmpeg="/bin/false")


def test_an_unknown_episode_is_refused(tmp_path: Path) -> None:
    """Numbers start at 1 and end with the season."""
    for number in (0, 7):
        with pytest.raises(IndexError):
            render_episode("borealis", number, tmp_path)


def test_voices_differ_in_pitch_and_fit_their_time() -> None:
    """He speaks lower than she does; a line never runs past its slot; the same line is the same samples."""
    line, longest = "Then I never met you.", 1.7
    hers, his = say(line, "mara", longest), say(line, "theo", longest)
    assert max(len(hers), len(his)) <= (longest + 0.1) * RATE
    assert _pitch(his) < 0.75 * _pitch(hers)
    assert np.array_equal(his, say(line, "theo", longest))


def _pitch(tone: np.ndarray) -> float:
    """Median pitch over loud 40 ms windows, by autocorrelation between 60 and 400 Hz."""
    size, found = RATE // 25, []
    for at in range(0, len(tone) - size, size // 2):
        window = tone[at : at + size]
        if np.abs(window).max() < 0.1:
            continue
        likeness = np.correlate(window, window, "full")[size:]
        low, high = RATE // 400, RATE // 60
        found.append(RATE / (low + int(np.argmax(likeness[low:high])) + 1))
    return float(np.median(found))


def test_the_meter_reads_a_known_tone() -> None:
    """A 997 Hz sine at full scale in one channel reads -3.01 LUFS (BS.1770)."""
    tone = np.sin(2 * np.pi * 997 * np.arange(RATE * 3) / RATE).astype(np.float32)
    assert loudness(np.stack([tone, np.zeros_like(tone)], axis=1)) == pytest.approx(-3.01, abs=0.15)


def test_a_shop_gets_all_its_pictures_once(tmp_path: Path) -> None:
    """Products 3:4, posters 9:16 and 16:9, a square host and mark; a second call draws nothing."""
    pictures = write_pictures("borealis", tmp_path)
    assert set(pictures.products) == {"two-cups", "snow-bud-tea", "mended-teapot", "midnight-lantern"}
    sizes = {path.name: cv2.imread(str(path)).shape[:2] for path in tmp_path.iterdir()}
    assert sizes["two-cups.jpg"] == (1280, 960)
    assert sizes["poster.jpg"] == (1280, 720)
    assert sizes["poster-wide.jpg"] == (900, 1600)
    assert sizes["host.jpg"] == (800, 800)
    made = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    write_pictures("borealis", tmp_path)
    assert made == {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert np.array_equal(product_picture("cup", 240), product_picture("cup", 240))


def test_the_first_episode_says_how_long_it_took(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Speed is printed, not judged: the machine may be busy."""
    started = time.monotonic()
    done = render_episode("aurora", 1, tmp_path)
    with capsys.disabled():
        print(f"\naurora/1: {done.duration_ms / 1000:.1f} s of film in {time.monotonic() - started:.1f} s")
    assert done.video_path.stat().st_size > 500_000
