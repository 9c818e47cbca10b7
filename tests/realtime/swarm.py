"""Servers that can be killed, and viewers that keep count of what they got."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from config.embedded.processes import free_port, start, stop, wait_for_port
from config.embedded.valkey import server_binary

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
APPLICATION = "tests.realtime.site.asgi:application"
SECRET = "the sockets' tests sign with this key, long enough for every signer 0123456789"


class Cache:
    """A Valkey of this test's own, to be killed and started again with its data (`is_durable`) or without."""

    def __init__(self, folder: Path, *, is_durable: bool = True) -> None:
        self.folder = folder
        self.port = free_port()
        self.is_durable = is_durable
        self.process = self._start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._start()

    def stop(self) -> None:
        stop(self.process)

    def _start(self) -> "subprocess.Popen[bytes]":
        log = self.folder / "valkey.log"
        keeping = ["--appendonly", "yes", "--appendfsync", "always"] if self.is_durable else ["--save", "", "--appendonly", "no"]
        process = start([str(server_binary()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), *keeping], log=log)
        wait_for_port(self.port, process, name="Valkey", log=log)
        return process


class Web:
    """One web process: `uvicorn` with transport writes, `uvicorn-send` without, or `daphne`."""

    def __init__(self, folder: Path, cache_url: str, kind: str = "uvicorn", port: int = 0) -> None:
        self.kind = kind
        self.port = port or free_port()
        self._log = folder / f"web-{self.port}.log"
        self._environment = os.environ | {
            "VALKEY_URL": cache_url,
            "SECRET_KEY": SECRET,
            "DJANGO_SETTINGS_MODULE": "tests.realtime.site.settings",
            "LOG_LEVEL": "WARNING",
        }
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        process = start(self._command(), log=self._log, cwd=ROOT, env=self._environment)
        wait_for_port(self.port, process, name=self.kind, log=self._log, timeout_s=40)
        return process

    def _command(self) -> list[str]:
        port = str(self.port)
        if self.kind == "daphne":
            return [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", port, "-v", "0", APPLICATION]
        protocol = "realtime.ws:RawWS" if self.kind == "uvicorn" else "websockets-sansio"
        return [
            *[sys.executable, "-m", "uvicorn", APPLICATION, "--port", port, "--ws", protocol, "--loop", "uvloop", "--log-level", "warning"],
            *["--ws-per-message-deflate", "false", "--no-access-log", "--timeout-graceful-shutdown", "2"],
        ]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        self.process = self._start()

    def stop(self) -> None:
        stop(self.process)

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")


def ticket(schema: str = "aurora", *, room: str = "r1", slug: str = "stage", viewer: str = "v1", role: str = "", ttl_s: int = 600) -> str:
    from realtime.ticket import issue_ticket

    return issue_ticket(schema, room_id=room, slug=slug, viewer_id=viewer, nickname=viewer.title(), role=role, ttl_s=ttl_s)


@dataclass
class Viewer:
    """A browser's part: keeps its cursors, comes back after a break, collects the kinds it got."""

    ports: list[int]
    id: str = "v1"
    schema: str = "aurora"
    role: str = ""
    notes: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    whispers: list[str] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)
    lossy: int = 0
    snapshots: int = 0
    breaks: list[float] = field(default_factory=list)
    is_narrow: bool = False
    room: tuple[str, int] | None = None
    mine: tuple[str, int] | None = None
    socket: ClientConnection | None = None
    is_ready: asyncio.Event = field(default_factory=asyncio.Event)
    is_reading: asyncio.Event = field(default_factory=asyncio.Event)
    _task: "asyncio.Task[None] | None" = None

    async def arrive(self) -> "Viewer":
        self.is_reading.set()
        self._task = asyncio.create_task(self._stay())
        await asyncio.wait_for(self.is_ready.wait(), 15)
        return self

    async def leave(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def send(self, **message: Any) -> None:
        assert self.socket is not None
        await self.socket.send(json.dumps(message))

    async def answer(self, ref: str) -> dict[str, Any]:
        return await until(lambda: next((frame for frame in self.frames if frame.get("ref") == ref), None))

    async def _stay(self) -> None:
        attempt = 0
        while True:
            try:
                port = self.ports[attempt % len(self.ports)]
                async with open_socket(port, schema=self.schema, query=self._query(), is_narrow=self.is_narrow) as self.socket:
                    await self._read(self.socket)
            except (ConnectionClosed, OSError, EOFError, TimeoutError):
                pass
            if self.is_ready.is_set():
                self.is_ready.clear()
                self.breaks.append(-time.monotonic())
            attempt += 1
            await asyncio.sleep(0.1)

    def _query(self) -> dict[str, Any]:
        query: dict[str, Any] = {"ticket": ticket(self.schema, viewer=self.id, role=self.role)}
        if self.room is not None:
            query |= {"epoch": self.room[0], "since": self.room[1]}
        if self.mine is not None:
            query |= {"mine_epoch": self.mine[0], "mine": self.mine[1]}
        return query

    async def _read(self, connection: ClientConnection) -> None:
        while True:
            await self.is_reading.wait()
            self._take(json.loads(await connection.recv()))

    def _take(self, frame: dict[str, Any]) -> None:
        kind = frame["k"]
        if kind == "tick":
            self.lossy += sum(message["k"] == "shout" for message in frame["m"])
            self.frames += frame["m"]
            return
        if "epoch" in frame and frame.get("on") == "me":
            self.mine = (frame["epoch"], frame["s"])
        elif "epoch" in frame:
            self.room = (frame["epoch"], frame["s"])
            self.snapshots += 1
        elif frame.get("on") == "me":
            self.whispers.append(frame["text"])
            self.mine = (self.mine[0] if self.mine else "", frame["s"])
        elif "s" in frame:
            self.notes.append(frame["s"])
            self.texts.append(frame["text"])
            self.room = (self.room[0] if self.room else "", frame["s"])
        elif kind == "ready":
            self.is_ready.set()
            if self.breaks and self.breaks[-1] < 0:
                self.breaks[-1] += time.monotonic()
        self.frames.append(frame)


def open_socket(
    port: int,
    *,
    schema: str = "aurora",
    slug: str = "stage",
    query: dict[str, Any] | None = None,
    origin: str | None = "",
    path: str = "",
    is_narrow: bool = False,
    **options: Any,
) -> connect:
    """A client connection to a shop's host on the loopback; `origin` defaults to that host's own.

    A narrow one has buffers so small that the server feels at once when nobody reads.
    """
    host = f"{schema}.localhost:{port}"
    if is_narrow:
        options |= {"sock": _narrow_connection(port), "max_queue": 1}
    else:
        options |= {"host": "127.0.0.1", "port": port}
    return connect(
        f"ws://{host}{path or f'/ws/rooms/{slug}/'}?{urlencode(query or {})}",
        origin=f"http://{host}" if origin == "" else origin,
        compression=None,
        ping_interval=None,
        open_timeout=10,
        close_timeout=1,
        max_size=None,
        **options,
    )


def _narrow_connection(port: int) -> socket.socket:
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", port))
    return raw


async def until(condition: Callable[[], T], *, timeout_s: float = 10.0) -> T:
    """The first truthy value of `condition`; fails after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"did not happen within {timeout_s} s")
        await asyncio.sleep(0.02)
