"""Experiments on the card's design, the price's display and the picture's quality: what may vary, what a page gets, what is sealed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache

from commerce.catalog.actions import set_price
from commerce.catalog.models import PriceChange
from commerce.catalog.references import find_reference, list_reference_prices
from dramas.seasons.actions import CueDraft, edit_cue
from dramas.seasons.queries import list_cues
from dramas.transcode.plan import LADDER
from merchants.foundation import clock
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import in_schema
from rooms.insights.experiments.actions import VariantDraft, record_exposure, start_experiment
from rooms.insights.experiments.errors import AllAlike, Overlaps, VariantInvalid
from rooms.insights.experiments.models import Experiment, ExperimentVariant
from rooms.insights.experiments.payloads import LINES, check_payload, say_payload
from rooms.insights.experiments.queries import get_experiment
from rooms.insights.experiments.variations import list_variations
from tests.conftest import Shop
from tests.dramas.building import count_queries
from tests.rooms.building import Stage, count_rows
from tests.rooms.insights.building import ACTOR, draft_experiment, run_experiment
from tests.rooms.pages.test_pages import air, state_of

KINDS: dict[str, list[dict[str, Any]]] = {
    "card_design": [{"design": "full"}, {"design": "countdown"}],
    "price_display": [{"display": "plain"}, {"display": "reference"}],
    "quality_ladder": [{}, {"start": 360, "top": 720}],
}
TABLES = ("experiment", "experiment_variant", "experiment_goal", "audit_entry")


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage], transactional_db: None) -> Any:
    cache.clear()
    made = set_up(aurora)
    with in_schema(aurora.schema):
        yield made


def variants_of(kind: str) -> list[VariantDraft]:
    return [VariantDraft(title=f"Variant {number}", payload=payload) for number, payload in enumerate(KINDS[kind])]


# What a variant may be ------------------------------------------------------------------------------


def test_a_payload_is_kept_as_it_was_checked() -> None:
    """Known names and values; what is empty is left out; in words for people."""
    assert check_payload("card_design", {"design": "compact"}) == {"design": "compact"}
    assert check_payload("quality_ladder", {"start": "", "top": 480}) == {"top": 480}
    assert check_payload("quality_ladder", {}) == check_payload("cue_time", {}) == check_payload("drama_or_live", {}) == {}
    assert say_payload({"start": 360, "top": 480}) == "begins with 360p, 480p at most"
    assert say_payload({"arm": "pitch"}) == "Live pitch"


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("card_design", {}, "“design” is missing"),
        ("card_design", {"design": "huge"}, "“design” has to be one of: full, compact, countdown"),
        ("card_design", {"design": ["full"]}, "has to be one of"),
        ("card_design", {"design": "full", "colour": "red"}, "“colour” does not belong"),
        ("price_display", {"display": "plain", "price_minor": 100}, "“price_minor” does not belong"),
        ("price_display", {"display": "cheaper"}, "one of: plain, reference, short"),
        ("quality_ladder", {"top": 481}, "one of: 360, 480, 720, 1080"),
        ("quality_ladder", {"top": True}, "one of: 360, 480, 720, 1080"),
        ("quality_ladder", {"start": 1080, "top": 480}, "The first quality lies above the best one"),
        ("drama_or_live", {"arm": "radio"}, "one of: drama, pitch, mixed"),
        ("cue_time", {"design": "full"}, "“design” does not belong"),
    ],
)
def test_what_no_page_could_show_is_refused(kind: str, payload: dict[str, Any], reason: str) -> None:
    """Another price among it: only how the price is written can vary."""
    with pytest.raises(VariantInvalid) as refusal:
        check_payload(kind, payload)
    assert reason in refusal.value.message
    assert (refusal.value.code, refusal.value.http_status) == ("experiment_variant_invalid", 422)


def test_the_qualities_are_those_of_the_ladder() -> None:
    """A rung that is added or dropped there changes the list here."""
    assert sorted(LINES) == sorted(short_side for short_side, *_ in LADDER)


def test_wrong_and_equal_variants_do_not_start(stage: Stage) -> None:
    """A wrong one is refused when it is drafted, and once more at the start, since the office's form writes rows by itself; of equal ones
    there would be nothing to compare."""
    before = count_rows(*TABLES)
    with pytest.raises(VariantInvalid):
        draft_experiment(stage, kind="card_design", variants=[VariantDraft(title="A"), VariantDraft(title="B")])
    assert count_rows(*TABLES) == before
    for kind in KINDS:
        same = [VariantDraft(title=title, payload=KINDS[kind][1]) for title in ("A", "B")]
        with pytest.raises(AllAlike):
            start(draft_experiment(stage, key=kind.replace("_", "-"), kind=kind, variants=same))
    experiment_id = draft_experiment(stage, kind="card_design", variants=variants_of("card_design"))
    ExperimentVariant.objects.filter(experiment_id=experiment_id, number=1).update(payload={})
    with pytest.raises(VariantInvalid):
        start(experiment_id)
    assert set(Experiment.objects.values_list("state", flat=True)) == {"draft"}


# What a page gets -----------------------------------------------------------------------------------


def run_all(stage: Stage) -> None:
    for kind in KINDS:
        run_experiment(stage, key=kind.replace("_", "-"), kind=kind, variants=variants_of(kind))


def test_a_viewer_gets_the_payloads_of_their_variants(aurora: Shop, stage: Stage, browse: Any) -> None:
    """One of each kind at once; with what every arm would show, so that the control's page knows where it has met the experiment."""
    run_all(stage)
    air(aurora, stage)
    seen: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    for _ in range(8):
        for variation in state_of(browse(aurora).get("/rooms/harbour/"))["variations"]:
            assert (variation["episode_ids"], variation["cue_times"]) == ([], {})
            assert variation["arms"] == KINDS[variation["kind"]]
            seen[variation["kind"]].append(variation["payload"])
    assert {kind: len(payloads) for kind, payloads in seen.items()} == dict.fromkeys(KINDS, 8)
    assert all(payload in KINDS[kind] for kind, payloads in seen.items() for payload in payloads)
    assert sum(len({str(payload) for payload in payloads}) for payloads in seen.values()) > len(KINDS)  # not everybody has the same


