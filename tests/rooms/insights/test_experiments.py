"""An experiment from draft to stop, and a viewer who meets it on the room's page. Always two shops."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError

from dramas.seasons.actions import CueDraft, edit_cue
from dramas.seasons.queries import list_cues
from merchants.foundation import clock
from merchants.foundation.errors import DomainError, InvalidInput
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.insights.experiments.actions import GoalDraft, VariantDraft, record_exposure, start_experiment, stop_experiment
from rooms.insights.experiments.errors import ExperimentNotFound, KeyTaken, MoveRefused, Overlaps
from rooms.insights.experiments.models import ComparedRoom, Experiment, Exposure
from rooms.insights.experiments.queries import get_experiment, list_experiments
from rooms.insights.experiments.variations import list_variations
from rooms.program.actions import start_show
from rooms.program.schedule import create_room
from tests.conftest import Shop
from tests.dramas.building import approve, count_queries
from tests.rooms.building import HOST, Stage, count_rows
from tests.rooms.insights.building import ACTOR, LATER, draft_experiment, run_experiment
from tests.rooms.pages.test_pages import state_of

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = ("experiment", "experiment_variant", "experiment_goal", "experiment_room", "experiment_exposure", "experiment_judgement", "audit_entry")
JSON = "application/json"
AS_IT_IS = VariantDraft(title="As it is")


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


# Draft, start, stop ---------------------------------------------------------------------------------


def test_an_experiment_goes_from_draft_to_running_to_stopped(stage: Stage) -> None:
    """Each move once, each in the audit; nothing runs again."""
    experiment_id = draft_experiment(stage)
    with pytest.raises(MoveRefused):
        stop_experiment(experiment_id=experiment_id, reason="", actor=ACTOR)
    start_experiment(experiment_id=experiment_id, actor=ACTOR)
    with pytest.raises(MoveRefused):
        start_experiment(experiment_id=experiment_id, actor=ACTOR)
    stop_experiment(experiment_id=experiment_id, reason="decided", actor=ACTOR)
    found = get_experiment(experiment_id)
    assert (found.state, found.stop_reason, [variant.title for variant in found.variants]) == ("stopped", "decided", ["As it is", LATER.title])
    for again in (
        lambda: start_experiment(experiment_id=experiment_id, actor=ACTOR),
        lambda: stop_experiment(experiment_id=experiment_id, reason="", actor=ACTOR),
    ):
        with pytest.raises(MoveRefused):
            again()
    trail = AuditEntry.objects.filter(subject=f"experiment:{experiment_id}").order_by("at").values_list("action", flat=True)
    assert list(trail) == ["experiment.create", "experiment.start", "experiment.stop"]


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"variants": [AS_IT_IS]}, "experiment_needs_variants"),
        ({"goals": [GoalDraft("refunds", is_guardrail=True)]}, "experiment_needs_goal"),
        ({"variants": [AS_IT_IS, VariantDraft(title="The same")]}, "experiment_varies_nothing"),
        ({"kind": "episode_order"}, "experiment_needs_rooms"),
    ],
)
def test_an_incomplete_experiment_does_not_start(stage: Stage, draft: dict[str, Any], code: str) -> None:
    """It says what is missing, and nothing has changed."""
    experiment_id = draft_experiment(stage, **draft)
    before = count_rows(*TABLES)
    with pytest.raises(DomainError) as refusal:
        start_experiment(experiment_id=experiment_id, actor=ACTOR)
    assert refusal.value.code == code
    assert "%(" not in refusal.value.message
    assert (get_experiment(experiment_id).state, count_rows(*TABLES)) == ("draft", before)


def test_nothing_unapproved_airs(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """The season has to be approved when the experiment starts."""
    stage = set_up(aurora, is_approved=False)
    with in_schema(aurora.schema):
        with pytest.raises(DomainError, match="not approved") as refusal:
            run_experiment(stage)
        assert refusal.value.code == "experiment_needs_approval"


@pytest.mark.parametrize(
    ("draft", "error"),
    [
        ({"kind": "weather"}, InvalidInput),
        ({"goals": [GoalDraft("happiness")]}, InvalidInput),
        ({"variants": [AS_IT_IS] * 7}, InvalidInput),
        ({"key": "Not A Key"}, ValidationError),
        ({"group_from": 700, "group_to": 300, "group": "cards"}, ValidationError),
        ({"coverage_permille": 0}, ValidationError),
    ],
)
def test_an_impossible_draft_is_refused(stage: Stage, draft: dict[str, Any], error: type[Exception]) -> None:
    """Nothing is written."""
    before = count_rows(*TABLES)
    with pytest.raises(error):
        draft_experiment(stage, **draft)
    assert count_rows(*TABLES) == before


def test_a_key_belongs_to_one_experiment(stage: Stage) -> None:
    """Two with one key would deal viewers alike."""
    draft_experiment(stage)
    with pytest.raises(KeyTaken):
        draft_experiment(stage)


def test_two_experiments_about_the_same_cards_need_separate_viewers(stage: Stage) -> None:
    """One room, one kind: the second starts only in the same group, on another share; a viewer is in one of them at most."""
    one = run_experiment(stage, group="cards", group_to=500)
    with pytest.raises(Overlaps, match="Do later cards"):
        run_experiment(stage, key="everybody")
    with pytest.raises(Overlaps):
        run_experiment(stage, key="half", group="cards", group_from=400)
    other = run_experiment(stage, key="rest", group="cards", group_from=500)
    met = [[one.experiment_id for one in list_variations(stage.room_id, stage.season.id, f"v{number}")] for number in range(60)]
    assert {tuple(found) for found in met} == {(one,), (other,)}


# What a viewer meets --------------------------------------------------------------------------------


def test_a_viewer_gets_the_cues_of_their_variant(aurora: Shop, stage: Stage, browse: Any) -> None:
    """Half of the viewers have every card ten seconds later, the others as it is; all of them know in which episodes they differ."""
    experiment_id = run_experiment(stage)
    start_show(room_id=stage.room_id, actor=HOST)
    cues = {str(cue.id): cue.at_ms for episode in stage.episodes for cue in list_cues(episode)}
    seen = []
    for _ in range(16):
        (variation,) = state_of(browse(aurora).get("/rooms/harbour/"))["variations"]
        assert variation["experiment_id"] == str(experiment_id)
        assert variation["episode_ids"] == [str(episode) for episode in stage.episodes]
        seen.append(variation["cue_times"])
    moved = {cue_id: at_ms + 10_000 for cue_id, at_ms in cues.items()}
    assert all(times in ({}, moved) for times in seen)
    assert {} in seen
    assert moved in seen


def test_a_card_stays_whole_inside_its_episode(stage: Stage) -> None:
    """The episodes have 30 s and the cards 10 s: a shift of a minute ends at 20 s, and one cue has a time of its own."""
    cue = list_cues(stage.episodes[0])[0]
    late = VariantDraft(title="Late", shift_ms=60_000, cue_times={str(cue.id): 1_000})
    run_experiment(stage, variants=[VariantDraft(title="Early", shift_ms=-60_000), late])
    times = [list_variations(stage.room_id, stage.season.id, f"v{number}")[0].cue_times for number in range(20)]
    assert {tuple(sorted(set(found.values()))) for found in times} == {(0,), (1_000, 20_000)}


def test_staff_meet_no_experiment(aurora: Shop, stage: Stage, enter: Any) -> None:
    """They see the season as it is, and do not count."""
    experiment_id = run_experiment(stage)
    host = enter(aurora, "host")
    assert state_of(host.get("/rooms/harbour/"))["variations"] == []
    assert host.post("/api/v1/rooms/harbour/exposures/", {"experiment_id": str(experiment_id)}, content_type=JSON).status_code == 204
    with in_schema(aurora.schema):
        assert not Exposure.objects.exists()


def test_an_edit_of_the_season_takes_the_variants_off_the_air(stage: Stage, hire: Callable[..., Any], aurora: Shop) -> None:
    """They were approved with the season as it stood. Approved anew, it is another season, and the experiment stays silent."""
    run_experiment(stage)
    assert list_variations(stage.room_id, stage.season.id, "v1")
    cue = list_cues(stage.episodes[0])[0]
    edit_cue(actor=ACTOR, cue_id=cue.id, draft=CueDraft(at_ms=6_000, duration_ms=cue.duration_ms, product_id=cue.product_id))
    assert list_variations(stage.room_id, stage.season.id, "v1") == []
    approve(stage.season.id, hire(aurora, "owner"))
    assert list_variations(stage.room_id, stage.season.id, "v1") == []


def test_a_stopped_experiment_varies_nothing(stage: Stage) -> None:
    """Everybody has the season's own cues again."""
    experiment_id = run_experiment(stage)
    stop_experiment(experiment_id=experiment_id, reason="", actor=ACTOR)
    assert list_variations(stage.room_id, stage.season.id, "v1") == []


