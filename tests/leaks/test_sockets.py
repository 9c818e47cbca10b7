"""Sockets on the real web process: same ids, same slugs, same people's names in two shops, and nothing crosses."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import InvalidStatus

from config import sockets as table
from merchants.foundation.tenancy import in_schema
from realtime.messages import Lossless, Lossy, kind_of
from realtime.outbox import ForeignTopic
from realtime.publish import apublish, apublish_lossy, publish_on_commit
from realtime.routing import websocket_urlpatterns
from realtime.table import load_table
from realtime.ticket import issue_ticket
from realtime.topics import Topic
from tests.leaks.audiences import BUYER, SHOPPER, STAFF, Key
from tests.leaks.expectations.sockets import DOORS, INCOMING, OFFICE_INCOMING, OUTGOING, REFUSED, STREAMS
from tests.leaks.server import Server
from tests.leaks.twins import OURS, THEIRS, Twins, undone
from tests.realtime.swarm import open_socket

ANSWER_S = 15
OFFICE = "/ws/office/"


class Note(Lossless, tag="leak-note"):
    text: str


class Whisper(Lossy, tag="leak-whisper"):
    text: str


def test_the_table_of_sockets_is_the_expected_one() -> None:
    """Doors, incoming and outgoing kinds, and streams: a new one gets its line in expectations/sockets.py."""
    hint = "tests/leaks/expectations/sockets.py lists what crosses the sockets: bring it up to date"
    assert {str(pattern.pattern) for pattern in websocket_urlpatterns} == set(DOORS), hint
    assert set(table.INCOMING) == set(INCOMING), hint
    assert set(table.OFFICE_INCOMING) == set(OFFICE_INCOMING), hint
    assert {kind_of(struct) for struct in load_table().outgoing} == set(OUTGOING), hint
    assert set(OUTGOING.values()) <= {*STREAMS, "answer"}, hint
    makers = {name for name, member in inspect.getmembers(Topic, inspect.ismethod) if not name.startswith("_")}
    assert makers == set(STREAMS), hint


def ticket(twins: Twins, schema: str, *, shop: Any = None) -> str:
    shop = shop or twins.shop
    return issue_ticket(schema, room_id=shop.values["room_id"], slug=shop.values["slug"], viewer_id=shop.buyer_id, nickname=f"{schema}-guest")


@asynccontextmanager
async def seat(server: Server, schema: str, *, key: Key | None = None, path: str = "", **options: Any) -> AsyncIterator[ClientConnection]:
    cookie = {"additional_headers": {"Cookie": f"{key.name}={key.value}"}} if key else {}
    async with open_socket(server.port, schema=schema, slug="harbour", path=path, **cookie, **options) as socket:
        yield socket


async def hear(socket: ClientConnection, word: str) -> list[str]:
    """Everything up to the first message with `word`, that one included."""
    heard: list[str] = []
    async with asyncio.timeout(ANSWER_S):
        while not heard or word not in heard[-1]:
            heard.append(str(await socket.recv()))
    return heard


async def refusal(server: Server, schema: str, **options: Any) -> str:
    """The code with which the server sends somebody away."""
    async with seat(server, schema, **options) as socket:
        return str(json.loads((await hear(socket, '"k":'))[0]).get("code", "came in"))


async def test_only_a_page_of_the_same_scheme_host_and_port_gets_in(twins: Twins, server: Server) -> None:
    """A sibling shop's page, another port, another scheme, a lookalike, null, none: each is refused at the handshake, ticket or not."""
    port, query = server.port, {"ticket": ticket(twins, OURS)}
    strangers = (
        f"http://{THEIRS}.localhost:{port}",
        f"http://localhost:{port}",
        f"https://{OURS}.localhost:{port}",
        f"http://{OURS}.localhost:{port + 1}",
        f"http://{OURS}.localhost",
        f"http://{OURS}.localhost.evil.example:{port}",
        f"http://{OURS}.localhost:{port}/",
        "null",
        None,
    )
    for path in ("", OFFICE):
        for origin in strangers:
            with pytest.raises(InvalidStatus) as refused:
                async with seat(server, OURS, path=path, origin=origin, query=query, key=twins.keys["owner"]):
                    pass
            assert refused.value.response.status_code == 403, (path, origin)


async def test_a_ticket_opens_its_own_room_of_its_own_shop(twins: Twins, server: Server) -> None:
    """The twin's ticket names the same room, slug and viewer, and opens nothing here; nor does a ticket for another room."""
    async with seat(server, OURS, query={"ticket": ticket(twins, OURS)}) as socket:
        snapshot = (await hear(socket, '"ready"'))[0]
    assert f"{OURS}-canary" in snapshot
    assert THEIRS not in snapshot.lower()
    assert await refusal(server, OURS, query={"ticket": ticket(twins, THEIRS)}) == "ticket_invalid"
    assert await refusal(server, THEIRS, query={"ticket": ticket(twins, OURS)}) == "ticket_invalid"
    assert await refusal(server, OURS, query={"ticket": ticket(twins, THEIRS, shop=twins.stranger)}) == "ticket_invalid"
    assert await refusal(server, OURS, query={"ticket": ticket(twins, OURS, shop=twins.stranger)}) == "ticket_invalid"


