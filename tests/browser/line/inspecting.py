"""What every page of the line must stand: axe at two sizes, and its main deed within reach of the Tab key."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations_of
from tests.browser.conftest import SIZES


def inspect(page: Page, name: str) -> None:
    """No violation of WCAG A and AA at phone and desktop size. The page gets its own size back."""
    own = page.viewport_size
    others = [size for size in ("phone", "desktop") if own is None or SIZES[size][0] != own["width"]]
    assert violations_of(page) == [], name
    for size in others:
        _resize(page, *SIZES[size])
        assert violations_of(page) == [], f"{name} at {size} size"
    if own:
        _resize(page, own["width"], own["height"])


def _resize(page: Page, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def tab_to(page: Page, target: Locator, *, most: int = 60) -> None:
    """Press Tab until `target` has the focus. Fails when it is not reached."""
    for _ in range(most):
        if target.evaluate("(element) => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(target).to_be_focused()


def walk_by_tab(page: Page, name: str, *, steps: int = 8) -> None:
    """Each press of Tab leads to another element that can be seen."""
    seen: list[str] = []
    for _ in range(steps):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
                const element = document.activeElement;
                if (!element || element === document.body) return null;
                const box = element.getBoundingClientRect();
                const isSeen = box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
                return [`${element.tagName} ${element.id} ${element.className} ${Math.round(box.x)},${Math.round(box.y)}`, isSeen];
            }"""
        )
        if here is not None:
            assert here[1], f"{name}: the focus is on {here[0]}, which nobody sees"
            seen.append(here[0])
    assert len(set(seen)) >= steps // 2, f"{name}: Tab leads to {seen}"
