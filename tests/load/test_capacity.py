"""The load report's search and its page; the rungs themselves are measured by `make load`."""

import re
from typing import Any

import pytest

from tests.load.capacity.climbing import MOST, Rung, climb, knee_of
from tests.load.capacity.page import make_page


def made_up(viewers: int, *, page_ms: float = 100.0, missed: int = 0, refused: int = 0) -> Rung:
    """A rung as the simulator would tell it."""
    times = {"count": viewers, "p50": page_ms / 2, "p95": page_ms, "p99": page_ms * 2, "most": page_ms * 3}
    report: dict[str, Any] = {
        "done": {"arrived": viewers, "left": viewers, "most_at_once": viewers},
        "heard": {"frames": viewers * 9, "missed": missed},
        "answer_ms": {"page": times, "line_to_screen": times | {"p95": 20.0}},
        "refused": {"page timeout": refused} if refused else {},
        "took_s": 10.0,
    }
    return Rung(viewers, report, {"web": 0.5, "simulator": 0.25}, 0.4, {"web": 200.0})


@pytest.mark.parametrize("carried", [37, 50, 51, 333, 1_700, 4_999, MOST])
def test_the_knee_is_found_within_a_tenth(carried: int) -> None:
    """From below, with few rungs; never more than what is carried."""
    rungs = climb(lambda viewers: made_up(viewers, page_ms=100.0 if viewers <= carried else 9_000.0))
    assert carried * 0.87 <= knee_of(rungs) <= carried
    assert len(rungs) <= 20


def test_one_bad_moment_of_the_machine_is_not_the_knee() -> None:
    """The second try counts; what is broken twice is."""
    seen: list[int] = []

    def noisy(viewers: int) -> Rung:
        seen.append(viewers)
        return made_up(viewers, page_ms=9_000.0 if viewers > 400 or (viewers == 200 and seen.count(200) == 1) else 10.0)

    rungs = climb(noisy)
    assert 360 <= knee_of(rungs) <= 400
    assert seen.count(200) == 2


def test_a_lost_order_message_or_refusals_break_a_rung() -> None:
    """One missed message is too many; of a thousand answers one may be a refusal."""
    assert [limit.name for limit in made_up(500, missed=1).broken] == ["missed program, card and order messages"]
    assert made_up(500, refused=1).holds
    assert [limit.name for limit in made_up(500, refused=2).broken] == ["refused or unanswered"]


def test_the_page_says_the_knee_and_draws_without_a_script() -> None:
    """Charts are drawn in it; a rung that broke is marked; one that never held leaves a page as well."""
    page = make_page([made_up(50), made_up(100), made_up(200, page_ms=4_000.0)], {"Cores": "2"}, is_complete=True)
    assert "<h1>100 viewers</h1>" in page
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert re.search(r'class="is-over"><td>200 ✗', page)
    assert "Cut short" not in page
    assert "No rung kept every limit." in make_page([made_up(50, page_ms=4_000.0)], {}, is_complete=False)
