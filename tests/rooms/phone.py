"""A viewer's phone: the room's real consumer, hub and handlers in this process."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator

from merchants.foundation.tenancy import in_schema
from realtime.exchange import close_exchange
from realtime.routing import websocket_urlpatterns
from realtime.ticket import issue_ticket
from tests.rooms.building import Stage

PATIENCE_S = 20.0


class Phone:
    def __init__(self, socket: WebsocketCommunicator) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []
        self._refs = itertools.count(1)
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            message = json.loads(await self.socket.receive_from(timeout=600))
            self.got.extend(message["m"] if message["k"] == "tick" else [message])

    async def until(self, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message of that sort."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self.got:
                    if is_it(message):
                        return message
                await asyncio.sleep(0.01)

    async def of_kind(self, kind: str) -> dict[str, Any]:
        return await self.until(lambda message: message["k"] == kind)

    async def send(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send, and give the answer back."""
        ref = f"r{next(self._refs)}"
        await self.socket.send_to(json.dumps({"k": kind, "ref": ref, **fields}))
        return await self.until(lambda message: message.get("ref") == ref)

    async def leave(self) -> None:
        self._reading.cancel()
        await asyncio.gather(self._reading, return_exceptions=True)
        await self.socket.disconnect()


@asynccontextmanager
async def phones(shop: Any, stage: Stage, *viewers: str, role: str = "", **query: str) -> AsyncIterator[list[Phone]]:
    """One phone for each viewer, all in the room."""
    held = []
    for viewer in viewers:
        ticket = issue_ticket(shop.schema, room_id=stage.room_id, slug=stage.slug, viewer_id=viewer, nickname=viewer.title(), role=role)
        host = f"{shop.host}:8000".encode()
        path = f"/ws/rooms/{stage.slug}/?{urlencode({'ticket': ticket, **query})}"
        socket = WebsocketCommunicator(URLRouter(websocket_urlpatterns), path, headers=[(b"host", host), (b"origin", b"http://" + host)])
        assert (await socket.connect(timeout=PATIENCE_S))[0]
        held.append(Phone(socket))
    try:
        for phone in held:
            await phone.of_kind("ready")
        yield held
    finally:
        for phone in held:
            await phone.leave()
        await close_exchange()


async def in_shop(shop: Any, story: Callable[..., Any], **arguments: Any) -> Any:
    """Run a story in the shop, in a thread of its own."""

    def run() -> Any:
        with in_schema(shop.schema):
            return story(**arguments)

    return await asyncio.to_thread(run)
