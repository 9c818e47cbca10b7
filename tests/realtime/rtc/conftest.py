"""Engines on the loopback, and peers that are closed whatever happens."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aioice.ice
import pytest
import pytest_asyncio

from realtime.rtc.engine.aiortc import AiortcEngine
from realtime.rtc.failover import Patience
from realtime.rtc.names import RoomName
from realtime.rtc.node import Limits, Node
from tests.realtime.rtc.janus import Janus, running_janus
from tests.realtime.rtc.peers import Peers
from tests.realtime.rtc.troupe import LIMITS, PATIENCE, ROOM, Troupe, own_address


class Cast(Peers):
    """Who takes part in a test, and the engines between them."""

    def __init__(self) -> None:
        super().__init__()
        self.engines: list[AiortcEngine] = []

    def engine(self, *, limits: Limits | None = None, patience: Patience | None = None) -> AiortcEngine:
        engine = AiortcEngine(Node(limits=limits, patience=patience), host_addresses=("127.0.0.1",))
        engine.start()
        self.engines.append(engine)
        return engine

    async def room(self, *, room: RoomName = ROOM, **options: Any) -> AiortcEngine:
        engine = self.engine(**options)
        await engine.create_room(room)
        return engine

    async def close(self) -> None:
        await super().close()
        for engine in self.engines:
            await engine.close()


@pytest_asyncio.fixture
async def cast() -> AsyncIterator[Cast]:
    cast = Cast()
    yield cast
    await cast.close()


@pytest.fixture(scope="module")
def janus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Janus]:
    try:
        with running_janus(Path(tmp_path_factory.mktemp("janus"))) as janus:
            yield janus
    except LookupError as missing:
        pytest.fail(str(missing))


@pytest_asyncio.fixture(params=["aiortc", "janus"])
async def troupe(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Troupe]:
    address = own_address()
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: [address])
    node, engine = Node(limits=LIMITS, patience=PATIENCE), None
    if request.param == "janus":
        engine = request.getfixturevalue("janus").engine(node)
        engine.start()
        await engine.wait_until_up(timeout_s=10)
    else:
        engine = AiortcEngine(node)
        engine.start()
    await engine.create_room(ROOM)
    troupe = Troupe(engine)
    yield troupe
    await troupe.close()
    await engine.close()
