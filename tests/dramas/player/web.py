"""The shop on a real web process, and real browsers in front of it."""

import asyncio
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Page, Route
from websockets.asyncio.server import ServerConnection
from websockets.asyncio.server import serve as serve_sockets

from config.embedded.processes import free_port, start, stop, wait_for_port
from tests.chromium import NEVER_IDLE

ROOT = Path(__file__).resolve().parents[3]
LAB_SOURCE = Path(__file__).with_name("lab.ts")
LAB_HTML = """<!doctype html><link rel="stylesheet" href="/lab.css"><style>html,body{margin:0;background:#f0f}#stage{width:360px;height:640px}</style>
<div id="stage"></div><script type="module" src="/lab.js"></script>"""
PLAYER_CSS = (ROOT / "dramas/frontend/player/player.css").read_text()
# The lab's page is filled in by the test, which Chromium counts as a public address.
LAB_CHROMIUM = (*NEVER_IDLE, "--disable-features=LocalNetworkAccessChecks")


@contextmanager
def serve(folder: Path, media: Path) -> Iterator[str]:
    """The whole application under uvicorn, on the database of this process; gives the address of the shop `aurora`."""
    port = free_port()
    environment = os.environ | {"MEDIA_STORAGE": f"file://{media}", "PORT": str(port), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "uvicorn", "config.asgi:application", "--port", str(port), "--loop", "uvloop", "--log-level", "warning"]
    log = folder / "web.log"
    process = start([*command, "--no-access-log", "--timeout-graceful-shutdown", "1"], log=log, cwd=ROOT, env=environment)
    try:
        wait_for_port(port, process, name="web", log=log, timeout_s=60)
        yield f"http://aurora.localhost:{port}"
    finally:
        stop(process)


def build_frontend() -> None:
    """The pages' bundles, made again when a source is newer than them."""
    made = ROOT / "static" / "dist" / "dramas" / "watch.js"
    sources = [path for app in ("dramas", "merchants", "realtime", "commerce") for path in (ROOT / app / "frontend").rglob("*") if path.is_file()]
    if not made.exists() or max(path.stat().st_mtime for path in sources) > made.stat().st_mtime:
        subprocess.run(["node", "config/frontend.mjs"], cwd=ROOT, check=True, timeout=120)


def build_lab(folder: Path) -> str:
    """The test page's script, bundled with the product's player."""
    target = folder / "lab.js"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    subprocess.run(
        [str(esbuild), str(LAB_SOURCE), "--bundle", "--format=esm", f"--outfile={target}", "--log-level=warning"], cwd=ROOT, check=True, timeout=60
    )
    return target.read_text()


@contextmanager
def late_clock(delays_s: tuple[float, float] = (0.010, 0.060)) -> Iterator[str]:
    """A socket that answers pings as the room's does, each way late by something between `delays_s`; gives its address."""
    port = free_port()
    loop = asyncio.new_event_loop()
    task = loop.create_task(_answer_pings(port, delays_s))
    thread = threading.Thread(target=_run, args=(loop, task), daemon=True)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=5)


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(task)
    loop.close()


async def _answer_pings(port: int, delays_s: tuple[float, float]) -> None:
    async def answer(socket: ServerConnection) -> None:
        async for message in socket:
            await asyncio.sleep(random.uniform(*delays_s))
            server_ms = time.time() * 1000
            await asyncio.sleep(random.uniform(*delays_s))
            await socket.send(str(message).replace('"ping"', f'"pong","server_ms":{server_ms}'))

    async with serve_sockets(answer, "127.0.0.1", port):
        await asyncio.Future()


def fill_lab(page: Page, url: str, script: str) -> None:
    """Open the lab's page on the shop's own origin."""
    for name, kind, body in (("lab.html", "text/html", LAB_HTML), ("lab.js", "text/javascript", script), ("lab.css", "text/css", PLAYER_CSS)):
        page.route(f"**/{name}", _filled_with(kind, body))
    page.goto(f"{url}/lab.html")
    page.wait_for_function("() => window.lab")


def _filled_with(content_type: str, body: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(content_type=content_type, body=body)
