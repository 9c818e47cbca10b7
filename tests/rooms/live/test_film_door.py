"""A room's film on the shop's own host: a real node, the real web process, and everybody who comes to its door."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from merchants.foundation.tenancy import in_schema
from realtime.rtc.names import RoomName
from realtime.rtc.placement import placement_key
from realtime.rtc.requests import Beat, encode
from rooms.live.words import Word, digest_of, film_url, sign_word
from rooms.program import actions
from rooms.program.air import client
from tests.leaks.audiences import Key, guest_key
from tests.leaks.server import Server
from tests.realtime.rtc.hls.material import Beeps, FlashFilm, pictures
from tests.realtime.rtc.hls.watching import Client, decode, watch
from tests.realtime.rtc.peers import Peers
from tests.rooms.building import HOST, Stage
from tests.rooms.live.road import TOKEN, Phone, Road, forget_nodes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ANN = "019a0000-0000-7000-8000-00000000a001"
BEN = "019a0000-0000-7000-8000-00000000a002"


@pytest.fixture
def road(db: None, tmp_path: Path) -> Iterator[Road]:
    """With one place for viewers by WebRTC."""
    forget_nodes()
    road = Road(tmp_path, Server(tmp_path, {"LIVE_WEBRTC_VIEWERS": "1"}))
    road.server.wait()
    yield road
    road.end()


@pytest.fixture
def stage(aurora: Any, set_up: Callable[..., Stage]) -> Stage:
    stage = set_up(aurora)
    with in_schema(aurora.schema):
        actions.start_show(room_id=stage.room_id, actor=HOST)
    return stage


@pytest.fixture
def other(borealis: Any, set_up: Callable[..., Stage]) -> Stage:
    """The room of the same address in the other shop."""
    return set_up(borealis)


@pytest.fixture
def host(aurora: Any, key_of: Callable[..., Any]) -> tuple[Key, str]:
    return key_of(aurora, "host")


def guest_of(shop: Any, viewer_id: str) -> Key:
    with in_schema(shop.schema):
        return guest_key(viewer_id, "Ann")


def visitor(road: Road, shop: Any, url: str, key: Key | None) -> Client:
    """A connection of a browser that has `key`; relative names lie beside the playlist of `url`."""
    cookie = {"Cookie": f"{key.name}={key.value}"} if key else {}
    return Client(road.server.port, url.rpartition("/")[0] + "/", headers={"Host": f"{shop.host}:{road.server.port}"} | cookie)


async def ask_for_word(road: Road, shop: Any, stage: Stage, key: Key) -> str:
    """The playlist's address, as the room page asks for it."""
    origin = f"http://{shop.host}:{road.server.port}"
    status, body = await road._json(
        shop, "POST", f"/api/v1/rooms/{stage.slug}/film", key, {}, Origin=origin, X_CSRFToken=TOKEN, Content_Type="application/json"
    )
    assert status == 200, body
    assert 0 < body["expires_at_ms"] - time.time() * 1000 <= 121_000
    return str(body["url"])


async def put_on_air(road: Road, aurora: Any, stage: Stage, key: Key, desk: Phone, cast: Peers) -> None:
    began = time.monotonic()
    await desk.publish(cast.publisher(), FlashFilm(pictures(gop=15), began=began), Beeps(5, began=began))
    await road.until_live_shows(aurora, stage, key, lambda live: live["is_heard"])
    assert (await road.press(aurora, stage, "go-live", key))[0] == 200


