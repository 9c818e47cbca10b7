"""`make run` from an empty folder: killed, started again, and then the demo as a stranger finds it: something on air, something to come,
something to look back on, books to read. In the end it stops clean.

It leaves the pictures of the README: in `docs/pictures` under `make pictures`, otherwise beside those of the browser tests.
"""

import csv
import io
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from config.embedded.processes import free_port
from tests.browser.conftest import SIZES
from tests.browser.pictures import PHONE_SCALE, keep_picture
from tests.chromium import launch_options
from tests.config.supervised import Run, fetch, processes_of, wait_until_gone

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SEASON_IN_S = 600
ORDERS_IN_S = 150
PATIENCE_MS = 40_000
PLAYING = "() => window.room?.model?.connection.value === 'open' && window.room.model.picture.value === 'playing'"
HELD = "() => document.querySelectorAll('.leg-link.is-tied').length === 2"


@dataclass(frozen=True)
class Demo:
    """A running demo whose shop `aurora` is complete, and how to look at it."""

    port: int
    password: str
    browser: Browser

    def url(self, path: str, host: str = "aurora.localhost") -> str:
        return f"http://{host}:{self.port}{path}"

    def open(self, path: str, size: str, *, role: str = "", language: str = "en") -> Page:
        """`role`: signed in as that member of the demo's staff."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            device_scale_factor=PHONE_SCALE if size == "phone" else 1,
            has_touch=size == "phone",
        )
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if role:
            page.goto(self.url(f"/accounts/login/?next={path}"))
            page.locator("[name=login]").fill(f"{role}@aurora.example")
            page.locator("[name=password]").fill(self.password)
            page.keyboard.press("Enter")
            page.wait_for_url(lambda url: "/accounts/login" not in url)
        page.goto(self.url(path))
        return page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**launch_options())
        yield running
        running.close()


@dataclass
class Killed:
    """What was seen of a first start that was killed while it drew and converted the season."""

    data: Path
    port: int
    opening_night: int
    second: subprocess.Popen[bytes]
    told: str
    left: dict[int, str]


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    data, port = tmp_path_factory.mktemp("demo") / "data", free_port()
    first = Run(data, port)
    first.wait_until("READY")
    opening_night = fetch(port, "aurora.localhost", "/rooms/opening-night/")
    second = Run(data, free_port())
    second.process.wait(20)
    first.process.kill()
    first.process.wait()
    yield Killed(data, port, opening_night, second.process, second.output, wait_until_gone(data))
    for pid in processes_of(data):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def again(killed: Killed) -> Run:
    """The second start on the same folder; the demo goes on to build itself."""
    run = Run(killed.data, killed.port)
    run.wait_until("READY")
    return run


@pytest.fixture(scope="module")
def demo(again: Run, browser: Browser) -> Demo:
    """Waits until the six episodes are drawn, converted, approved and on air, and the opening night is a replay."""
    found = re.search(r"password for all: (\S+)", again.output)
    assert found is not None, again.output
    deadline = time.monotonic() + SEASON_IN_S
    while fetch(again.port, "aurora.localhost", "/rooms/next-season/") != 200:
        assert time.monotonic() < deadline, (again.data / "logs" / "demo.log").read_text()[-2_000:]
        time.sleep(1)
    return Demo(again.port, found[1], browser)


@pytest.fixture
def keep() -> Callable[[Page, str], Path]:
    """`keep(page, "lobby-desktop")` leaves `lobby-desktop.jpg`."""
    return lambda page, name: keep_picture(page.screenshot(), name)


Keep = Callable[[Page, str], Path]


def wait_for_card(page: Page) -> None:
    """Until a card of the story stands over a picture that plays."""
    page.wait_for_function(PLAYING, timeout=60_000)
    page.locator("section.card").wait_for(timeout=90_000)


def test_a_kill_leaves_no_process_and_no_damage(killed: Killed, again: Run) -> None:
    """READY means an open room; kill -9 leaves no process, grandchildren included; the next start goes on with the same data."""
    assert killed.opening_night == 200
    assert killed.second.returncode == 1
    assert "already running" in killed.told
    assert killed.left == {}
    assert fetch(again.port, "aurora.localhost", "/rooms/opening-night/") == 200
    assert [fetch(again.port, "localhost", path) for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]


def test_the_lobby_has_something_in_every_section(demo: Demo, keep: Keep) -> None:
    """On air, to come, to look back on, a season of six, products with prices."""
    page = demo.open("/", "desktop")
    expect(page.locator("a[href='/rooms/midnight-show/']").first).to_be_visible()
    expect(page.locator("a[href='/rooms/next-season/']").first).to_be_visible()
    expect(page.locator("a[href*='/rooms/opening-night/replay/']").first).to_be_visible()
    expect(page.locator("[data-product]").first).to_be_visible()
    assert page.locator("section.shelf", has_text="The Last Train North").locator(".shelf-item").count() == 6
    page.evaluate("() => Promise.all([...document.images].map((image) => image.decode().catch(() => 0)))")
    keep(page, "lobby-desktop")


def test_the_room_plays_the_story_with_its_card(demo: Demo, keep: Keep) -> None:
    """A phone in the room: captions, the crowd's words, the card of the moment; then its checkout over the picture that goes on."""
    page = demo.open("/rooms/midnight-show/", "phone")
    page.wait_for_function(PLAYING, timeout=60_000)
    for text in ("four years???", "he KEPT it", "that necklace though"):
        page.get_by_label("Say something…").fill(text)
        page.keyboard.press("Enter")
        page.wait_for_timeout(900)
    tap = page.get_by_role("button", name="Tap for sound")
    if tap.is_visible():
        tap.click()
    wait_for_card(page)
    keep(page, "room-phone")
    page.locator("section.card").get_by_role("button", name="Buy", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(400)
    keep(page, "checkout-phone")


def test_the_opening_night_is_a_replay_with_its_crowd(demo: Demo, keep: Keep) -> None:
    """The danmaku of the evening cross again; the bought moments are marked."""
    page = demo.open("/rooms/opening-night/replay/", "phone")
    page.wait_for_function("() => window.replay?.stage?.isPlaying")
    page.locator(".danmaku-line").first.wait_for(state="attached", timeout=60_000)
    keep(page, "replay-phone")


def test_the_office_is_at_work(demo: Demo, keep: Keep) -> None:
    """Today's home with orders, the sealed season with its six episodes, an episode's timeline with its cues."""
    page = demo.open("/admin/", "desktop", role="owner")
    expect(page.locator("a[href*='/console/midnight-show/']").first).to_be_visible()
    keep(page, "office-home")
    page.goto(demo.url("/admin/dramas/season/"))
    page.locator("#result_list a", has_text="The Last Train North").first.click()
    expect(page.get_by_text("Sealed", exact=True)).to_be_visible()
    page.wait_for_timeout(500)
    keep(page, "season")


def test_the_console_steers_the_room(demo: Demo, keep: Keep) -> None:
    """Preview and program play, the run of show stands, the cues of the episode are listed."""
    page = demo.open("/console/midnight-show/", "desktop", role="host")
    expect(page.get_by_text("Connected")).to_be_visible()
    page.wait_for_timeout(4_000)
    keep(page, "console")


def test_the_books_hold_sales_a_refund_and_tie(demo: Demo, keep: Keep) -> None:
    """Paid and refunded orders, a declined payment that cost nothing; orders, ledger and the processor's balance agree."""
    page = demo.open("/finance/", "desktop", role="finance")
    page.wait_for_function(HELD, timeout=60_000)
    keep(page, "finance")
    with page.expect_download() as arriving:
        page.get_by_role("link", name="Orders as CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(arriving.value.path()).read_text("utf-8-sig"), newline="")))
    assert {"capture", "refund"} <= {row["event_type"] for row in rows}
    owner = demo.open("/admin/commerce/order/", "desktop", role="owner")
    for word in ("Paid", "Refunded"):
        expect(owner.get_by_text(word, exact=True).first).to_be_visible()


def test_the_insights_tell_of_the_first_showing(demo: Demo, keep: Keep) -> None:
    """Its audience second by second, the cards it bought by, what the opening night cost and left, a test of the cards that runs."""
    page = demo.open("/insights/?room=midnight-show", "desktop", role="owner")
    expect(page.locator("#retention canvas")).to_be_visible()
    visits = page.locator(".insights-figures dt:text-is('Visits') + dd").inner_text()
    assert int(visits.replace(",", "")) >= 30, visits
    deadline = time.monotonic() + ORDERS_IN_S
    while not page.locator("#attribution tfoot").is_visible():
        assert time.monotonic() < deadline, "nobody bought"
        page.wait_for_timeout(5_000)
        page.reload()
        page.wait_for_timeout(1_500)
    keep(page, "insights")
    page.goto(demo.url("/insights/contribution/"))
    page.get_by_label("Season").select_option(label="The Pendant: the first night")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("canvas").first).to_be_visible()
    page.wait_for_timeout(1_000)
    keep(page, "contribution")
    page.goto(demo.url("/admin/rooms/experiment/"))
    page.locator("#result_list a", has_text="Do cards sell more").first.click()
    expect(page.get_by_text("Three seconds later").first).to_be_visible()


def test_the_second_shop_has_a_story_of_its_own(demo: Demo) -> None:
    """`borealis` opens, and shows nothing of `aurora`."""
    page = demo.open("/", "phone")
    page.goto(demo.url("/", "borealis.localhost"))
    expect(page.get_by_role("heading").first).to_be_visible()
    assert "The Last Train North" not in page.content()


def test_it_stops_clean(again: Run) -> None:
    """SIGTERM ends every process, and the database in order."""
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(60) == 0
    assert wait_until_gone(again.data) == {}
    assert "database system is shut down" in (again.data / "postgres.log").read_text()[-400:]
