"""The host cuts in: a real console sends a camera through the media node, and a phone sees and hears it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.line.films import cut_episode
from tests.browser.platform import Platform
from tests.browser.support import Show, energy_of, enter_room, put_on_air, sign_in
from tests.chromium import SHARED_TITLE

pytestmark = pytest.mark.slow

# Looks at every painted frame: is a screen of the stage in front that has a picture which is not black? The fake camera and the
# stamped film are both bright.
WATCH_FOR_BLACK = """() => {
  const seen = (window.seen = { frames: 0, black: 0, live: 0, drama: 0 });
  const pen = Object.assign(document.createElement("canvas"), { width: 8, height: 8 }).getContext("2d", { willReadFrequently: true });
  const look = () => {
    const screens = [...document.querySelectorAll(".stage-screen.is-front")];
    let light = 0;
    for (const screen of screens) {
      const video = screen.querySelector("video");
      pen.clearRect(0, 0, 8, 8);
      if (video.readyState >= 2) pen.drawImage(video, 0, 0, 8, 8);
      light = Math.max(light, ...pen.getImageData(0, 0, 8, 8).data.filter((_, index) => index % 4 < 3));
    }
    seen.frames++;
    if (light < 16) seen.black++;
    if (screens.some((screen) => screen.querySelector("video").srcObject)) seen.live++;
    else seen.drama++;
    requestAnimationFrame(look);
  };
  look();
}"""
IS_LIVE = "() => window.room.model.scene.value === 'live' && window.room.stage.isLive && window.room.stage.isPlaying"
IS_DRAMA = "() => window.room.model.scene.value === 'drama' && !window.room.stage.isLive && window.room.stage.isPlaying"

# The place to return to is one in the episode that plays, and is still in it when it is looked at.
FAR_FROM_ITS_END = "() => window.room.stage.positionMs > 1000 && window.room.stage.positionMs < 9000"

SHOWS_GREEN = """() => {
  const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  pen.drawImage(document.querySelector(".stage-screen.is-front video"), 0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return green > 100 && red < 60 && blue < 60;
}"""


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "cut-in")


def open_desk(open_page: Any, platform: Platform, show: Show, *, permissions: list[str], init_script: str = "") -> Page:
    desk: Page = open_page("desktop", permissions=permissions)
    if init_script:
        desk.add_init_script(init_script)
    sign_in(desk, platform)
    desk.goto(platform.url(show.console, "aurora"))
    expect(desk.get_by_text("Connected", exact=True)).to_be_visible()
    return desk


def connect_camera(desk: Page) -> None:
    desk.keyboard.press("l")
    desk.wait_for_function("() => window.desk.host.source.value?.kind === 'camera' && window.desk.host.level.value > 0.05")
    desk.get_by_role("button", name="Connect", exact=True).click()
    expect(desk.get_by_text("Take it on air when you are ready")).to_be_visible()
    desk.wait_for_function("() => window.desk.model.state.value.moves.go_live")


def position_of(page: Page) -> float:
    found: float = page.evaluate("() => window.room.stage.positionMs")
    return found


def test_the_host_cuts_in_and_the_story_goes_on_where_it_stopped(platform, show, open_page, shoot):
    """Nobody sees the camera before it is taken; then the phone's frames advance and its sound is heard; the return leads to the
    saved position; not one painted frame is black on either way."""
    phone = open_page("phone")
    enter_room(phone, platform, show)
    phone.get_by_role("button", name="Tap for sound").click()
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    shoot(desk, "console-green-room-desktop")
    assert violations_of(desk) == []
    assert phone.evaluate("() => window.room.model.line.value") == "off"

    phone.evaluate(WATCH_FOR_BLACK)
    phone.wait_for_function(FAR_FROM_ITS_END)
    desk.keyboard.press(" ")
    phone.wait_for_function(IS_LIVE)
    expect(phone.get_by_text("LIVE", exact=True)).to_be_visible()
    before = phone.evaluate("() => window.room.stage.stats().shownFrames")
    phone.wait_for_function("(before) => window.room.stage.stats().shownFrames > before + 15", arg=before)
    assert energy_of(phone) > 0.01
    expect(desk.get_by_text("On air", exact=True).first).to_be_visible()
    phone.wait_for_function("() => window.room.model.lagMs.value !== null")
    shoot(phone, "room-live-phone")
    assert violations_of(phone) == []
    desk.wait_for_function("() => window.desk.stage.isLive")
    desk.wait_for_timeout(1_500)
    shoot(desk, "console-live-desktop")
    assert violations_of(desk) == []

    saved_ms = desk.evaluate("() => window.desk.model.placeToReturn.value.atMs")
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)
    assert abs(position_of(phone) - saved_ms) < 2_500
    seen = phone.evaluate("() => window.seen")
    assert min(seen["live"], seen["drama"]) > 10
    assert seen["black"] == 0, seen
    desk.get_by_role("button", name="Disconnect").click()


def test_the_desk_draws_the_line(platform, show, open_page, shoot):
    """Camera to screens in milliseconds, the phone's share among them; the camera may be softened, on air as well."""
    phone = open_page("phone")
    enter_room(phone, platform, show)
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    desk.get_by_role("button", name="Soften the picture").click()
    desk.wait_for_function("() => window.desk.host.isSoft.value && window.desk.host.picture.value !== window.desk.host.source.value.stream")
    desk.locator("button.take").click()
    phone.wait_for_function(IS_LIVE)
    desk.get_by_text("From the camera to the viewers").click()
    expect(desk.locator(".way rect")).to_have_count(6, timeout=30_000)  # the phone has reported
    expect(desk.get_by_text("No second line is ready.")).to_be_visible()
    told = desk.evaluate("() => window.desk.numbers.desk.value")
    assert [tier["viewers"] for tier in told["audience"]] == [1]
    sending = told["sending"][0]["figures"]
    assert min(sending["encoded_per_s"], sending["width"]) > 0
    assert told["live"]["lines"][0]["media"][0]["jitter_ms"] < 5_000
    shoot(desk, "console-line-desktop")
    assert violations_of(desk) == []

    desk.get_by_role("button", name="Soften the picture").click()
    desk.wait_for_function("() => !window.desk.host.isSoft.value")
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)
    desk.get_by_role("button", name="Disconnect").click()
    desk.goto(platform.url(f"/office/lines/{show.slug}/", "aurora"))
    expect(desk.get_by_role("heading", name="Drills", exact=True)).to_be_visible()
    shoot(desk, "office-line-desktop")
    assert violations_of(desk) == []