def test_the_page_pays_one_query_while_nothing_runs(stage: Stage) -> None:
    """And at most eight for an experiment, however many viewers it has."""
    assert count_queries(lambda: list_variations(stage.room_id, stage.season.id, "v1")) == 1
    run_experiment(stage)
    assert count_queries(lambda: list_variations(stage.room_id, stage.season.id, "v1")) <= 8


# Exposures ------------------------------------------------------------------------------------------


def test_an_exposure_is_noted_once(aurora: Shop, stage: Stage, browse: Any) -> None:
    """However often the page says so: one row, with the variant that the page showed."""
    experiment_id = run_experiment(stage)
    start_show(room_id=stage.room_id, actor=HOST)
    client = browse(aurora)
    state = state_of(client.get("/rooms/harbour/"))
    for _ in range(3):
        answer = client.post(state["urls"]["exposures"], {"experiment_id": str(experiment_id)}, content_type=JSON)
        assert (answer.status_code, answer.content) == (204, b"")
    with in_schema(aurora.schema):
        (seen,) = Exposure.objects.all()
        assert (seen.viewer_id, seen.room_id) == (state["viewer"]["id"], stage.room_id)
        assert seen.variant.shift_ms == (10_000 if state["variations"][0]["cue_times"] else 0)


def test_who_has_seen_a_variant_keeps_it(stage: Stage) -> None:
    """The row wins over the hash: even if somebody changed the weights in the database, nobody changes sides."""
    experiment_id = run_experiment(stage)
    record_exposure(experiment_id=experiment_id, room_id=stage.room_id, viewer_id="v1")
    before = list_variations(stage.room_id, stage.season.id, "v1")[0].variant_id
    other = Experiment.objects.get(pk=experiment_id).variants.exclude(pk=before)
    other.update(weight=1000)
    assert list_variations(stage.room_id, stage.season.id, "v1")[0].variant_id == before


