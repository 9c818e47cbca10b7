"""Lobby, room, replay and console in a real Chromium: two phones, the host's desk, keyboard, sizes, both languages."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.platform import Platform
from tests.browser.support import Show, enter_room, put_on_air, say, sign_in
from tests.chromium import launch_options

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "lantern")


def choose_language(page: Page, code: str, platform: Platform) -> None:
    page.context.add_cookies([{"name": "language", "value": code, "url": platform.url("/", "aurora")}])


@pytest.mark.parametrize("size", ["phone", "tablet", "desktop"])
def test_lobby_and_room_have_no_violation(platform, show, open_page, shoot, size):
    """WCAG A and AA at three sizes; the first frame has the advertising label before any script ran."""
    page = open_page(size)
    page.goto(platform.url("/", "aurora"))
    expect(page.get_by_role("link", name="Watch now").first).to_be_visible()
    assert violations_of(page) == []
    shoot(page, f"lobby-{size}")
    enter_room(page, platform, show)
    expect(page.get_by_text("Ad · Aurora").first).to_be_visible()
    shoot(page, f"room-{size}")
    assert violations_of(page) == []


def test_lobby_and_room_in_chinese(platform, show, open_page, shoot):
    """The language of the page is announced, and no English key shows through as itself."""
    page = open_page("phone")
    choose_language(page, "zh-hans", platform)
    page.goto(platform.url("/", "aurora"))
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    shoot(page, "lobby-phone-zh")
    enter_room(page, platform, show)
    assert violations_of(page) == []
    shoot(page, "room-phone-zh")


def test_two_phones_hear_each_other(platform, show, open_page):
    """A danmaku crosses at once on the sender's own screen, outlined, and on the other's; a comment stands in the stack; likes add up."""
    one, two = open_page("phone"), open_page("phone")
    enter_room(one, platform, show)
    enter_room(two, platform, show)
    say(one, "don't you dare walk away")
    expect(one.locator(".danmaku-line.is-own")).to_have_text("don't you dare walk away")
    expect(two.locator(".danmaku-line")).to_have_text("don't you dare walk away")
    two.get_by_label("Say something…").fill("is it real gold?")
    two.locator(".mode-switch").click()
    two.get_by_role("button", name="Send").click()
    expect(one.locator(".pill", has_text="is it real gold?")).to_be_visible()
    before = two.evaluate("() => window.room.model.likes.value")
    one.locator(".like-button").click()
    two.wait_for_function("(before) => window.room.model.likes.value > before", arg=before)


def test_the_card_rises_with_the_story_and_leads_to_the_checkout(platform, show, open_page, shoot):
    """At the cue's second, with its real stock; the picture goes on under the sheet, which gives the focus back."""
    page = open_page("phone")
    enter_room(page, platform, show)
    card = page.locator(".card", has_text=show.product)
    expect(card).to_be_visible(timeout=60_000)
    expect(card).to_contain_text("17")
    shoot(page, "room-card-phone")
    position = page.evaluate("() => window.room.stage.positionMs")
    page.get_by_role("button", name="Bag, ").click()
    page.get_by_role("button", name=f"Buy {show.product}").click()
    expect(page.get_by_role("dialog")).to_contain_text(show.product)
    assert violations_of(page) == []
    shoot(page, "room-checkout-phone")
    page.wait_for_function("(before) => window.room.stage.positionMs !== before && window.room.stage.isPlaying", arg=position)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_room_by_keyboard(platform, show, open_page):
    """Slash writes, D and space work, a sheet keeps Tab inside and gives the focus back on Escape."""
    page = open_page("desktop")
    enter_room(page, platform, show)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Say something…")).to_be_focused()
    page.locator("body").click(position={"x": 700, "y": 10})
    page.evaluate("() => document.activeElement.blur()")
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Danmaku", exact=True)).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("d")
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Back in step")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.get_by_role("button", name="Back in step")).to_have_count(0)
    bag = page.get_by_role("button", name="Bag, ")
    bag.focus()
    page.keyboard.press("Enter")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    expect(bag).to_be_focused()


def test_the_host_interrupts_and_takes_it_back(platform, show, open_page, shoot):
    """Slate reaches the phone, undo brings the episode back where it stood; a line that is deleted leaves every screen."""
    phone, desk = open_page("phone"), open_page("desktop")
    enter_room(phone, platform, show)
    sign_in(desk, platform)
    desk.goto(platform.url(show.console, "aurora"))
    expect(desk.get_by_text("Connected")).to_be_visible()
    say(phone, "who is she")
    expect(desk.locator(".crowd-line", has_text="who is she")).to_be_visible()
    shoot(desk, "console-desktop")
    assert violations_of(desk) == []
    desk.keyboard.press("s")
    expect(phone.get_by_text("Back in a moment")).to_be_visible()
    desk.get_by_role("button", name="Undo").click()
    phone.wait_for_function("() => window.room.model.scene.value === 'drama' && window.room.stage.isPlaying")
    line = desk.locator(".crowd-line", has_text="who is she")
    line.hover()
    trash = line.locator(".icon-button").last
    trash.hover()
    desk.mouse.down()
    expect(line).to_have_count(0)
    desk.mouse.up()


