"""From a guest's camera to a shopper's screen: real peers, a real node, the real web process and director."""

import asyncio
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from merchants.foundation.tenancy import in_schema
from realtime.rtc.engine import Description
from rooms.live.grants import sign_grant
from rooms.live.stage.queries import get_stage
from rooms.program import actions
from tests.realtime.rtc.film import Film, Tone
from tests.realtime.rtc.peers import Peers, Publisher, Viewer, until
from tests.rooms.building import HOST, Stage
from tests.rooms.live.road import Phone, Road
from tests.rooms.live.stage.house import bring_backstage
from tests.rooms.phone import in_shop

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

Person = tuple[Any, str]


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    """On air."""
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    return stage


@pytest.fixture
def host(aurora: Any, key_of: Callable[..., Person]) -> Person:
    """Cookie and id."""
    return key_of(aurora, "host")


async def go_live(road: Road, shop: Any, stage: Stage, key: Any, desk: Phone, publisher: Publisher) -> None:
    await desk.publish(publisher, Film(), Tone())
    await road.until_live_shows(shop, stage, key, lambda live: live["is_heard"])
    assert (await road.press(shop, stage, "go-live", key))[0] == 200


async def send_as_guest(phone: Phone, publisher: Publisher, *tracks: Any) -> None:
    answer = await phone.send("stage.publish", sdp=await publisher.offer(*tracks))
    assert answer["k"] == "live.answer", answer
    await publisher.take(Description(answer["session"], "answer", answer["sdp"]))


async def add_line(phone: Phone, viewer: Viewer, *lines: str) -> dict[str, Any]:
    """Negotiate once more, with a pair of m-lines more."""
    answer = await phone.send("stage.watch", sdp=await viewer.offer("video", "audio"), lines=list(lines), session=viewer.peer_id)
    if answer["k"] == "live.answer":
        await viewer.take(Description(answer["session"], "answer", answer["sdp"]))
    return answer


