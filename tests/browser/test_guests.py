"""A shopper comes on stage: real Chromiums for the host, the guest and who watches, through the real media node."""

from contextlib import suppress
from typing import Any

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from realtime.messages import MOST_INCOMING_BYTES
from tests.browser.axe import violations_of
from tests.browser.platform import Platform
from tests.browser.support import Show, energy_of, enter_room, put_on_air
from tests.browser.test_live import IS_DRAMA, IS_LIVE, connect_camera, open_desk

pytestmark = pytest.mark.slow

MOST_HOLDS = 4
# The longest time between two frames of the host's picture that were put on the screen.
WATCH_GAPS = """() => {
  const video = document.querySelector(".stage-screen.is-front video");
  const seen = (window.gaps = { worst: 0, frames: 0, last: performance.now() });
  const look = (now) => {
    seen.worst = Math.max(seen.worst, now - seen.last);
    seen.last = now;
    seen.frames++;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}"""
TILE_ADVANCES = """(more) => {
  const video = document.querySelector(".tile video");
  window.tileBegan ??= video?.getVideoPlaybackQuality().totalVideoFrames;
  return video && video.getVideoPlaybackQuality().totalVideoFrames > window.tileBegan + more;
}"""
TILE = ".tile video"
SOUND_PACKETS = """async () => {
  let packets = 0;
  const [track] = document.querySelector(".tile video").srcObject.getAudioTracks();
  const receiver = window.room.guests.bundle.connection.getReceivers().find((one) => one.track === track);
  (await receiver.getStats()).forEach((stat) => { if (stat.type === "inbound-rtp") packets += stat.packetsReceived; });
  return packets;
}"""
# Whether a second comes in which no packet of the guest's sound arrives: what is on its way takes its time.
FALLS_SILENT = f"""async () => {{
  const count = {SOUND_PACKETS};
  for (let i = 0; i < 12; i++) {{
    const before = await count();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    if ((await count()) === before) return before;
  }}
  return -1;
}}"""
# Bytes of an offer to receive five guests; the host's own pair of m-lines is 3 KB longer than a guest's.
LONGEST_OFFER = """async () => {
  const Bundle = window.room.guests.bundle.constructor, connection = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const offered = new Promise((resolve) => {
    const bundle = new Bundle(connection, null, async (sdp) => resolve(sdp) ?? Promise.reject(new Error("enough")), () => undefined);
    bundle.want(["a", "b", "c", "d", "e"]);
    setTimeout(() => bundle.stop(), 3000);
  });
  const { length } = await offered;
  connection.close();
  return length;
}"""
DEVICES = ["camera", "microphone"]


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "on-stage")


@pytest.fixture
def desk(open_page: Any, platform: Platform, show: Show) -> Any:
    """A host who is live, and returns to the drama afterwards."""
    desk = open_desk(open_page, platform, show, permissions=DEVICES)
    connect_camera(desk)
    desk.keyboard.press(" ")
    desk.wait_for_function("() => window.desk.stage.isLive")
    yield desk
    desk.keyboard.press("b")


def enter_live(page: Page, platform: Platform, show: Show) -> Page:
    enter_room(page, platform, show)
    page.wait_for_function(IS_LIVE)
    return page


def ask(page: Page, how: str) -> None:
    """By keyboard alone: the badge, the way of coming, the request."""
    page.get_by_role("button", name="Come on stage").press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("The host sees and hears you first")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.textContent").strip() == how:
            break
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.room.own.source.value")


def send_request(page: Page) -> None:
    page.get_by_role("button", name="Ask the host").click()
    expect(page.get_by_role("dialog")).to_contain_text("The host has your request")


def hold(page: Page, name: str) -> None:
    """As people do: until it has worked. The button goes with the guest."""
    button = page.get_by_role("button", name=name)
    for _ in range(MOST_HOLDS):
        element = button.element_handle()
        button.hover()
        page.mouse.down()
        with suppress(TimeoutError):  # a list that changes moves it from under the pointer, and then it does nothing
            page.wait_for_function("(element) => !element.isConnected", arg=element, timeout=6_000)
        page.mouse.up()
        if button.count() == 0 and not element.evaluate("(element) => element.isConnected"):
            return
    raise AssertionError(f"held {MOST_HOLDS} times without an effect: {name}")