async def test_shoppers_follow_the_film_while_the_host_is_live(road: Road, aurora: Any, stage: Stage, host: Any, cast: Peers) -> None:
    """Who finds no place by WebRTC is told so and follows the film on the shop's host; the console counts both; the camera is
    nobody's business before the cut and after it, but for staff; a killed node is said, and the next one's film found."""
    key, host_id = host
    ann, ben = guest_of(aurora, ANN), guest_of(aurora, BEN)
    node = await road.node()
    url = await ask_for_word(road, aurora, stage, ann)
    async with road.phone(aurora, stage, host_id, role="host") as desk, road.phone(aurora, stage, BEN) as ben_phone:
        assert (await visitor(road, aurora, url, ann).get(url)).status == 409, "only announced or on air"
        await put_on_air(road, aurora, stage, key, desk, cast)
        await ben_phone.watch(cast.viewer())
        async with road.phone(aurora, stage, ANN) as ann_phone:
            assert (await ann_phone.send("live.watch", sdp=await cast.viewer().offer("video")))["code"] == "viewers_full"
        async with road.phone(aurora, stage, host_id, role="host") as second_desk:
            await second_desk.watch(cast.viewer())

        folder, headers = url.rpartition("/")[0] + "/", {"Host": f"{aurora.host}:{road.server.port}", "Cookie": f"{ann.name}={ann.value}"}
        await road.until_live_shows(aurora, stage, key, lambda live: live["viewers"]["webrtc"] == 1)  # the second desk is counted out
        watching = asyncio.create_task(watch(road.server.port, seconds=9, room=folder, headers=headers))
        await road.until_live_shows(aurora, stage, key, lambda live: live["viewers"] == {"webrtc": 1, "llhls": 1})
        watched = await watching
        assert len(decode(watched.films[0]).pictures) > 60
        await refuse_strangers(road, aurora, stage, url, ann, ben, watched.names[-1])
        await bound_one_viewer(road, aurora, url, ann, watched.playlists[-1])

        node.kill()
        node.wait(10)
        await answers(road, aurora, url, ann, 503)
        await road.node()
        await put_on_air_again(road, aurora, stage, key, desk, cast)
        await answers(road, aurora, url, ann, 200)
        text = (await visitor(road, aurora, url, ann).get(url)).text
        assert sequence_of(text) > sequence_of(watched.playlists[-1]) + 5

        assert (await road.press(aurora, stage, "return", key))[0] == 200
        await answers(road, aurora, url, ann, 409)
        staff = await ask_for_word(road, aurora, stage, key)
        assert (await visitor(road, aurora, staff, key).get(staff)).status == 200
        stolen = await visitor(road, aurora, staff, ann).get(staff)
        assert (stolen.status, "live_word_invalid" in stolen.text) == (403, True)


async def put_on_air_again(road: Road, aurora: Any, stage: Stage, key: Key, desk: Phone, cast: Peers) -> None:
    began = time.monotonic()
    await desk.publish(cast.publisher(), FlashFilm(pictures(gop=15), began=began), Beeps(5, began=began))
    await road.until_live_shows(aurora, stage, key, lambda live: live["is_heard"])


async def answers(road: Road, shop: Any, url: str, key: Key, status: int) -> None:
    deadline = time.monotonic() + 30
    while (found := (await visitor(road, shop, url, key).get(url)).status) != status:
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.2)


def sequence_of(playlist: str) -> int:
    return int(playlist.split("#EXT-X-MEDIA-SEQUENCE:")[1].split("\n")[0])


async def refuse_strangers(road: Road, aurora: Any, stage: Stage, url: str, ann: Key, ben: Key, part: str) -> None:
    """A word in other hands opens no playlist; parts need no cookie, but the word; nothing leads out of the film."""
    folder = url.rpartition("/")[0]
    shown = await visitor(road, aurora, url, None).get(part)
    assert (shown.status, shown.fields["content-type"], shown.fields["cache-control"]) == (200, "video/mp4", "private, max-age=60, immutable")
    assert (await visitor(road, aurora, url, ann).get(part, method="HEAD")).body == b""
    for stranger in (None, ben):
        refused = await visitor(road, aurora, url, stranger).get(url)
        assert (refused.status, refused.fields["cache-control"]) == (403, "no-store")
    for name in ("", "..", "../live.m3u8", "%2e%2e/live.m3u8", "s1.m4s", "live.m3u8/", "init1.mp4", "//live.m3u8", "live.m3u8%00"):
        assert (await visitor(road, aurora, url, ann).get(f"{folder}/{name}")).status == 404, name
    for target in ("/media/live/", f"/media/live/{stage.slug}/live.m3u8", f"/media/%6cive/{stage.slug}/x/live.m3u8"):
        assert (await visitor(road, aurora, url, ann).get(target)).status in {403, 404}, target
    assert (await visitor(road, aurora, url, ann).get(url, method="POST")).status == 405
    assert (await visitor(road, aurora, url, ann).get(f"{url}?_HLS_msn=1&node=http://127.0.0.1:1/")).status == 200, (
        "what is no reload is not passed on"
    )


