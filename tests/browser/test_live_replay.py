"""The live part in its replay: a real console sends a camera, the node records it, a worker takes it in, a phone watches it again."""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.line import replaying
from tests.browser.platform import Platform
from tests.browser.support import Show, energy_of, enter_room, put_on_air, say
from tests.browser.test_live import IS_DRAMA, IS_LIVE, WATCH_FOR_BLACK, connect_camera, open_desk

pytestmark = pytest.mark.slow

SAID = "hello from the pier"
RUN_UP_MS = 3_000
# The stretch that is recorded and shown now, with the front screen playing its film.
IS_IN_LIVE_PART = """() => {
  const { model, stage } = window.replay;
  const isShown = model.isLivePart.value && stage.current?.episode_id === model.stretch.value.recording_id;
  return isShown && stage.isPlaying && model.picture.value === "playing";
}"""
IS_IN_DRAMA = """() => {
  const { model, stage } = window.replay;
  return Boolean(model.stretch.value.episode_id) && stage.current?.episode_id === model.stretch.value.episode_id && stage.isPlaying;
}"""
PIXELS = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 32, height: 32 }).getContext("2d");
  pen.drawImage(document.querySelector(".stage-screen.is-front video"), 0, 0, 32, 32);
  return [...pen.getImageData(0, 0, 32, 32).data].join();
}"""


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "kept-night")


def test_a_live_part_is_watched_again_in_its_place(platform, show, open_page, shoot):
    """Drama, live, drama: frames advance and sound is heard in the live part, its danmaku crosses within a tick of its moment, its card
    rises, and no painted frame is black at the borders or after a seek over them."""
    phone = open_page("phone")
    enter_room(phone, platform, show)
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    desk.wait_for_timeout(3_000)  # a camera's pictures have dates once its browser has reported: 2.4 s after the first
    go_live_for_a_while(desk, phone)
    end_show(desk, phone)
    open_replay(phone, platform, show)

    page = phone.evaluate("() => window.replay.model.page")
    assert page["left_out"] == []
    places = [index for index, stretch in enumerate(page["stretches"]) if stretch["recording_id"]]
    assert len(places) == 1
    live = page["stretches"][places[0]]
    assert 0 < places[0] < len(page["stretches"]) - 1
    assert live["from_ms"] < 1_500
    assert live["to_ms"] - live["from_ms"] > 4_000

    phone.get_by_role("button", name="Tap for sound").click()
    phone.evaluate(WATCH_FOR_BLACK)
    ends_ms = live["at_ms"] + live["to_ms"] - live["from_ms"]
    seek(phone, live["at_ms"] - RUN_UP_MS)
    cross(phone, IS_IN_DRAMA, IS_IN_LIVE_PART)
    expect(phone.get_by_role("heading", name="Live with Lin")).to_be_visible()
    before, first = phone.evaluate("() => window.replay.stage.stats().shownFrames"), phone.evaluate(PIXELS)
    phone.wait_for_function("(before) => window.replay.stage.stats().shownFrames > before + 15", arg=before)
    assert phone.evaluate(PIXELS) != first
    assert energy_of(phone, is_film=True) > 0.01
    shoot(phone, "replay-live-phone")
    assert violations_of(phone) == []
    seek(phone, ends_ms - RUN_UP_MS)
    cross(phone, IS_IN_LIVE_PART, IS_IN_DRAMA)
    count_anew(phone, IS_IN_DRAMA)
    seek(phone, live["at_ms"] + 1_000)  # over the border, back
    phone.wait_for_function(IS_IN_LIVE_PART)
    assert phone.evaluate("() => window.seen.black") == 0

    card = next(moment for moment in page["moments"] if moment["key"].startswith("card:"))
    assert live["at_ms"] <= card["at_ms"] < ends_ms
    seek(phone, card["at_ms"] + 200)
    phone.wait_for_function("(key) => window.replay.model.visibleMoment.value?.key === key", arg=card["key"])
    at_ms = replaying.place_of(phone, SAID)
    assert live["at_ms"] <= at_ms < ends_ms
    late = replaying.lateness_of(phone, SAID, at_ms)
    print(f"danmaku of the live part after its moment in the replay: {late} ms")
    assert min(late) >= 0
    assert min(late) <= 100


def go_live_for_a_while(desk: Page, phone: Page) -> None:
    """Ten seconds at most, with a word of a shopper and a card of the host."""
    desk.keyboard.press(" ")
    phone.wait_for_function(IS_LIVE)
    expect(desk.get_by_text("Being recorded for the replay")).to_be_visible()
    phone.wait_for_timeout(2_000)  # the live part has a length
    say(phone, SAID)
    desk.get_by_role("button", name="Raise", exact=True).first.click()
    expect(desk.get_by_role("button", name="Lower", exact=True).first).to_be_visible()
    phone.wait_for_timeout(3_000)
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)
    phone.wait_for_timeout(2_500)  # and so has the drama after it


def end_show(desk: Page, phone: Page) -> None:
    desk.locator(".console-end").hover()
    desk.mouse.down()
    expect(phone.get_by_role("button", name="Replay in a moment")).to_be_visible()
    desk.mouse.up()
    desk.get_by_role("button", name="Disconnect").click()
    expect(phone.get_by_role("link", name="Watch replay")).to_be_visible(timeout=40_000)


def open_replay(phone: Page, platform: Platform, show: Show) -> None:
    """The worker has at most a minute: the sweeper comes by every ten seconds. Until then the page says what is missing."""
    deadline = time.monotonic() + 60
    phone.goto(platform.url(f"{show.path}replay/", "aurora"))
    while not phone.evaluate("() => window.replay?.model.page.recordings.length"):
        assert time.monotonic() < deadline, phone.evaluate("() => window.replay?.model.page.left_out")
        expect(phone.get_by_text("is being prepared")).to_be_visible()
        phone.wait_for_timeout(2_000)
        phone.reload()
        phone.wait_for_function("() => window.replay")
    phone.wait_for_function("() => window.replay?.stage?.isPlaying")


def count_anew(phone: Page, place: str) -> None:
    """From a picture that stands: while a film seeks in itself nothing can be read, though its old picture is still painted."""
    phone.wait_for_function(f"() => ({place})() && document.querySelector('.stage-screen.is-front video').readyState >= 3")
    phone.evaluate("() => Object.assign(window.seen, { frames: 0, black: 0 })")


def cross(phone: Page, one: str, other: str) -> None:
    """Play over a border; no painted frame is black."""
    count_anew(phone, one)
    phone.wait_for_function(other)
    seen = phone.evaluate("() => window.seen")
    assert (seen["black"], seen["frames"] > 0) == (0, True), seen


def seek(phone: Page, at_ms: float) -> None:
    phone.get_by_role("slider", name="Position in the replay").fill(str(int(max(0, at_ms) // 100 * 100)))