def test_a_shopper_comes_on_stage_and_goes(platform, show, desk, open_page, shoot, record_property):
    """Asked, seen backstage by the host alone, let on: another viewer sees moving pictures and hears a voice, while the host's
    picture goes on; muted, no packet of the voice arrives; removed, the guest is told."""
    viewer = enter_live(open_page("phone", language="zh-Hans"), platform, show)
    viewer.locator(".tap-sound").click()
    guest = enter_live(open_page("phone", permissions=DEVICES), platform, show)
    ask(guest, "Camera and microphone")
    shoot(guest, "guest-asks-phone")
    assert violations_of(guest) == []
    send_request(guest)

    name = guest.evaluate("() => window.room.model.nickname.value")
    desk.get_by_role("button", name=f"Ask {name} backstage").click()
    desk.wait_for_function(TILE_ADVANCES, arg=10)
    assert energy_of(desk, TILE) > 0.01
    expect(guest.get_by_role("dialog")).to_contain_text("Only the host’s team sees and hears you")
    guest.keyboard.press("Escape")
    expect(guest.locator(".tile")).to_contain_text("backstage")
    assert guest.evaluate("() => [document.querySelector('.tile video').muted, window.room.model.isMuted.value]") == [True, False]
    assert viewer.locator(".tile").count() == 0
    shoot(desk, "console-backstage-desktop")
    assert violations_of(desk) == []
    desk.get_by_role("button", name=f"Stream key for {name}").click()
    expect(desk.get_by_label("Server", exact=True)).to_have_value(platform.url(f"/whip/{show.slug}/", "aurora"))
    expect(desk.get_by_label("Stream key (bearer token)", exact=True)).not_to_have_value("")
    desk.keyboard.press("Escape")

    viewer.evaluate(WATCH_GAPS)
    viewer.wait_for_function("() => window.gaps.frames > 30")
    before = viewer.evaluate("() => { const { worst } = window.gaps; window.gaps.worst = 0; return worst; }")
    desk.get_by_role("button", name=f"Let {name} on stage").click()
    viewer.wait_for_function(TILE_ADVANCES, arg=20)
    worst = viewer.evaluate("() => window.gaps.worst")
    record_property("host_gap_ms", round(worst))
    print(f"longest gap of the host's picture while a guest joins: {worst:.0f} ms (before: {before:.0f} ms)")
    assert worst < 1_000
    assert energy_of(viewer, TILE) > 0.01
    assert viewer.evaluate("() => window.room.stage.isLive && window.room.stage.isPlaying")
    expect(viewer.get_by_role("region", name="台上嘉宾")).to_contain_text(name)
    guest.wait_for_function("() => window.room.model.show.value.own_stage.standing === 'on_stage'")
    shoot(viewer, "room-guest-phone")
    shoot(guest, "guest-on-stage-phone")
    assert violations_of(viewer) == []
    assert violations_of(guest) == []
    wide = enter_live(open_page("desktop"), platform, show)
    wide.wait_for_function(TILE_ADVANCES, arg=5)
    shoot(wide, "room-guest-desktop")
    assert violations_of(wide) == []
    assert wide.evaluate(LONGEST_OFFER) < MOST_INCOMING_BYTES - 3_500
    wide.close()

    desk.get_by_role("button", name=f"Mute {name}").click()
    expect(viewer.get_by_role("img", name="已静音")).to_be_visible()
    heard = viewer.evaluate(FALLS_SILENT)
    assert heard > 0
    guest.get_by_role("button", name="You are on stage").click()
    expect(guest.get_by_role("dialog")).to_contain_text("The host has muted you")
    shoot(guest, "guest-muted-phone")
    desk.get_by_role("button", name=f"Let {name} be heard again").click()
    viewer.wait_for_function(f"async (heard) => (await ({SOUND_PACKETS})()) > heard + 10", arg=heard)

    hold(desk, f"Remove {name}")
    expect(guest.get_by_text("The host has ended your time on stage")).to_be_visible()
    expect(viewer.locator(".tile")).to_have_count(0)
    assert guest.evaluate("() => window.room.own.source.value") is None
    assert viewer.evaluate("() => window.room.stage.isLive && window.room.stage.isPlaying")


def test_a_voice_alone_comes_back_after_a_reload_and_leaves_with_live(platform, show, desk, open_page, shoot):
    """No picture is asked for or sent; a reloaded page goes on where it stood; the return to the drama empties the stage."""
    viewer = enter_live(open_page("desktop"), platform, show)
    viewer.get_by_role("button", name="Tap for sound").click()
    guest = enter_live(open_page("phone", permissions=["microphone"]), platform, show)
    ask(guest, "Voice only")
    send_request(guest)
    guest.keyboard.press("Escape")
    name = guest.evaluate("() => window.room.model.nickname.value")
    desk.get_by_role("button", name=f"Ask {name} backstage").click()
    desk.get_by_role("button", name=f"Let {name} on stage").click()
    expect(viewer.locator(".tile.is-voice")).to_contain_text(name)
    viewer.wait_for_function("() => Object.values(window.room.guests.levels.value).some((level) => level > 0.01)")
    assert energy_of(viewer, TILE) > 0.01
    assert guest.evaluate("() => window.room.own.line.connection.getTransceivers().map((one) => one.sender.track.kind)") == ["audio"]
    shoot(viewer, "room-voice-desktop")
    assert violations_of(viewer) == []

    guest.reload()
    guest.wait_for_function("() => window.room?.own?.sending.value === 'sending'")
    expect(viewer.locator(".tile.is-voice:not(.is-gone)")).to_be_visible()
    assert energy_of(viewer, TILE) > 0.01
    desk.keyboard.press("b")
    viewer.wait_for_function(IS_DRAMA)
    expect(viewer.locator(".tile")).to_have_count(0)
    guest.wait_for_function("() => window.room.own.standing.value === null && window.room.own.source.value === null")


def test_what_keeps_somebody_off_stage_is_said(platform, show, desk, open_page, shoot):
    """A browser that may not use the camera, one without any, and a host who is no longer live: plain words, and a way on."""
    denied = enter_live(open_page("phone"), platform, show)
    denied.get_by_role("button", name="Come on stage").click()
    denied.get_by_role("button", name="Camera and microphone").click()
    expect(denied.get_by_role("alert")).to_contain_text("may not use your camera")
    expect(denied.get_by_role("button", name="Ask the host")).to_be_disabled()
    shoot(denied, "guest-denied-phone")
    assert violations_of(denied) == []
    bare = open_page("desktop")
    bare.add_init_script("navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'))")
    enter_live(bare, platform, show)
    bare.get_by_role("button", name="Come on stage").click()
    bare.get_by_role("button", name="Voice only").click()
    expect(bare.get_by_role("alert")).to_contain_text("No camera or microphone was found")
    desk.keyboard.press("b")
    bare.wait_for_function(IS_DRAMA)
    bare.keyboard.press("Escape")
    expect(bare.get_by_role("button", name="Come on stage")).to_have_count(0)