def test_who_is_no_part_of_it_leaves_nothing(stage: Stage) -> None:
    """One permille of coverage: nearly nobody is in, and saying so changes nothing; neither after the stop."""
    experiment_id = run_experiment(stage, coverage_permille=1)
    noted = [record_exposure(experiment_id=experiment_id, room_id=stage.room_id, viewer_id=f"v{number}") for number in range(50)]
    assert sum(noted) == Exposure.objects.count() < 5
    stop_experiment(experiment_id=experiment_id, reason="", actor=ACTOR)
    before = Exposure.objects.count()
    assert not any(record_exposure(experiment_id=experiment_id, room_id=stage.room_id, viewer_id=f"w{number}") for number in range(50))
    assert Exposure.objects.count() == before


def test_an_exposure_belongs_to_a_room_of_the_experiment(aurora: Shop, stage: Stage, set_up: Callable[..., Stage], browse: Any) -> None:
    """Another room's experiment does not exist here."""
    experiment_id = run_experiment(stage)
    elsewhere = set_up(aurora, slug="elsewhere")
    with pytest.raises(ExperimentNotFound):
        record_exposure(experiment_id=experiment_id, room_id=elsewhere.room_id, viewer_id="v1")
    answer = browse(aurora).post("/api/v1/rooms/elsewhere/exposures/", {"experiment_id": str(experiment_id)}, content_type=JSON)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "experiment_not_found")
    wrong = browse(aurora).post("/api/v1/rooms/harbour/exposures/", {"experiment_id": "x"}, content_type=JSON)
    assert wrong.status_code == 422
    with in_schema(aurora.schema):
        assert not Exposure.objects.exists()