def test_what_is_shown_is_sealed_and_what_is_only_sharper_is_not(stage: Stage) -> None:
    """An edit of the season takes designs and prices off the air; the picture's quality says nothing, and stays. Eight queries at most.

    An exposure is one row in the variant that the server dealt; a second design has no place on the same card.
    """
    run_all(stage)
    with pytest.raises(Overlaps):
        run_experiment(stage, key="two", kind="card_design", variants=variants_of("card_design"))
    found = list_variations(stage.room_id, stage.season.id, "v1")
    assert {one.kind for one in found} == set(KINDS)
    assert count_queries(lambda: list_variations(stage.room_id, stage.season.id, "v1")) <= 8
    noted = [record_exposure(experiment_id=found[0].experiment_id, room_id=stage.room_id, viewer_id="v1") for _ in range(2)]
    seen = {variant.id: variant.viewers for variant in get_experiment(found[0].experiment_id).variants}
    assert (noted, seen[found[0].variant_id], sum(seen.values())) == ([True, False], 1, 1)
    cue = list_cues(stage.episodes[0])[0]
    edit_cue(actor=ACTOR, cue_id=cue.id, draft=CueDraft(at_ms=6_000, duration_ms=cue.duration_ms, product_id=cue.product_id))
    assert [one.kind for one in list_variations(stage.room_id, stage.season.id, "v1")] == ["quality_ladder"]


def test_nothing_unapproved_is_shown(aurora: Shop, set_up: Callable[..., Stage], transactional_db: None) -> None:
    """Without the season's approval a design does not start; the quality does."""
    stage = set_up(aurora, is_approved=False)
    with in_schema(aurora.schema):
        for kind in ("card_design", "price_display"):
            with pytest.raises(DomainError) as refusal:
                run_experiment(stage, key=kind.replace("_", "-"), kind=kind, variants=variants_of(kind))
            assert refusal.value.code == "experiment_needs_approval"
        run_experiment(stage, kind="quality_ladder", variants=variants_of("quality_ladder"))


# Reference prices -----------------------------------------------------------------------------------

NOW = datetime(2026, 11, 29, tzinfo=UTC)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([(90, 4_800), (5, 3_600)], 4_800),
        ([(90, 4_800), (20, 5_200), (5, 3_600)], 4_800),  # the lowest of the thirty days, not the last one
        ([(90, 4_000), (60, 4_800), (5, 3_600)], 4_800),  # a lower price that ended before them does not count
        ([(90, 4_800), (10, 3_500), (9, 4_800), (5, 3_600)], None),  # raised first to be lowered then
        ([(90, 3_000), (5, 3_600)], None),  # dearer now
        ([(20, 4_800), (5, 3_600)], None),  # not for sale long enough
        ([(90, 4_800), (31, 3_600)], None),  # no reduction any more: it is the price
        ([(90, 3_600)], None),
        ([], None),
    ],
)
def test_a_reference_is_the_lowest_price_of_thirty_days(history: list[tuple[int, int]], expected: int | None) -> None:
    """Days ago and price; article 6a of Directive 98/6/EC."""
    assert find_reference([(NOW - timedelta(days=days), minor) for days, minor in history], NOW) == expected


def test_the_page_has_true_references_of_its_own_shop(aurora: Shop, borealis: Shop, stage: Stage, browse: Any) -> None:
    """By variant, with the price that each belongs to; only while an experiment shows them; nothing of another shop."""
    product_id = list_cues(stage.episodes[0])[0].product_id
    (change,) = PriceChange.objects.filter(variant__product=product_id)
    with clock.frozen(clock.now() - timedelta(days=60)):
        PriceChange.objects.create(variant=change.variant, price_minor=4_800, currency="USD", at=clock.now(), actor=ACTOR)
    air(aurora, stage)
    assert state_of(browse(aurora).get("/rooms/harbour/"))["reference_prices"] == {}
    with in_schema(aurora.schema):
        run_experiment(stage, kind="price_display", variants=variants_of("price_display"))
    for _ in range(2):
        found = state_of(browse(aurora).get("/rooms/harbour/"))["reference_prices"]
        assert found == {str(change.variant_id): {"now_minor": 3_600, "text": "$48.00"}}
    with in_schema(aurora.schema):
        set_price(variant_id=change.variant_id, price_minor=5_000, actor=ACTOR)
        assert list_reference_prices([product_id]) == []
    with in_schema(borealis.schema):
        assert list_reference_prices([product_id]) == []


