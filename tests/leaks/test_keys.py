"""Keys and channels in Valkey: a story is told in one shop, and every name it uses begins with that shop."""

import asyncio
import json
import re
from typing import Any

import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.cache import cache
from django.test import TestCase

from commerce.catalog.actions import set_price
from config.celery import app
from merchants.accounts.actions import issue_hop, use_hop
from merchants.foundation.tenancy import in_schema, tenant_key
from merchants.foundation.throttle import take_turn
from rooms.director.actions import direct
from rooms.director.lease import Lease
from rooms.engagement.actions import post_comment
from rooms.program.actions import play_next
from tests.leaks.audiences import Key, client_of
from tests.leaks.expectations.keys import SHARED
from tests.leaks.server import Server
from tests.leaks.test_sockets import hear, seat, ticket
from tests.leaks.twins import OURS, OURS_HOST, PLATFORM_HOST, THEIRS, THEIRS_HOST, Twins, undone
from tests.leaks.valkey import Said, overheard

HOSTS = {OURS: OURS_HOST, THEIRS: THEIRS_HOST}
PAGES = (
    "/",
    "/rooms/harbour/",
    "/rooms/harbour-past/replay/",
    "/seasons/harbour-tide/",
    "/api/v1/bag/",
    "/api/v1/orders/",
    "/console/harbour/",
    "/admin/",
)


def strays(said: Said, schema: str) -> dict[str, str]:
    """Names that belong neither to the shop nor to a line of the list."""
    return {
        name: command
        for name, command in said.names.items()
        if not name.startswith(f"{schema}:") and not any(re.fullmatch(line, name) for line in SHARED)
    }


# A web process goes on to write that nobody sits in a room for half a minute after the last one left, whatever is done meanwhile.
PRESENCE = re.compile(r"\w+:\{room:[^}]*\}:presence")
HINT = "begin the name with the shop (`tenancy.tenant_key`, the cache, `Topic`), or add it with its reason to tests/leaks/expectations/keys.py"


@pytest.mark.parametrize("schema", [OURS, THEIRS])
def test_stories_and_tasks_use_names_of_their_shop(schema: str, twins: Twins) -> None:
    """Stories, their messages and facts, the director, every periodic task: in this process, so with the commit's work."""
    values, shop = twins.shop.values, twins.shop
    with overheard() as said, undone(), in_schema(schema), TestCase.captureOnCommitCallbacks(execute=True):
        room_id = values["room_id"]
        post_comment(room_id=room_id, viewer_id=shop.buyer_id, nickname="Iris", role="", text="hello", program_seq=1, position_ms=1)
        play_next(room_id=room_id, actor="x")
        set_price(variant_id=values["variant_id"], price_minor=4100, actor="x")
        direct(room_id=room_id)
        use_hop(issue_hop(shop.people["owner"]))
        take_turn("leaks", limit=5, window_s=5)
        cache.set("leaks", 1, timeout=5)
        for name in settings.SHOP_SCHEDULE:
            app.tasks[name](schema=schema)
        async_to_sync(_lease)(schema, room_id)
    assert len(said.names) > 10
    assert not strays(said, schema), f"{HINT}: {strays(said, schema)}"


async def _lease(schema: str, room_id: Any) -> None:
    lease = Lease(schema, room_id, length_ms=500)
    await lease.take()
    await lease.renew()
    await lease.release()


@pytest.mark.parametrize("schema", [OURS, THEIRS])
async def test_pages_and_sockets_use_names_of_their_shop(schema: str, twins: Twins, server: Server) -> None:
    """Pages, API, sign-in, checkout (which enqueues), and a socket that sends everything it may: in the real web process."""
    keys = twins.keys if schema == OURS else twins.other_keys
    with overheard() as said:
        await asyncio.gather(*(server.ask(HOSTS[schema], path, key=keys["owner"]) for path in PAGES))
        await _try_to_buy(server, twins, schema, keys["buyer"])
        await server.ask(
            HOSTS[schema], "/accounts/login/", method="POST", body=b"login=a@b.test&password=wrong", Content_Type="application/x-www-form-urlencoded"
        )
        async with seat(server, schema, query={"ticket": ticket(twins, schema)}) as socket:
            await hear(socket, '"ready"')
            for kind, message in {"danmaku": {"text": "flies"}, "comment": {"text": "stays"}, "likes": {"count": 1}}.items():
                await socket.send(json.dumps({"k": kind, "ref": kind} | message))
                await hear(socket, f'"ref":"{kind}"')
            await asyncio.sleep(1.2)  # presence is written once a second
            other = THEIRS if schema == OURS else OURS
            assert people_counted_in(other) == 0
    assert any("room:" in name for name in said.names)
    strange = {name for name in strays(said, schema) if not PRESENCE.fullmatch(name)}
    assert not strange, f"{HINT}: {strange}"


def people_counted_in(schema: str) -> int:
    client = redis.Redis.from_url(settings.VALKEY_URL)
    counts = [int(value.split(b":")[0]) for key in client.scan_iter(f"{schema}:*:presence", count=1000) for value in client.hvals(key)]
    client.close()
    return sum(counts)


async def _try_to_buy(server: Server, twins: Twins, schema: str, key: Key) -> None:
    body = {"client_key": f"key-of-{schema}", "email": "a@b.test", "lines": [{"variant_id": str(twins.shop.values["variant_id"]), "quantity": 1}]}
    headers = {"Content_Type": "application/json", "X_CSRFToken": "x" * 32}
    keys = Key(key.name, f"{key.value}; {settings.CSRF_COOKIE_NAME}={'x' * 32}")
    answer = await server.ask(HOSTS[schema], "/api/v1/checkout/", method="POST", key=keys, body=json.dumps(body).encode(), **headers)
    assert answer.status == 503, answer.text[-300:]  # the order is placed; the processor does not answer


def test_the_platform_uses_names_of_its_own(twins: Twins) -> None:
    """Sign-up and the console say nothing in a shop's name."""
    with overheard() as said, undone():
        for path in ("/", "/admin/", "/admin/tenants/merchant/", "/accounts/login/"):
            client_of(PLATFORM_HOST, twins.operator).get(path)
        client_of(PLATFORM_HOST, None).post(
            "/", {"shop_name": "x", "subdomain": "aurora", "email": "a@b.test", "password": "x", "currency": "USD", "time_zone": "UTC"}
        )
    names = [name for name in said.names if not PRESENCE.fullmatch(name)]
    assert not [name for name in names if name.startswith((f"{OURS}:", f"{THEIRS}:"))]
    assert not [name for name in strays(said, "public") if name in names]


def test_one_name_in_two_shops_is_two_keys(twins: Twins) -> None:
    """The cache and the key factory keep equal names apart."""
    for schema in (OURS, THEIRS):
        with in_schema(schema):
            cache.set("leaks-equal", f"{schema}-canary", timeout=5)
            assert tenant_key("rooms", 7) == f"{schema}:rooms:7"
    for schema in (OURS, THEIRS):
        with in_schema(schema):
            assert cache.get("leaks-equal") == f"{schema}-canary"