async def bound_one_viewer(road: Road, aurora: Any, url: str, key: Key, playlist: str) -> None:
    """A dozen reloads at a time of one viewer: some are turned away, with the time to ask again."""
    ahead = f"{url}?_HLS_msn={sequence_of(playlist) + playlist.count('#EXTINF') + 2}"
    found = await asyncio.gather(*(visitor(road, aurora, url, key).get(ahead) for _ in range(12)))
    refused = [response for response in found if response.status == 503]
    assert refused
    assert all(response.fields["retry-after"] == "1" for response in refused)
    assert any(response.status != 503 for response in found)


async def test_words_open_nothing_elsewhere(road: Road, aurora: Any, borealis: Any, stage: Stage, other: Stage, host: Any) -> None:
    """Forged, expired, of another room, of the twin room of the other shop, of an ended session: 403 on either host; and an
    address that somebody wrote into Valkey is asked only if it is one."""
    assert other.slug == stage.slug
    key, host_id = host
    ann, twin = guest_of(aurora, ANN), guest_of(borealis, ANN)
    word = Word(stage.room_id, stage.slug, ANN)
    good = film_url(stage.slug, sign_word("aurora", word))
    assert (await visitor(road, aurora, good, ann).get(good)).status == 409
    session = Word(stage.room_id, stage.slug, host_id, digest_of("ended"), is_staff=True)
    words = {
        "expired": sign_word("aurora", word, lifetime_s=-1),
        "the other shop's": sign_word("borealis", word),
        "another room's": sign_word("aurora", Word(stage.room_id, "elsewhere", ANN)),
        "forged": sign_word("aurora", word)[:-3] + "abc",
        "of an ended session": sign_word("aurora", session),
    }
    for name, text in words.items():
        url = film_url(stage.slug, text)
        for cookie in (ann, key, None):
            refused = await visitor(road, aurora, url, cookie).get(url)
            assert (refused.status, "live_word_invalid" in refused.text) == (403, True), name
    for cookie in (ann, twin, None):
        assert (await visitor(road, borealis, good, cookie).get(good)).status == 403
    assert (await Client(road.server.port, headers={"Host": f"nobody.localhost:{road.server.port}"}).get(good)).status == 404

    staff = await ask_for_word(road, aurora, stage, key)
    assert (await visitor(road, aurora, staff, key).get(staff)).status == 503, "no node has the room"
    for address in ("localhost:80", "example.com:80", "169.254.169.254", "0.0.0.0:80", "127.0.0.1:80/../", "127.0.0.1:99999", ""):
        client().hset(placement_key(RoomName.of("aurora", stage.room_id)), mapping={"node": "n1", "generation": 1})
        client().set("node:n1", encode(Beat(hls=address)), ex=30)
        await asyncio.sleep(0.6)
        assert (await visitor(road, aurora, staff, key).get(staff)).status == 503, address


async def test_nginx_is_told_where_the_piece_is(db: None, tmp_path: Path, aurora: Any, stage: Stage, host: Any) -> None:
    """With LIVE_HLS_BY_NGINX this process carries no pieces: it answers with the node's address, the shop, the room and the name."""
    room = RoomName.of("aurora", stage.room_id)
    client().hset(placement_key(room), mapping={"node": "n1", "generation": 1})
    client().set("node:n1", encode(Beat(hls="127.0.0.1:9")), ex=60)
    road = Road(tmp_path, Server(tmp_path, {"LIVE_HLS_BY_NGINX": "1"}))
    try:
        road.server.wait()
        key, _ = host
        url = await ask_for_word(road, aurora, stage, key)
        folder = url.rpartition("/")[0]
        handed = await visitor(road, aurora, url, None).get(f"{folder}/s5.p2.m4s?next=1")
        assert (handed.status, handed.fields["x-accel-redirect"]) == (200, f"/live-film/127.0.0.1:9/aurora/{stage.room_id}/s5.p2.m4s")
        assert (await visitor(road, aurora, url, key).get(url)).status == 503, "nobody is there to tell the playlist"
        refused = await visitor(road, aurora, url, None).get(f"{folder}x/s5.p2.m4s")
        assert (refused.status, "x-accel-redirect" in refused.fields) == (403, False)
    finally:
        road.end()
