"""A rehearsal room: there for staff, for nobody else; its shows leave nothing behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dramas.seasons.models import Season
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from realtime.rtc.names import RoomName
from realtime.rtc.takes import take_key
from rooms.director.actions import direct
from rooms.program.actions import end_show, go_live, start_show
from rooms.program.air import client, mirror
from rooms.program.models import Airing, Room
from rooms.program.queries import has_replay
from tests.rooms.building import HOST, Stage

pytestmark = pytest.mark.django_db(transaction=True)

NICKNAME = {"nickname": "Harbour"}
MOMENT = {"program_seq": 1, "position_ms": 1}
EVENTS = {"session": str(new_id()), "events": [{"k": "like", "id": str(new_id()), "count": 1}]}
EXPOSURE = {"experiment_id": str(new_id())}
# Every address of a room that a shopper may use.
READS = ("/rooms/{}/", "/api/v1/rooms/{}/", "/api/v1/rooms/{}/comments", "/api/v1/rooms/{}/danmaku?from_ms=0&to_ms=1000", "/api/v1/rooms/{}/ice")
WRITES: dict[str, Any] = {
    "ticket/": None, "attribution/": MOMENT, "events": EVENTS, "nickname": NICKNAME, "film": None, "exposures/": EXPOSURE,
}  # fmt: skip


def test_a_shopper_finds_no_rehearsal(aurora: Any, rehearse: Callable[..., Stage], browse: Callable[..., Any]) -> None:
    """Not by its address, at any door; not in the lobby, nor in the list of rooms."""
    stage, shopper = rehearse(aurora), browse(aurora)
    for address in READS:
        assert shopper.get(address.format(stage.slug)).status_code == 404, address
    for name, body in WRITES.items():
        answer = shopper.post(f"/api/v1/rooms/{stage.slug}/{name}", body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "room_not_found"), name
    assert f"/rooms/{stage.slug}/" not in shopper.get("/").content.decode()
    assert shopper.get("/api/v1/rooms/").json() == {"on_air": [], "upcoming": [], "replays": []}


def test_a_scheduled_rehearsal_is_not_announced(aurora: Any, rehearse: Callable[..., Stage], browse: Callable[..., Any]) -> None:
    stage = rehearse(aurora, is_on_air=False)
    assert browse(aurora).get("/api/v1/rooms/").json()["upcoming"] == []
    assert f"/rooms/{stage.slug}/" not in browse(aurora).get("/").content.decode()


def test_staff_rehearse_and_buy_for_no_room(aurora: Any, rehearse: Callable[..., Stage], enter: Callable[..., Any]) -> None:
    """Whoever works in the shop gets in; what they buy there is attributed to nothing."""
    stage = rehearse(aurora)
    for role in ("host", "editor", "finance"):
        staff = enter(aurora, role)
        assert staff.get(f"/rooms/{stage.slug}/").status_code == 200
        answer = staff.post(f"/api/v1/rooms/{stage.slug}/attribution/", MOMENT, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"token": ""})


def test_the_other_shops_staff_find_nothing(aurora: Any, borealis: Any, rehearse: Callable[..., Stage], enter: Callable[..., Any]) -> None:
    stage = rehearse(aurora)
    stranger = enter(borealis, "host")
    assert stranger.get(f"/rooms/{stage.slug}/").status_code == 404
    assert stranger.get(f"/api/v1/console/{stage.slug}/state").status_code == 404


def test_a_rehearsed_show_leaves_no_trace(aurora: Any, rehearse: Callable[..., Stage], browse: Callable[..., Any]) -> None:
    """No replay, no recording is asked for, and the season has not aired by it. The same show in a room for shoppers does all three."""
    for is_rehearsal in (True, False):
        stage = rehearse(aurora, slug=f"room-{is_rehearsal}".lower(), is_on_air=False)
        with in_schema(aurora.schema):
            Room.objects.filter(pk=stage.room_id).update(is_rehearsal=is_rehearsal)
            began = clock.now() - timedelta(minutes=5)
            with clock.frozen(began):
                start_show(room_id=stage.room_id, actor=HOST)
            with clock.frozen(began + timedelta(seconds=30)):
                end_show(room_id=stage.room_id, actor=HOST)
            direct(room_id=stage.room_id)
            airing = Airing.objects.get(room_id=stage.room_id)
            assert stage.room.state == "replay"
            assert has_replay(airing.pk) is not is_rehearsal
            assert (Season.objects.get(pk=stage.season.id).first_aired_at is None) is is_rehearsal
        assert browse(aurora).get(f"/rooms/{stage.slug}/replay/").status_code == (404 if is_rehearsal else 200)


def test_no_node_is_told_to_record(aurora: Any, rehearse: Callable[..., Stage]) -> None:
    """The host's line of a rehearsal is kept by nobody."""
    stage = rehearse(aurora)
    key = take_key(RoomName.of(aurora.schema, stage.room_id))
    with in_schema(aurora.schema), clock.frozen(clock.now() + timedelta(seconds=5)):
        go_live(room_id=stage.room_id, actor=HOST)
        mirror(stage.room_id)
        assert client().get(key) is None
        Room.objects.filter(pk=stage.room_id).update(is_rehearsal=False)
        mirror(stage.room_id)
        assert client().get(key) is not None


def test_the_office_opens_one_and_keeps_it_one(aurora: Any, rehearse: Callable[..., Stage], enter: Callable[..., Any]) -> None:
    """The field is there for a new room alone."""
    stage, editor = rehearse(aurora, is_on_air=False), enter(aurora, "editor")
    assert 'name="is_rehearsal"' in editor.get("/admin/rooms/room/add/").content.decode()
    page = editor.get(f"/admin/rooms/room/{stage.room_id}/change/").content.decode()
    assert 'name="is_rehearsal"' not in page
    assert "rehearsal room" in page.lower()
    assert f"/rooms/{stage.slug}/ · rehearsal" in editor.get("/admin/rooms/room/").content.decode()
