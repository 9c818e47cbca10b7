"""The pages as the server writes them: states, access, two shops, no inline code."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from merchants.foundation import clock, signing
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from realtime.ticket import read_ticket
from rooms.director.actions import direct
from rooms.engagement.models import Danmaku
from rooms.program.actions import end_show, play_episode, play_next, put_up_slate, start_show
from rooms.program.models import ProgramEntry
from tests.conftest import Shop
from tests.dramas.building import approve, lock_episode
from tests.rooms.building import HOST, Stage

pytestmark = pytest.mark.django_db(transaction=True)

STATE = re.compile(r'<script id="state" type="application/json">(.*?)</script>', re.DOTALL)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    cache.clear()


def state_of(response: Any) -> dict[str, Any]:
    found = STATE.search(response.content.decode())
    assert found
    state: dict[str, Any] = json.loads(found[1])
    return state


def air(shop: Shop, stage: Stage, *, ago_s: float = 0) -> None:
    with in_schema(shop.schema), clock.frozen(clock.now() - timedelta(seconds=ago_s)):
        start_show(room_id=stage.room_id, actor=HOST)


def finish(shop: Shop, stage: Stage) -> None:
    """A show of 40 s an hour ago: the first episode for 20 s, then the second for 20 s."""
    began = clock.now() - timedelta(hours=1)
    with in_schema(shop.schema):
        for after_s, story in ((0, start_show), (20, play_next), (40, end_show)):
            with clock.frozen(began + timedelta(seconds=after_s)):
                story(room_id=stage.room_id, actor=HOST)
        direct(room_id=stage.room_id)


# Lobby ----------------------------------------------------------------------------------------------


def test_an_empty_shop_says_that_the_first_show_is_being_prepared(browse: Any, aurora: Shop) -> None:
    """No section stands empty, and no way leads to one."""
    page = browse(aurora).get("/").content.decode()
    assert "The first show is being prepared" in page
    assert "#upcoming" not in page
    assert "#products" not in page


def test_the_lobby_shows_what_is_on_what_comes_and_what_was(browse: Any, aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """Each room in its section, with its address; nothing of the other shop."""
    on_air, past = set_up(aurora), set_up(aurora, slug="past")
    set_up(aurora, slug="soon", scheduled_at=clock.now() + timedelta(hours=2))
    foreign = set_up(borealis, slug="foreign")
    air(aurora, on_air, ago_s=5)
    air(borealis, foreign)
    finish(aurora, past)
    page = browse(aurora).get("/").content.decode()
    assert 'href="/rooms/harbour/"' in page
    assert 'href="/rooms/soon/"' in page
    assert 'href="/rooms/past/replay/?show=' in page
    assert "DRAMA 1/6" in page
    assert "foreign" not in page


def test_the_lobby_speaks_the_readers_language(browse: Any, aurora: Shop) -> None:
    """The switch sets a cookie; the page is marked with its language."""
    client = browse(aurora)
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    assert '<html lang="zh-hans"' in client.get("/").content.decode()


def test_the_lobby_of_many_rooms_costs_a_bounded_number_of_queries(
    browse: Any, aurora: Shop, set_up: Callable[..., Stage], django_assert_max_num_queries: Any
) -> None:
    """Three queries a room on air, two a season; the rest is constant."""
    for number in range(3):
        air(aurora, set_up(aurora, slug=f"room-{number}"))
    client = browse(aurora)
    client.get("/")
    with django_assert_max_num_queries(40):
        client.get("/")


# Room -----------------------------------------------------------------------------------------------


def test_the_room_page_carries_everything_for_the_first_frame(browse: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Snapshot, the episode on air, the season, a ticket for this room and viewer, a cursor, texts."""
    stage = set_up(aurora)
    air(aurora, stage, ago_s=7)
    state = state_of(browse(aurora).get("/rooms/harbour/"))
    assert state["snapshot"]["state"] == "drama"
    assert state["playback"]["episode_id"] == str(stage.episodes[0])
    assert [episode["is_open"] for episode in state["season"]["episodes"]] == [True] * 6
    assert state["socket"]["cursor"]["epoch"]
    ticket = read_ticket("aurora", state["socket"]["ticket"])
    assert (ticket.room_id, ticket.viewer_id, ticket.role) == (str(stage.room_id), state["viewer"]["id"], "")
    assert state["texts"]["buy"] == "Buy"


