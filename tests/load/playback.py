"""`make bench-playback`: two real browsers on a real server, judged by the stamps in the pixels they show.

    sync      the difference between two viewers of one program, one of whose clocks is 4.3 s wrong
    cue       how far from its moment a cue fires; `cue-busy` with the main thread blocked 60 of every 200 ms
    switch    the longest gap between drama and live, there and back (`tests/load/playback_switch.py`)

The server's clock reaches the browsers through a socket whose answers are 10 to 60 ms late each way.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402  Django must be ready before anything that holds models
from playwright.sync_api import Page, Playwright, sync_playwright  # noqa: E402

from dramas.playback.queries import list_playbacks  # noqa: E402
from dramas.playback.serializers import as_json  # noqa: E402
from dramas.seasons.queries import get_season  # noqa: E402
from merchants.accounts.models import User  # noqa: E402
from merchants.foundation.tenancy import in_schema  # noqa: E402
from tests.chromium import launch_options  # noqa: E402
from tests.dramas.building import approve, make_short_season  # noqa: E402
from tests.dramas.player.reading import differences, middle, percentile  # noqa: E402
from tests.dramas.player.web import LAB_CHROMIUM, build_lab, fill_lab, late_clock, serve  # noqa: E402
from tests.dramas.stamps import make_stamped_film  # noqa: E402
from tests.load.playback_switch import measure_switch  # noqa: E402
from tests.load.report import print_row  # noqa: E402

FILM_S = 40.0
WARM_UP_MS, MEASURED_MS = 8_000, 20_000
SKEW_MS = -4_321
FRAME_GOAL_MS = 34
CUE_TIMES_MS = [1_050 + number * 437 for number in range(60)]
BUSY_MS, BUSY_GOAL_MS = 60, 50


@dataclass
class Bench:
    """A running shop with one episode, and how to open a lab page on it."""

    url: str
    clock_url: str
    playback: dict[str, Any]
    open_page: Callable[[], Page]


def main(rows: list[str]) -> int:
    measures = {"sync": measure_sync, "cue": measure_cue}
    unknown = set(rows) - {*measures, "cue-busy", "switch"}
    if unknown:
        print(f"no row {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    wanted = {"cue" if row == "cue-busy" else row for row in rows} or {*measures, "switch"}
    if wanted & set(measures):
        with ExitStack() as stack:
            bench = start(stack)
            for name, measure in measures.items():
                if name in wanted:
                    measure(bench)
    if "switch" in wanted:
        measure_switch()
    return 0


def start(stack: ExitStack) -> Bench:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's synchronous API keeps a loop in this thread
    settings.CELERY_TASK_ALWAYS_EAGER = True
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    settings.MEDIA_ROOT = folder / "media"
    playback = publish(folder)
    url = stack.enter_context(serve(folder, settings.MEDIA_ROOT))
    script = build_lab(folder)
    playwright = stack.enter_context(sync_playwright())
    return Bench(url, stack.enter_context(late_clock()), playback, lambda: open_page(playwright, url, script))


def publish(folder: Path) -> dict[str, Any]:
    """One stamped episode, transcoded and approved as in the office."""
    film = make_stamped_film(folder / "film.mp4", seconds=FILM_S, episode=1)
    with in_schema("aurora"):
        season = make_short_season([film], cues={1: CUE_TIMES_MS})
        approve(season.id, User.objects.create_user(email="reviewer@bench.test", role="reviewer"))
        return as_json(list_playbacks(get_season(season.id), "viewer")[0])


def open_page(playwright: Playwright, url: str, script: str) -> Page:
    """A page in a browser of its own."""
    page = playwright.chromium.launch(**launch_options(*LAB_CHROMIUM)).new_page(viewport={"width": 360, "height": 640})
    fill_lab(page, url, script)
    return page


def measure_sync(bench: Bench) -> None:
    started_at_ms = time.time() * 1000 - 1_000
    pages = [bench.open_page(), bench.open_page()]
    for page, skew_ms in zip(pages, (0, SKEW_MS), strict=True):
        page.evaluate("() => window.lab.open()")
        options = {"clockUrl": bench.clock_url, "startedAtMs": started_at_ms, "skewMs": skew_ms}
        page.evaluate("([playback, options]) => window.lab.watch(playback, options)", [bench.playback, options])
    pages[0].wait_for_timeout(WARM_UP_MS + MEASURED_MS)
    end_ms = time.time() * 1000
    frames = [page.evaluate("() => window.lab.log.frames") for page in pages]
    found = [difference for _at, difference in differences(frames[0], frames[1], end_ms - MEASURED_MS, end_ms)]
    _close(pages)
    if len(found) < 100:
        raise SystemExit("playback/sync: the browsers showed too few frames to compare")
    print(f"  median {middle(found):.0f} ms over {len(found)} readings", flush=True)
    print_row("playback/sync", ours=percentile(found, 0.95), unit="ms", peer="one frame at 30", peers=FRAME_GOAL_MS, goal="<= 1.0")


def measure_cue(bench: Bench) -> None:
    for row, busy_ms, goal_ms in (("playback/cue", 0, FRAME_GOAL_MS), ("playback/cue-busy", BUSY_MS, BUSY_GOAL_MS)):
        page = bench.open_page()
        page.evaluate("() => window.lab.open()")
        page.evaluate("([playback]) => { void window.lab.load(playback); return window.lab.play(); }", [bench.playback])
        if busy_ms:
            page.evaluate("(ms) => window.lab.burden(ms)", busy_ms)
        page.wait_for_function("(end) => window.lab.position() > end", arg=CUE_TIMES_MS[-1] + 300, timeout=120_000)
        starts = {cue["id"]: cue["at_ms"] for cue in bench.playback["cues"]}
        entered = [cue for cue in page.evaluate("() => window.lab.log.cues") if cue[1] == "enter"]
        _close([page])
        if sorted(starts[cue[0]] for cue in entered) != CUE_TIMES_MS:
            raise SystemExit(f"{row}: {len(entered)} cues fired, {len(CUE_TIMES_MS)} were set, each once")
        errors = [abs(cue[2] - starts[cue[0]]) for cue in entered]
        print(f"  median {middle(errors):.0f} ms, worst {max(errors):.0f} ms of {len(errors)} cues", flush=True)
        print_row(row, ours=percentile(errors, 0.95), unit="ms", peer="goal", peers=goal_ms, goal="<= 1.0")


def _close(pages: list[Page]) -> None:
    for page in pages:
        browser = page.context.browser
        if browser is not None:
            browser.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
