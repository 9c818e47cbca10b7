"""WHIP and WHEP: the protocol's answers, and a real FFmpeg that publishes through them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import imageio_ffmpeg
import pytest

from config.embedded.processes import die_with_parent
from realtime.rtc.engine import Description
from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.names import RoomName
from realtime.rtc.node import Limits
from realtime.rtc.whip import FRAGMENT, SDP, Endpoint, Grant, IceServer, Request, Response
from tests.realtime.rtc.conftest import ROOM, Cast
from tests.realtime.rtc.film import Film
from tests.realtime.rtc.peers import until

TOKENS = {
    "host": Grant(ROOM, "primary"),
    "viewer": Grant(ROOM, "viewer"),
    "stranger": Grant(RoomName.of("borealis", "r1"), "primary"),
}


def make_endpoint(engine: AiortcEngine) -> Endpoint:
    servers = [IceServer("turn:turn.example:3478", "u", "c")]
    return Endpoint(engine, read_token=TOKENS.get, url="https://aurora.example/whip/r1/", ice_servers=servers)


def request(method: str, who: str = "host", *, body: str = "", kind: str = SDP, session: str = "", **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(method, {"authorization": f"Bearer {who}", "content-type": kind, **named}, body.encode(), session)


def fragment_of(offer: str) -> str:
    return "\r\n".join(line for line in offer.splitlines() if line.startswith(("a=ice-", "a=candidate", "a=mid"))) + "\r\n"


async def test_a_session_begins_and_ends_by_its_own_address(cast: Cast) -> None:
    """201 with Location, ETag, the ICE servers and an answer that connects; DELETE ends it, once."""
    engine = await cast.room()
    endpoint, publisher = make_endpoint(engine), cast.publisher()
    offer = await publisher.offer(Film())
    made = await endpoint.handle(request("POST", body=offer))
    assert made.status == 201
    assert made.headers["Content-Type"] == SDP
    assert made.headers["Link"] == '<turn:turn.example:3478>; rel="ice-server"; username="u"; credential="c"; credential-type="password"'
    assert re.match(r'^"[0-9a-f]+"$', made.headers["ETag"])
    url, _, session = made.headers["Location"].rpartition("/")
    assert url == "https://aurora.example/whip/r1"
    await publisher.take(_answer(made))
    await until(lambda: engine.node.stage(ROOM).line("host").active, what="on air")
    refused = await endpoint.handle(request("DELETE", "stranger", session=session))
    assert refused.status == 404
    assert [source.peer_id for source in engine.node.stage(ROOM).sources] == [session]
    assert (await endpoint.handle(request("DELETE", session=session))).status == 200
    assert (await endpoint.handle(request("DELETE", session=session))).status == 404
    assert engine.node.stage(ROOM).sources == []


def _answer(made: Response) -> Description:
    return Description(made.headers["Location"].rpartition("/")[2], "answer", made.body)


async def test_more_addresses_are_taken_for_the_session_that_they_name(cast: Cast) -> None:
    """428 without a condition, 412 for another ICE session, 422 for a restart, 404 when it is over, 204 for what fits."""
    engine = await cast.room()
    endpoint = make_endpoint(engine)
    offer = await cast.publisher().offer(Film())
    made = await endpoint.handle(request("POST", body=offer))
    session, etag = made.headers["Location"].rpartition("/")[2], made.headers["ETag"]

    async def patch(body: str, **headers: str) -> int:
        return (await endpoint.handle(request("PATCH", session=session, kind=FRAGMENT, body=body, **headers))).status

    assert await patch(fragment_of(offer)) == 428
    assert await patch(fragment_of(offer), if_match=etag) == 204
    assert await patch(fragment_of(offer), if_match='"old"') == 412
    assert await patch(fragment_of(offer).replace("ice-ufrag:", "ice-ufrag:x"), if_match=etag) == 412
    assert await patch(fragment_of(offer), if_match='"*"') == 422
    assert await patch(fragment_of(offer), if_match=etag, content_type=SDP) == 415
    await endpoint.handle(request("DELETE", session=session))
    assert await patch(fragment_of(offer), if_match=etag) == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (Request("POST", {"content-type": SDP}), 401),
        (Request("POST", {"content-type": SDP, "authorization": "Basic x"}), 401),
        (request("POST", "forged"), 401),
        (request("POST", kind="application/json"), 415),
        (request("POST", body="nonsense"), 400),
        (request("POST", body="v=0" + "x" * 99_999), 413),
        (request("GET"), 405),
        (request("PUT", session="x"), 405),
        (request("POST", session="x"), 405),
        (request("DELETE", session="../x"), 404),
        (request("DELETE", session="nobody"), 404),
    ],
)
async def test_what_does_not_fit_is_refused_by_status(cast: Cast, asked: Request, status: int) -> None:
    """As RFC 9725 says, and nothing is left in the node."""
    engine = await cast.room()
    refused = await make_endpoint(engine).handle(asked)
    assert (refused.status, engine.node.peers) == (status, 0)
    if status == 401:
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_full_node_asks_to_come_back(cast: Cast) -> None:
    """503 with Retry-After; OPTIONS tells what may be posted, without a token."""
    engine = await cast.room(limits=Limits(peers=0))
    endpoint = make_endpoint(engine)
    refused = await endpoint.handle(request("POST", body=await cast.publisher().offer(Film())))
    assert (refused.status, refused.headers["Retry-After"]) == (503, "2")
    told = await endpoint.handle(Request("OPTIONS"))
    assert (told.status, told.headers["Accept-Post"], told.headers["Allow"]) == (204, SDP, "OPTIONS, POST")


async def test_a_viewers_token_makes_it_whep(cast: Cast) -> None:
    """The same endpoint lets a viewer watch, and never publish."""
    engine = await cast.room()
    endpoint = make_endpoint(engine)
    await cast.publisher().publish(engine, ROOM, Film())
    viewer = cast.viewer()
    made = await endpoint.handle(request("POST", "viewer", body=await viewer.offer("video")))
    assert made.status == 201
    await viewer.take(_answer(made))
    await viewer.sees(3)
    refused = await endpoint.handle(request("POST", "viewer", body=await cast.publisher().offer(Film())))
    assert refused.status == 403


@asynccontextmanager
async def served(endpoint: Endpoint) -> AsyncIterator[int]:
    """The endpoint over plain HTTP, which is all that the views will add."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode()
        method, path, _ = head.split(" ", 2)
        headers = dict(line.lower().split(": ", 1)[0:1] + line.split(": ", 1)[1:] for line in head.split("\r\n")[1:] if ": " in line)
        body = await asyncio.wait_for(reader.readexactly(int(headers.get("content-length", 0))), 10)
        response = await endpoint.handle(Request(method, headers, body, path.removeprefix("/whip").strip("/")))
        payload = response.body.encode()
        lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}", f"Content-Length: {len(payload)}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in response.headers.items()]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + payload)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_ffmpeg_publishes_through_whip(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A studio's program: FFmpeg posts H264 and Opus with a bearer token, and a viewer sees and hears it.

    It never says that it still wants to be heard (RFC 7675): as long as its packets come, it stays; once they stop, it goes.
    """
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.1)  # instead of five seconds; an unanswered question takes half a second
    engine = await cast.room()
    endpoint = Endpoint(engine, read_token=TOKENS.get, url="/whip")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-re"]
    command += ["-f", "lavfi", "-i", "testsrc2=size=320x192:rate=20", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]
    command += [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-profile:v",
        "baseline",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "20",
        "-bf",
        "0",
    ]
    command += ["-c:a", "libopus", "-ac", "2", "-t", "40", "-f", "whip", "-authorization", "host"]
    async with served(endpoint) as port:
        process = await asyncio.create_subprocess_exec(
            *command, f"http://127.0.0.1:{port}/whip", preexec_fn=die_with_parent(), stdin=asyncio.subprocess.DEVNULL
        )
        try:
            await until(lambda: engine.node.stage(ROOM).line("host").active, what="FFmpeg on air")
            viewer = await cast.viewer().watch(engine, ROOM)
            await viewer.sees(15)
            await until(lambda: viewer.loudest > 1_000, what="its tone")
            await viewer.sees(100)  # six questions without an answer would have ended it
            process.kill()
            await until(lambda: not engine.node.stage(ROOM).line("host").active, what="its end")
        finally:
            if process.returncode is None:
                process.kill()
            await asyncio.wait_for(process.wait(), 10)
