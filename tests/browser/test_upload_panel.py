"""The upload panel of an episode's office page, with a real worker behind it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.axe import violations_of
from tests.browser.platform import PASSWORD, Platform
from tests.dramas.transcode.films import Films

SEED = """
import json
from merchants.accounts.models import User
from merchants.foundation.tenancy import in_schema
from dramas.seasons.actions import add_episode, create_season
with in_schema("aurora"):
    User.objects.filter(email="uploads@aurora.example").delete()
    User.objects.create_user(email="uploads@aurora.example", password=%r, role="editor")
    season_id = create_season(actor="x", title="Rain on the roof", profile="demo")
    print("IDS" + json.dumps([str(add_episode(actor="x", season_id=season_id, title=f"Part {number}")) for number in range(1, 4)]))
"""


@pytest.fixture(scope="module")
def episodes(platform: Platform) -> list[str]:
    printed = platform.run(SEED % PASSWORD)
    found: list[str] = json.loads(printed[printed.index("IDS") + 3 :].splitlines()[0])
    return found


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    return Films(tmp_path_factory.mktemp("films"))


def open_episode(open_page: Any, platform: Platform, episode_id: str, size: str = "desktop", language: str = "en") -> Any:
    page = open_page(size, language)
    page.goto(platform.url("/accounts/login/", "aurora"))
    page.locator("[name=login]").fill("uploads@aurora.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form[method=post] button[type=submit]").last.click()
    page.wait_for_url("**/admin/**")
    page.goto(platform.url(f"/admin/dramas/episode/{episode_id}/change/", "aurora"))
    page.locator(".drop-zone").wait_for()
    return page


def large_film(films: Films) -> Path:
    """More than 9 MB: several pieces."""
    look = ("-vf", "scale=480:270,noise=alls=90:allf=t", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "1", "-pix_fmt", "yuv420p", "-an")
    film = films.from_bunny("large.mp4", 4, *look)
    assert film.stat().st_size > 9_000_000
    return film


def test_a_file_is_uploaded_converted_and_ready(platform: Platform, open_page: Any, shoot: Any, episodes: list[str], films: Films) -> None:
    """Choose a file; it uploads, is checked, converts with moving percent, and is ready without a reload."""
    page = open_episode(open_page, platform, episodes[0])
    assert violations_of(page) == []
    shoot(page, "upload-empty-desktop")
    page.locator("input[type=file].unseen").set_input_files(films.get("two_steps"))
    page.get_by_text("Converting").first.wait_for()
    shoot(page, "upload-converting-desktop")
    page.get_by_text("Ready in all qualities").wait_for(timeout=120_000)
    assert violations_of(page) == []
    shoot(page, "upload-ready-desktop")


def test_a_refused_file_says_why_and_another_can_follow(platform: Platform, open_page: Any, shoot: Any, episodes: list[str], films: Films) -> None:
    """A truncated file is named as that, on a phone; the panel stays ready for the next."""
    page = open_episode(open_page, platform, episodes[1], "phone")
    page.locator("input[type=file].unseen").set_input_files(films.get("cut_off"))
    page.get_by_role("alert").filter(has_text="cut off").wait_for()
    assert violations_of(page) == []
    shoot(page, "upload-refused-phone")
    page.locator("input[type=file].unseen").set_input_files(films.get("silent"))
    page.get_by_text("Ready in all qualities").wait_for(timeout=120_000)
    assert page.get_by_text("This video has no sound.").is_visible()


def test_a_broken_line_a_pause_and_a_reload_lose_nothing(platform: Platform, open_page: Any, shoot: Any, episodes: list[str], films: Films) -> None:
    """A lost piece is sent again; a paused upload goes on; after a reload the same file continues where it was."""
    page = open_episode(open_page, platform, episodes[2])
    film, pieces = large_film(films), []

    def spoil_second(route: Any) -> None:
        pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) == 2:
            route.abort("connectionreset")
        elif len(pieces) == 3:
            page.evaluate("window.isHeld = true")
        else:
            route.continue_()

    page.route("**/api/v1/transcode/uploads/*/", lambda route: spoil_second(route) if route.request.method == "PATCH" else route.continue_())
    page.locator("input[type=file].unseen").set_input_files(film)
    page.wait_for_function("window.isHeld")
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused.").wait_for()
    shoot(page, "upload-paused-desktop")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.unroute_all(behavior="ignoreErrors")
    page.get_by_text("Choose the same file again to go on.").wait_for()
    with page.expect_request(lambda request: request.method == "PATCH") as first:
        page.locator("input[type=file].unseen").set_input_files(film)
    assert first.value.headers["upload-offset"] == str(4 * 1024 * 1024)
    page.get_by_text("Ready in all qualities").wait_for(timeout=180_000)
    assert pieces == [0, 4 * 1024 * 1024, 4 * 1024 * 1024]