def test_a_film_and_the_screen_are_sources_like_the_camera(platform, show, open_page, tmp_path):
    """A film of the host's own is sent and heard; the screen takes its place on the same line, on air, and its picture arrives."""
    slides = open_page("desktop")
    slides.set_content(f"<title>{SHARED_TITLE}</title><style>body {{ background: rgb(0, 160, 0) }}</style>")
    phone = open_page("phone")
    enter_room(phone, platform, show)
    phone.get_by_role("button", name="Tap for sound").click()
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    desk.get_by_label("Film from this computer").set_input_files(cut_episode(tmp_path, 1, seconds=4))
    desk.wait_for_function("() => window.desk.host.source.value?.kind === 'file' && window.desk.host.level.value > 0.01")
    desk.get_by_role("button", name="Connect", exact=True).click()
    desk.wait_for_function("() => window.desk.model.state.value.moves.go_live")
    desk.keyboard.press(" ")
    phone.wait_for_function(IS_LIVE)
    assert energy_of(phone) > 0.001

    desk.bring_to_front()
    desk.get_by_role("button", name="Screen", exact=True).click()
    desk.wait_for_function("() => window.desk.host.source.value?.kind === 'screen' && window.desk.host.sending.value === 'sending'")
    phone.wait_for_function(SHOWS_GREEN)
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)