# Doors ----------------------------------------------------------------------------------------------


def test_the_rest_takes_payloads_and_adds_guardrails(aurora: Shop, stage: Stage, enter: Any) -> None:
    """Stalled time, early exits and refunds guard unless they are named or declined; a wrong payload says where."""
    editor = enter(aurora, "editor")
    body: dict[str, Any] = {
        "key": "by-rest", "title": "Compact?", "kind": "card_design", "room_ids": [str(stage.room_id)], "goals": [{"metric": "click_through"}],
        "variants": [{"title": "As it is", "payload": {"design": "full"}}, {"title": "Compact", "payload": {"design": "compact"}}],
    }  # fmt: skip
    made = editor.post("/api/v1/insights/experiments/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    assert [variant["payload"]["design"] for variant in made.json()["variants"]] == ["full", "compact"]
    guards = {goal["metric"]: goal["tolerance_permille"] for goal in made.json()["goals"] if goal["is_guardrail"]}
    assert guards == {"stalled": 100, "early_exits": 50, "refund_rate": 100}
    alone = editor.post("/api/v1/insights/experiments/", body | {"key": "alone", "guardrails": False}, content_type="application/json").json()
    assert [goal["metric"] for goal in alone["goals"]] == ["click_through"]
    body["variants"][1]["payload"] = {"design": "huge"}
    wrong = editor.post("/api/v1/insights/experiments/", body | {"key": "wrong"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "experiment_variant_invalid")
    assert wrong.json()["error"]["params"]["field"] == "payload"
    body["variants"][1]["payload"] = {"design": "compact"}
    rooms_only = editor.post("/api/v1/insights/experiments/", body | {"key": "k", "goals": [{"metric": "takings"}]}, content_type="application/json")
    assert (rooms_only.status_code, rooms_only.json()["error"]["code"]) == (422, "experiment_goal_of_rooms")


def form_of(stage: Stage, kind: str, *rows: dict[str, Any]) -> dict[str, Any]:
    form: dict[str, Any] = {
        "title": "?", "key": kind.replace("_", "-"), "kind": kind, "room": str(stage.room_id), "planned_units": 4000, "least_lift_permille": 20,
        "method": "always", "looks": 5, "coverage_permille": 1000, "group": "", "group_from": 0, "group_to": 1000,
        "variants-TOTAL_FORMS": len(rows), "variants-INITIAL_FORMS": 0, "variants-MIN_NUM_FORMS": 2, "variants-MAX_NUM_FORMS": 1000,
        "goals-TOTAL_FORMS": 1, "goals-INITIAL_FORMS": 0, "goals-MIN_NUM_FORMS": 1, "goals-MAX_NUM_FORMS": 1000,
        "goals-0-metric": "dwell", "goals-0-tolerance_permille": 0,
        "rooms-TOTAL_FORMS": 0, "rooms-INITIAL_FORMS": 0, "rooms-MIN_NUM_FORMS": 0, "rooms-MAX_NUM_FORMS": 1000,
    }  # fmt: skip
    for number, row in enumerate(rows):
        form |= {f"variants-{number}-{name}": value for name, value in ({"number": number, "title": f"V{number}", "weight": 1} | row).items()}
    return form


def test_the_offices_form_writes_payloads(aurora: Shop, stage: Stage, enter: Any) -> None:
    """A choice of what varies, two of the ladder; what belongs to another kind is refused at its field; later it is read in words."""
    owner, add = enter(aurora, "owner"), "/admin/rooms/experiment/add/"
    page = owner.get(add).content.decode()
    assert 'value="design:countdown"' in page
    assert page.count('value="stalled" selected') == 1
    assert "How many viewers does it take?" in page
    wrong = owner.post(add, form_of(stage, "card_design", {"shown": "design:full"}, {"shown": "display:short"}))
    assert wrong.status_code == 200
    assert "does not belong to what varies here" in wrong.content.decode()
    made = owner.post(add, form_of(stage, "quality_ladder", {}, {"start": "360", "top": "480"}))
    assert made.status_code == 302, made.content.decode()[:4000]
    with in_schema(aurora.schema):
        experiment = Experiment.objects.get()
        assert [variant.payload for variant in experiment.variants.all()] == [{}, {"start": 360, "top": 480}]
        start(experiment.pk)
    assert "begins with 360p, 480p at most" in owner.get(f"/admin/rooms/experiment/{experiment.pk}/change/").content.decode()


def start(experiment_id: Any) -> None:
    start_experiment(experiment_id=experiment_id, actor=ACTOR)
