"""The host's picture on its two roads: who is put on which, what they are told, and that cards and words come with the picture."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.platform import Platform
from tests.browser.support import Show, enter_room, put_on_air, say
from tests.browser.test_live import IS_DRAMA, IS_LIVE, WATCH_FOR_BLACK, open_desk
from tests.realtime.rtc.lossy import BadNetwork

pytestmark = pytest.mark.slow

STALL_FREE_S = 30
# Cards wait for the picture by what the page measures of its delay, look every 250 ms, and a browser on two cores is late itself.
ALIGNED_MS = 800

# In the camera's place: the time of day in milliseconds, its lower 16 bits as bars, over something that moves; and a tone.
STAMPED_CAMERA = """
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 }), pen = canvas.getContext("2d");
  setInterval(() => {
    const now = Math.floor(performance.timeOrigin + performance.now()) & 0xffff;
    pen.fillStyle = "#9ab"; pen.fillRect(0, 64, 640, 296);
    pen.fillStyle = `hsl(${now / 50 % 360},80%,50%)`; pen.fillRect((now / 3) % 640, 120, 60, 60);
    for (let bit = 0; bit < 16; bit++) { pen.fillStyle = now >> bit & 1 ? "#fff" : "#000"; pen.fillRect(bit * 40, 0, 40, 60); }
  }, 50);
  const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
  tone.connect(out); tone.start();
  const stream = canvas.captureStream(20);
  stream.addTrack(out.stream.getAudioTracks()[0]);
  return stream;
};
"""
# Notes which stamp the picture shows when a card, or a line of somebody, first stands there.
NOTE_STAMPS = """() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 60 });
  const { model } = window.room, pen = canvas.getContext("2d", { willReadFrequently: true }), stamps = (window.stamps = {});
  const stamp = () => {
    const video = document.querySelector(".stage-screen.is-front video");
    pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 6, 0, 0, 640, 60);
    const pixels = pen.getImageData(0, 30, 640, 1).data;
    let shown = 0;
    for (let bit = 0; bit < 16; bit++) if (pixels[(bit * 40 + 20) * 4] > 128) shown |= 1 << bit;
    return shown;
  };
  const look = () => {
    const card = model.card.value;
    if (card && model.show.value.cards.some((raised) => raised.id === card.key)) stamps[card.key] ??= stamp();
    for (const line of model.lines.value) stamps[line.text] ??= stamp();
    requestAnimationFrame(look);
  };
  look();
}"""
# A network in which no direct line comes to be, until `window.isOpen`; and pauses as short as chance allows.
NO_DIRECT_LINE = """
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = function (description) {
  return window.isOpen ? take.call(this, description) : Promise.reject(new DOMException("no", "OperationError"));
};
Math.random = () => 0;
"""
# Every packet goes over a relay of ours: the page's own addresses lead nowhere, and the node's are exchanged.
THROUGH_RELAY = """
const take = RTCPeerConnection.prototype.setRemoteDescription;
RTCPeerConnection.prototype.setRemoteDescription = async function (description) {
  return take.call(this, { type: description.type, sdp: await window.through(description.sdp) });
};
const own = Object.getOwnPropertyDescriptor(RTCPeerConnection.prototype, "localDescription").get;
Object.defineProperty(RTCPeerConnection.prototype, "localDescription", { get() {
  const found = own.call(this);
  return found && { type: found.type, sdp: found.sdp.replace(/^a=candidate:.*\\r\\n/gm, "") };
} });
"""
TIER_IS = "(tier) => window.room.model.tier.value.tier === tier && window.room.stage.isLive && window.room.model.picture.value === 'playing'"
SHOWN = "() => window.room.stage.stats().shownFrames"


@pytest.fixture(scope="module")
def show(platform: Platform) -> Show:
    return put_on_air(platform, "two-roads")


@pytest.fixture
def desk(open_page: Any, platform: Platform, show: Show) -> Iterator[Page]:
    """The host, live with a stamped camera; the story goes on afterwards."""
    page = open_desk(open_page, platform, show, permissions=["camera", "microphone"], init_script=STAMPED_CAMERA)
    page.keyboard.press("l")
    page.wait_for_function("() => window.desk.host.source.value?.kind === 'camera'")
    page.get_by_role("button", name="Connect", exact=True).click()
    page.wait_for_function("() => window.desk.model.state.value.moves.go_live")
    page.keyboard.press(" ")
    page.wait_for_function("() => window.desk.model.room.scene.value === 'live'")
    yield page
    page.keyboard.press("b")
    page.wait_for_function("() => window.desk.model.room.scene.value === 'drama'")


@pytest.fixture
def bad_network() -> Iterator[Any]:
    """`bad_network(page, loss)` puts the page's direct line behind a relay that loses packets."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    networks: list[BadNetwork] = []

    def put_behind(page: Page, loss: float) -> BadNetwork:
        network = BadNetwork(loss=loss, delay_s=0.03)
        networks.append(network)
        page.expose_function("through", lambda sdp: asyncio.run_coroutine_threadsafe(network.between(sdp), loop).result(10))
        page.add_init_script(THROUGH_RELAY)
        return network

    yield put_behind
    for network in networks:
        loop.call_soon_threadsafe(network.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def off_by_ms(stamp: int, at_ms: int) -> int:
    """How much later than `at_ms` the picture with this stamp was taken."""
    return (stamp - at_ms + 0x8000) % 0x10000 - 0x8000


def raise_card(desk: Page, show: Show) -> dict[str, Any]:
    desk.locator(".desk-row", has_text=show.product).get_by_role("button", name="Raise").click()
    found = "() => window.desk.model.room.show.value.cards.filter((card) => card.expires_at_ms > window.desk.model.room.nowMs.value).at(-1)"
    card: dict[str, Any] = desk.wait_for_function(found).json_value()
    return card


def test_who_gets_no_direct_line_follows_the_film_and_comes_back(platform, show, desk, open_page, shoot):
    """Two failed joins lead to the film, which says so and plays for half a minute without a stall; cards and others' words come
    with the same picture on both roads; the console counts both; once there is a direct line the page takes it by itself, and
    no painted frame is black."""
    direct, film = open_page("phone"), open_page("phone")
    film.add_init_script(NO_DIRECT_LINE)
    for phone in (direct, film):
        enter_room(phone, platform, show)
    direct.wait_for_function(TIER_IS, arg="webrtc")
    film.wait_for_function(TIER_IS, arg="llhls", timeout=60_000)
    film.wait_for_function("() => window.room.model.lagMs.value > 300")
    film.evaluate("() => { window.before = { at: Date.now(), ...window.room.stage.stats() }; }")
    for phone in (direct, film):
        phone.evaluate(NOTE_STAMPS)
        phone.evaluate(WATCH_FOR_BLACK)

    card = raise_card(desk, show)
    said_ms = direct.evaluate("() => Date.now()")
    say(direct, "look at that one")
    offsets = {}
    for name, phone in (("direct", direct), ("film", film)):
        phone.wait_for_function("(key) => key in window.stamps", arg=card["id"])
        offsets[name] = off_by_ms(phone.evaluate("(key) => window.stamps[key]", card["id"]), card["raised_at_ms"])
    film.wait_for_function("() => 'look at that one' in window.stamps")
    word = off_by_ms(film.evaluate("() => window.stamps['look at that one']"), said_ms)
    lag = film.evaluate("() => window.room.model.lagMs.value")
    print(f"the card came {offsets} ms after the picture on which it was raised, words {word} ms; the film is {lag:.0f} ms behind")
    assert max(map(abs, offsets.values())) <= ALIGNED_MS, offsets
    assert word >= -ALIGNED_MS, "words about a picture come before it"

    film.get_by_role("button", name="Picture and sound settings").click()
    expect(film.get_by_text("The direct picture does not get through to you")).to_be_visible()
    assert violations_of(film) == []
    shoot(film, "room-live-steady-phone")
    film.keyboard.press("Escape")
    expect(desk.locator(".console-figures")).to_contain_text("Steady1")
    expect(desk.locator(".console-figures")).to_contain_text("Direct2")

    film.wait_for_function(f"() => Date.now() - window.before.at > {STALL_FREE_S * 1000}", timeout=60_000)
    before, after = film.evaluate("() => [window.before, window.room.stage.stats()]")
    print(f"film: {after['shownFrames'] - before['shownFrames']} frames in {STALL_FREE_S} s, {after['stalls'] - before['stalls']} stalls")
    assert after["stalledMs"] - before["stalledMs"] < 1_000, after  # none on a quiet machine
    assert after["shownFrames"] - before["shownFrames"] > STALL_FREE_S * 5

    film.evaluate("() => { window.isOpen = true; }")
    film.wait_for_function(TIER_IS, arg="webrtc", timeout=90_000)
    film.wait_for_function("() => document.querySelector('.stage-screen.is-front video').srcObject")
    seen = film.evaluate("() => window.seen")
    assert seen["black"] == 0, seen


def test_a_lossy_network_leads_to_the_film_whose_frames_advance(platform, show, desk, open_page, bad_network):
    """At 15 % loss the page goes over to the film, without a black frame, and says why."""
    phone = open_page("phone")
    network = bad_network(phone, 0.15)
    enter_room(phone, platform, show)
    phone.wait_for_function(IS_LIVE)
    phone.evaluate(WATCH_FOR_BLACK)
    phone.wait_for_function(TIER_IS, arg="llhls", timeout=60_000)
    assert phone.evaluate("() => window.room.model.tier.value.reason") == "loss"
    assert network.lost > 20
    before = phone.evaluate(SHOWN)
    phone.wait_for_function(f"(before) => ({SHOWN})() > before + 60", arg=before)
    expect(phone.get_by_text("Steady ·")).to_be_visible()
    seen = phone.evaluate("() => window.seen")
    assert seen["black"] == 0, seen


def test_a_film_whose_node_is_killed_is_found_again(platform, show, desk, open_page):
    """kill -9 of the only node: the host's page sends to the next one, the film is loaded anew and its frames advance; at the
    end of the live part the story goes on."""
    phone = open_page("phone")
    phone.add_init_script(NO_DIRECT_LINE)
    enter_room(phone, platform, show)
    phone.wait_for_function(TIER_IS, arg="llhls", timeout=60_000)
    platform.kill("media")
    phone.wait_for_function("() => window.room.model.scene.value === 'fault'", timeout=60_000)
    platform.start_media_node()
    desk.wait_for_function("() => window.desk.model.state.value.moves.go_live", timeout=60_000)
    desk.keyboard.press(" ")
    phone.wait_for_function(TIER_IS, arg="llhls", timeout=60_000)
    before = phone.evaluate(SHOWN)
    phone.wait_for_function(f"(before) => ({SHOWN})() > before + 30", arg=before, timeout=60_000)
    desk.keyboard.press("b")
    phone.wait_for_function(IS_DRAMA)
    desk.keyboard.press(" ")


def test_it_is_said_when_neither_road_leads_to_the_host(platform, show, desk, open_page):
    """And the viewer's own press tries both again."""
    phone = open_page("phone")
    phone.add_init_script(NO_DIRECT_LINE)
    phone.route("**/api/v1/rooms/*/film", lambda route: route.abort())
    phone.goto(platform.url(show.path, "aurora"))
    expect(phone.get_by_role("alert")).to_contain_text("the picture does not reach you")
    phone.unroute("**/api/v1/rooms/*/film")
    phone.get_by_role("button", name="Try again").click()
    phone.wait_for_function(IS_LIVE)