async def until_stage(road: Road, shop: Any, stage: Stage, key: Any, is_so: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 25
    while not is_so(shown := (await road.look(shop, stage, key, "state"))["stage"]):
        assert time.monotonic() < deadline, shown
        await asyncio.sleep(0.2)
    return shown


async def test_a_shopper_comes_on_stage_is_muted_and_leaves(road: Road, aurora: Any, stage: Stage, host: Person, cast: Peers) -> None:
    """Seen by staff first and by nobody else; by everybody once let on, without a gap of the host's picture; muted, not a sound;
    removed, the line is closed on the node, and does not come back."""
    key, host_id = host
    await road.node()
    road.director()
    guest, watching, preview = cast.publisher(), cast.viewer(), cast.viewer()
    async with (
        road.phone(aurora, stage, host_id, role="host") as desk,
        road.phone(aurora, stage, "ann") as ann,
        road.phone(aurora, stage, "bob") as bob,
    ):
        await go_live(road, aurora, stage, key, desk, cast.publisher())
        await bob.of_kind("program", lambda message: message["entry"]["source"]["kind"] == "live")
        answer = await bob.watch(watching, "video", "audio")
        watching.peer_id = answer["session"]
        await watching.sees(5)
        guest_id = (await ann.send("stage.ask", has_picture=True))["own"]["guest_id"]
        assert (await ann.send("stage.publish", sdp=await cast.publisher().offer(Film())))["code"] == "not_invited"
        status, console = await road.press(aurora, stage, "stage/invite", key, guest_id=guest_id)
        assert (status, console["stage"]["guests"][0]["standing"]) == (200, "backstage")
        status, refused = await road.press(aurora, stage, "stage/admit", key, guest_id=guest_id)
        assert (status, refused["error"]["code"]) == (409, "guest_not_heard")
        await send_as_guest(ann, guest, Film(is_bright=False), Tone())
        await until_stage(road, aurora, stage, key, lambda shown: not shown["guests"][0]["is_gone"])

        assert (await add_line(bob, watching, "host", guest_id))["code"] == "line_not_for_you"
        seen = await desk.send("stage.watch", sdp=await preview.offer("video", "audio"), lines=[guest_id])
        await preview.take(Description(seen["session"], "answer", seen["sdp"]))
        await preview.sees(5)
        assert not any(is_bright for _, _, is_bright in preview.pictures[0])

        assert (await road.press(aurora, stage, "stage/admit", key, guest_id=guest_id))[0] == 200
        told = await bob.of_kind("guests", lambda message: message["guests"])
        assert (told["guests"][0]["id"], told["guests"][0]["nickname"]) == (guest_id, "Ann")
        asked_at = time.monotonic()
        retried = await bob.send("stage.watch", sdp=watching.connection.localDescription.sdp, lines=["host", guest_id], session=watching.peer_id)
        assert retried["k"] == "live.answer", retried
        await watching.take(Description(retried["session"], "answer", retried["sdp"]))
        await watching.sees(5, line=1)
        await until(lambda: len(watching.sounds) == 2 and len(watching.sounds[1]) > 10, what="the guest's voice")
        assert all(is_bright for _, _, is_bright in watching.pictures[0])
        await watching.sees(5)
        assert watching.longest_gap_s(since=asked_at) < 1.5

        assert (await road.press(aurora, stage, "stage/mute", key, guest_id=guest_id))[0] == 200
        await road.until_live_shows(aurora, stage, key, lambda live: any(line["name"] == guest_id and line["is_muted"] for line in live["lines"]))
        await asyncio.sleep(0.5)  # what was on its way and in the jitter buffer
        heard = len(watching.sounds[1])
        await watching.sees(15)
        assert len(watching.sounds[1]) == heard
        assert (await ann.of_kind("stage.mine", lambda message: (message["own"] or {}).get("is_muted")))["own"]["standing"] == "on_stage"
        await road.press(aurora, stage, "stage/unmute", key, guest_id=guest_id)
        await until(lambda: len(watching.sounds[1]) > heard + 10, what="the voice again")

        assert (await road.press(aurora, stage, "stage/remove", key, guest_id=guest_id))[0] == 200
        assert (await ann.of_kind("stage.mine", lambda message: message["ending"]))["ending"] == "removed"
        await road.until_live_shows(aurora, stage, key, lambda live: not [line for line in live["lines"] if line["role"] == "guest"])
        assert (await ann.send("stage.publish", sdp=await cast.publisher().offer(Film())))["code"] == "not_invited"
        await watching.sees(5)


async def test_the_end_of_live_sends_guests_off_and_a_lost_line_is_seen(road: Road, aurora: Any, stage: Stage, host: Person, cast: Peers) -> None:
    """A voice alone: its socket closes and it is shown as gone; it comes back under the same name; then the drama goes on."""
    key, host_id = host
    await road.node()
    road.director()
    async with road.phone(aurora, stage, host_id, role="host") as desk, road.phone(aurora, stage, "bob") as bob:
        await go_live(road, aurora, stage, key, desk, cast.publisher())
        guest_id = str(await in_shop(aurora, bring_backstage, stage=stage, viewer="ann", has_picture=False))
        async with road.phone(aurora, stage, "ann") as ann:
            assert (await ann.send("stage.publish", sdp=await cast.publisher().offer(Film(), Tone())))["code"] == "sending_forbidden"
            await send_as_guest(ann, cast.publisher(), Tone())
            await until_stage(road, aurora, stage, key, lambda shown: not shown["guests"][0]["is_gone"])
            assert (await road.press(aurora, stage, "stage/admit", key, guest_id=guest_id))[0] == 200
        await bob.of_kind("guests", lambda message: message["guests"] and message["guests"][0]["is_gone"])
        async with road.phone(aurora, stage, "ann") as ann:
            assert (await ann.of_kind("snapshot"))["own_stage"]["standing"] == "on_stage"
            await send_as_guest(ann, cast.publisher(), Tone())
            await until_stage(road, aurora, stage, key, lambda shown: not shown["guests"][0]["is_gone"])
            assert (await road.press(aurora, stage, "return", key))[1]["state"] == "drama"
            assert (await ann.of_kind("stage.mine", lambda message: message["ending"]))["ending"] == "live_over"
            await road.until_live_shows(aurora, stage, key, lambda live: not [line for line in live["lines"] if line["role"] == "guest"])
            assert (await ann.send("stage.publish", sdp=await cast.publisher().offer(Tone())))["code"] == "not_invited"


async def test_a_guests_key_works_once_and_for_the_guests_line_alone(
    road: Road, aurora: Any, borealis: Any, stage: Stage, host: Person, cast: Peers
) -> None:
    """By WHIP: only who is invited, as the guest, as they were let on; every wrong word is refused, and nobody is in the room."""
    key, host_id = host
    await road.node()
    async with road.phone(aurora, stage, host_id, role="host") as desk:
        await go_live(road, aurora, stage, key, desk, cast.publisher())
        picture = await in_shop(aurora, bring_backstage, stage=stage, viewer="ann")
        voice = await in_shop(aurora, bring_backstage, stage=stage, viewer="bob", has_picture=False)
        path, offer = f"/whip/{stage.slug}/", await cast.publisher().offer(Film(), Tone())
        make: dict[str, Any] = {"room_id": stage.room_id, "slug": stage.slug, "role": "guest"}
        words = {
            sign_grant("aurora", **make): (403, "not_invited"),
            sign_grant("aurora", name="nobody", **make): (403, "not_invited"),
            sign_grant("aurora", name=str(UUID(int=7)), **make): (403, "not_invited"),
            sign_grant("aurora", name=str(voice), **make): (403, "sending_forbidden"),
            sign_grant("borealis", name=str(picture), **make): (401, "token_invalid"),
            sign_grant("aurora", name=str(picture), begins_within_s=-1, **make): (401, "token_invalid"),
        }
        for word, (status, code) in words.items():
            answered, _, body = await road.offer(aurora, path, word, offer)
            assert (answered, code in body) == (status, True), (code, body)
        own = sign_grant("aurora", name=str(picture), **make)
        assert (await road.offer(aurora, f"/whep/{stage.slug}/", own, offer))[0] == 403
        assert (await road.press(aurora, stage, "stage/token", key, guest_id=str(UUID(int=7))))[0] == 404
        assert [line["role"] for line in (await road.look(aurora, stage, key))["lines"]] == ["primary"]

        status, grant = await road.press(aurora, stage, "stage/token", key, guest_id=str(picture))
        assert (status, grant["line"]) == (201, "guest")
        publisher = cast.publisher()
        status, headers, sdp = await road.offer(aurora, path, grant["token"], await publisher.offer(Film(), Tone()))
        assert status == 201, sdp
        await publisher.take(Description(headers["location"].rpartition("/")[2], "answer", sdp))
        shown = await road.until_live_shows(aurora, stage, key, lambda live: sum(line["is_connected"] for line in live["lines"]) == 2)
        assert {(line["line"], line["role"]) for line in shown["lines"]} == {("host", "primary"), (f"guest-{picture}", "guest")}
        again, _, body = await road.offer(aurora, path, grant["token"], offer)
        assert (again, "token_used" in body) == (401, True)
        _, unused = await road.press(aurora, stage, "stage/token", key, guest_id=str(picture))
        assert (await road.press(aurora, stage, "stage/remove", key, guest_id=str(picture)))[0] == 200
        late, _, body = await road.offer(aurora, path, unused["token"], offer)
        assert (late, "not_invited" in body) == (403, True)
        await road.until_live_shows(aurora, stage, key, lambda live: not [line for line in live["lines"] if line["role"] == "guest"])
        assert [guest.id for guest in (await in_shop(aurora, lambda: get_stage(stage.room_id))).guests] == [voice]
