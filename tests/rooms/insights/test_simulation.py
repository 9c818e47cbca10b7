"""The made-up audience: the same seed is the same audience, what is planted comes out, and the reports find it."""

import dataclasses
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from merchants.foundation.tenancy import in_schema
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel, Stored
from rooms.insights.queries.port import get_port
from rooms.insights.queries.postgres import list_drop_nodes
from rooms.insights.queries.shapes import Question, Slice
from rooms.insights.queries.totals import list_summary
from rooms.insights.simulation.behaviour import FIRST_FRAME_S, Act, Crowd, Step, Visit, plan_visits
from rooms.insights.simulation.story import CuePoint, Part, Place, Story
from rooms.insights.simulation.totals import count_plan
from rooms.insights.simulation.truth import HAZARD, plant
from tests.dramas.building import make_season
from tests.rooms.insights.conftest import BEGIN_MS, planted_uuid, stored

EPISODES, EPISODE_MS, VISITS, SEED = 6, 60_000, 3_000, 11


def make_story(episodes: list[str] | None = None) -> Story:
    """Six minutes, a card at the fortieth second of each episode."""
    names = episodes or [str(planted_uuid(5, number)) for number in range(EPISODES)]
    cues = [CuePoint(str(planted_uuid(6, number)), str(planted_uuid(7, number)), 40_000) for number in range(EPISODES)]
    return Story(tuple(Part(name, number, EPISODE_MS, (cues[number - 1],)) for number, name in enumerate(names, start=1)))


def make_visits(count: int = VISITS, **crowd: Any) -> tuple[Story, list[Visit]]:
    story = make_story()
    return story, plan_visits(story, plant(story, seed=SEED), Crowd(count, **crowd), seed=SEED)


def test_a_seed_is_an_audience() -> None:
    """The same numbers give the same steps to the last one, another seed another audience and another truth."""
    story = make_story()
    truth = plant(story, seed=1)
    plans = [plan_visits(story, truth, Crowd(200, 20), seed=seed) for seed in (1, 1, 2)]
    assert plans[0] == plans[1] != plans[2]
    assert plant(story, seed=1) == truth != plant(story, seed=2)


def test_more_viewers_do_not_change_what_a_rate_is() -> None:
    """Four times the audience, the same shares."""
    story, many = make_visits(2_800)
    _, few = make_visits(700)
    shares = [count_plan(story, visits).funnel["cue_clicked"] / len(visits) for visits in (few, many)]
    assert abs(shares[0] - shares[1]) < 0.03


def test_every_visit_is_one_that_could_be() -> None:
    """Steps in order, none after the exit, none before the first frame but entering; what was watched adds up."""
    story, visits = make_visits(1_500, arrivals_s=90, begins_at_s=300, is_looping=True)
    assert {visit.from_s < 300 for visit in visits} == {True, False}  # the story began again for some
    for visit in visits:
        times = [step.at_s for step in visit.steps]
        assert times == sorted(times)
        assert (visit.steps[0].act, visit.steps[-1].act) == (Act.ENTER, Act.EXIT)
        assert Counter(step.act for step in visit.steps)[Act.EXIT] == 1
        assert visit.leaves_at_s <= story.length_s
        assert sum(step.watched_s for step in visit.steps) == pytest.approx(visit.watched_s)
        for step in visit.steps:
            assert step.act == Act.ENTER or step.at_s >= min(FIRST_FRAME_S, visit.watched_s)
        taps = [step.cue for step in visit.steps if step.act == Act.TAP]
        assert len(taps) == len({cue.id for cue in taps if cue})
        assert {step.cue for step in visit.steps if step.act == Act.BUY} <= set(taps)


def test_who_comes_after_the_end_does_not_come() -> None:
    _, visits = make_visits(300, arrivals_s=60, begins_at_s=330)
    assert 100 < len(visits) < 200
    assert all(visit.from_s < 360 for visit in visits)


def test_hazards_come_out_as_planted() -> None:
    """At each planted second its share leaves, to half a point; at the others as many as the base says; who joins late is no exception."""
    story, visits = make_visits()
    truth, totals = plant(story, seed=SEED), count_plan(story, visits)
    for place, share in truth.nodes.items():
        assert totals.left[place] / totals.watching[place] == pytest.approx(share, abs=0.005)
    others = [place for place in totals.left if place not in truth.nodes and story.second_of(place) is not None]
    assert sum(totals.left[place] for place in others) / sum(totals.watching[place] for place in others) == pytest.approx(HAZARD, rel=0.1)
    _, late = make_visits(begins_at_s=100.0)
    totals = count_plan(story, late)
    (node,) = [place for place in truth.nodes if place.number == 4]
    assert totals.left[node] / totals.watching[node] == pytest.approx(truth.nodes[node], abs=0.01)


