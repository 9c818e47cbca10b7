"""What a cut looked like on a screen, read from its pixels at every repaint."""

from dataclasses import dataclass

from playwright.sync_api import Page

NOTHING = -1
# Wait for this much of the new picture before the cut is judged.
AFTERWARDS_MS = 600
IS_OVER = """([to, ms]) => {
  const repaints = window.watching.repaints, first = repaints.find((one) => to.includes(one[1]));
  return first && repaints.at(-1)[0] > first[0] + ms;
}"""


@dataclass(frozen=True)
class Cut:
    """`gap_ms`: from the repaint with the last new frame of the old picture to the one with the first of the new. `empty_at_ms`:
    when, from the cut on, a repaint had no whole picture (black, torn, none). `repaints`: how many were looked at."""

    gap_ms: float
    empty_at_ms: tuple[int, ...]
    repaints: int


def watch_repaints(page: Page) -> None:
    page.evaluate("() => window.watching.watchRepaints()")


def wait_for_cut(page: Page, *, to: set[int], patience_ms: float = 30_000) -> Cut:
    """The change of the screen's picture to one of the stamps `to`. Needs: `watch_repaints` while the old picture stood."""
    page.wait_for_function(IS_OVER, arg=[sorted(to), AFTERWARDS_MS], timeout=patience_ms)
    return judge(page.evaluate("() => window.watching.repaints"), to=to)


def judge(repaints: list[list[float]], *, to: set[int]) -> Cut:
    """Needs: at least one repaint of the old picture before the first of the new one."""
    first = next(place for place, repaint in enumerate(repaints) if repaint[1] in to)
    before = [repaint for repaint in repaints[:first] if repaint[1] not in {NOTHING, *to}]
    last = before[-1]
    shown_at = next(repaint[0] for repaint in before if repaint[1:] == last[1:])
    cut_at = repaints[first][0]
    return Cut(cut_at - shown_at, tuple(round(at - cut_at) for at, episode, _ in repaints if episode == NOTHING), len(repaints))
