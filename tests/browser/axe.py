"""axe-core on a page: WCAG 2.2 A and AA."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}

# What fades in has the contrast of its last frame. Danmaku only move: they are not waited for.
HAS_COME_TO_REST = """() => document.getAnimations().every((animation) => animation.playState !== "running"
  || animation.effect.getTiming().iterations === Infinity
  || !animation.effect.getKeyframes().some((frame) => ["opacity", "color", "backgroundColor"].some((name) => name in frame)))"""


def violations_of(page: Page, *, without: tuple[str, ...] = ()) -> list[str]:
    """One line a violation: rule, help, the first places. `without`: selectors of parts that are not ours (each with a reason at the call)."""
    page.wait_for_function(HAS_COME_TO_REST)
    context = {"exclude": [[selector] for selector in without]} if without else None
    results = Axe().run(page, context=context, options=RULES)
    return [f"{found['id']}: {found['help']} at {[node['target'] for node in found['nodes'][:4]]}" for found in results.response["violations"]]