def test_taps_beats_and_purchases_come_out_as_planted() -> None:
    """Of those who could: still there when their pause is over."""
    story = make_story()
    truth = plant(story, seed=SEED, buys=0.5)
    visits = plan_visits(story, truth, Crowd(VISITS), seed=SEED)
    for second, cue in story.cues[:-1]:  # after the last one there is no time to order
        sure = [visit for visit in visits if visit.leaves_at_s > second + 34]
        tapped = [visit for visit in sure if any(step.act == Act.TAP and step.cue == cue for step in visit.steps)]
        bought = [visit for visit in tapped if any(step.act == Act.BUY and step.cue == cue for step in visit.steps)]
        assert len(tapped) / len(sure) == pytest.approx(truth.taps[cue.id], abs=0.03)
        assert len(bought) / len(tapped) == pytest.approx(0.5, abs=0.08)
    for place, share in truth.beats.items():
        second = story.second_of(place)
        assert second is not None
        there = [visit for visit in visits if visit.leaves_at_s > second + 4]
        lines = sum(second < step.at_s <= second + 4 for visit in there for step in visit.steps if step.act == Act.LINE)
        assert lines / len(there) == pytest.approx(share + truth.lines_a_minute * 4 / 60, abs=0.03)


def test_totals_count_steps_in_a_row() -> None:
    """A tap without a card before it is no step of the funnel, and a purchase is two."""
    story = make_story()
    cue = story.parts[0].cues[0]
    whole = [
        Step(0, Act.ENTER),
        Step(1, Act.PLAY),
        Step(2, Act.SHOWN, cue),
        Step(3, Act.TAP, cue),
        Step(3, Act.BAG, cue),
        Step(9, Act.BUY, cue),
        Step(10, Act.EXIT),
    ]
    broken = [step for step in whole if step.act != Act.SHOWN]
    totals = count_plan(story, [Visit(0, 0, 0, tuple(whole)), Visit(1, 0, 0, tuple(broken))])
    assert totals.funnel == {"entered": 2, "watched": 2, "cue_shown": 1, "cue_clicked": 1, "bagged": 1, "checkout": 1, "paid": 1}
    assert totals.left == {Place(1, 10): 2}
    assert totals.acts["buy"] == 2


@pytest.fixture(scope="module")
def reported(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Story, list[Visit], UUID]]:
    """A plan of 700 visits, told as the page and the ledger tell of them, in any order and a tenth of it twice."""
    with django_db_blocker.unblock():
        with in_schema("aurora"):
            season = make_season(episodes=EPISODES, title="Simulated", has_cues=False)
        story = make_story([str(episode.id) for episode in season.episodes])
        visits = plan_visits(story, plant(story, seed=SEED), Crowd(700), seed=SEED)
        room = planted_uuid(9, 0)
        yield from ((story, visits, room) for _ in stored(_Told(story, visits, room)))  # type: ignore[arg-type]  # what it needs of a planted one


class _Told:
    """As `planting.Planted` gives its parcels."""

    def __init__(self, story: Story, visits: list[Visit], room: UUID) -> None:
        self.schema = "aurora"
        self._rng = random.Random(3)
        self._parcels = [parcel for visit in visits for parcel in self._tell(story, visit, room)]

    def shuffled(self, *, repeated: float) -> list[Parcel]:
        parcels = [*self._parcels, *(parcel for parcel in self._parcels if self._rng.random() < repeated)]
        self._rng.shuffle(parcels)
        return parcels

    def _tell(self, story: Story, visit: Visit, room: UUID) -> Iterator[Parcel]:
        viewer, session = planted_uuid(20, visit.number), planted_uuid(21, visit.number)
        browser: list[Stored] = []
        for order, step in enumerate(visit.steps):
            part, position_ms = story.locate(visit.from_s + step.at_s)
            at_ms = BEGIN_MS + round((visit.arrives_s + step.at_s) * 1000)
            fields: dict[str, Any] = {"id": self._id(at_ms, order), "position_ms": position_ms}
            if step.act == Act.BUY:
                assert step.cue
                for kind, later_ms in ((m.CheckoutEvent, 0), (m.PaidEvent, 900)):
                    event = kind(**fields | {"id": self._id(at_ms + later_ms, order)}, amount_minor=3600, cue_id=UUID(step.cue.id))
                    yield Parcel("aurora", room, viewer, None, at_ms + later_ms, [event])
                continue
            browser.append(self._event(step, fields | {"episode_id": UUID(part.episode_id)}))
        for begin in range(0, len(browser), 50):
            yield Parcel("aurora", room, viewer, session, BEGIN_MS, browser[begin : begin + 50])

    def _id(self, at_ms: int, order: int) -> UUID:
        return UUID(int=at_ms << 80 | 7 << 76 | order << 64 | 2 << 62 | self._rng.getrandbits(62))

    def _event(self, step: Step, fields: dict[str, Any]) -> Stored:
        cue = {"product_id": UUID(step.cue.product_id), "cue_id": UUID(step.cue.id)} if step.cue else {}
        made = {
            Act.ENTER: lambda: m.EnterEvent(surface="room", **fields),
            Act.PLAY: lambda: m.PlayEvent(after_ms=800, **fields),
            Act.HEARTBEAT: lambda: m.HeartbeatEvent(watched_ms=round(step.watched_s * 1000), **fields),
            Act.EXIT: lambda: m.ExitEvent(watched_ms=round(step.watched_s * 1000), **fields),
            Act.LINE: lambda: m.DanmakuEvent(**fields),
            Act.LIKE: lambda: m.LikeEvent(count=step.count, **fields),
            Act.SHOWN: lambda: m.CueShownEvent(**fields, **cue),
            Act.TAP: lambda: m.CueClickedEvent(**fields, **cue),
            Act.BAG: lambda: m.BagEvent(**fields, **cue),
            Act.DISMISS: lambda: m.CueDismissedEvent(**fields, **cue),
        }
        return made[step.act]()


