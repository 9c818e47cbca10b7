"""Who may open a socket, and what a browser may send through it: the same on every server."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.realtime.swarm import Cache, Viewer, Web, open_socket, ticket, until


async def refusal(web: Web, **options) -> tuple[str, int]:
    """The code that the server gave before it closed, and the close code."""
    async with open_socket(web.port, **options) as socket:
        said = json.loads(await asyncio.wait_for(socket.recv(), 5))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)
        return said["code"], socket.close_code


async def all_frames(socket: ClientConnection) -> list[dict[str, Any]]:
    """What comes until the server closes."""
    frames = []
    try:
        async for data in socket:
            frames.append(json.loads(data))
    except ConnectionClosed:
        pass
    return frames


async def test_only_a_page_of_this_very_host_gets_in(web: Web) -> None:
    """Scheme, host and port of the Origin must all be the socket's own; a sibling shop is a stranger."""
    port, query = web.port, {"ticket": ticket()}
    strangers = [
        f"http://borealis.localhost:{port}",
        f"https://aurora.localhost:{port}",
        f"http://aurora.localhost:{port + 1}",
        "http://aurora.localhost",
        f"http://aurora.localhost.example:{port}",
        "null",
        None,
    ]
    for origin in strangers:
        with pytest.raises(InvalidStatus) as refused:
            async with open_socket(port, query=query, origin=origin):
                pass
        assert refused.value.response.status_code == 403, origin
    async with open_socket(port, query=query, origin=f"http://aurora.localhost:{port}") as socket:
        assert json.loads(await socket.recv())["k"] == "snapshot"


async def test_a_host_without_a_shop_is_refused(web: Web) -> None:
    """An unknown host is refused at the handshake."""
    with pytest.raises(InvalidStatus) as refused:
        async with open_socket(web.port, schema="nobody", query={"ticket": ticket("nobody")}):
            pass
    assert refused.value.response.status_code == 403


async def test_a_ticket_opens_one_room_of_one_shop(web: Web) -> None:
    """No ticket, a forged one, another shop's, another room's and an expired one are each refused with a reason."""
    assert await refusal(web) == ("ticket_invalid", 4401)
    assert await refusal(web, query={"ticket": "forged"}) == ("ticket_invalid", 4401)
    assert await refusal(web, query={"ticket": ticket("borealis")}) == ("ticket_invalid", 4401)
    assert await refusal(web, query={"ticket": ticket(slug="elsewhere")}) == ("ticket_invalid", 4401)
    assert await refusal(web, query={"ticket": ticket(ttl_s=-1)}) == ("ticket_expired", 4401)
    assert await refusal(web, schema="borealis", query={"ticket": ticket("aurora")}) == ("ticket_invalid", 4401)


async def test_equal_rooms_of_two_shops_hear_nothing_of_each_other(web: Web) -> None:
    """The same room id, slug and viewer id in two shops are two rooms and two people."""
    ours = await Viewer([web.port], id="v1").arrive()
    theirs = await Viewer([web.port], id="v1", schema="borealis").arrive()
    await ours.send(k="say", text="for aurora", ref="1")
    await ours.send(k="tell", viewer_id="v1", text="for aurora's v1", ref="2")
    await ours.send(k="call", text="lossy", ref="3")
    await until(lambda: ours.texts == ["for aurora"] and ours.whispers == ["for aurora's v1"] and ours.lossy)
    await asyncio.sleep(0.3)
    assert (theirs.texts, theirs.whispers, theirs.lossy) == ([], [], 0)
    await ours.leave()
    await theirs.leave()


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ('{"k":"say"', "message_invalid"),
        ("[]", "message_invalid"),
        ('{"k":5}', "message_invalid"),
        ('{"k":"say","ref":"7"}', "message_invalid"),
        ('{"k":"say","text":5,"ref":"7"}', "message_invalid"),
        ('{"k":"say","text":"","ref":"7"}', "message_invalid"),
        ('{"k":"say","text":"a","extra":1,"ref":"7"}', "message_invalid"),
        ('{"k":"ping","t":"now","ref":"7"}', "message_invalid"),
        ('{"k":"dance","ref":"7"}', "kind_unknown"),
        ('{"text":"a","ref":"7"}', "kind_unknown"),
        (json.dumps({"k": "say", "text": "a" * 4096, "ref": "7"}), "message_too_large"),
        ('{"k":"ask","what":"conflict","ref":"7"}', "conflict"),
        ('{"k":"ask","what":"defect","ref":"7"}', "refused"),
    ],
)
async def test_a_bad_message_is_refused_and_the_socket_lives_on(web: Web, sent: str, code: str) -> None:
    """Each wrong form has its own code, a text for people, and the `ref` as far as it could be read."""
    viewer = await Viewer([web.port], id="careless").arrive()
    await viewer.socket.send(sent)
    error = await until(lambda: next((frame for frame in viewer.frames if frame["k"] == "error"), None))
    assert error["code"] == code
    assert error["message"]
    assert error.get("ref", "") == ("7" if sent.replace(" ", "").endswith('"ref":"7"}') else "")
    await viewer.send(k="ask", what="time", ref="8")
    assert (await viewer.answer("8"))["text"] == "now"
    await viewer.leave()


