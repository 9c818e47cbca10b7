"""What WHIP and WHEP read of a request, bounded in size and in time before Django has collected it."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from realtime.rtc.sdp import MOST_BYTES
from rooms.live.errors import SdpTooLarge

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
DOORS = ("/whip/", "/whep/")
WHOLE_BODY_S = 5.0


class BodyGuard:
    """Around the HTTP application. Django itself would spool a body of any length to disk, as slowly as it comes."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(DOORS):
            await self._app(scope, receive, send)
            return
        if _announced_bytes(scope) > MOST_BYTES:
            await _refuse_size(send)
            return
        body, is_whole = b"", False
        try:
            async with asyncio.timeout(WHOLE_BODY_S):
                while not is_whole and len(body) <= MOST_BYTES:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    is_whole = not message.get("more_body", False)
        except TimeoutError:
            await _refuse(send, 408, b"")
            return
        if len(body) > MOST_BYTES:
            await _refuse_size(send)
            return
        told = False

        async def replay() -> Any:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)


def _announced_bytes(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"")
    return int(length) if length.isdigit() else 0


async def _refuse_size(send: Send) -> None:
    await _refuse(send, 413, json.dumps({"error": SdpTooLarge().as_payload()}).encode())


async def _refuse(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