@pytest.mark.django_db
def test_reports_say_what_was_planned(reported: tuple[Story, list[Visit], UUID]) -> None:
    """Funnel, sums and every second at which somebody left, to the unit."""
    story, visits, room = reported
    totals = count_plan(story, visits)
    with in_schema("aurora"):
        question = Question(Slice(room_id=room))
        funnel = {row.name: row.sessions for row in get_port().list_funnel(question)}
        seconds = {Place(row.episode, row.second): (row.left, row.watching) for row in get_port().list_retention(question)}
        (summary,) = list_summary(question)
    assert funnel == totals.funnel
    assert {place: (left, totals.watching[place]) for place, left in totals.left.items()} == {
        place: counts for place, counts in seconds.items() if counts[0]
    }
    assert (summary.likes, summary.danmaku, summary.watched_ms) == (totals.likes, totals.acts["danmaku"], totals.watched_ms)
    assert summary.orders == totals.acts["buy"]


@pytest.mark.django_db
def test_reports_find_where_people_leave(reported: tuple[Story, list[Visit], UUID]) -> None:
    """The three planted seconds are the first three that are named, with their shares to a point and a half."""
    story, _, room = reported
    truth = plant(story, seed=SEED)
    with in_schema("aurora"):
        found = list_drop_nodes(get_port().list_retention(Question(Slice(room_id=room))))
    assert {Place(row.episode, row.second) for row in found} == set(truth.nodes)
    for row in found:
        assert row.hazard == pytest.approx(truth.nodes[Place(row.episode, row.second)], abs=0.015)


def test_the_truth_is_printed_whole() -> None:
    """Everything that a report is to be held against is in the JSON."""
    story = make_story()
    truth = plant(story, seed=4)
    body = truth.as_json()
    assert {field.name for field in dataclasses.fields(truth)} == set(body)
    assert [(node["episode"], node["second"], node["share"]) for node in body["nodes"]] == [(1, 8, 0.06), (2, 24, 0.05), (4, 0, 0.2)]
    assert set(body["taps"]) == {cue.id for _, cue in story.cues}


@pytest.mark.parametrize("lengths", [[400], [1_000], [30_000], [900, 2_500]])
def test_a_short_story_is_planned_too(lengths: list[int]) -> None:
    """A few seconds, even less than one: every viewer comes and leaves."""
    story = Story(tuple(Part(str(number), number, length) for number, length in enumerate(lengths, start=1)))
    visits = plan_visits(story, plant(story, seed=1), Crowd(50, 0), seed=1)
    assert len(visits) == 50
    assert all(0 < visit.leaves_at_s <= story.length_s for visit in visits)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--viewers", "5001"], "--viewers: from 1 to 5000"),
        (["--viewers", "0"], "--viewers: from 1 to 5000"),
        (["--buys", "2"], "--buys: from 0 to 1"),
        (["--speed", "0"], "--speed: from 0.1 to 100"),
        (["--duration", "0"], "--duration: from 1 to 86400"),
    ],
)
def test_a_wish_out_of_bounds_is_refused(options: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        call_command("simulate_viewers", "http://aurora.localhost:1", "harbour", *options)


def test_an_address_that_is_none_and_a_shop_that_does_not_answer() -> None:
    with pytest.raises(CommandError, match="begins with http"):
        call_command("simulate_viewers", "aurora.localhost", "harbour")
    with pytest.raises(CommandError, match="Nobody answers"):
        call_command("simulate_viewers", "http://127.0.0.1:9", "harbour")
