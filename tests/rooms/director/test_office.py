"""Rooms in the office, and what they say on its home."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from rooms.director.home import list_panels
from rooms.engagement.models import Comment
from rooms.moderation.models import RefusedWord
from rooms.program.actions import start_show
from rooms.program.models import Room
from tests.rooms.building import HOST, Stage, heard

pytestmark = pytest.mark.django_db(transaction=True)

NO_BAG = {"+-TOTAL_FORMS": "0", "+-INITIAL_FORMS": "0"}


def form(**fields: Any) -> dict[str, Any]:
    """What the page of a room sends."""
    return {"title": "Friday", "slug": "friday", "season": "", "scheduled_at_0": "", "scheduled_at_1": "", "host_name": "Lin", **NO_BAG, **fields}


def bag_prefix(page: Any) -> str:
    return page.context["inline_admin_formsets"][0].formset.prefix


def post(client: Any, path: str, **fields: Any) -> Any:
    prefix = bag_prefix(client.get(path))
    return client.post(path, form(**{f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}, **fields))


def test_an_editor_opens_and_schedules_a_room(aurora: Any, enter: Callable[..., Any], set_up: Callable[..., Stage]) -> None:
    """With a season and a time to come; a time that has passed is refused in words."""
    season, editor = set_up(aurora).season, enter(aurora, "editor")
    at = clock.now() + timedelta(days=1)
    times = {"scheduled_at_0": f"{at:%Y-%m-%d}", "scheduled_at_1": f"{at:%H:%M:%S}"}
    assert post(editor, "/admin/rooms/room/add/", season=str(season.id), starts_by_itself="on", **times).status_code == 302
    with in_schema(aurora.schema):
        room = Room.objects.get(slug="friday")
        assert (room.season_id, room.state, room.scheduled_at.replace(microsecond=0)) == (season.id, "scheduled", at.replace(microsecond=0))
    past = {"scheduled_at_0": "2020-01-01", "scheduled_at_1": "10:00"}
    refused = post(editor, f"/admin/rooms/room/{room.pk}/change/", **past)
    assert (refused.status_code, b"This time has passed" in refused.content) == (200, True)


def test_an_edit_on_air_leaves_the_show_alone(aurora: Any, enter: Callable[..., Any], set_up: Callable[..., Stage]) -> None:
    """The title may change; season, address and state may not."""
    stage, editor = set_up(aurora), enter(aurora, "editor")
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
        told, before = heard(stage.room_id), stage.room
    path = f"/admin/rooms/room/{stage.room_id}/change/"
    assert post(editor, path, title="Another title", season="").status_code == 302
    with in_schema(aurora.schema):
        assert (stage.room.title, stage.room.season_id, stage.room.slug) == ("Another title", before.season_id, before.slug)
        assert (stage.room.state, stage.room.airing_id, heard(stage.room_id)) == ("drama", before.airing_id, told)


def test_the_roles_see_what_the_table_allows(aurora: Any, enter: Callable[..., Any], set_up: Callable[..., Stage]) -> None:
    """Finance does not see rooms; a moderator keeps the words but changes no room."""
    stage = set_up(aurora)
    paths = ("/admin/rooms/room/", "/admin/rooms/room/add/", "/admin/rooms/refusedword/add/")
    clients = {role: enter(aurora, role) for role in ("owner", "editor", "moderator", "finance")}
    statuses = {role: tuple(client.get(path).status_code for path in paths) for role, client in clients.items()}
    assert statuses == {"owner": (200, 200, 200), "editor": (200, 200, 403), "moderator": (200, 403, 200), "finance": (403, 403, 403)}
    assert stage.room_id


def test_a_refused_word_is_refused_from_then_on(aurora: Any, borealis: Any, enter: Callable[..., Any]) -> None:
    """In this shop alone; the same word in another dress is not added twice."""
    owner = enter(aurora, "owner")
    assert owner.post("/admin/rooms/refusedword/add/", {"text": "Spam"}).status_code == 302
    again = owner.post("/admin/rooms/refusedword/add/", {"text": "s.p.a.m"})
    assert b"in another spelling" in again.content
    with in_schema(aurora.schema):
        assert [word.folded for word in RefusedWord.objects.all()] == ["spam"]
    with in_schema(borealis.schema):
        assert not RefusedWord.objects.exists()


def test_the_offices_home_shows_what_is_on_air_and_what_comes(aurora: Any, borealis: Any, set_up: Callable[..., Stage]) -> None:
    """Only the shop's own rooms."""
    stage = set_up(aurora)
    set_up(aurora, slug="later")
    with in_schema(aurora.schema):
        start_show(room_id=stage.room_id, actor=HOST)
        with clock.frozen(clock.now() + timedelta(seconds=6)):
            on_air, coming = list_panels(None)
        assert [(room.title, room.subtitle, len(room.ticks_permille)) for room in on_air.on_air] == [
            ("Thursday at the pier", "Episode 1 of 6, Part 1", 1)
        ]
        assert on_air.on_air[0].progress_permille > 150
        assert len(coming.rows) == 1
    with in_schema(borealis.schema):
        assert [(panel.on_air, panel.rows) for panel in list_panels(None)] == [([], ()), ((), [])]
        assert not Comment.objects.exists()
