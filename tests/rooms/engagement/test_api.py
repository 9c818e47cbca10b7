"""REST of the crowd and the lobby."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from realtime.ticket import read_ticket
from rooms.engagement.actions import post_comment
from rooms.engagement.models import Danmaku
from rooms.engagement.queries import MOST_DANMAKU
from rooms.moderation.models import RefusedWord
from rooms.program.actions import start_show
from tests.dramas.building import count_queries
from tests.rooms.building import HOST, Stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
    return stage


def fill(stage: Stage, count: int, *, step_ms: int = 10) -> None:
    Danmaku.objects.bulk_create(
        Danmaku(
            id=new_id(), room_id=stage.room_id, airing_id=stage.room.airing_id, episode_id=stage.episodes[0], program_seq=1,
            position_ms=place * step_ms, viewer_id="ann", nickname="Ann", role="", text=f"line {place}", created_at=clock.now(),
        )
        for place in range(count)
    )  # fmt: skip


def test_danmaku_come_in_stretches_of_an_episode(aurora: Any, borealis: Any, stage: Stage, browse: Callable[..., Any]) -> None:
    """From, up to but not including to; another shop has none; a crowded stretch gives an even sample."""
    with in_schema(aurora.schema):
        fill(stage, 1_000)
    path, episode = f"/api/v1/rooms/{stage.slug}/danmaku", stage.episodes[0]
    body = browse(aurora).get(path, {"from_ms": 100, "to_ms": 130, "episode": str(episode)}).json()
    assert (body["from_ms"], body["to_ms"], [item["position_ms"] for item in body["items"]]) == (100, 130, [100, 110, 120])
    assert set(body["items"][0]) == {"id", "author", "nickname", "role", "text", "program_seq", "position_ms"}
    crowded = browse(aurora).get(path, {"from_ms": 0, "to_ms": 10_000, "episode": str(episode)}).json()["items"]
    assert [item["position_ms"] for item in crowded] == [place * 20 for place in range(MOST_DANMAKU)]
    assert browse(borealis).get(path, {"from_ms": 0, "to_ms": 100}).status_code == 404


@pytest.mark.parametrize(
    "query", [{}, {"from_ms": 5, "to_ms": 5}, {"from_ms": 0, "to_ms": 120_001}, {"from_ms": -1, "to_ms": 5}, {"from_ms": "a", "to_ms": 9}]
)
def test_a_stretch_that_makes_no_sense_is_refused(aurora: Any, stage: Stage, browse: Callable[..., Any], query: dict[str, Any]) -> None:
    """With the field that is wrong."""
    refused = browse(aurora).get(f"/api/v1/rooms/{stage.slug}/danmaku", query)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "invalid_input")


def test_comments_cost_the_same_queries_however_many(aurora: Any, stage: Stage, browse: Callable[..., Any]) -> None:
    """Pages lead on, and never more than asked for."""
    client, path = browse(aurora), f"/api/v1/rooms/{stage.slug}/comments"
    with in_schema(aurora.schema):
        post_comment(room_id=stage.room_id, viewer_id="ann", nickname="Ann", role="", text="0", program_seq=0, position_ms=0)
    client.get(path)  # the host's shop is looked up once
    few = count_queries(lambda: client.get(path, {"limit": 2}))
    with in_schema(aurora.schema):
        for number in range(1, 5):
            post_comment(room_id=stage.room_id, viewer_id="ann", nickname="Ann", role="", text=str(number), program_seq=0, position_ms=0)
    assert count_queries(lambda: client.get(path, {"limit": 2})) == few
    first = client.get(path, {"limit": 2}).json()
    second = client.get(path, {"limit": 3, "before": first["next_before"]}).json()
    assert [item["text"] for item in first["items"] + second["items"]] == ["4", "3", "2", "1", "0"]
    assert second["next_before"] is None


def test_a_guest_chooses_a_name(aurora: Any, stage: Stage, browse: Callable[..., Any]) -> None:
    """Kept by the cookie, carried by the new ticket, for the same viewer."""
    client, path = browse(aurora), f"/api/v1/rooms/{stage.slug}/nickname"
    first = client.post(path, {"nickname": "  Priya  R "}, content_type="application/json").json()
    second = client.post(path, {"nickname": "Dana"}, content_type="application/json").json()
    one, two = read_ticket("aurora", first["ticket"]), read_ticket("aurora", second["ticket"])
    assert (first["nickname"], one.nickname, two.nickname, one.viewer_id) == ("Priya R", "Priya R", "Dana", two.viewer_id)


def test_a_name_that_misleads_or_insults_is_refused(aurora: Any, stage: Stage, browse: Callable[..., Any], enter: Callable[..., Any]) -> None:
    """The host's, the shop's, an empty, a long, a refused one; and staff keep their own."""
    with in_schema(aurora.schema):
        RefusedWord.objects.create(text="spam")
    path = f"/api/v1/rooms/{stage.slug}/nickname"
    codes = [
        browse(aurora).post(path, {"nickname": name}, content_type="application/json").json()["error"]["code"]
        for name in ("L I N", "Aurora", "…", "x" * 25, "sp4m")
    ]
    assert codes == ["nickname_refused", "nickname_refused", "nickname_refused", "text_too_long", "word_refused"]
    refused = enter(aurora, "host").post(path, {"nickname": "Somebody"}, content_type="application/json")
    assert refused.json()["error"]["code"] == "nickname_fixed"


def test_names_are_not_changed_without_end(aurora: Any, stage: Stage, browse: Callable[..., Any]) -> None:
    """Five in a minute."""
    client, path = browse(aurora), f"/api/v1/rooms/{stage.slug}/nickname"
    statuses = [client.post(path, {"nickname": f"Name {number}"}, content_type="application/json").status_code for number in range(6)]
    assert statuses == [200] * 5 + [429]


def test_the_lobby_as_data(aurora: Any, borealis: Any, stage: Stage, browse: Callable[..., Any], set_up: Callable[..., Stage]) -> None:
    """On air, upcoming, replays; each shop its own; a constant number of queries."""
    with in_schema(aurora.schema):
        few = count_queries(lambda: browse(aurora).get("/api/v1/rooms/"))
    set_up(aurora, slug="later", scheduled_at=clock.now() + timedelta(hours=1))
    assert count_queries(lambda: browse(aurora).get("/api/v1/rooms/")) == few
    body = browse(aurora).get("/api/v1/rooms/").json()
    assert ([room["slug"] for room in body["on_air"]], [room["slug"] for room in body["upcoming"]]) == (["harbour"], ["later"])
    assert browse(borealis).get("/api/v1/rooms/").json() == {"on_air": [], "upcoming": [], "replays": []}
    assert browse(aurora).get("/api/v1/rooms/harbour/").json()["state"] == "drama"
    assert browse(borealis).get("/api/v1/rooms/harbour/").status_code == 404