async def test_a_ticket_for_a_room_of_the_other_shop_finds_no_room(twins: Twins, server: Server) -> None:
    """Even signed by our own shop, an id that only the other shop has is nothing."""
    values = twins.stranger.values
    lost = issue_ticket(OURS, room_id=values["room_id"], slug="harbour", viewer_id="lost", nickname="Lost")
    assert await refusal(server, OURS, query={"ticket": lost}) == "room_not_found"


async def test_the_offices_socket_is_for_staff_of_this_shop(twins: Twins, server: Server) -> None:
    """Each role comes in; guests, shoppers, operators, and the twin's staff with the same ids are told why not."""
    for role in STAFF:
        assert await refusal(server, OURS, path=OFFICE, key=twins.keys[role]) == "came in", role
    outside = [None, twins.keys[SHOPPER], twins.keys[BUYER], twins.operator, *(twins.other_keys[role] for role in STAFF)]
    for key in outside:
        assert await refusal(server, OURS, path=OFFICE, key=key) == "forbidden"


def topics(twins: Twins, schema: str) -> dict[str, Topic]:
    return {
        "room": Topic.room(schema, twins.shop.values["room_id"]),
        "viewer": Topic.viewer(schema, twins.shop.buyer_id),
        "office": Topic.office(schema),
    }


@pytest.mark.parametrize("stream", STREAMS)
async def test_what_is_said_on_a_stream_is_heard_in_one_shop(stream: str, twins: Twins, server: Server) -> None:
    """Lossless and lossy, on the streams of equal rooms, viewers and offices."""
    office = {"path": OFFICE} if stream == "office" else {}
    ours = seat(server, OURS, query={"ticket": ticket(twins, OURS)}, key=twins.keys["owner"], **office)
    theirs = seat(server, THEIRS, query={"ticket": ticket(twins, THEIRS)}, key=twins.other_keys["owner"], **office)
    async with ours as our_socket, theirs as their_socket:
        await hear(our_socket, '"ready"')
        await hear(their_socket, '"ready"')
        for schema in (OURS, THEIRS):
            await apublish_lossy(topics(twins, schema)[stream], Whisper(text=f"whisper in {schema}"), is_kept=True)
            await apublish(topics(twins, schema)[stream], Note(text=f"note in {schema}"))
            await asyncio.sleep(0.3)  # lossy messages wait for the hub's tick
            await apublish(topics(twins, schema)[stream], Note(text=f"last in {schema}"))
        for schema, other, socket in ((OURS, THEIRS, our_socket), (THEIRS, OURS, their_socket)):
            heard = "\n".join(await hear(socket, f"last in {schema}"))
            assert f"note in {schema}" in heard
            assert f"whisper in {schema}" in heard
            assert f"in {other}" not in heard


async def test_what_a_viewer_sends_stays_in_the_shop(twins: Twins, server: Server) -> None:
    """Every incoming kind, from the same person's ticket, into the same room's id."""
    sent = {**INCOMING, **OFFICE_INCOMING}
    async with (
        seat(server, OURS, query={"ticket": ticket(twins, OURS)}) as ours,
        seat(server, THEIRS, query={"ticket": ticket(twins, THEIRS)}) as theirs,
    ):
        await hear(ours, '"ready"')
        await hear(theirs, '"ready"')
        for kind, message in sent.items():
            said = {name: value.replace("WORD", "lantern") if isinstance(value, str) else value for name, value in message.items()}
            await ours.send(json.dumps({"k": kind, "ref": f"ref-{kind}"} | said))
            answer = json.loads((await hear(ours, f"ref-{kind}"))[-1])
            assert (answer.get("code", "") if answer["k"] == "error" else "") == REFUSED.get(kind, ""), answer
        await asyncio.sleep(0.5)
        await apublish(topics(twins, THEIRS)["room"], Note(text="last"))
        heard = await hear(theirs, '"last"')
    assert not [frame for frame in heard if "lantern" in frame or '"likes"' in frame], heard


async def test_a_story_of_one_shop_cannot_speak_in_the_other(twins: Twins) -> None:
    """A topic of another shop is a defect, stopped before it is written."""

    def speak() -> None:
        with undone(), in_schema(OURS):
            for topic in topics(twins, THEIRS).values():
                with pytest.raises(ForeignTopic):
                    publish_on_commit(topic, Note(text="wrong shop"))

    await sync_to_async(speak)()


def test_a_topics_name_cannot_leave_its_shop(twins: Twins) -> None:
    """Every stream's keys and channel begin with the shop; a name with separators is no name."""
    for schema in (OURS, THEIRS):
        for topic in topics(twins, schema).values():
            assert {topic.key, topic.channel, topic.head_key, topic.stream_key} == {
                name for name in (topic.key, topic.channel, topic.head_key, topic.stream_key) if name.startswith(f"{schema}:")
            }
    for name in ("x}:{room:y", "a b", "a:b", "", "a\nb", f"..{settings.SECRET_KEY[:1]}/"):
        with pytest.raises(ValueError, match="not a topic name"):
            Topic.room(OURS, name)
        with pytest.raises(ValueError, match="not a topic name"):
            Topic.room(name, "room")
