"""Heat, what it suggests, and one click to a draft: planted bumps are found, noise yields none. Always two shops."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from dramas.seasons.actions import CueDraft, replace_cues
from dramas.seasons.queries import list_cues
from merchants.foundation.tenancy import in_schema
from rooms.insights.events import messages as m
from rooms.insights.events.messages import Parcel
from rooms.insights.experiments.models import Experiment
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.insights.moments.density import BIN_S
from rooms.insights.moments.queries import list_heat, list_moments
from tests.conftest import Shop
from tests.dramas.building import ACTOR, count_queries, report_ready
from tests.rooms.building import Stage, count_rows
from tests.rooms.insights.conftest import BEGIN_MS

pytestmark = pytest.mark.django_db(transaction=True)

LENGTH_S, VIEWERS = 90, 420
JSON = "application/json"
TABLES = ("experiment", "experiment_variant", "experiment_goal", "audit_entry")


@dataclass
class Evening:
    """Viewers of one episode, each from its first second on. `hot[kind]` are seconds at which one in eight of them does it; else one in 300."""

    room: UUID
    episode: UUID
    leaving: set[int] = field(default_factory=set)
    hot: dict[str, set[int]] = field(default_factory=dict)
    seed: int = 1
    done: list[tuple[int, str, int]] = field(default_factory=list)  # viewer, what, second
    reach: list[int] = field(default_factory=list)

    def play(self) -> "Evening":
        rng = random.Random(self.seed)
        for viewer in range(VIEWERS):
            last = next((second for second in range(LENGTH_S) if rng.random() < (0.03 if second in self.leaving else 0.002)), LENGTH_S - 1)
            self.reach.append(last)
            for second in range(last + 1):
                for kind in ("danmaku", "seek", "tap"):
                    if rng.random() < (1 / 8 if second in self.hot.get(kind, ()) else 1 / 300):
                        self.done.append((viewer, kind, second))
        return self

    def parcels(self, schema: str) -> list[Parcel]:
        rng, made = random.Random(self.seed + 1), []
        for viewer, last in enumerate(self.reach):
            begin = BEGIN_MS + rng.randrange(3_600_000)
            watched = [m.PlayEvent(id=self._id(rng, begin), after_ms=300, episode_id=self.episode)]
            watched += [self._event(rng, kind, second, begin) for who, kind, second in self.done if who == viewer]
            watched.append(m.ExitEvent(id=self._id(rng, begin + last * 1000 + 999), watched_ms=1, episode_id=self.episode, position_ms=last * 1000))
            watched.insert(0, m.EnterEvent(id=self._id(rng, begin - 100), surface="replay"))
            who = UUID(int=(self.seed << 32 | viewer + 1) << 64 | 4 << 76 | 2 << 62)
            made.append(Parcel(schema, self.room, who, UUID(int=(self.seed << 32 | viewer + 1) << 80 | 4 << 76 | 2 << 62), begin + 400_000, watched))
        return made

    def _event(self, rng: random.Random, kind: str, second: int, begin: int) -> Any:
        at: dict[str, Any] = {"episode_id": self.episode, "position_ms": second * 1000 + rng.randrange(1000)}
        event_id = self._id(rng, begin + second * 1000 + rng.randrange(900))
        if kind == "seek":
            return m.SeekEvent(id=event_id, from_ms=at["position_ms"] + 8_000, **at)
        if kind == "tap":
            return m.CueClickedEvent(id=event_id, product_id=UUID(int=1), **at)
        return m.DanmakuEvent(id=event_id, **at)

    def _id(self, rng: random.Random, at_ms: int) -> UUID:
        return UUID(int=at_ms << 80 | 7 << 76 | rng.getrandbits(12) << 64 | 2 << 62 | rng.getrandbits(62))

    def count(self, kind: str, begin: int, end: int) -> int:
        """Viewers who did it, each once a bin."""
        return sum(
            len({who for who, what, second in self.done if what == kind and second // BIN_S == place})
            for place in range(begin // BIN_S, end // BIN_S)
        )


def keep(evening: Evening, schema: str = "aurora") -> None:
    parcels = evening.parcels(schema)
    ensure_days(days_of(parcels))
    store(schema, parcels, Places())


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    """A room whose first episode is 90 s long, with one card at 0:20 to 0:30."""
    made = set_up(aurora, is_approved=False)
    with in_schema(aurora.schema):
        report_ready(made.episodes[0], duration_ms=LENGTH_S * 1000)
        product = list_cues(made.episodes[0])[0].product_id
        replace_cues(actor=ACTOR, episode_id=made.episodes[0], drafts=[CueDraft(at_ms=20_000, duration_ms=10_000, product_id=product)])
        yield made


def test_heat_is_a_plain_count_of_viewers_by_second(stage: Stage) -> None:
    evening = Evening(stage.room_id, stage.episodes[0]).play()
    keep(evening)
    rows = list_heat(stage.episodes[0])
    assert [row.second for row in rows] == list(range(LENGTH_S))
    left = Counter(evening.reach)
    for row in rows:
        assert row.watching == sum(last >= row.second for last in evening.reach)
        assert row.left == left[row.second]
        for kind, count in (("danmaku", row.danmaku), ("seek", row.rewinds), ("tap", row.taps)):
            assert count == len({who for who, what, second in evening.done if (what, second) == (kind, row.second)})
    assert list_heat(stage.episodes[1])[0].watching == 0
    assert count_queries(lambda: list_heat(stage.episodes[0])) == 3
    assert count_queries(lambda: list_moments(stage.episodes[0])) == 4


def test_noise_suggests_nothing(stage: Stage) -> None:
    """Of many evenings: tests/rooms/insights/test_shares_and_rates.py."""
    keep(Evening(stage.room_id, stage.episodes[0], seed=3).play())
    assert list_moments(stage.episodes[0]) == []
    assert list_moments(stage.episodes[2]) == []


def test_planted_bumps_are_found_with_their_seconds_their_size_and_their_doubt(stage: Stage) -> None:
    """Danmaku far from the card, rewinds later on, people leaving; what happens while the card is up suggests nothing."""
    hot = {"danmaku": set(range(50, 60)), "seek": set(range(70, 75)), "tap": set(range(20, 30))}
    evening = Evening(stage.room_id, stage.episodes[0], leaving=set(range(10, 15)), hot=hot).play()
    keep(evening)
    moments = {(row.signal, row.begin_s, row.end_s): row for row in list_moments(stage.episodes[0])}
    assert set(moments) == {("danmaku", 50, 60), ("rewind", 70, 75), ("exit", 10, 15)}
    (cue,) = list_cues(stage.episodes[0])
    for (signal, begin, end), kind in ((("danmaku", 50, 60), "danmaku"), (("rewind", 70, 75), "seek")):
        row = moments[signal, begin, end]
        assert row.viewers == evening.count(kind, begin, end)
        assert 1.5 < row.times_low < row.times < row.times_high
        assert (row.deed, row.cue_id, row.to_ms) == ("move_card", str(cue.id), begin * 1000)
    leaving = moments["exit", 10, 15]
    assert leaving.viewers == sum(10 <= last < 15 for last in evening.reach)
    assert (leaving.deed, leaving.cue_id, leaving.to_ms) == ("tighten", str(cue.id), 0)
    assert "0:10" in leaving.what
    assert "0:15" in leaving.what
    assert str(leaving.viewers) in leaving.doubt


def test_one_rooms_viewers_and_another_shops(stage: Stage, aurora: Shop, borealis: Shop, enter: Callable[..., Any]) -> None:
    """Of a room in which nobody was: nothing. In another shop the episode does not exist, and its numbers are nobody's."""
    keep(Evening(stage.room_id, stage.episodes[0], hot={"danmaku": set(range(50, 60))}).play())
    owner, page = enter(aurora, "owner"), f"/api/v1/insights/episodes/{stage.episodes[0]}/moments/"
    title = stage.room.title
    asked = {"episode_id": str(stage.episodes[0])}
    (row,) = owner.get("/api/v1/insights/moments/", asked | {"room_id": str(stage.room_id)}).json()["rows"]
    assert row["begin_s"] == 50
    assert owner.get("/api/v1/insights/moments/", asked | {"room_id": str(stage.episodes[1])}).json()["rows"] == []
    answer = owner.get(page).json()
    assert (len(answer["heat"]), len(answer["moments"]), answer["may_test"]) == (LENGTH_S, 1, True)
    assert answer["rooms"] == [{"id": str(stage.room_id), "title": title}]
    assert enter(aurora, "reviewer").get(page).json()["may_test"] is False
    stranger = enter(borealis, "owner")
    assert stranger.get(page).status_code == 404
    assert stranger.get("/api/v1/insights/heat/", asked).status_code == 404
    assert owner.get("/api/v1/insights/heat/", asked | {"mood": "x"}).status_code == 422


