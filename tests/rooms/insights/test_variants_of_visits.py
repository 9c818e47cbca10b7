"""The variant of a visit: dealt and signed by the server, carried by the page, told with the first event, split by in the funnel."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.insights.events.variants import LONGEST, TTL_S, read_variants, seal_variants
from rooms.insights.experiments.actions import VariantDraft
from rooms.insights.experiments.variations import list_variations
from rooms.insights.ingest.consumer import Consumer
from rooms.insights.queries.groups import of_experiment
from rooms.insights.queries.port import get_port
from rooms.insights.queries.shapes import FunnelRow, Question, Slice
from tests.conftest import Shop
from tests.rooms.building import Stage
from tests.rooms.insights.building import run_experiment
from tests.rooms.insights.test_doors import SESSION, batch, event, post, waiting
from tests.rooms.pages.test_pages import air, state_of
from tests.rooms.phone import in_shop, phones

pytestmark = pytest.mark.django_db(transaction=True)
ROOM, VIEWER = new_id(), str(new_id())
HERE: dict[str, Any] = {"schema": "aurora", "room_id": ROOM, "viewer_id": VIEWER}


@pytest.fixture
def stage(aurora: Shop, set_up: Callable[..., Stage]) -> Stage:
    cache.clear()
    return set_up(aurora)


def entered(variant: str) -> dict[str, Any]:
    return event("enter", surface="room", variant=variant)


def funnel(**question: Any) -> list[FunnelRow]:
    return get_port().list_funnel(Question(Slice(), split="variant", **question))


# The word -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{"schema": "borealis"}, {"room_id": new_id()}, {"viewer_id": str(new_id())}])
def test_a_word_is_good_for_one_viewer_in_one_room_of_one_shop(change: dict[str, Any]) -> None:
    """Taken elsewhere it says nothing."""
    token = seal_variants(["later-cards.1", "price.0"], **HERE)
    assert read_variants(token, **HERE) == "later-cards.1_price.0"
    assert read_variants(token, **HERE | change) == ""


def test_a_forged_word_and_an_old_one_say_nothing() -> None:
    """A letter changed, a word of one's own, three days later."""
    token = seal_variants(["later-cards.0"], **HERE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("merchants.foundation.signing.time.time", lambda: clock.now().timestamp() + TTL_S + 1)
        assert read_variants(token, **HERE) == ""
    assert read_variants("later-cards.1", **HERE) == read_variants(token[:-1] + "_", **HERE) == ""
    assert seal_variants([], **HERE) == ""


def test_more_experiments_than_fit_are_left_out_from_the_newest(stage: Stage) -> None:
    """The rollups' column is long enough for what is said, and the event for its token."""
    words = [f"{'k' * 40}-{number}.1" for number in range(5)]
    token = seal_variants(words, **HERE)
    assert read_variants(token, **HERE) == "_".join(words[:2])
    assert len("_".join(words[:2])) <= LONGEST
    assert len(seal_variants(["k" * LONGEST], **HERE)) <= 600


# From the page to the funnel ------------------------------------------------------------------------


async def test_the_funnel_is_split_by_what_the_server_dealt(stage: Stage, aurora: Shop) -> None:
    """Sixteen viewers over the socket, each with the word of their page; one of them with another's: they count without a variant."""
    await in_shop(aurora, run_experiment, stage=stage, key="later-cards")
    viewers = [str(new_id()) for _ in range(16)]
    dealt = {viewer: (await in_shop(aurora, _words, stage=stage, viewer_id=viewer))[0] for viewer in viewers}
    tokens = {viewer: seal_variants([word], schema="aurora", room_id=stage.room_id, viewer_id=viewer) for viewer, word in dealt.items()}
    liar = str(new_id())
    async with phones(aurora, stage, *viewers, liar) as held:
        for viewer, phone in zip([*viewers, liar], held, strict=True):
            sent = [entered(tokens.get(viewer, tokens[viewers[0]])), event("play", after_ms=200)]
            assert (await phone.send("events", session=SESSION, events=sent))["k"] == "ack"
    await in_shop(aurora, _store)
    rows = await in_shop(aurora, funnel)
    played = {row.group: row.sessions for row in rows if row.name == "watched"}
    wanted = {word: sum(one == word for one in dealt.values()) for word in set(dealt.values())}
    assert played == wanted | {"": 1}
    assert set(wanted) == {"later-cards.0", "later-cards.1"}


def test_the_page_carries_the_word_and_http_takes_it(stage: Stage, aurora: Shop, browse: Any, enter: Any) -> None:
    """Of every experiment that the viewer is in; staff and rooms without experiments have none; a word of the page's own is dropped."""
    air(aurora, stage)
    guest = browse(aurora)
    assert state_of(guest.get("/rooms/harbour/"))["measure"]["variant"] == ""
    with in_schema(aurora.schema):
        run_experiment(stage, key="later-cards")
        designs = [VariantDraft(title=design, payload={"design": design}) for design in ("full", "compact")]
        run_experiment(stage, key="designs", kind="card_design", variants=designs)
    state = state_of(guest.get("/rooms/harbour/"))
    assert post(guest, batch(entered(state["measure"]["variant"]), event("like", count=1))).status_code == 202
    assert post(guest, batch(entered("designs.1"))).json() == {"taken": 1}
    said = [parcel.events[0].variant for parcel in waiting()]
    with in_schema(aurora.schema):
        words = _words(stage=stage, viewer_id=state["viewer"]["id"])
    assert said == ["_".join(words), ""]
    assert [word.rpartition(".")[0] for word in words] == ["later-cards", "designs"]
    assert state_of(enter(aurora, "host").get("/rooms/harbour/"))["measure"]["variant"] == ""


def test_a_visit_keeps_the_word_however_late_it_is_told(stage: Stage, aurora: Shop, browse: Any) -> None:
    """The page's word lives as long as an event may be late."""
    guest = browse(aurora)
    air(aurora, stage)
    with in_schema(aurora.schema):
        run_experiment(stage, key="later-cards")
    token = state_of(guest.get("/rooms/harbour/"))["measure"]["variant"]
    late = clock.now() + timedelta(hours=47)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("merchants.foundation.signing.time.time", late.timestamp)
        post(guest, batch(entered(token)))
    assert waiting()[0].events[0].variant.startswith("later-cards.")


def test_two_experiments_are_read_one_at_a_time(stage: Stage, aurora: Shop, enter: Any) -> None:
    """Visits that differ in the other one alone are added up; who is in neither has no number; a report takes the key."""
    rows = [
        FunnelRow(group, step, name, sessions)
        for group, sessions in (("", 4), ("a.0_b.0", 3), ("a.0_b.1", 2), ("a.1", 7), ("b.1", 5))
        for step, name in ((1, "entered"), (2, "watched"))
    ]
    for key, wanted in (("a", {"0": 5, "1": 7, "": 9}), ("b", {"0": 3, "1": 7, "": 11})):
        assert {row.group: row.sessions for row in of_experiment(rows, key) if row.step == 1} == wanted
    owner = enter(aurora, "owner")
    assert owner.get("/api/v1/insights/funnel/?experiment=later-cards").json() == {"rows": []}
    assert owner.get("/api/v1/insights/funnel/?experiment=No Key").status_code == 422
    assert owner.get("/api/v1/insights/dwell/?experiment=later-cards").status_code == 422


def _words(*, stage: Stage, viewer_id: str) -> list[str]:
    return [variation.word for variation in list_variations(stage.room_id, stage.season.id, viewer_id)]


def _store() -> None:
    consumer = Consumer("one")
    while consumer.work(block_ms=1):
        pass
