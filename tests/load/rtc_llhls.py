"""Low-latency HLS as a viewer sees it: Chromium publishes a canvas that shows the time, hls.js plays it in another page of the
same browser, and every frame that is shown tells how old it is.

The uplink is squeezed in the middle, so that the browser lowers its resolution: a stall of the player is an error of the run.
"""

import asyncio
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.async_api import Page, async_playwright

from realtime.rtc import ingest
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.hls.broadcast import Broadcast
from realtime.rtc.hls.server import Server
from realtime.rtc.names import HOST_LINE, RoomName
from realtime.rtc.node import Node
from tests.chromium import NEVER_IDLE, launch_options
from tests.load.fanout_client import CannotMeasure
from tests.load.report import print_row
from tests.realtime.rtc.hls.test_hlsjs import open_player

ROOM = RoomName.of("aurora", "r1")
PLAYED_S, SQUEEZE_FROM_S, SQUEEZE_TO_S = 30.0, 8.0, 18.0
SQUEEZED_BITS_PER_S = 250_000
START_S = 30.0
GOAL_MS = 1_200.0

PUBLISHER = """
window.show = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 }), pen = canvas.getContext("2d");
  setInterval(() => {
    const now = Math.floor(performance.timeOrigin + performance.now()) & 0xffff;
    pen.fillStyle = "#345"; pen.fillRect(0, 64, 640, 296);
    for (let i = 0; i < 40; i++) {
      pen.fillStyle = `hsl(${(now + i * 20) % 360},80%,50%)`;
      pen.fillRect((i * 37 + now / 3) % 640, 80 + (i * 53) % 260, 30, 30);
    }
    for (let bit = 0; bit < 16; bit++) { pen.fillStyle = now >> bit & 1 ? "#fff" : "#000"; pen.fillRect(bit * 40, 0, 40, 60); }
  }, 33);
  const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
  tone.connect(out); tone.start();
  const stream = canvas.captureStream(30), peer = window.peer = new RTCPeerConnection();
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => /H264|rtx/i.test(codec.mimeType));
  peer.addTransceiver(stream.getVideoTracks()[0], { direction: "sendonly", streams: [stream], sendEncodings: [{ maxBitrate: 2500000 }] })
    .setCodecPreferences(codecs);
  peer.addTransceiver(out.stream.getAudioTracks()[0], { direction: "sendonly", streams: [stream] });
  await peer.setLocalDescription();
  if (peer.iceGatheringState !== "complete")
    await new Promise((done) => peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done()));
  return peer.localDescription.sdp;
};
"""

VIEWER = """
window.ages = [];
const band = Object.assign(document.createElement("canvas"), { width: 640, height: 60 }).getContext("2d", { willReadFrequently: true });
const read = () => {
  band.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 6, 0, 0, 640, 60);
  const pixels = band.getImageData(0, 30, 640, 1).data;
  let shown = 0;
  for (let bit = 0; bit < 16; bit++) if (pixels[(bit * 40 + 20) * 4] > 128) shown |= 1 << bit;
  ages.push((Math.floor(performance.timeOrigin + performance.now()) - shown) & 0xffff);
  video.requestVideoFrameCallback(read);
};
video.requestVideoFrameCallback(read);
"""


async def measure_llhls_latency() -> None:
    engine = AiortcEngine(Node(), host_addresses=("127.0.0.1",))
    engine.start()
    await engine.create_room(ROOM)
    executor = ThreadPoolExecutor(1)
    broadcast = Broadcast(engine.node.stage(ROOM).line(HOST_LINE), executor=executor)
    broadcast.start()
    server = Server(lambda room: broadcast.window if room == ROOM else None)
    await server.start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options(*NEVER_IDLE))
            host, viewer = await browser.new_page(), await browser.new_page()
            await host.add_script_tag(content=PUBLISHER)
            answer = await engine.publish(ROOM, offer=await host.evaluate("show()"), role="primary")
            await host.evaluate("sdp => peer.setRemoteDescription({ type: 'answer', sdp })", answer.sdp)
            await open_player(viewer, server.port)
            seen = await _watch(viewer)
            await browser.close()
    finally:
        await broadcast.close()
        await server.close()
        await engine.close()
        executor.shutdown()
    _report(seen)


async def _watch(page: Page) -> dict[str, Any]:
    deadline = time.monotonic() + START_S
    while (await page.evaluate("video.currentTime")) < 1:
        if time.monotonic() > deadline:
            raise CannotMeasure(f"hls.js did not start: {await page.evaluate('look()')}")
        await asyncio.sleep(0.1)
    await page.evaluate("told.isCounting = true")
    await page.evaluate(VIEWER)
    usual = ingest.MOST_BITS_PER_S
    try:
        await asyncio.sleep(SQUEEZE_FROM_S)
        ingest.MOST_BITS_PER_S = SQUEEZED_BITS_PER_S
        await asyncio.sleep(SQUEEZE_TO_S - SQUEEZE_FROM_S)
    finally:
        ingest.MOST_BITS_PER_S = usual
    await asyncio.sleep(PLAYED_S - SQUEEZE_TO_S)
    seen: dict[str, Any] = await page.evaluate("({ ...look(), ages, rate: video.playbackRate, target: hls.targetLatency })")
    return seen


def _report(seen: dict[str, Any]) -> None:
    ages = sorted(age for age in seen["ages"] if age < 15_000)
    if len(ages) < PLAYED_S * 5:
        raise CannotMeasure(f"only {len(ages)} frames were shown: {seen['errors']}")
    print_row("rtc/llhls-latency", ours=ages[len(ages) * 95 // 100], unit="ms", peer="goal", peers=GOAL_MS, goal="<= 1.0")
    print(
        f"  p50 {statistics.median(ages):.0f} ms, {len(ages)} frames in {PLAYED_S:.0f} s, widths {seen['sizes']}, "
        f"{len(seen['waits'])} stalls, errors {seen['errors']}",
        flush=True,
    )
