"""How far sound and picture are apart for somebody who watches: a page of Chromium flashes and beeps at the same instants, watches
itself over our node and over a plain peer connection beside it, and notes when each flash is shown and each beep is heard.

Both ways carry the same canvas and the same sound, and are measured by the same means: what these add, they add to both.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Literal

from playwright.async_api import Page, async_playwright

from realtime.rtc.engine import MediaEngine
from realtime.rtc.names import RoomName
from tests.chromium import NEVER_IDLE, launch_options
from tests.realtime.rtc.lossy import BadNetwork, End

Way = Literal["ours", "plain"]

# No whole number of frames at 30 a second: what a flash waits for the next frame is another time for each, and medians even it out.
PERIOD_MS = 1020.0
ADDRESS = "http://127.0.0.1/lips"  # worklets need an origin that is trusted; nothing is fetched from it
OPUS_NUMBER = re.compile(r"^a=rtpmap:(\d+) opus/48000", re.MULTILINE)

PAGE = """
const lit = 0.1, quiet = 0.3;  // seconds
window.told = { ours: { flashes: [], beeps: [] }, plain: { flashes: [], beeps: [] } };
window.forget = () => { for (const way of Object.values(told)) way.flashes.length = way.beeps.length = 0; };

// Notes the first loud sample after silence, in seconds of the context.
const onset = `registerProcessor("onset", class extends AudioWorkletProcessor {
  process([[samples = []]]) {
    samples.forEach((sample, place) => {
      if (Math.abs(sample) < 0.1) return;
      const at = currentTime + place / sampleRate;
      if (at - (this.loudAt ?? -1) > ${quiet}) this.port.postMessage(at);
      this.loudAt = at;
    });
    return true;
  }
})`;

const gathered = (peer) => peer.iceGatheringState === "complete" ? null
  : new Promise((done) => peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && done()));

window.begin = async (period) => {
  window.ear = new AudioContext();
  await ear.audioWorklet.addModule(URL.createObjectURL(new Blob([onset], { type: "text/javascript" })));
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 }), pen = canvas.getContext("2d");
  const mouth = new AudioContext(), tone = mouth.createOscillator(), loudness = mouth.createGain(), out = mouth.createMediaStreamDestination();
  loudness.gain.value = 0;
  for (let beat = 1; beat < 300; beat++) {
    loudness.gain.setValueAtTime(1, beat * period);
    loudness.gain.setValueAtTime(0, beat * period + lit);
  }
  tone.connect(loudness).connect(out);
  tone.start();
  let number = 0;
  setInterval(() => {
    pen.fillStyle = mouth.currentTime > period && mouth.currentTime % period < lit ? "#fff" : "#000";
    pen.fillRect(0, 0, 640, 360);
    pen.fillStyle = "#888";
    pen.fillRect(number++ % 600, 320, 40, 40);
  }, 20);
  window.film = new MediaStream([canvas.captureStream(30).getVideoTracks()[0], out.stream.getAudioTracks()[0]]);
};

const send = (peer) => {
  const codecs = RTCRtpReceiver.getCapabilities("video").codecs.filter((codec) => /H264|rtx/i.test(codec.mimeType));
  peer.addTransceiver(film.getVideoTracks()[0], { direction: "sendonly", streams: [film] }).setCodecPreferences(codecs);
  peer.addTransceiver(film.getAudioTracks()[0], { direction: "sendonly", streams: [film] });
};