def test_one_shop_knows_nothing_of_the_other(aurora: Shop, borealis: Shop, stage: Stage, set_up: Callable[..., Stage], browse: Any) -> None:
    """The same room, the same key: neither page, list nor exposure crosses."""
    ours = run_experiment(stage)
    foreign = set_up(borealis)
    with in_schema(borealis.schema):
        assert list_experiments() == []
        assert list_variations(foreign.room_id, foreign.season.id, "v1") == []
        with pytest.raises(ExperimentNotFound):
            get_experiment(ours)
    answer = browse(borealis).post("/api/v1/rooms/harbour/exposures/", {"experiment_id": str(ours)}, content_type=JSON)
    assert answer.status_code == 404
    with in_schema(aurora.schema):
        assert not Exposure.objects.exists()


# Whole rooms ----------------------------------------------------------------------------------------


def test_rooms_are_dealt_at_the_start_and_everybody_in_them_counts(stage: Stage) -> None:
    """Ten rooms, five an arm, the deal is even; a viewer counts in the first of them that they saw."""
    rooms = [stage.room_id, *(create_room(slug=f"r{number}", title="Room", season_id=stage.season.id, actor=HOST) for number in range(9))]
    experiment_id = run_experiment(stage, kind="drama_or_live", room_ids=rooms, variants=[AS_IT_IS, VariantDraft(title="Live host")])
    dealt = dict(ComparedRoom.objects.values_list("room_id", "variant__number"))
    assert sorted(dealt.values()) == [0] * 5 + [1] * 5
    (variation,) = list_variations(rooms[3], stage.season.id, "v1")
    assert (variation.experiment_id, variation.episode_ids, variation.cue_times) == (experiment_id, (), {})
    assert record_exposure(experiment_id=experiment_id, room_id=rooms[3], viewer_id="v1")
    assert not record_exposure(experiment_id=experiment_id, room_id=rooms[4], viewer_id="v1")
    assert Exposure.objects.get().variant.number == dealt[rooms[3]]
    with pytest.raises(Overlaps):
        run_experiment(stage, key="again", kind="free_count", room_ids=rooms, variants=[AS_IT_IS, LATER])


# Doors ----------------------------------------------------------------------------------------------


def test_the_rest_of_an_experiment(aurora: Shop, stage: Stage, enter: Any) -> None:
    """An editor writes it, the reviewer starts it, finance looks; each is kept from what is not theirs."""
    editor, reviewer, finance = (enter(aurora, role) for role in ("editor", "reviewer", "finance"))
    body = {
        "key": "by-rest", "title": "Later?", "kind": "cue_time", "room_ids": [str(stage.room_id)],
        "variants": [{"title": "As it is"}, {"title": "Later", "shift_ms": 5000}], 
        "goals": [{"metric": "buyers"}, {"metric": "refunds", "is_guardrail": True}],
        "schedule": {"planned_units": 5000},
    }  # fmt: skip
    base = "/api/v1/insights/experiments/"
    assert finance.post(base, body, content_type=JSON).status_code == 403
    made = editor.post(base, json.dumps(body), content_type=JSON)
    assert made.status_code == 201, made.content
    one = f"{base}{made.json()['id']}/"
    assert editor.post(f"{one}start/").status_code == 403
    assert reviewer.post(f"{one}start/").json()["state"] == "running"
    assert [row["key"] for row in finance.get(base).json()] == ["by-rest"]
    assert finance.post(f"{one}stop/").status_code == 403
    assert editor.post(f"{one}stop/", {"reason": "enough"}, content_type=JSON).json()["stop_reason"] == "enough"
    again = reviewer.post(f"{one}start/")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "experiment_move_refused")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "weather"}, "kind"),
        ({"goals": [{"metric": "happiness"}]}, "goals"),
        ({"variants": [{"title": "A", "cue_times": {"no-id": 5}}]}, "variants"),
        ({"schedule": {"group_from": 5, "group_to": 5}}, "schedule"),
        ({"room_ids": ["00000000-0000-4000-8000-000000000000"]}, "room_ids"),
    ],
)
def test_a_wrong_experiment_says_where(aurora: Shop, stage: Stage, enter: Any, change: dict[str, Any], field: str) -> None:
    """422 with the field."""
    body = {"key": "wrong", "title": "?", "kind": "cue_time", "room_ids": [], "variants": [{"title": "A"}], "goals": [{"metric": "buyers"}]} | change
    answer = enter(aurora, "editor").post("/api/v1/insights/experiments/", json.dumps(body), content_type=JSON)
    assert answer.status_code == 422, answer.content
    assert answer.json()["error"]["params"]["field"] == field
    with in_schema(aurora.schema):
        assert not Experiment.objects.exists()


