"""The player in real browsers, judged by the stamps in its pixels.

Bounds are wide enough for a busy machine; `make bench-playback` proves the figures.
"""

import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.dramas.player.conftest import Air
from tests.dramas.player.reading import FRAME_MS, differences, percentile, settled_after

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def now_ms() -> float:
    return time.time() * 1000


def log_of(page: Page) -> dict[str, Any]:
    log: dict[str, Any] = page.evaluate("() => window.lab.log")
    return log


def watch(page: Page, air: Air, clock_url: str, started_at_ms: float, skew_ms: float) -> None:
    page.evaluate("() => window.lab.open()")
    options = {"clockUrl": clock_url, "startedAtMs": started_at_ms, "skewMs": skew_ms}
    page.evaluate("([playback, options]) => window.lab.watch(playback, options)", [air.playbacks[0], options])


def test_two_browsers_are_in_step_though_one_clock_is_wrong(air: Callable[..., Air], lab_page: Callable[[str], Page], clock_url: str) -> None:
    """A clock 4 s off makes no difference; after a stall of 0.7 s the viewer is back in step within seconds."""
    on_air = air(seconds=40.0, episodes=1)
    started_at_ms = now_ms() - 2_000
    right, wrong = lab_page(on_air.url), lab_page(on_air.url)
    watch(right, on_air, clock_url, started_at_ms, 0)
    watch(wrong, on_air, clock_url, started_at_ms, 4_000)
    right.wait_for_timeout(6_000)
    steady_until = now_ms()
    wrong.evaluate("() => window.lab.stall(700)")
    stalled_until = now_ms()
    right.wait_for_timeout(8_000)
    logs = [log_of(right), log_of(wrong)]
    assert abs(logs[1]["offsetErrorMs"]) < 50
    steady = [difference for _at, difference in differences(logs[0]["frames"], logs[1]["frames"], steady_until - 3_500, steady_until)]
    assert len(steady) > 30
    assert percentile(steady, 0.5) < 60
    assert percentile(steady, 0.95) < 150
    after = differences(logs[0]["frames"], logs[1]["frames"], stalled_until, now_ms())
    settled_ms = settled_after(after, stalled_until, within_ms=120)
    assert settled_ms is not None
    assert settled_ms < 5_000
    truth = differences(
        logs[0]["frames"],
        [[at, 1, (at - started_at_ms) / FRAME_MS] for at in range(int(started_at_ms), int(now_ms()), 20)],
        steady_until - 2_000,
        steady_until,
    )
    assert percentile([difference for _at, difference in truth], 0.5) < 120


def test_one_episode_follows_another_without_a_black_frame(air: Callable[..., Air], lab_page: Callable[[str], Page]) -> None:
    """The preloaded episode takes over at the end of the first: at every repaint there is a picture, and none is long missing."""
    on_air = air(seconds=8.0, episodes=2)
    page = lab_page(on_air.url)
    page.evaluate("() => window.lab.open({ advances: true })")
    page.evaluate("([first]) => { void window.lab.load(first); return window.lab.play(); }", [on_air.playbacks[0]])
    page.wait_for_function("() => window.lab.log.frames.length > 10")
    page.evaluate("([second]) => window.lab.preload(second)", [on_air.playbacks[1]])
    page.wait_for_function("() => window.lab.log.frames.some(([, episode, frame]) => episode === 2 && frame > 30)", timeout=20_000)
    log = log_of(page)
    first = [frame for frame in log["frames"] if frame[1] == 1]
    second = [frame for frame in log["frames"] if frame[1] == 2]
    shown_at = first[0][0]
    black = [at for at, has_picture in log["repaints"] if at > shown_at + 50 and not has_picture]
    assert black == []
    assert second[0][0] - first[-1][0] < 600
    assert first[-1][2] >= 8 * 30 - 15, "the first episode was cut short"
    assert second[0][2] <= 15, "the second episode did not begin at its beginning"
    assert len(log["changes"]) == 1


def test_a_cue_fires_once_on_its_frame(air: Callable[..., Air], lab_page: Callable[[str], Page]) -> None:
    """Each cue enters and leaves once, at its frame; small steps of the sync do not fire it again, a jump of the viewer does."""
    times = [1_000, 3_500, 4_900]
    on_air = air(seconds=8.0, episodes=1, cues={1: times})
    page = lab_page(on_air.url)
    page.evaluate("() => window.lab.open()")
    page.evaluate("([playback]) => { void window.lab.load(playback); return window.lab.play(); }", [on_air.playbacks[0]])
    page.wait_for_function("() => window.lab.position() > 7500", timeout=20_000)
    starts = {cue["id"]: cue["at_ms"] for cue in on_air.playbacks[0]["cues"]}
    entered = [cue for cue in log_of(page)["cues"] if cue[1] == "enter"]
    assert sorted(starts[cue[0]] for cue in entered) == times
    errors = [cue[2] - starts[cue[0]] for cue in entered]
    assert max(map(abs, errors)) < 120, errors
    assert percentile([abs(error) for error in errors], 0.5) < 2 * FRAME_MS, errors
    assert [cue[1] for cue in log_of(page)["cues"] if starts[cue[0]] == 1_000] == ["enter", "exit"]
    page.evaluate("() => window.lab.seek(900)")
    page.wait_for_timeout(1_500)
    assert [starts[cue[0]] for cue in log_of(page)["cues"] if cue[1] == "enter"].count(1_000) == 2