const attend = (peer, way) => {
  const video = Object.assign(document.createElement("video"), { autoplay: true, width: 320 });
  document.body.append(video);
  const pen = Object.assign(document.createElement("canvas"), { width: 4, height: 4 }).getContext("2d", { willReadFrequently: true });
  let brightAt = -1e9;
  const look = (_, frame) => {
    video.requestVideoFrameCallback(look);
    pen.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / 2, 0, 0, 4, 4);
    if (pen.getImageData(1, 1, 1, 1).data[0] < 128) return;
    if (frame.expectedDisplayTime - brightAt > quiet * 1000) told[way].flashes.push(frame.expectedDisplayTime);
    brightAt = frame.expectedDisplayTime;
  };
  video.requestVideoFrameCallback(look);
  peer.ontrack = ({ track, streams: [stream] }) => {
    video.srcObject = stream;
    if (track.kind !== "audio") return;
    const listener = new AudioWorkletNode(ear, "onset");
    ear.createMediaStreamSource(stream).connect(listener).connect(ear.destination);
    listener.port.onmessage = ({ data: at }) => {
      const { contextTime, performanceTime } = ear.getOutputTimestamp();
      told[way].beeps.push(performanceTime + (at - contextTime) * 1000);
    };
  };
};

window.publish = async () => {
  send(window.publisher = new RTCPeerConnection());
  await publisher.setLocalDescription();
  await gathered(publisher);
  return publisher.localDescription.sdp;
};
window.watch = async () => {
  attend(window.viewer = new RTCPeerConnection(), "ours");
  for (const kind of ["video", "audio"]) viewer.addTransceiver(kind, { direction: "recvonly" });
  await viewer.setLocalDescription();
  await gathered(viewer);
  return viewer.localDescription.sdp;
};
window.watchDirectly = async () => {
  const near = window.near = new RTCPeerConnection(), far = window.far = new RTCPeerConnection();
  near.onicecandidate = ({ candidate }) => far.addIceCandidate(candidate);
  far.onicecandidate = ({ candidate }) => near.addIceCandidate(candidate);
  attend(far, "plain");
  send(near);
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription);
};
"""


class TornNetwork(BadNetwork):
    """Sound comes `hold_s` after the picture that belongs to it. The reports about both come at once."""

    def __init__(self, *, hold_s: float) -> None:
        super().__init__(loss=0, delay_s=0)
        self.held = 0
        self._hold_s = hold_s
        self._number = -1

    def hide(self, offer: str) -> str:
        found = OPUS_NUMBER.search(offer)
        assert found, "the offer has no sound"
        self._number = int(found[1])
        return super().hide(offer)

    def carry(self, data: bytes, to: End | None) -> None:
        if to is not None and len(data) > 1 and data[0] >> 6 == 2 and data[1] & 0x7F == self._number:
            self.held += 1
            asyncio.get_running_loop().call_later(self._hold_s, to.send, data)
        else:
            super().carry(data, to)


@asynccontextmanager
async def watching_itself(engine: MediaEngine, room: RoomName, *, network: BadNetwork | None = None) -> AsyncIterator[Page]:
    """A page that publishes into the room (over `network`), and watches the room and a plain peer connection."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(*NEVER_IDLE))
        page = await browser.new_page()
        await page.route(ADDRESS, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
        await page.goto(ADDRESS)
        await page.add_script_tag(content=PAGE)
        await page.evaluate("period => begin(period)", PERIOD_MS / 1000)
        offer = await page.evaluate("publish()")
        answer = await engine.publish(room, offer=network.hide(offer) if network else offer, role="primary")
        sdp = await network.between(answer.sdp) if network else answer.sdp
        await page.evaluate("sdp => publisher.setRemoteDescription({ type: 'answer', sdp })", sdp)
        answer = await engine.subscribe(room, offer=await page.evaluate("watch()"))
        await page.evaluate("sdp => viewer.setRemoteDescription({ type: 'answer', sdp })", answer.sdp)
        await page.evaluate("watchDirectly()")
        yield page
        await browser.close()


async def list_skews_ms(page: Page, way: Way) -> list[float]:
    """How long after its flash each beep was heard; negative when before. In order; what has lost its other half is left out."""
    told: dict[str, Any] = await page.evaluate("way => told[way]", way)
    return pair_ms(told["flashes"], told["beeps"])


def pair_ms(flashes: Sequence[float], beeps: Sequence[float]) -> list[float]:
    nearest = [min((beep - flash for beep in beeps), key=abs, default=PERIOD_MS) for flash in flashes]
    return [skew for skew in nearest if abs(skew) < PERIOD_MS / 2]
