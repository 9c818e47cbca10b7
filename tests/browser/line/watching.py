"""What phones show, read from their pixels: frame stamps with true times, and the frame on which a card rose."""

import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page

from tests.dramas.player.reading import differences
from tests.dramas.stamps import RATE

SCRIPT = (Path(__file__).parent / "watching.js").read_text()
FRAME_MS = 1000 / RATE
WINDOW_MS = 2_500
FEWEST_READINGS = 12


def watch_frames(page: Page, *, skew_ms: int = 0) -> None:
    """Write down what the page will show. `skew_ms`: by how much this device's clock is wrong. Needs: nothing was opened yet."""
    page.add_init_script(f"const SKEW_MS = {skew_ms};\n{SCRIPT}")


def frame_shown(page: Page) -> tuple[int, int] | None:
    """(episode, frame) on the screen now."""
    stamp = page.evaluate("() => window.watching.now()")
    return (stamp[0], stamp[1]) if stamp else None


def wait_for_new_frames(page: Page, *, count: int = 10) -> None:
    """The picture goes on: so many frames more are shown. Raises: playwright's timeout."""
    last = page.evaluate("() => window.watching.frames.at(-1)?.[0] ?? 0")
    page.wait_for_function("([last, count]) => window.watching.frames.filter((frame) => frame[0] > last).length >= count", arg=[last, count])


def wait_until_in_step(one: Page, other: Page, *, frames: float, patience_s: float = 40) -> float:
    """The median difference of two screens in frames, once it is at most `frames`. Fails when it never is."""
    deadline = time.monotonic() + patience_s
    found: list[float] = []
    while time.monotonic() < deadline:
        one.wait_for_timeout(500)
        here, there = (page.evaluate("() => window.watching.frames") for page in (one, other))
        if not here or not there:
            continue
        end_ms = min(here[-1][0], there[-1][0])
        readings = [difference for _at, difference in differences(here, there, end_ms - WINDOW_MS, end_ms)]
        found.append(median(readings) / FRAME_MS if len(readings) >= FEWEST_READINGS else float("inf"))
        if found[-1] <= frames:
            return found[-1]
    raise AssertionError(f"the screens stay apart; median differences in frames: {[round(value, 1) for value in found[-8:]]}")


def wait_for_card_on_cue(page: Page, *, cues: dict[int, int], within_ms: int, patience_s: float = 45) -> int:
    """How many ms after its cue a card rose, once one rose close to it. `cues`: episode → the cue's time in ms."""
    deadline = time.monotonic() + patience_s
    late: list[int] = []
    while time.monotonic() < deadline:
        late = [round(frame * FRAME_MS) - cues[episode] for episode, frame in page.evaluate("() => window.watching.cards")]
        on_cue = [ms for ms in late if -FRAME_MS <= ms <= within_ms]
        if on_cue:
            return on_cue[-1]
        page.wait_for_timeout(250)
    raise AssertionError(f"no card rose on its cue; cards rose {late} ms after it")