def test_a_late_joiner_lands_in_the_cue_that_is_up(air: Callable[..., Air], lab_page: Callable[[str], Page]) -> None:
    """Joining in the middle of a cue raises it at once, and only it."""
    on_air = air(seconds=8.0, episodes=1, cues={1: [500, 3_000]})
    page = lab_page(on_air.url)
    page.evaluate("() => window.lab.open()")
    page.evaluate("([playback]) => { void window.lab.load(playback, 4000); return window.lab.play(); }", [on_air.playbacks[0]])
    page.wait_for_function("() => window.lab.log.cues.length > 0", timeout=15_000)
    page.wait_for_timeout(500)
    starts = {cue["id"]: cue["at_ms"] for cue in on_air.playbacks[0]["cues"]}
    assert [starts[cue[0]] for cue in log_of(page)["cues"] if cue[1] == "enter"] == [3_000]


def test_a_lost_network_is_told_and_survived(air: Callable[..., Air], lab_page: Callable[[str], Page]) -> None:
    """Segments that do not arrive are asked for again; the viewer is told, and told when it is over."""
    on_air = air(seconds=40.0, episodes=1)
    page = lab_page(on_air.url)
    page.evaluate("() => window.lab.open()")
    page.route("**/s000*.m4s", lambda route: route.abort() if int(route.request.url[-9:-4]) >= 2 else route.continue_())
    page.evaluate("([playback]) => { void window.lab.load(playback); return window.lab.play(); }", [on_air.playbacks[0]])
    page.wait_for_function("() => window.lab.log.frames.length > 10", timeout=30_000)
    page.evaluate("() => { window.lab.log.troubles.length = 0; }")  # a busy machine may have been slow to begin: that is another trouble
    page.wait_for_function("() => window.lab.log.troubles.includes('no_picture')", timeout=30_000)
    page.unroute("**/s000*.m4s")
    page.wait_for_function("() => window.lab.log.frames.some(([, , frame]) => frame > 150)", timeout=40_000)
    log = log_of(page)
    assert log["troubles"][-1] == "over"
    stats = page.evaluate("() => window.lab.stats()")
    assert stats["stalls"] >= 1
    assert stats["stalledMs"] > 500


def test_a_locked_episode_plays_its_teaser_and_no_more(air: Callable[..., Air], browsers: Callable[[], Browser]) -> None:
    """On the season's own page: the price stands over the teaser, and the ciphertext is never opened."""
    on_air = air(seconds=8.0, episodes=2, paid=[2])
    page = browsers().new_page(viewport={"width": 390, "height": 844})
    keys: list[int] = []
    page.on("response", lambda answer: keys.append(answer.status) if "/playback/keys/" in answer.url else None)
    page.goto(f"{on_air.url}/seasons/{on_air.season.slug}/?episode=2")
    expect(page.get_by_role("button", name="Unlock for $0.99")).to_be_visible()
    page.wait_for_timeout(5_500)
    assert page.evaluate("() => Math.max(...[...document.querySelectorAll('video')].map((video) => video.currentTime))") < 4.2
    assert keys == []


def test_the_season_page_goes_on_where_the_viewer_left(air: Callable[..., Air], browsers: Callable[[], Browser]) -> None:
    """Episode two, a few seconds in: the next visit opens there; the address names the episode."""
    on_air = air(seconds=8.0, episodes=2, cues={2: [1_000]})
    context = browsers().new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{on_air.url}/seasons/{on_air.season.slug}/?episode=2")
    expect(page.get_by_role("region", name="Brass lantern")).to_be_visible(timeout=20_000)
    page.wait_for_function("() => document.querySelector('.stage-screen.is-front video').currentTime > 3")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(500)
    again = context.new_page()
    again.goto(f"{on_air.url}/seasons/{on_air.season.slug}/")
    again.wait_for_function("() => document.querySelector('.stage-screen.is-front video').currentTime > 2.5", timeout=20_000)
    assert again.url.endswith("?episode=2")
    assert problems == []
