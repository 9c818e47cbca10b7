"""Funnel, retention, dwell and sums are exact: equal, to the unit, to plain loops over the same events with their traps.

What goes through the port is asked of both engines: the rollups in PostgreSQL, and the raw events in ClickHouse.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.insights.queries import totals
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import list_drop_nodes
from rooms.insights.queries.shapes import STEP_NAMES, Question, Slice
from tests.dramas.building import count_queries
from tests.rooms.insights import fold
from tests.rooms.insights.fold import Visit, chosen_funnel_of, cue_funnel_of, funnel_of, retention_of
from tests.rooms.insights.planting import NODES, Planted

pytestmark = pytest.mark.django_db

ALL = Question(Slice())
HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def _in_aurora(planted: Planted, db: None) -> Iterator[None]:
    with in_schema("aurora"):
        yield


def counts(question: Question) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for row in get_port().list_funnel(question):
        groups[row.group].append(row.sessions)
    return dict(groups)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("window_ms", [60_000, 120_000, HOUR_MS, 24 * HOUR_MS, 168 * HOUR_MS])
def test_the_funnel_equals_the_fold_in_every_window(visits: list[Visit], window_ms: int) -> None:
    """Late payments fall out of the window; clicks before a cue and bags before a click count for nothing."""
    found = counts(Question(Slice(), window_ms=window_ms))[""]
    assert found == funnel_of(visits, window_ms=window_ms)
    assert found == sorted(found, reverse=True)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(
    ("steps", "window_ms"),
    [
        (("entered", "paid"), 24 * HOUR_MS),
        (("watched", "cue_clicked", "checkout", "paid"), 60_000),
        (("cue_shown", "bagged"), 24 * HOUR_MS),
        (STEP_NAMES, 60_000),
    ],
)
def test_a_funnel_of_chosen_steps_equals_the_fold(visits: list[Visit], steps: tuple[str, ...], window_ms: int) -> None:
    """What is left out need not have been made: who paid without a bag counts where no bag is asked for. By variant as well."""
    numbers = [STEP_NAMES.index(name) + 1 for name in steps]
    question = Question(Slice(), window_ms=window_ms, steps=steps, split="variant")
    assert counts(question) == {
        name: chosen_funnel_of([visit for visit in visits if visit.variant == name], numbers, window_ms=window_ms) for name in "AB"
    }
    assert [row.name for row in get_port().list_funnel(question)] == [*steps, *steps]


def test_a_step_that_is_left_out_may_be_missing(visits: list[Visit]) -> None:
    """In the planted data some do: bags without a click, clicks before a cue."""
    assert counts(Question(Slice(), steps=("entered", "bagged")))[""][1] > funnel_of(visits)[4]


def test_the_traps_are_in_the_data(visits: list[Visit]) -> None:
    """A funnel that takes the first click and the first payment would come to other numbers."""
    careless = sum(any(isinstance(event, fold.m.CueClickedEvent) for event in visit.events) for visit in visits)
    assert careless > funnel_of(visits)[3]
    assert funnel_of(visits, window_ms=168 * HOUR_MS)[6] > funnel_of(visits)[6] > 100


@pytest.mark.usefixtures("engine")
def test_the_funnel_splits_and_narrows(visits: list[Visit], planted: Planted) -> None:
    """By variant, room, source and day: the parts are the fold's, and sum up to the whole."""
    by_variant = counts(Question(Slice(), split="variant"))
    assert by_variant == {name: funnel_of([visit for visit in visits if visit.variant == name]) for name in "AB"}
    by_room = counts(Question(Slice(), split="room"))
    assert by_room == {str(room): funnel_of([visit for visit in visits if visit.room == room]) for room in planted.rooms}
    one = counts(Question(Slice(room_id=planted.rooms[0], variant="B", source="mail")))[""]
    assert one == funnel_of([visit for visit in visits if visit.room == planted.rooms[0] and visit.variant == "B" and visit.entry.source == "mail"])
    day = clock.from_ms(planted.begin_ms).date() + timedelta(days=1)
    that_day = [visit for visit in visits if clock.from_ms(visit.first_ms).date() == day]
    assert counts(Question(Slice(since=day, until=day)))[""] == funnel_of(that_day)


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("window_ms", [30_000, 24 * HOUR_MS])
@pytest.mark.parametrize("which", [0, 1])
def test_the_funnel_of_a_cue_equals_the_fold(visits: list[Visit], planted: Planted, which: int, window_ms: int) -> None:
    """Each cue has its own chain, from its first showing on."""
    cue = planted.cues[which]
    found = counts(Question(Slice(), window_ms=window_ms, cue_id=cue))[""]
    assert found[2:] == cue_funnel_of(visits, cue, window_ms=window_ms)
    assert found[2] > 50


@pytest.mark.usefixtures("engine")
def test_the_funnel_of_an_episode_takes_its_cues(visits: list[Visit], planted: Planted) -> None:
    found = counts(Question(Slice(), episode_id=planted.episodes[0]))[""]
    assert found[2:] == cue_funnel_of(visits, planted.cues[0])


