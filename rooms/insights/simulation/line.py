"""A viewer's socket: asks and waits for the answer, hears what the room is told."""

import asyncio
import json
from collections.abc import Callable
from itertools import count
from typing import Any

import aiohttp

from rooms.insights.simulation.figures import Figures, Refused

ANSWER_S = 12.0
NUMBERED = '{"s":'
IS_OWN = True
HEAD = 120  # characters: number, epoch and stream stand in front


class Line:
    """Needs: an open socket. `on_frame` hears each frame of those who listen closely; of the others only answers and the program are read.

    `since`: the last message of the room that the page knew. What must not be lost has numbers; a hole in them is counted as missed.
    """

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        figures: Figures,
        *,
        on_frame: Callable[[dict[str, Any]], None],
        is_close: bool,
        since: int | None,
    ) -> None:
        self._socket = socket
        self._figures = figures
        self._on_frame = on_frame
        self._is_close = is_close
        self._last: dict[bool, int | None] = {IS_OWN: None, not IS_OWN: since}
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._refs = count(1)
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._listen())

    async def wait_ready(self) -> None:
        """Raises: Refused."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await asyncio.shield(self._ready)
        except TimeoutError as error:
            raise Refused("timeout") from error

    async def ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Raises: Refused (the room's code; `offline` once the socket is gone)."""
        if self._task.done():
            raise Refused("offline")
        ref = str(next(self._refs))
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._asked[ref] = answer
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._socket.send_str(json.dumps({"k": kind, "ref": ref, **fields}))
                frame = await answer
        except TimeoutError as error:
            raise Refused("timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Refused("offline") from error
        finally:
            self._asked.pop(ref, None)
        if frame["k"] == "error":
            raise Refused(str(frame["code"]))
        return frame

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        reason = "offline"
        try:
            async for message in self._socket:
                if message.type == aiohttp.WSMsgType.TEXT:
                    reason = self._take(message.data) or reason
            self._figures.refused[f"socket lost {reason}"] += 1
        finally:
            unanswered: list[asyncio.Future[Any]] = [self._ready, *self._asked.values()]
            for waiting in unanswered:
                if not waiting.done():
                    waiting.set_exception(Refused(reason))
            self._ready.exception()  # who does not wait for it has not overlooked it

    def _take(self, text: str) -> str:
        """Returns the code with which the room sends this viewer away, if it does."""
        self._figures.heard["frames"] += 1
        if text.startswith(NUMBERED):
            self._count(text)
        is_answer, is_start = '"ref"' in text, not self._ready.done()
        if not (is_answer or is_start or self._is_close or text.startswith(NUMBERED) and '"k":"program"' in text):
            return ""
        frame = json.loads(text)
        if frame["k"] == "ready" and not self._ready.done():
            self._ready.set_result(None)
        answer = self._asked.get(frame.get("ref", ""))
        if answer is not None and not answer.done():
            answer.set_result(frame)
        self._on_frame(frame)
        return str(frame["code"]) if frame["k"] == "error" and not frame.get("ref") else ""

    def _count(self, text: str) -> None:
        """The room's messages and the viewer's own have numbers of their own; with an epoch they begin anew."""
        number, head = int(text[len(NUMBERED) : text.index(",")]), text[:HEAD]
        is_own = '"on":"me"' in head
        last = self._last[is_own]
        if '"epoch":' not in head and last is not None:
            self._figures.heard["lossless"] += number > last
            self._figures.heard["missed"] += max(0, number - last - 1)
            number = max(number, last)
        self._last[is_own] = number