def test_the_sample_size_of_a_question(aurora: Shop, enter: Any) -> None:
    """20 % buyers and a quarter more: Evan Miller's 1,030, rounded up; impossible questions are refused."""
    editor = enter(aurora, "editor")
    body = editor.get("/api/v1/insights/sample-size/?baseline_permille=200&lift_permille=250").json()
    assert body["one_look"] == 1031
    assert body["any_time"] > 1031
    assert editor.get("/api/v1/insights/sample-size/?baseline_permille=900&lift_permille=250").status_code == 422


def test_the_office_shows_and_starts_it(aurora: Shop, stage: Stage, enter: Any) -> None:
    """The list, the page, a draft made with the form, the button that asks first."""
    owner = enter(aurora, "owner")
    form = {
        "title": "Sooner?", "key": "sooner", "kind": "cue_time", "room": str(stage.room_id), "planned_units": 4000, "least_lift_permille": 20,
        "method": "always", "looks": 5, "coverage_permille": 1000, "group": "", "group_from": 0, "group_to": 1000,
        "variants-TOTAL_FORMS": 2, "variants-INITIAL_FORMS": 0, "variants-MIN_NUM_FORMS": 2, "variants-MAX_NUM_FORMS": 1000,
        "variants-0-number": 0, "variants-0-title": "As it is", "variants-0-weight": 1, "variants-0-shift_s": 0,
        "variants-1-number": 1, "variants-1-title": "Sooner", "variants-1-weight": 1, "variants-1-shift_s": "-2.5",
        "goals-TOTAL_FORMS": 1, "goals-INITIAL_FORMS": 0, "goals-MIN_NUM_FORMS": 1, "goals-MAX_NUM_FORMS": 1000,
        "goals-0-metric": "buyers", "goals-0-tolerance_permille": 0,
        "rooms-TOTAL_FORMS": 0, "rooms-INITIAL_FORMS": 0, "rooms-MIN_NUM_FORMS": 0, "rooms-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    assert owner.get("/admin/rooms/experiment/add/").status_code == 200
    made = owner.post("/admin/rooms/experiment/add/", form)
    assert made.status_code == 302, made.content.decode()[:4000]
    with in_schema(aurora.schema):
        experiment = Experiment.objects.get()
        assert [variant.shift_ms for variant in experiment.variants.all()] == [0, -2_500]
    page = f"/admin/rooms/experiment/{experiment.pk}/"
    assert "Sooner?" in owner.get(f"{page}start/").content.decode()
    assert "Draft" in owner.get(f"{page}change/").content.decode()
    assert owner.post(f"{page}start/").status_code == 302
    assert "Running" in owner.get(f"{page}change/").content.decode()
    assert "Sooner?" in owner.get("/admin/rooms/experiment/").content.decode()
    assert owner.post(f"{page}judge/").status_code == 302
    assert "Nobody has seen the experiment yet." in owner.get(f"{page}change/").content.decode()


def test_a_list_of_experiments_costs_as_many_queries_as_one(stage: Stage) -> None:
    """Seven, whatever their number."""
    for number in range(3):
        draft_experiment(stage, key=f"k{number}")
    with clock.frozen(clock.now() + timedelta(seconds=1)):
        assert count_queries(list_experiments) == 6