def test_one_click_makes_a_draft_and_a_second_one_the_same(stage: Stage, aurora: Shop, enter: Callable[..., Any]) -> None:
    """The suggested card, at the suggested time, for half of the room's viewers; nothing starts by itself."""
    keep(Evening(stage.room_id, stage.episodes[0], hot={"danmaku": set(range(50, 60))}).play())
    editor, door = enter(aurora, "editor"), f"/api/v1/insights/episodes/{stage.episodes[0]}/tests/"
    body = {"signal": "danmaku", "begin_s": 50}
    answer = editor.post(door, body, content_type=JSON)
    assert answer.status_code == 201
    again = editor.post(door, body, content_type=JSON)
    assert (again.status_code, again.json()) == (200, answer.json())
    with in_schema("aurora"):
        (experiment,) = Experiment.objects.all()
        (cue,) = list_cues(stage.episodes[0])
        assert (experiment.state, experiment.kind, experiment.room_id) == ("draft", "cue_time", stage.room_id)
        assert [variant.cue_times for variant in experiment.variants.all()] == [{}, {str(cue.id): 50_000}]
        assert answer.json()["url"] == f"/admin/rooms/experiment/{experiment.pk}/change/"
    assert editor.get(answer.json()["url"]).status_code == 200


def test_what_does_not_stand_out_or_has_no_card_is_refused_and_changes_nothing(stage: Stage, aurora: Shop, enter: Callable[..., Any]) -> None:
    keep(Evening(stage.room_id, stage.episodes[0], hot={"danmaku": set(range(50, 60))}).play())
    editor, door = enter(aurora, "editor"), f"/api/v1/insights/episodes/{stage.episodes[0]}/tests/"
    with in_schema("aurora"):
        before = count_rows(*TABLES)
    gone = editor.post(door, {"signal": "danmaku", "begin_s": 5}, content_type=JSON)
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "moment_gone")
    assert editor.post(door, {"signal": "mood", "begin_s": 50}, content_type=JSON).status_code == 422
    assert enter(aurora, "reviewer").post(door, {"signal": "danmaku", "begin_s": 50}, content_type=JSON).status_code == 403
    with in_schema("aurora"):
        assert count_rows(*TABLES) == before
        replace_cues(actor=ACTOR, episode_id=stage.episodes[0], drafts=[])
        assert [row.deed for row in list_moments(stage.episodes[0])] == ["add_card"]
        before = count_rows(*TABLES)
    bare = editor.post(door, {"signal": "danmaku", "begin_s": 50}, content_type=JSON)
    assert (bare.status_code, bare.json()["error"]["code"]) == (409, "moment_without_card")
    with in_schema("aurora"):
        assert count_rows(*TABLES) == before
