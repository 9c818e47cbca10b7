"""When a danmaku crosses in the replay, beside the moment at which it was kept."""

from contextlib import suppress

from playwright.sync_api import Page, TimeoutError

MOST_TRIES = 5
RUN_UP_MS = 1_500

_PLACE = """async (text) => {
    const { page } = window.replay.model;
    for (const stretch of page.stretches) {
        const wanted = { from_ms: stretch.from_ms, to_ms: stretch.to_ms, airing: page.show.airing_id };
        if (stretch.episode_id) wanted.episode = stretch.episode_id;
        const { items } = await (await fetch(`${page.urls.danmaku}?${new URLSearchParams(wanted)}`)).json();
        const line = items.find((one) => one.text === text && one.program_seq === stretch.seq);
        if (line) return stretch.at_ms + line.position_ms - stretch.from_ms;
    }
    return null;
}"""
_WATCH = """(text) => {
    window.crossings = [];
    new MutationObserver((changes) => {
        const lines = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.classList?.contains("danmaku-line"));
        for (const line of lines) if (line.textContent.includes(text)) window.crossings.push(window.replay.model.atMs.value);
    }).observe(document.querySelector(".danmaku"), { childList: true });
}"""


def place_of(page: Page, text: str) -> float:
    """The moment of the timeline at which the server kept it, in ms."""
    found = page.evaluate(_PLACE, text)
    assert found is not None, f"nobody kept {text!r}"
    return float(found)


def on_timeline(page: Page, place: dict[str, int]) -> float:
    """The moment of the timeline that was this place (`seq`, `position_ms`) of the program, in ms."""
    return float(
        page.evaluate(
            "({ seq, position_ms }) => { const at = window.replay.model.page.stretches.find((one) => one.seq === seq);"
            " return at.at_ms + position_ms - at.from_ms; }",
            place,
        )
    )


def lateness_of(page: Page, text: str, at_ms: float) -> list[float]:
    """How many ms after `at_ms` it crossed, time after time, until it was within a tick of 100 ms. A busy machine delays a tick, or skips
    the moment: what a jump passes over is not shown."""
    page.evaluate(_WATCH, text)
    bar = page.get_by_role("slider", name="Position in the replay")
    late: list[float] = []
    for _ in range(MOST_TRIES):
        bar.fill(str(int(max(0, at_ms - RUN_UP_MS) // 100 * 100)))
        with suppress(TimeoutError):
            page.wait_for_function("(count) => window.crossings.length > count", arg=len(late), timeout=10_000)
            late.append(round(page.evaluate("(count) => window.crossings[count]", len(late)) - at_ms))
            if 0 <= late[-1] <= 100:
                break
    assert late, f"{text!r} never crossed"
    return late
