"""The live part in the replay: its page, its files, and who may fetch them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from rooms.cards.models import RaisedCard
from rooms.engagement.models import Danmaku
from rooms.program.models import Airing, ProgramEntry, Room
from rooms.recordings import actions
from rooms.recordings.models import Recording
from tests.conftest import Shop
from tests.rooms.building import Stage
from tests.rooms.pages.test_pages import state_of
from tests.rooms.recordings.evening import Evening, have_evening

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def evening(aurora: Shop, set_up: Callable[..., Stage]) -> Evening:
    with in_schema(aurora.schema):
        return have_evening(set_up(aurora))


def take_in(shop: Shop) -> Recording:
    with in_schema(shop.schema):
        actions.sweep_recordings()
        return Recording.objects.get()


def files_of(recording: Recording) -> list[str]:
    return [f"/media/aurora/recordings/{recording.pk}/{name}" for name in ("index.m3u8", "init0.mp4", "s00000.m4s")]


def test_the_page_has_drama_live_drama(browse: Any, aurora: Shop, evening: Evening) -> None:
    """In the order of the program, with the card and the danmaku of the live part at their moments. Without the recording the part
    is told to be missing."""
    product_id = state_of(browse(aurora).get("/rooms/harbour/replay/"))["products"][0]["id"]
    with in_schema(aurora.schema):
        entry = ProgramEntry.objects.get(room_id=evening.stage.room_id, source_kind="live")
        episode = evening.stage.season.episodes[0]
        Danmaku.objects.create(
            id=new_id(), room_id=entry.room_id, airing_id=entry.airing_id, program_seq=entry.seq, position_ms=1_500, viewer_id="v",
            nickname="Mia", text="hello host", created_at=clock.now(),
        )  # fmt: skip
        RaisedCard.objects.create(
            room_id=entry.room_id, airing_id=entry.airing_id, product_id=product_id, program_seq=entry.seq, position_ms=1_000,
            raised_at=evening.live_at, expires_at=evening.live_at + timedelta(seconds=30),
        )  # fmt: skip
    state = state_of(browse(aurora).get("/rooms/harbour/replay/"))
    assert [stretch["recording_id"] for stretch in state["stretches"]] == [None, None]
    assert [part["length_ms"] for part in state["left_out"]] == [3_000]
    assert state["is_being_prepared"] is False

    recording = take_in(aurora)
    state = state_of(browse(aurora).get("/rooms/harbour/replay/"))
    before, live, after = state["stretches"]
    assert (before["episode_id"], live["recording_id"], after["episode_id"]) == (str(episode.id), str(recording.pk), str(episode.id))
    assert live["from_ms"] == pytest.approx(700, abs=2)
    assert live["to_ms"] == pytest.approx(3_000, abs=34)
    assert after["from_ms"] == before["to_ms"]
    assert state["left_out"] == []
    assert state["show"]["duration_ms"] == after["at_ms"] + after["to_ms"] - after["from_ms"]
    assert state["recordings"] == [
        {"id": str(recording.pk), "url": files_of(recording)[0], "width": 160, "height": 96, "duration_ms": recording.duration_ms}
    ]
    card = next(moment for moment in state["moments"] if moment["key"].startswith("card:"))
    assert card["at_ms"] == live["at_ms"] + 1_000 - live["from_ms"]
    assert sum(state["heat"]) == 1
    said = browse(aurora).get(f"/api/v1/rooms/harbour/danmaku?from_ms=0&to_ms=60000&airing={evening.airing_id}").json()["items"]
    assert [(line["text"], line["program_seq"], line["position_ms"]) for line in said] == [("hello host", live["seq"], 1_500)]


def test_the_files_are_everybodys_once_the_show_is_a_replay(browse: Any, aurora: Shop, borealis: Shop, evening: Evening) -> None:
    """Under their own host alone, by their exact names, and not before the end can no longer be taken back."""
    recording = take_in(aurora)
    types = [browse(aurora).get(path).headers["Content-Type"] for path in files_of(recording)]
    assert types == ["application/vnd.apple.mpegurl", "video/mp4", "video/iso.segment"]
    assert browse(aurora).get(files_of(recording)[0]).headers["Cache-Control"] == "public, max-age=86400"
    for path in files_of(recording):
        assert browse(borealis).get(path).status_code == 404
        assert browse(borealis).get(path.replace("/aurora/", "/borealis/")).status_code == 404
    for name in ("", "/", "manifest.json", "s0.m4s", "../index.m3u8", "init0.mp4.part", "poster.jpg"):
        assert browse(aurora).get(f"/media/aurora/recordings/{recording.pk}/{name}").status_code == 404
    assert browse(aurora).get(f"/media/aurora/recordings/{new_id()}/index.m3u8").status_code == 404
    set_state(aurora, evening, "ended")
    assert browse(aurora).get(files_of(recording)[0]).status_code == 404
    set_state(aurora, evening, "replay")
    assert browse(aurora).get(files_of(recording)[0]).status_code == 200
    with in_schema(aurora.schema):
        Airing.objects.filter(pk=evening.airing_id).update(withdrawn_at=clock.now())
    assert browse(aurora).get(files_of(recording)[0]).status_code == 404


def set_state(shop: Shop, evening: Evening, state: str) -> None:
    with in_schema(shop.schema):
        Room.objects.filter(pk=evening.stage.room_id).update(state=state)


def test_an_unfinished_recording_is_nobodys(browse: Any, aurora: Shop, evening: Evening) -> None:
    recording = take_in(aurora)
    with in_schema(aurora.schema):
        Recording.objects.update(state="failed")
    assert [browse(aurora).get(path).status_code for path in files_of(recording)] == [404] * 3
    state = state_of(browse(aurora).get("/rooms/harbour/replay/"))
    assert (state["recordings"], len(state["left_out"])) == ([], 1)
    with in_schema(aurora.schema):
        Recording.objects.update(state="waiting")
    assert state_of(browse(aurora).get("/rooms/harbour/replay/"))["is_being_prepared"] is True


def test_the_office_sees_how_far_it_is_and_why_it_failed(enter: Any, aurora: Shop, evening: Evening) -> None:
    """An editor tries again and removes; a moderator only looks."""
    recording = take_in(aurora)
    editor, moderator = enter(aurora, "editor"), enter(aurora, "moderator")
    page = "/admin/rooms/recording/"
    assert "in the replay" in editor.get(page).content.decode()
    with in_schema(aurora.schema):
        Recording.objects.update(state="working", progress_permille=420, claim=new_id())
    assert "42 %" in moderator.get(page).content.decode()
    with in_schema(aurora.schema):
        Recording.objects.update(state="failed", error_code="recording_not_stored", claim=None)
    assert "did not take it" in editor.get(page).content.decode()
    assert moderator.post(f"{page}{recording.pk}/retry/").status_code == 403
    assert editor.post(f"{page}{recording.pk}/retry/").status_code == 302
    with in_schema(aurora.schema):
        assert Recording.objects.get().error_code == "recording_lost"  # its folder is gone since the first time
    assert editor.post(f"{page}{recording.pk}/remove/").status_code == 302
    with in_schema(aurora.schema):
        assert not Recording.objects.exists()
