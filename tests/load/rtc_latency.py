"""How old a picture is when a viewer sees it: Chromium publishes a canvas that shows the time and watches it over our node in
another page, and every frame that is shown tells its age, encoding, node and decoding included. The same two pages then talk
straight to each other: what that takes is the browser's own share.
"""

import asyncio
import statistics
from collections.abc import Awaitable, Callable

from playwright.async_api import Browser, Page, async_playwright

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.names import RoomName
from realtime.rtc.node import Node
from tests.chromium import NEVER_IDLE, launch_options
from tests.load.fanout_client import CannotMeasure
from tests.load.report import print_row
from tests.load.rtc_llhls import PUBLISHER

ROOM = RoomName.of("aurora", "r1")
SETTLE_S, WATCHED_S = 4.0, 10.0
GOAL_MS = 45.0

# With an offer it answers it, otherwise it makes one.
WATCH = """
window.watch = async (offer) => {
  const peer = window.peer = new RTCPeerConnection();
  window.video = Object.assign(document.createElement("video"), { autoplay: true, muted: true });
  document.body.append(video);
  peer.ontrack = ({ track }) => { if (track.kind === "video") video.srcObject = new MediaStream([track]); };
  if (offer) await peer.setRemoteDescription({ type: "offer", sdp: offer });
  else peer.addTransceiver("video", { direction: "recvonly" });
  await peer.setLocalDescription();
  if (peer.iceGatheringState !== "complete")
    await new Promise((done) => peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done()));
  return peer.localDescription.sdp;
};
"""


# The time is taken before the stamp is read, which is the measurement's own work.
READ = """
window.ages = [];
const band = Object.assign(document.createElement("canvas"), { width: 640, height: 60 }).getContext("2d", { willReadFrequently: true });
const read = () => {
  const now = Math.floor(performance.timeOrigin + performance.now());
  video.requestVideoFrameCallback(read);
  band.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 6, 0, 0, 640, 60);
  const pixels = band.getImageData(0, 30, 640, 1).data;
  let shown = 0;
  for (let bit = 0; bit < 16; bit++) if (pixels[(bit * 40 + 20) * 4] > 128) shown |= 1 << bit;
  ages.push((now - shown) & 0xffff);
};
video.requestVideoFrameCallback(read);
"""


Join = Callable[[Page, Page], Awaitable[None]]


async def measure_latency() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(*NEVER_IDLE))
        ours = await _over_node(browser)
        plain = await _ages_ms(browser, _join_straight)
        await browser.close()
    print_row("rtc/latency", ours=_p95(ours), unit="ms", peer="goal", peers=GOAL_MS, goal="<= 1.0")
    for way, ages in (("over the node", ours), ("page to page", plain)):
        print(f"  {way}: p50 {statistics.median(ages):.0f}, p95 {_p95(ages)} ms, {len(ages)} frames in {WATCHED_S:.0f} s", flush=True)


async def _over_node(browser: Browser) -> list[int]:
    engine = AiortcEngine(Node(), host_addresses=("127.0.0.1",))
    engine.start()
    await engine.create_room(ROOM)

    async def join(host: Page, viewer: Page) -> None:
        answer = await engine.publish(ROOM, offer=await host.evaluate("show()"), role="primary")
        await _take(host, answer.sdp)
        answer = await engine.subscribe(ROOM, offer=await viewer.evaluate("watch()"))
        await _take(viewer, answer.sdp)

    try:
        return await _ages_ms(browser, join)
    finally:
        await engine.close()


async def _join_straight(host: Page, viewer: Page) -> None:
    await _take(host, await viewer.evaluate("offer => watch(offer)", await host.evaluate("show()")))


async def _ages_ms(browser: Browser, join: Join) -> list[int]:
    """Ages of the frames that were shown, ascending.

    Raises: CannotMeasure (a picture that hardly moved).
    """
    host, viewer = await browser.new_page(), await browser.new_page()
    await host.add_script_tag(content=PUBLISHER)
    await viewer.add_script_tag(content=WATCH)
    await join(host, viewer)
    await asyncio.sleep(SETTLE_S)
    await viewer.evaluate(READ)
    await asyncio.sleep(WATCHED_S)
    ages: list[int] = await viewer.evaluate("ages")
    for page in (host, viewer):
        await page.close()
    if len(ages) < WATCHED_S * 5:
        raise CannotMeasure(f"only {len(ages)} frames were shown")
    return sorted(ages)


def _p95(ages: list[int]) -> int:
    return ages[len(ages) * 95 // 100]


async def _take(page: Page, sdp: str) -> None:
    await page.evaluate("sdp => peer.setRemoteDescription({ type: 'answer', sdp })", sdp)
