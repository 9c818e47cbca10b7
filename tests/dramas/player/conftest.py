"""A shop with stamped episodes on a real server, and pages of real browsers that hold the player."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from dramas.playback.queries import list_playbacks
from dramas.playback.serializers import as_json
from dramas.seasons.queries import SeasonView, get_season
from merchants.foundation.tenancy import in_schema
from tests.chromium import launch_options
from tests.conftest import Shop
from tests.dramas.building import approve, make_short_season
from tests.dramas.player.web import LAB_CHROMIUM, build_frontend, build_lab, fill_lab, late_clock, serve


@dataclass
class Air:
    """The season, as its viewers get it, and where."""

    url: str
    season: SeasonView
    playbacks: list[dict[str, Any]]


@pytest.fixture(scope="package")  # no longer: its loop in this thread would stop asynchronous tests elsewhere
def browsers() -> Iterator[Callable[[], Browser]]:
    """Each call is a browser of its own: two pages of one browser would share its scheduler.

    Playwright's synchronous API keeps an event loop in this thread, which Django takes for asynchronous code.
    """
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        opened: list[Browser] = []

        def launch() -> Browser:
            opened.append(playwright.chromium.launch(**launch_options(*LAB_CHROMIUM)))
            return opened[-1]

        yield launch
        for browser in opened:
            browser.close()


@pytest.fixture(scope="session")
def lab_script(tmp_path_factory: pytest.TempPathFactory) -> str:
    build_frontend()
    return build_lab(tmp_path_factory.mktemp("lab"))


@pytest.fixture
def lab_page(browsers: Callable[[], Browser], lab_script: str) -> Iterator[Callable[[str], Page]]:
    """`lab_page(url)` is a page of its own browser that holds a stage and writes down what it shows."""
    pages: list[Page] = []

    def open_page(url: str) -> Page:
        page = browsers().new_page(viewport={"width": 360, "height": 640})
        fill_lab(page, url, lab_script)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.context.browser.close()


@pytest.fixture
def air(transactional_db: None, tmp_path: Path, settings: Any, hire: Any, stamped_film: Callable[[int, float], Path]) -> Iterator[Callable[..., Air]]:
    """`air(seconds=8, episodes=2, cues={1: [3_000]})` is a season on a running shop."""
    with ExitStack() as stack:

        def make(*, seconds: float = 8.0, episodes: int = 2, **options: Any) -> Air:
            shop = Shop(schema="aurora", host="aurora.localhost")
            with in_schema(shop.schema):
                films = [stamped_film(number, seconds) for number in range(1, episodes + 1)]
                season = make_short_season(films, **options)
                approve(season.id, hire(shop, "reviewer"))
                season = get_season(season.id)
                playbacks = [as_json(playback) for playback in list_playbacks(season, "viewer")]
            url = stack.enter_context(serve(tmp_path, settings.MEDIA_ROOT))
            return Air(url, season, playbacks)

        yield make


@pytest.fixture
def clock_url() -> Iterator[str]:
    with late_clock() as url:
        yield url
