"""Fixtures of the browser tests: one platform and one Chromium for all of them."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.pictures import PHONE_SCALE
from tests.browser.platform import Platform, start_platform
from tests.chromium import FAKE_CAMERA, SHARED_TAB, launch_options

OUTPUT = Path(__file__).parent / "output"
PATIENCE_MS = 40_000  # two cores that other work keeps busy
SIZES = {"phone": (390, 844), "tablet": (768, 1024), "desktop": (1440, 900)}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    running = start_platform(tmp_path_factory.mktemp("platform"), f"browser_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    yield running
    running.stop()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """No longer than its folder: Playwright keeps a loop in this thread, in which asynchronous tests could not run."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options(*FAKE_CAMERA, *SHARED_TAB))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`open_page("phone", language="zh-Hans")`: a page in a context of its own; console errors and CSP reports fail the test at its end."""
    contexts: list[Any] = []
    problems: list[str] = []

    def make(size: str = "phone", language: str = "en", **options: Any) -> Page:
        width, height = SIZES[size]
        is_phone = size == "phone"
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale=language,
            has_touch=is_phone,
            device_scale_factor=PHONE_SCALE if is_phone else 1,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: problems.append(f"{page.url}: {error}"))
        page.on("console", lambda message: _note(message, page, problems))
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


def _note(message: Any, page: Page, problems: list[str]) -> None:
    """A refusal that the page shows (4xx of a form or an API) is expected; a broken policy or script is not."""
    if message.type == "error" and ("Content Security Policy" in message.text or "Uncaught" in message.text):
        problems.append(f"{page.url}: {message.text}")


@pytest.fixture(autouse=True)
def _back_in_the_story(request: pytest.FixtureRequest) -> None:
    """A try that failed may have left the host on air, without a host, and a card up: the next one begins where the first did."""
    if "show" in request.fixturenames and getattr(request.node, "execution_count", 1) > 1:
        request.getfixturevalue("platform").run(_RETURN % request.getfixturevalue("show").room_id)


_RETURN = """
from contextlib import suppress
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import in_schema
from rooms.cards.actions import lower_card
from rooms.cards.models import RaisedCard
from rooms.program import actions
room_id, actor = "%s", "a test that is tried again"
with in_schema("aurora"):
    for card in RaisedCard.objects.filter(room_id=room_id, lowered_at=None):
        with suppress(DomainError):
            lower_card(room_id=room_id, card_id=card.pk, actor=actor)
    with suppress(DomainError):
        actions.go_back(room_id=room_id, actor=actor)
"""


@pytest.fixture
def shoot() -> Callable[[Page, str], Path]:
    """`shoot(page, "lobby-phone")` leaves tests/browser/output/lobby-phone.png."""
    OUTPUT.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> Path:
        path = OUTPUT / f"{name}.png"
        page.screenshot(path=path)
        return path

    return take
