"""The real road for this folder's tests."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from merchants.foundation.tenancy import in_schema
from tests.leaks.audiences import Key, sign_in
from tests.leaks.server import Server
from tests.realtime.rtc.peers import Peers
from tests.rooms.live.road import Road, forget_nodes


@pytest.fixture
def road(db: None, tmp_path: Path) -> Iterator[Road]:
    forget_nodes()
    road = Road(tmp_path, Server(tmp_path, {}))
    road.server.wait()
    yield road
    road.end()


@pytest.fixture
def key_of(hire: Callable[..., Any]) -> Callable[..., tuple[Key, str]]:
    """`key_of(aurora, "host")` is a signed-in host's cookie, and the person's id."""

    def make(shop: Any, role: str) -> tuple[Key, str]:
        person = hire(shop, role)
        with in_schema(shop.schema):
            return sign_in(person), str(person.pk)

    return make


@pytest_asyncio.fixture
async def cast() -> AsyncIterator[Peers]:
    cast = Peers()
    yield cast
    await cast.close()