@pytest.mark.usefixtures("engine")
def test_retention_equals_the_fold_at_every_second(visits: list[Visit], planted: Planted) -> None:
    rows = get_port().list_retention(ALL)
    numbers = {episode: number for number, episode in enumerate(planted.episodes, start=1)}
    expected = retention_of(visits, numbers)
    assert {(row.episode, row.second): (row.watching, row.left) for row in rows} == expected
    assert rows[0].watching > 2_900


@pytest.mark.usefixtures("engine")
def test_the_planted_nodes_are_found(planted: Planted) -> None:
    """The three seconds at which people really leave, each share within one point; a cue shown far ahead forges none."""
    nodes = list_drop_nodes(get_port().list_retention(ALL))
    assert {(node.episode, node.second) for node in nodes} == set(NODES)
    for node in nodes:
        assert node.hazard == pytest.approx(NODES[node.episode, node.second], abs=0.01)


@pytest.mark.usefixtures("engine")
def test_dwell_equals_the_fold(visits: list[Visit]) -> None:
    (row,) = get_port().list_dwell(ALL)
    watched = sorted(visit.watched_ms for visit in visits)
    assert (row.sessions, row.total_ms) == (len(watched), sum(watched))

    def at(share: float) -> int:
        return next(value for number, value in enumerate(watched, start=1) if number >= share * len(watched))

    assert [row.p25_ms, row.p50_ms, row.p75_ms, row.p90_ms, row.p95_ms] == [at(share) for share in (0.25, 0.5, 0.75, 0.9, 0.95)]


@pytest.mark.usefixtures("engine")
def test_cohorts_equal_the_fold(visits: list[Visit]) -> None:
    days: dict[Any, set[Any]] = defaultdict(set)
    buyers: dict[Any, set[Any]] = defaultdict(set)
    revenue: Counter[Any] = Counter()
    firsts: dict[Any, Any] = {}
    for visit in visits:
        day = clock.from_ms(visit.first_ms).date()
        firsts[visit.viewer] = min(day, firsts.get(visit.viewer, day))
    for visit in visits:
        day = clock.from_ms(visit.first_ms).date()
        key = (firsts[visit.viewer], (day - firsts[visit.viewer]).days)
        days[key].add(visit.viewer)
        revenue[key] += visit.revenue
        if visit.revenue:
            buyers[key].add(visit.viewer)
    rows = get_port().list_cohorts(ALL)
    assert {(row.cohort_on, row.day): (row.viewers, row.buyers, row.revenue_minor) for row in rows} == {
        key: (len(who), len(buyers[key]), revenue[key]) for key, who in days.items()
    }


def test_sums_and_squares_are_those_of_viewers(visits: list[Visit], planted: Planted) -> None:
    """Statistics count viewers, not visits: revenue is summed for each before it is squared."""
    room = planted.rooms[0]
    spent: dict[Any, int] = defaultdict(int)
    for visit in visits:
        if visit.room == room:
            spent[visit.variant, visit.viewer] += visit.revenue
    rows = {(row.variant, row.metric): row for row in totals.list_viewer_sums(Question(Slice(room_id=room)))}
    for variant in "AB":
        values = [value for (name, _), value in spent.items() if name == variant]
        found = rows[variant, "revenue_minor"]
        assert (found.viewers, found.total, found.squares) == (len(values), sum(values), sum(value**2 for value in values))
        buyers = rows[variant, "buyers"]
        assert buyers.total == buyers.squares == sum(value > 0 for value in values)


def test_totals_and_days_agree_with_the_fold(visits: list[Visit]) -> None:
    (row,) = totals.list_summary(ALL)
    assert row.sessions == len(visits)
    assert row.viewers == len({visit.viewer for visit in visits})
    assert row.revenue_minor == sum(visit.revenue for visit in visits)
    assert row.revenue_per_viewer == pytest.approx(row.revenue_minor / row.viewers)
    assert row.likes == sum(event.count for visit in visits for event in visit.events if isinstance(event, fold.m.LikeEvent))
    days = totals.list_days(ALL)
    assert sum(day.revenue_minor for day in days) == row.revenue_minor
    assert {day.on_day: day.sessions for day in days} == Counter(clock.from_ms(visit.first_ms).date() for visit in visits)


def test_every_question_is_one_query(django_assert_num_queries: Any) -> None:
    port = get_port()
    for ask in (
        port.list_funnel,
        port.list_retention,
        port.list_dwell,
        port.list_cohorts,
        totals.list_summary,
        totals.list_days,
        totals.list_viewer_sums,
    ):
        assert count_queries(lambda ask=ask: ask(ALL)) == 1


@pytest.mark.usefixtures("engine")
def test_the_other_shop_has_its_own_numbers(planted: Planted) -> None:
    """Sixty visits in borealis: neither in aurora's sums nor aurora's in theirs."""
    with in_schema("borealis"):
        assert counts(ALL)[""][0] == 60
    assert counts(ALL)[""][0] == 3_000
