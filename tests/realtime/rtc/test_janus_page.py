"""The page's own line in a real Chromium against a real Janus, which offers where the page would like to."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from realtime.rtc.errors import OfferUnwanted
from tests.chromium import launch_options
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.test_chromium import eventually
from tests.realtime.rtc.troupe import ROOM, Troupe

pytestmark = [pytest.mark.browser]

ROOT_FOLDER = Path(__file__).resolve().parents[3]
# What a refusal looks like to the page: an error with a code.
PAGE = """
const signalling = {
  ready: async () => undefined,
  iceServers: async () => [],
  offer: async (sdp) => { throw Object.assign(new Error("refused"), { code: await refuse(sdp) }); },
  invite: () => invite(),
  accept: (session, sdp) => accept(session, sdp),
  leave: (session) => leave(session),
};
const video = Object.assign(document.createElement("video"), { autoplay: true });
window.states = [];
window.line = new lines.WatchingLine(signalling, {
  state: (state) => states.push(state),
  stream: (stream) => { window.stream = stream; video.srcObject = stream; },
});
window.seen = () => ({ width: video.videoWidth, frames: video.getVideoPlaybackQuality().totalVideoFrames });
line.open();
"""


@pytest.mark.parametrize("troupe", ["janus"], indirect=True)
async def test_the_pages_line_takes_what_janus_offers(troupe: Troupe, tmp_path: Path) -> None:
    """Its own offer is refused and taken back, the engine's answered: one picture and one sound, heard, and left in the end."""
    engine, left = troupe.engine, []
    await troupe.publish(Film(), Tone())

    async def refuse(sdp: str) -> str:
        with pytest.raises(OfferUnwanted):
            await engine.subscribe(ROOM, offer=sdp)
        return OfferUnwanted.code

    async def invite() -> dict[str, Any]:
        offered = await engine.subscribe(ROOM)
        return {"session": offered.peer_id, "sdp": offered.sdp}

    async def leave(session: str) -> None:
        left.append(session)
        await engine.kick(ROOM, session)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        page = await browser.new_page()
        for name, act in (("refuse", refuse), ("invite", invite), ("leave", leave)):
            await page.expose_function(name, act)
        await page.expose_function("accept", lambda session, sdp: engine.accept(ROOM, peer_id=session, answer=sdp))
        await page.add_script_tag(path=bundle(tmp_path))
        await page.add_script_tag(content=PAGE)
        await eventually(page, "seen().width === 160 && seen().frames > 10", what="the film in the page")
        assert await page.evaluate("[stream.getVideoTracks().length, stream.getAudioTracks().length, states]") == [1, 1, ["connecting", "heard"]]
        assert (await engine.stats(ROOM))["lines"]["host"]["viewers"] == 1
        await page.evaluate("line.close()")
        await eventually(page, "states.at(-1) === 'off'", what="the line closed")
        await browser.close()
    assert len(left) == 1
    assert engine.node.peers == 1


def bundle(folder: Path) -> Path:
    """The page's module under the name `lines`."""
    target, source = folder / "lines.js", ROOT_FOLDER / "realtime" / "frontend" / "rtc" / "watching.ts"
    esbuild = ROOT_FOLDER / "node_modules" / ".bin" / "esbuild"
    command = [str(esbuild), str(source), "--bundle", "--format=iife", "--global-name=lines", f"--outfile={target}", "--log-level=warning"]
    subprocess.run(command, cwd=ROOT_FOLDER, check=True, timeout=60)
    return target
