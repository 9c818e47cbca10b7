"""The office's socket: staff of the shop only."""

from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.conf import settings

from realtime import consumers
from realtime.exchange import close_exchange
from realtime.publish import apublish
from realtime.routing import websocket_urlpatterns
from realtime.throttle import Limit
from realtime.topics import Topic
from tests.realtime.site.table import Note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _table(settings: Any) -> None:
    settings.SOCKET_TABLE = "tests.realtime.site.table"


def knock(host: str, client: Any) -> WebsocketCommunicator:
    cookie = client.cookies.get(settings.SESSION_COOKIE_NAME)
    headers = [(b"host", host.encode()), (b"origin", f"http://{host}".encode())]
    if cookie:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie.value}".encode()))
    return WebsocketCommunicator(URLRouter(websocket_urlpatterns), "/ws/office/", headers=headers)


@pytest.mark.parametrize(("role", "may_enter"), [("owner", True), ("finance", True), ("", False), (None, False)])
async def test_the_office_is_for_staff(aurora: Any, browse: Any, enter: Any, role: str | None, may_enter: bool) -> None:
    """Owner and every staff role may listen; shoppers and strangers are told why not."""
    client = await call(enter, aurora, role) if role is not None else await call(browse, aurora)
    socket = knock(aurora.host, client)
    assert (await socket.connect())[0]
    first = await socket.receive_json_from(timeout=5)
    assert (first["k"], first.get("on") or first.get("code")) == (("reset", "office") if may_enter else ("error", "forbidden"))
    if may_enter:
        assert (await socket.receive_json_from(timeout=5))["k"] == "ready"
        await apublish(Topic.office(aurora.schema), Note(text="episode ready"))
        assert (await socket.receive_json_from(timeout=5))["text"] == "episode ready"
    await socket.disconnect()
    await close_exchange()


async def test_a_session_of_one_shop_opens_no_other(aurora: Any, borealis: Any, enter: Any) -> None:
    """The owner's cookie of aurora is worth nothing at borealis."""
    client = await call(enter, aurora, "owner")
    socket = knock(borealis.host, client)
    assert (await socket.connect())[0]
    assert (await socket.receive_json_from(timeout=5))["code"] == "forbidden"
    await socket.disconnect()
    await close_exchange()


async def test_a_crowd_at_the_door_is_spread_out(aurora: Any, enter: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the pace of arrivals a socket is told when to come back, and closed."""
    monkeypatch.setattr(consumers, "ARRIVALS", Limit(per_s=0.01, burst=1))
    client = await call(enter, aurora, "owner")
    first, second = knock(aurora.host, client), knock(aurora.host, client)
    assert (await first.connect())[0]
    assert (await first.receive_json_from(timeout=5))["k"] == "reset"
    assert (await second.connect())[0]
    refusal = await second.receive_json_from(timeout=5)
    assert refusal["code"] == "too_many_requests"
    assert refusal["params"]["retry_after_s"] >= 1
    assert await second.receive_output(timeout=5) == {"type": "websocket.close", "code": 4429, "reason": "too_many_requests"}
    await first.disconnect()
    await close_exchange()


async def call(story: Any, *args: Any) -> Any:
    from channels.db import database_sync_to_async

    return await database_sync_to_async(story)(*args)
