"""A studio outside: FFmpeg sends a stamped film by WHIP, as OBS would, with a key that the host copies from the console."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg
from playwright.sync_api import Page, expect

from config.embedded.processes import start, stop
from tests.browser.platform import Platform

# What the films' stamps say; the drama's episodes are 1 and 2.
PRIMARY, BACKUP = 9, 10


@contextmanager
def send_film(platform: Platform, desk: Page, film: Path, *, line: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The film is sent on `line` ("primary", "backup"), over and over. Returns at once: packets follow. Needs: an open console."""
    url, token = copy_key(desk, line)
    # FFmpeg finds no `aurora.localhost` in any DNS: the web process takes the whole address, as a proxy does.
    environment = os.environ | {"http_proxy": f"http://127.0.0.1:{platform.port}"}
    process = start(_command(film, url, token), log=platform.log(f"studio-{line}"), env=environment)
    try:
        yield process
    finally:
        stop(process)


def copy_key(desk: Page, line: str) -> tuple[str, str]:
    """Address and bearer token, as the console shows them."""
    desk.get_by_role("button", name="OBS or FFmpeg").click()
    if line == "backup":
        desk.get_by_role("dialog").get_by_role("button", name="Backup").click()
    token = desk.get_by_label("Stream key (bearer token)", exact=True)
    expect(token).not_to_have_value("")
    found = desk.get_by_label("Server", exact=True).input_value(), token.input_value()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.evaluate("document.activeElement.blur()")  # the button has the focus again, and would take the space bar
    return found


def take(desk: Page) -> None:
    """The host's line into the preview, and on air. Needs: the line is heard."""
    desk.wait_for_function("() => window.desk.model.state.value.moves.go_live")
    if not desk.evaluate("() => window.desk.model.isHostChosen.value"):
        desk.keyboard.press("l")
    desk.keyboard.press(" ")


def _command(film: Path, url: str, token: str) -> list[str]:
    return [
        *[imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", str(film)],
        *["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-profile:v", "baseline", "-pix_fmt", "yuv420p", "-g", "60", "-bf", "0"],
        *["-c:a", "libopus", "-ac", "2", "-f", "whip", "-authorization", token, url],
    ]
