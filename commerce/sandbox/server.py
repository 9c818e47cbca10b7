"""The ASGI program: every request goes to the store's one writer thread; the pump and the sweeper run beside it."""

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from commerce.sandbox import routes
from commerce.sandbox.calls import answer_call
from commerce.sandbox.control import answer_control
from commerce.sandbox.passage import sweep, tidy
from commerce.sandbox.site import answer_page
from commerce.sandbox.webhooks.pump import Pump
from commerce.sandbox.wire.errors import ApiError
from commerce.sandbox.wire.http import Answer, Receive, Request, Scope, Send, error_answer, json_answer, read_request, send_answer
from commerce.sandbox.world import World

SWEEP_EVERY_S = 1.0
TIDY_EVERY = 60

Result = TypeVar("Result")
logger = logging.getLogger(__name__)


class Server:
    """The sandbox as an ASGI application; `hang_up` closes a client's connection without an answer."""

    def __init__(self, world: World) -> None:
        self.hang_up: Callable[[tuple[Any, ...]], None] = lambda client: None
        self._world = world
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._pump = Pump(world.store, self._write, lambda: world.knobs)
        self._beside: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._beside = [asyncio.create_task(self._pump.run()), asyncio.create_task(self._sweep())]
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in self._beside:
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)
        await self._pump.stop()
        await self._write(self._world.store.close)
        self._writer.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await read_request(scope, receive)
            answer = await self._answer(request)
        except ApiError as error:
            answer = error_answer(error)
        if answer.is_lost:
            await self._lose(scope, receive, answer.hold_ms)
        else:
            await send_answer(answer, send)

    async def _lose(self, scope: Scope, receive: Receive, hold_ms: int) -> None:
        """Never answer: wait until the caller gives up or the time is over, then close the connection under it."""
        if not await _hangs_up(receive, hold_ms):
            self.hang_up(tuple(scope["client"]))
            await _hangs_up(receive, 1000)

    async def _answer(self, request: Request) -> Answer:
        if not self._world.doors.admits_host(request.headers.get("host", "")):
            return error_answer(ApiError(421, "invalid_request_error", "This host name is not one of the sandbox's."))
        if request.method == "OPTIONS":
            return self._preflight(request)
        if request.path == "/healthz":
            return json_answer({"status": "ok", "now": self._world.clock.now()})
        door = answer_call if request.path.startswith("/v1/") else answer_control if request.path.startswith("/_sandbox/") else answer_page
        answer: Answer = await self._write(self._guarded, door, request)
        if request.method != "GET":
            self._pump.wake()
        return answer

    def _guarded(self, door: Callable[[World, Request], Answer], request: Request) -> Answer:
        """A defect or a full disk answers as Stripe's own 500 does; the transaction has been rolled back."""
        try:
            return door(self._world, request)
        except (sqlite3.Error, KeyError, TypeError, ValueError, AttributeError) as error:
            logger.exception("%s %s failed", request.method, request.path)
            return error_answer(ApiError(500, "api_error", f"The sandbox failed: {type(error).__name__}: {error}"))

    def _preflight(self, request: Request) -> Answer:
        if not routes.is_for_browser(request.path):
            return Answer(403, b"", "text/plain")
        return Answer(204, b"", "text/plain", self._world.doors.cors(request.origin, is_preflight=True))

    async def _write(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run on the writer thread: every touch of the store happens there, one after another."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)

    async def _sweep(self) -> None:
        rounds = 0
        while True:
            with contextlib.suppress(sqlite3.OperationalError):  # a locked or full disk: the next round tries again
                await self._write(self._pass_time, rounds % TIDY_EVERY == 0)
                self._pump.wake()
            rounds += 1
            await asyncio.sleep(SWEEP_EVERY_S)

    def _pass_time(self, is_tidying: bool) -> None:
        world = self._world
        with world.store.transaction():
            sweep(world.store, world.context, world.clock.now())
            if is_tidying:
                tidy(world.store, world.clock.now())


async def _hangs_up(receive: Receive, limit_ms: int) -> bool:
    """Does the caller close the connection within the limit?"""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(limit_ms / 1000):
            while (await receive())["type"] != "http.disconnect":
                continue
            return True
    return False
