"""hls.js in a real Chromium plays the playlist with low latency: what a decoder on a table cannot show."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from tests.chromium import launch_options
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.hls.conftest import Station
from tests.realtime.rtc.hls.material import Beeps, FlashFilm, pictures

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.alone]

HLS_JS = Path(__file__).resolve().parents[4] / "node_modules" / "hls.js" / "dist" / "hls.min.js"
PLAYED_S = 11.0
AWAY_S = 2.5

PAGE = """
window.told = { errors: [], waits: [], sizes: [], latency: [], beeps: 0 };
window.play = (url) => {
  const video = Object.assign(document.createElement("video"), { autoplay: true });
  document.body.append(video);
  window.video = video;
  const hls = window.hls = new Hls({ lowLatencyMode: true });
  hls.on(Hls.Events.ERROR, (_, data) => told.errors.push(`${data.type} ${data.details} ${data.fatal} ${data.error ?? ""}`));
  video.addEventListener("waiting", () => { if (video.currentTime > 0 && told.isCounting) told.waits.push(video.currentTime); });
  video.addEventListener("resize", () => told.sizes.push(video.videoWidth));
  const sound = new AudioContext(), listener = sound.createAnalyser(), samples = new Float32Array(512);
  sound.createMediaElementSource(video).connect(listener).connect(sound.destination);
  setInterval(() => {
    listener.getFloatTimeDomainData(samples);
    if (samples.some((sample) => Math.abs(sample) > 0.1)) told.beeps += 1;
    if (hls.latency > 0) told.latency.push(hls.latency);
  }, 50);
  hls.loadSource(url);
  hls.attachMedia(video);
};
window.look = () => ({ ...told, at: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames,
  dropped: video.getVideoPlaybackQuality().droppedVideoFrames });
"""


async def open_player(page: Page, port: int) -> None:
    """On the server's own origin, as behind the proxy."""
    address = f"http://127.0.0.1:{port}/player"
    await page.route(address, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    await page.goto(address)
    await page.unroute(address)
    await page.add_script_tag(path=HLS_JS)
    await page.add_script_tag(content=PAGE)
    await page.evaluate("url => play(url)", f"http://127.0.0.1:{port}/aurora/r1/live.m3u8")


async def played(page: Page, seconds: float, *, longest_s: float) -> dict[str, Any]:
    """Looks until the film has gone on by `seconds`."""
    deadline, seen = time.monotonic() + longest_s, await page.evaluate("look()")
    aim = seen["at"] + seconds
    while seen["at"] < aim:
        assert time.monotonic() < deadline, seen
        await asyncio.sleep(0.1)
        seen = await page.evaluate("look()")
    return seen


async def test_hlsjs_plays_with_low_latency_while_the_picture_changes_its_size(cast: Cast, station: Station) -> None:
    """Eleven seconds without a stall and without an error of the media, through three sizes; sound is heard. Then the publisher
    goes away and comes back: the player waits for it, and plays on by itself."""
    station.begin()
    began = time.monotonic()
    takes = [pictures(*size, gop=15, count=120) for size in ((320, 192), (240, 144), (480, 272))]
    await cast.publisher().publish(station.engine, ROOM, FlashFilm(*takes, began=began), Beeps(4, began=began))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        page = await browser.new_page()
        await open_player(page, station.server.port)
        started = await played(page, 1, longest_s=25)
        await page.evaluate("told.isCounting = true")
        seen = await played(page, PLAYED_S, longest_s=PLAYED_S + 6)
        await cast.all[0].close()
        await asyncio.sleep(AWAY_S)
        began = time.monotonic()
        await cast.publisher().publish(station.engine, ROOM, FlashFilm(takes[0], began=began), Beeps(4, began=began))
        later = await played(page, 3, longest_s=15)
        await browser.close()
    assert seen["waits"] == [], seen
    assert not [error for error in seen["errors"] if "mediaError" in error or " true" in error], seen
    assert not [error for error in later["errors"] if " true" in error], later
    assert len(set(seen["sizes"])) == 3
    assert seen["frames"] - started["frames"] > PLAYED_S * 30 * 0.8
    assert seen["beeps"] > 5
    latency = sorted(seen["latency"])[len(seen["latency"]) // 2]
    assert latency < 3, seen
