"""The cut between drama and live on the room's own page: what stands on the screen at each repaint, near and far from the shop.

A studio sends a stamped film by WHIP to the whole platform. A phone watches from the start (warm). Then, for each cut, one comes in
three seconds before it, behind a proxy that is 150 ms late each way (cold): it has no line when the host is announced, and has not
seen the drama that a return leads to. One phone at a time, and no console's monitors: two cores have enough to do.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.line.cutting import Cut, wait_for_cut, watch_repaints
from tests.browser.line.slow_road import slow_road
from tests.browser.line.studio import PRIMARY, send_film
from tests.browser.line.watching import wait_for_new_frames, watch_frames
from tests.browser.platform import Platform, start_platform
from tests.browser.support import Show, enter_room, put_on_air, sign_in
from tests.chromium import NEVER_IDLE, launch_options
from tests.dramas.stamps import make_stamped_film
from tests.load.fanout_client import CannotMeasure
from tests.load.report import print_row

ROUNDS = 6
ONE_WAY_S = 0.15
DRAMA = {1, 2}
BLACK_MS = 1_000.0
GOAL_MS = 50
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 60_000
COLD_FRAMES = 90
PRESS = """async ([url, body]) => {
  const csrf = document.cookie.split("; ").find((pair) => pair.startsWith("csrf=")).slice("csrf=".length);
  const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
}"""


def measure_switch() -> None:
    with tempfile.TemporaryDirectory() as folder, slow_platform(Path(folder)) as (platform, far), sync_playwright() as playwright:
        show = put_on_air(platform, "switch", seconds=40)
        film = make_stamped_film(Path(folder) / "live.mp4", seconds=30, episode=PRIMARY)
        browser = playwright.chromium.launch(**launch_options(*NEVER_IDLE))
        desk = browser.new_page()
        desk.set_default_timeout(PATIENCE_MS)
        sign_in(desk, platform)
        desk.goto(platform.url(show.console, "aurora"))
        with send_film(platform, desk, film, line="primary"):
            desk.goto(platform.url("/healthz", "aurora"))
            _tell(_cut(browser, platform, show, desk, far))
        browser.close()


@contextmanager
def slow_platform(folder: Path) -> Iterator[tuple[Platform, str]]:
    platform = start_platform(folder, "bench_switch")
    try:
        with slow_road(platform.port, one_way_s=ONE_WAY_S) as far:
            yield platform, far
    finally:
        platform.stop()


def _cut(browser: Browser, platform: Platform, show: Show, desk: Page, far: str) -> dict[str, list[Cut]]:
    found: dict[str, list[Cut]] = {"warm, to live": [], "warm, to drama": [], "cold, to live": [], "cold, to drama": []}
    ways = (("go-live", {"at_episode_end": False}, {PRIMARY}, "to live"), ("return", {}, DRAMA, "to drama"))
    warm = _enter(browser, platform, show)
    for temper in ("warm", "cold"):
        for _ in range(ROUNDS):
            for button, body, to, name in ways:
                page = warm if temper == "warm" else _enter(browser, platform, show, far)
                wait_for_new_frames(page, count=COLD_FRAMES)
                watch_repaints(page)
                _press(desk, show, button, body)
                found[f"{temper}, {name}"].append(wait_for_cut(page, to=to))
                if temper == "cold":
                    page.context.close()
        if temper == "warm":
            warm.context.close()
    return found


def _press(desk: Page, show: Show, button: str, body: dict[str, bool]) -> None:
    """As the console's button does. The line may not be heard yet, and a move may follow another after a moment only."""
    for _ in range(60):
        if desk.evaluate(PRESS, [f"/api/v1/console/{show.slug}/{button}", body]) < 300:
            return
        desk.wait_for_timeout(500)
    raise CannotMeasure(f"{button} was refused for half a minute")


def _enter(browser: Browser, platform: Platform, show: Show, proxy: str = "") -> Page:
    way = {"proxy": {"server": proxy, "bypass": "<-loopback>"}} if proxy else {}
    page = browser.new_context(viewport=PHONE, **way).new_page()
    watch_frames(page)
    enter_room(page, platform, show)
    return page


def _tell(found: dict[str, list[Cut]]) -> None:
    for name, cuts in found.items():
        gaps = [cut.gap_ms for cut in cuts]
        empty, looked_at = sum(len(cut.empty_at_ms) for cut in cuts), sum(cut.repaints for cut in cuts)
        print(
            f"  {name}: median {median(gaps):.0f} ms, worst {max(gaps):.0f} ms, {empty} of {looked_at} repaints empty",
            flush=True,
        )
    worst = max(max(cut.gap_ms, BLACK_MS if cut.empty_at_ms else 0.0) for cuts in found.values() for cut in cuts)
    print_row("playback/switch", ours=worst, unit="ms", peer="goal", peers=GOAL_MS, goal="<= 1.0")