async def test_refusals_speak_the_viewers_language(web: Web) -> None:
    """`lang` chooses the language; an unknown one falls back."""
    for language in ("en", "zh-hans", "xx"):
        async with open_socket(web.port, query={"ticket": ticket(viewer="polyglot"), "lang": language}) as socket:
            await socket.send('{"k":"dance"}')
            while (frame := json.loads(await socket.recv()))["k"] != "error":
                pass
            assert frame["code"] == "kind_unknown"
            assert "dance" in frame["message"]


async def test_a_kind_has_its_own_pace(web: Web) -> None:
    """Beyond the burst the answer says when to try again, on every socket of that viewer and for nobody else."""
    first, second, other = [await Viewer([web.port], id=viewer).arrive() for viewer in ("v1", "v1", "v2")]
    for number in range(2):
        await first.send(k="rare", ref=str(number))
        assert (await first.answer(str(number)))["k"] == "ack"
    await second.send(k="rare", ref="3")
    refused = await second.answer("3")
    assert (refused["code"], refused["params"]) == ("too_many_requests", {"retry_after_s": 2})
    await other.send(k="rare", ref="1")
    assert (await other.answer("1"))["k"] == "ack"
    for viewer in (first, second, other):
        await viewer.leave()


async def test_a_pace_may_be_shared_by_all_processes(cache: Cache, serve: Callable[..., Web]) -> None:
    """The bucket in Valkey is one bucket, whichever process takes from it."""
    first, second = [await Viewer([serve(cache).port], id="v1").arrive() for _ in range(2)]
    await first.send(k="ask", what="shared", ref="1")
    assert (await first.answer("1"))["text"] == "False"
    await second.send(k="ask", what="shared", ref="1")
    assert (await second.answer("1"))["text"] == "True"
    await first.leave()
    await second.leave()


async def test_who_keeps_sending_nonsense_is_sent_away(web: Web) -> None:
    """After thirty refused messages the socket is closed with a hint to come back later."""
    async with open_socket(web.port, query={"ticket": ticket(viewer="noisy")}) as socket:
        for _ in range(40):
            await socket.send("nonsense")
        codes = [frame.get("code", "") for frame in await all_frames(socket)]
        assert codes[-1] == "too_many_requests"
        assert codes.count("message_invalid") == 30
        assert socket.close_code == 4429


async def test_a_ping_is_answered_with_the_servers_clock(web: Web) -> None:
    """The browser's own figure comes back unchanged, with the server's milliseconds."""
    viewer = await Viewer([web.port]).arrive()
    await viewer.send(k="ping", t=1234.5)
    pong = await until(lambda: next((frame for frame in viewer.frames if frame["k"] == "pong"), None))
    assert pong["t"] == 1234.5
    assert pong["server_ms"] > 1_700_000_000_000
    await viewer.leave()


async def test_the_ticket_stays_out_of_the_log(cache: Cache, serve: Callable[..., Web]) -> None:
    """An address with an entry ticket is not written to the log."""
    web = serve(cache)
    viewer = await Viewer([web.port]).arrive()
    await viewer.leave()
    assert "ticket=" not in web.log