def test_a_short_press_does_not_end_the_show(platform, show, open_page):
    """The end must be held; a click only says so."""
    desk = open_page("desktop")
    sign_in(desk, platform)
    desk.goto(platform.url(show.console, "aurora"))
    end = desk.locator(".console-end")
    end.click()
    expect(end).to_contain_text("Keep it pressed")
    expect(desk.locator(".console-state")).to_have_text("On air")


def test_after_the_end_the_room_leads_to_its_replay(platform, open_page, shoot):
    """Held to its end, the room says so on every phone; the replay plays its danmaku and seeks by its moments."""
    show = put_on_air(platform, "short-night", is_beside=True)
    phone, desk = open_page("phone"), open_page("desktop")
    enter_room(phone, platform, show)
    say(phone, "first!")
    sign_in(desk, platform)
    desk.goto(platform.url(show.console, "aurora"))
    expect(desk.get_by_text("Connected")).to_be_visible()
    desk.locator(".console-end").hover()
    desk.mouse.down()
    expect(phone.get_by_role("button", name="Replay in a moment")).to_be_visible()
    desk.mouse.up()
    shoot(phone, "ended-phone")
    assert violations_of(phone) == []
    phone.get_by_role("link", name="Watch replay").click(timeout=40_000)  # there once the end cannot be taken back any more
    expect(phone.get_by_role("heading", name="Moments")).to_be_visible()
    phone.wait_for_function("() => window.replay?.stage?.isPlaying")
    shoot(phone, "replay-phone")
    assert violations_of(phone) == []
    phone.locator(".moment-go").first.click()
    phone.wait_for_function("() => Math.abs(window.replay.model.atMs.value - window.replay.model.page.moments[0].at_ms) < 3000")


def test_refused_pages_say_what_next(platform, open_page):
    """404 leads back; no violation."""
    page = open_page("phone")
    page.goto(platform.url("/rooms/nowhere/", "aurora"))
    expect(page.get_by_role("link", name="To the start page")).to_be_visible()
    assert violations_of(page) == []


PHONE = "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"
_MEASURED = """
import json, time
from merchants.foundation.tenancy import in_schema
from rooms.insights.events.models import Event
from rooms.insights.ingest.consumer import Consumer

consumer, until, kinds = Consumer("browser"), time.monotonic() + 30, []
while time.monotonic() < until and 19 not in kinds:
    consumer.work(block_ms=200)
    with in_schema("aurora"):
        events = list(Event.objects.filter(room_id=%(room)r).order_by("at").values("kind", "place", "value", "viewer_id", "session_id", "source"))
    kinds = [event["kind"] for event in events]
print(json.dumps(events, default=str))
"""


def test_a_visit_is_measured_until_it_ends(platform, show, chromium, open_page, shoot):
    """Enter, the first frame, a heartbeat, the card and the exit are stored for one visit of one viewer; who says no sends nothing.

    The office draws it: no violation of its policy or of WCAG.
    """
    silent = open_page("phone", user_agent=PHONE, extra_http_headers={"Sec-GPC": "1"})
    enter_room(silent, platform, show)
    assert silent.evaluate("() => window.room.model.page.measure.events") is None
    # A page's own name does not reach a request that outlives it: the browser itself must not say that it is headless.
    phone = chromium.browser_type.launch(**launch_options(f"--user-agent={PHONE}"))
    page = phone.new_page(viewport={"width": 390, "height": 844})
    page.goto(platform.url(f"{show.path}?utm_source=mail", "aurora"))
    expect(page.locator(".card", has_text=show.product)).to_be_visible(timeout=60_000)
    page.wait_for_function("() => window.room.stage.stats().watchedMs > 12000", timeout=60_000)
    page.goto(platform.url("/", "aurora"))  # the last batch goes while the page does
    phone.close()
    events = json.loads(platform.run(_MEASURED % {"room": show.room_id}).strip().splitlines()[-1])
    kinds = [event["kind"] for event in events]
    assert {1, 2, 3, 10, 19} <= set(kinds), kinds
    assert kinds[0] == 1
    assert events[0]["source"] == "mail"
    assert len({(event["viewer_id"], event["session_id"]) for event in events}) == 1
    watched = [event for event in events if event["kind"] == 10]
    assert watched[0]["place"] > 100_000
    assert 5_000 < watched[0]["value"] <= 60_000
    office = open_page("desktop")
    sign_in(office, platform)
    office.goto(platform.url("/insights/", "aurora"))
    expect(office.locator("#retention canvas")).to_be_visible()
    assert office.evaluate("() => window.insights.funnel[0].sessions") == 1
    assert violations_of(office) == []
    shoot(office, "insights-desktop")