@pytest.mark.parametrize(("story", "expected"), [(None, "scheduled"), ("air", "drama"), ("slate", "waiting"), ("end", "ended")])
def test_the_room_page_opens_in_every_state(browse: Any, aurora: Shop, set_up: Callable[..., Stage], story: str | None, expected: str) -> None:
    """The same address from before the show to after it; an episode comes along only while one is on."""
    stage = set_up(aurora)
    if story:
        air(aurora, stage, ago_s=5)
    with in_schema(aurora.schema), clock.frozen(clock.now() - timedelta(seconds=2)):
        if story == "slate":
            put_up_slate(room_id=stage.room_id, actor=HOST)
        elif story == "end":
            end_show(room_id=stage.room_id, actor=HOST)
    response = browse(aurora).get("/rooms/harbour/")
    assert response.status_code == 200
    state = state_of(response)
    assert state["snapshot"]["state"] == expected
    assert (state["playback"] is not None) is (expected == "drama")


def test_a_paid_episode_comes_locked_with_its_price(browse: Any, hire: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Neither cues nor captions travel with it; the list of episodes says what it costs."""
    stage = set_up(aurora, is_approved=False)
    with in_schema(aurora.schema):
        lock_episode(stage.episodes[5])
        approve(stage.season.id, hire(aurora, "reviewer", "second@shop.test"))
    air(aurora, stage, ago_s=9)
    with in_schema(aurora.schema), clock.frozen(clock.now() - timedelta(seconds=5)):
        play_episode(room_id=stage.room_id, episode_id=stage.episodes[5], actor=HOST)
    state = state_of(browse(aurora).get("/rooms/harbour/"))
    assert state["playback"]["is_locked"]
    assert (state["playback"]["cues"], state["playback"]["captions"]) == ([], [])
    last = state["season"]["episodes"][5]
    assert (last["is_open"], last["price_text"]) == (False, "$0.99")


def test_an_unapproved_season_is_not_in_the_page(browse: Any, enter: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Shoppers see the room without it; staff who may see seasons see it."""
    set_up(aurora, is_approved=False)
    assert state_of(browse(aurora).get("/rooms/harbour/"))["season"] is None
    assert state_of(enter(aurora, "editor").get("/rooms/harbour/"))["season"] is not None


def test_a_room_of_another_shop_is_not_here(browse: Any, aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """404 with a page that says what next; page, replay, ticket and attribution alike."""
    stage = set_up(aurora)
    air(aurora, stage)
    client = browse(borealis)
    for path in ("/rooms/harbour/", "/rooms/harbour/replay/", "/rooms/nowhere/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "This page is not here" in response.content.decode()
    assert client.post("/api/v1/rooms/harbour/ticket/").status_code == 404
    assert client.post("/api/v1/rooms/harbour/attribution/", {"program_seq": 1, "position_ms": 1}, "application/json").status_code == 404


def test_the_tap_is_attributed_to_its_second(browse: Any, aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """The token names room, entry and position, and is void in the other shop. Nonsense is refused."""
    stage = set_up(aurora)
    client = browse(aurora)
    answer = client.post("/api/v1/rooms/harbour/attribution/", {"program_seq": 3, "position_ms": 133_400}, "application/json")
    token = answer.json()["token"]
    with in_schema(aurora.schema):
        assert signing.read("attribution", token) == {"room_id": str(stage.room_id), "program_seq": 3, "position_ms": 133_400, "cue_id": ""}
    with in_schema(borealis.schema), pytest.raises(signing.TokenInvalid):
        signing.read("attribution", token)
    assert client.post("/api/v1/rooms/harbour/attribution/", {"program_seq": -1, "position_ms": 1}, "application/json").status_code == 422


# Replay ---------------------------------------------------------------------------------------------


def test_a_finished_show_is_one_timeline(browse: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """The stretches that aired, end to end; cards only where their moment was shown."""
    stage = set_up(aurora)
    finish(aurora, stage)
    state = state_of(browse(aurora).get("/rooms/harbour/replay/"))
    first, second = state["stretches"]
    assert (first["episode_id"], second["episode_id"]) == (str(stage.episodes[0]), str(stage.episodes[1]))
    assert second["at_ms"] == first["to_ms"] - first["from_ms"]
    assert state["show"]["duration_ms"] == second["at_ms"] + second["to_ms"] - second["from_ms"]
    assert [moment["at_ms"] for moment in state["moments"]] == [5_000, second["at_ms"] + 5_000]
    assert state["products"][0]["title"] == "Brass lantern"


def test_the_heat_lies_where_the_crowd_wrote(browse: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Counted along the timeline, whatever the episode's own position was."""
    stage = set_up(aurora)
    finish(aurora, stage)
    with in_schema(aurora.schema):
        entry = ProgramEntry.objects.filter(room_id=stage.room_id, source_kind="episode").order_by("seq").last()
        assert entry is not None
        for _ in range(5):
            Danmaku.objects.create(
                id=new_id(), room_id=stage.room_id, airing_id=entry.airing_id, episode_id=entry.source_id, program_seq=entry.seq,
                position_ms=10_000, viewer_id="v", nickname="n", text="!", created_at=clock.now(),
            )  # fmt: skip
    heat = state_of(browse(aurora).get("/rooms/harbour/replay/"))["heat"]
    assert sum(heat) == 5
    assert 0.7 < heat.index(5) / len(heat) < 0.8  # ten seconds into the second half


@pytest.mark.parametrize("query", ["?show=nonsense", "?show=00000000-0000-0000-0000-000000000001"])
def test_a_show_that_never_was_is_not_here(browse: Any, aurora: Shop, set_up: Callable[..., Stage], query: str) -> None:
    """404, for what is no id and for an unknown one."""
    finish(aurora, set_up(aurora))
    assert browse(aurora).get(f"/rooms/harbour/replay/{query}").status_code == 404


# Console --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status", "can_air"),
    [("owner", 200, True), ("host", 200, True), ("moderator", 200, False), ("finance", 403, None), ("editor", 403, None)],
)
def test_the_console_is_for_those_who_air_or_moderate(
    enter: Any, aurora: Shop, set_up: Callable[..., Stage], role: str, status: int, can_air: bool | None
) -> None:
    """A moderator gets it without the buttons that change what is on air; other roles get a page that says why not."""
    set_up(aurora)
    response = enter(aurora, role).get("/console/harbour/")
    assert response.status_code == status
    if status == 200:
        assert state_of(response)["can_air"] is can_air
    else:
        assert "Your role does not allow this" in response.content.decode()


def test_nobody_reads_the_console_without_signing_in_here(
    browse: Any, enter: Any, aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]
) -> None:
    """A guest is led to the sign-in; the other shop's owner finds no such room."""
    set_up(aurora)
    assert browse(aurora).get("/console/harbour/").status_code == 302
    assert enter(borealis, "owner").get("/console/harbour/").status_code == 404


# Public files and the policy --------------------------------------------------------------------------


def test_the_public_files_are_the_shops_own(browse: Any, aurora: Shop, borealis: Shop) -> None:
    """Theme, icon, manifest and robots, with their types."""
    client = browse(aurora)
    assert client.get("/theme.css").headers["Content-Type"].startswith("text/css")
    assert client.get("/icon.svg").headers["Content-Type"] == "image/svg+xml"
    assert json.loads(client.get("/manifest.webmanifest").content)["name"] == "Aurora"
    assert json.loads(browse(borealis).get("/manifest.webmanifest").content)["name"] == "Borealis"
    assert "Disallow: /console/" in client.get("/robots.txt").content.decode()


def test_no_page_has_inline_code(browse: Any, enter: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """No style attribute, no inline script or style but the state's JSON: the policy would refuse it."""
    stage = set_up(aurora)
    air(aurora, stage)
    finish(aurora, set_up(aurora, slug="past"))
    pages = [browse(aurora).get(path) for path in ("/", "/rooms/harbour/", "/rooms/past/replay/", "/nowhere/")]
    pages.append(enter(aurora, "host").get("/console/harbour/"))
    for response in pages:
        page = STATE.sub("", response.content.decode())
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=", page)
        assert not re.search(r"<script(?![^>]*\bsrc=)", page)


def test_a_page_may_ask_for_no_more_devices_than_it_uses(browse: Any, enter: Any, aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """A room lets guests in with camera and microphone, a console shares screens as well, and no other page asks for anything."""
    set_up(aurora)
    client, host = browse(aurora), enter(aurora, "host")
    policies = [page.headers["Permissions-Policy"] for page in (client.get("/"), client.get("/rooms/harbour/"), host.get("/console/harbour/"))]
    assert policies == [
        "camera=(), microphone=(), display-capture=()",
        "camera=(self), microphone=(self), display-capture=()",
        "camera=(self), microphone=(self), display-capture=(self)",
    ]