def test_a_wide_screen_joins_while_the_host_is_live(platform, show, open_page, shoot):
    """Who opens the room in the middle of the host's words sees the host, and leaves with the host to the episode."""
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    desk.keyboard.press(" ")
    desk.wait_for_function("() => window.desk.stage.isLive")
    wide = open_page("desktop")
    enter_room(wide, platform, show)
    wide.wait_for_function(IS_LIVE)
    shoot(wide, "room-live-desktop")
    assert violations_of(wide) == []
    desk.keyboard.press("b")
    wide.wait_for_function(IS_DRAMA)


def test_a_line_that_does_not_reach_a_viewer_is_said(platform, show, open_page, shoot):
    """After two attempts that bring nothing, and with no film either: one clear sentence, and a way to try again."""
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    phone = open_page("phone")
    phone.add_init_script("RTCPeerConnection.prototype.setRemoteDescription = () => Promise.reject(new DOMException('no', 'OperationError'))")
    phone.route("**/api/v1/rooms/*/film", lambda route: route.abort())
    enter_room(phone, platform, show)
    desk.keyboard.press(" ")
    expect(phone.get_by_role("alert")).to_contain_text("the picture does not reach you")
    expect(phone.get_by_role("button", name="Try again")).to_be_visible()
    shoot(phone, "room-live-unreachable-phone")
    assert violations_of(phone) == []
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)


def test_a_host_whose_line_breaks_is_waited_for(platform, show, open_page, shoot):
    """The host's tab is closed on air: the room says who is reconnecting; back at the desk the host need only connect again."""
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    connect_camera(desk)
    phone = open_page("phone")
    enter_room(phone, platform, show)
    desk.keyboard.press(" ")
    phone.wait_for_function(IS_LIVE)
    desk.close()
    expect(phone.get_by_text("Lin is reconnecting")).to_be_visible()
    shoot(phone, "room-live-fault-phone")
    assert violations_of(phone) == []
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    desk.keyboard.press("l")
    desk.get_by_role("button", name="Connect", exact=True).click()
    phone.wait_for_function(IS_LIVE)
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)


def test_the_green_room_measures_the_upload_and_plays_the_own_voice(platform, show, open_page, shoot):
    """Before anything is sent: bits a second with what they are good for, and the host's voice back from the speakers."""
    desk = open_desk(open_page, platform, show, permissions=["camera", "microphone"])
    desk.keyboard.press("l")
    desk.get_by_role("button", name="Measure my upload").click()
    expect(desk.get_by_text(re.compile(r"\d (Mb|kb)/s: "))).to_be_visible()
    desk.wait_for_function("() => window.desk.host.level.value > 0.05")
    desk.get_by_role("button", name="Hear myself").click()
    expect(desk.get_by_text("Speak for three seconds")).to_be_visible()
    expect(desk.get_by_text("This is how you sound")).to_be_visible()
    # The fake microphone beeps on while the voice is played: what a loud echo looks like.
    expect(desk.get_by_text("Use headphones").or_(desk.get_by_text("no echo comes back"))).to_be_visible()
    shoot(desk, "console-checks-desktop")
    assert violations_of(desk) == []


def test_a_camera_that_may_not_be_used_is_said(platform, show, open_page, shoot):
    """Permission denied: what happened, what to do, and a stream key for OBS beside it."""
    desk = open_desk(open_page, platform, show, permissions=[])
    desk.get_by_role("button", name="Camera").click()
    expect(desk.get_by_role("alert")).to_contain_text("may not use your camera")
    expect(desk.get_by_role("alert")).to_contain_text("address bar")
    shoot(desk, "console-denied-desktop")
    assert violations_of(desk) == []
    desk.get_by_role("button", name="OBS or FFmpeg").click()
    expect(desk.get_by_label("Server", exact=True)).to_have_value(platform.url(f"/whip/{show.slug}/", "aurora"))
    expect(desk.get_by_label("Stream key (bearer token)", exact=True)).not_to_have_value("")
    shoot(desk, "console-key-desktop")
    assert violations_of(desk) == []
