"""The load client of the fan-out benchmark: thousands of sockets on one uvloop loop, eight of which also speak in turn.

Every message carries one `@` and sixteen digits, its time of sending in microseconds. Counting the `@` counts deliveries,
however the server framed or bundled them; a sample of the sockets reads the times.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

STAMP = re.compile(rb"@(\d{16})")
STAMP_BYTES = 17
PAYLOAD_BYTES = 200
MEASURED_EVERY = 20
SPEAKERS = 8
# uvicorn's keepalive: four bytes that must come back. No text frame of ours holds these two bytes.
PING = b"\x89\x04"
HERTZ = 100


@dataclass(frozen=True)
class Dialect:
    """How a server is spoken to: the request's path of one viewer, how a message is wrapped, what opens the way."""

    path: Callable[[int], str]
    wrap: Callable[[str], str]
    host: str = "127.0.0.1"
    is_socketio: bool = False
    ready: bytes = b""


def masked(text: str) -> bytes:
    """A client's text frame; a mask of zeros is a mask."""
    payload = text.encode()
    size = len(payload)
    head = bytes((0x81, 0x80 | size)) if size < 126 else bytes((0x81, 0xFE)) + size.to_bytes(2, "big")
    return head + bytes(4) + payload


class Listener(asyncio.Protocol):
    """One socket. Counts for its crowd."""

    __slots__ = ("crowd", "has_joined", "held", "is_measured", "is_ready", "number", "transport")

    def __init__(self, crowd: "Crowd", number: int) -> None:
        self.crowd = crowd
        self.number = number
        self.held = b""
        self.is_ready = self.has_joined = False
        self.is_measured = number % MEASURED_EVERY == 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        dialect, port = self.crowd.dialect, self.crowd.port
        self.transport.write(
            f"GET {dialect.path(self.number)} HTTP/1.1\r\nHost: {dialect.host}:{port}\r\nOrigin: http://{dialect.host}:{port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if not self.is_ready:
            self._greet(data)
            return
        self.crowd.delivered += data.count(b"@")
        if PING in data:
            at = data.index(PING) + len(PING)
            self.transport.write(b"\x8a\x84" + bytes(4) + data[at : at + 4])
        if self.is_measured and self.crowd.is_measuring:
            self._measure(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.crowd.lose(self)

    def _greet(self, data: bytes) -> None:
        dialect = self.crowd.dialect
        self.held += data
        if b"\r\n\r\n" not in self.held:
            return
        if not self.held.startswith(b"HTTP/1.1 101"):
            self.crowd.fail(self.held[:200])
            return
        if dialect.is_socketio and not self.has_joined and b'0{"sid' in self.held:
            self.has_joined = True
            self.transport.write(masked("40"))
        if dialect.ready in self.held:
            self.held = b""
            self.is_ready = True
            self.crowd.greet()

    def _measure(self, data: bytes) -> None:
        now, data = time.monotonic_ns() // 1000, self.held + data
        for stamp in STAMP.finditer(data):
            self.crowd.latencies_us.append(now - int(stamp[1]))
        tail = data.rfind(b"@")
        self.held = data[tail:] if tail >= 0 and len(data) - tail < STAMP_BYTES else b""


@dataclass
class Crowd:
    """`size` sockets at one server."""

    port: int
    size: int
    dialect: Dialect
    delivered: int = 0
    published: int = 0
    ready: int = 0
    is_measuring: bool = False
    latencies_us: list[int] = field(default_factory=list)
    listeners: list[Listener] = field(default_factory=list)
    trouble: str = ""

    async def gather(self, *, at_once: int = 100, timeout_s: float = 120) -> float:
        """Connect everybody, `at_once` handshakes in flight. Returns the seconds it took. Raises: CannotMeasure."""
        loop = asyncio.get_running_loop()
        self._slots = asyncio.Semaphore(at_once)
        self._complete = asyncio.Event()
        started = time.monotonic()
        try:
            async with asyncio.timeout(timeout_s):
                for number in range(self.size):
                    await self._slots.acquire()
                    _, listener = await loop.create_connection(lambda number=number: Listener(self, number), "127.0.0.1", self.port)
                    self.listeners.append(listener)
                await self._complete.wait()
        except (TimeoutError, OSError) as error:
            raise CannotMeasure(f"{self.ready} of {self.size} connected; {self.trouble or error!r}") from error
        if self.trouble:
            raise CannotMeasure(self.trouble)
        return time.monotonic() - started

    def greet(self) -> None:
        self.ready += 1
        self._slots.release()
        if self.ready == self.size:
            self._complete.set()

    def fail(self, reason: bytes) -> None:
        self.trouble = self.trouble or reason.decode(errors="replace")
        self._slots.release()
        self._complete.set()

    def lose(self, listener: Listener) -> None:
        if self.listeners:
            self.trouble = self.trouble or f"the server closed socket {listener.number}"

    def publish(self) -> None:
        stamp = f"@{time.monotonic_ns() // 1000:016d}"
        speaker = self.listeners[self.published % min(SPEAKERS, self.size)]
        speaker.transport.write(masked(self.dialect.wrap(stamp.ljust(PAYLOAD_BYTES - 50, "x"))))
        self.published += 1

    async def saturate(self, seconds: float, *, window: int) -> float:
        """Keep `window` messages in flight; a message is through when every socket has it. Returns the seconds measured."""
        base_published, base_delivered, started = self.published, self.delivered, time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            while self.published - base_published < (self.delivered - base_delivered) / self.size + window:
                self.publish()
            await asyncio.sleep(0.0005)
        return elapsed

    async def pace(self, seconds: float, *, per_s: float) -> None:
        """Publish evenly, measuring latencies."""
        self.latencies_us.clear()
        self.is_measuring = True
        base, started = self.published, time.monotonic()
        while (elapsed := time.monotonic() - started) < seconds:
            while self.published - base < elapsed * per_s:
                self.publish()
            await asyncio.sleep(min(0.002, 1 / per_s))
        await self.settle()
        self.is_measuring = False

    async def settle(self, timeout_s: float = 10) -> None:
        """Wait until all that was published has arrived everywhere. Raises: CannotMeasure when something is missing."""
        deadline = time.monotonic() + timeout_s
        while self.delivered < self.published * self.size:
            if time.monotonic() > deadline:
                raise CannotMeasure(f"{self.delivered} of {self.published * self.size} deliveries arrived; {self.trouble}")
            await asyncio.sleep(0.01)

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_us)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] / 1000

    async def disperse(self) -> None:
        listeners, self.listeners = self.listeners, []
        for listener in listeners:
            listener.transport.abort()
        await asyncio.sleep(0.05)


class CannotMeasure(RuntimeError):
    """The benchmark found something else than slowness."""


def cpu_s(pid: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ


def resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]  # every live process has it


def json_note(stamp: str) -> str:
    """For servers that pass on what they get."""
    return json.dumps({"k": "note", "s": 123456, "text": stamp, "by": "viewer-0"})
