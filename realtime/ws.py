"""WebSocket frames and the way out of the process.

An *outlet* has the four methods of an asyncio transport that the hub needs. Under `uvicorn --ws realtime.ws:RawWS` it is
the transport itself: one ready-made frame is written to thousands of sockets (6 µs each; 12 µs through ASGI `send`).
Elsewhere (daphne, another uvicorn protocol, test communicators) `AsgiOutlet` does the same through `send`.
"""

import asyncio
import logging
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "ws.raw"
# A peer that stops reading costs the kernel this much, not the 4 MB that tcp_wmem allows.
SEND_BUFFER_BYTES = 128 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
# Beyond this the protocol closes with 1009 before the frame is assembled; the consumer refuses politely above 4 KB.
MAX_FRAME_BYTES = 64 * 1024

# uvicorn logs the whole address of each accepted socket, and with it the entry ticket.
_quiet = logging.getLogger("realtime.ws")
_quiet.setLevel(logging.WARNING)

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet(Protocol):
    """Where a socket's frames go. `write` never blocks; what the peer has not taken yet counts as write buffer."""

    def write(self, data: bytes, /) -> None: ...
    def get_write_buffer_size(self) -> int: ...
    def is_closing(self) -> bool: ...
    def abort(self) -> None: ...


def frame(payload: bytes) -> bytes:
    """An unmasked, final text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


def unframe(data: bytes) -> list[bytes]:
    """The payloads of frames made by `frame`."""
    payloads, at = [], 0
    while at < len(data):
        size, at = data[at + 1], at + 2
        if size == 126:
            size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
        elif size == 127:
            size, at = int.from_bytes(data[at : at + 8], "big"), at + 8
        payloads.append(data[at : at + size])
        at += size
    return payloads


class RawWS(WebSocketsSansIOProtocol):
    """uvicorn's own protocol, which also shows its transport to the application."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = _quiet
        self.conn.max_message_size = min(self.config.ws_max_size, MAX_FRAME_BYTES)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        raw = transport.get_extra_info("socket")
        if raw is not None and raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions: dict[str, Any] = self.scope["extensions"]  # type: ignore[assignment]  # its type knows the specified ones only
            extensions[EXTENSION] = self

    def forget_handshake(self) -> None:
        """Free the request and the response, 3 KB a socket that nobody looks at again."""
        self.request = self.response = None  # type: ignore[assignment]
        list.clear(self.scope["headers"])  # type: ignore[arg-type]  # uvicorn fills it with a list


class AsgiOutlet:
    """The hub's frames through ASGI `send`, by one writer for each socket, so that none waits for another."""

    def __init__(self, send: Send, *, server_backlog: Callable[[], int] = lambda: 0, sever: Callable[[], None] | None = None) -> None:
        self._send = send
        self._server_backlog = server_backlog
        self._sever = sever
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._writer: asyncio.Task[None] | None = None
        self._is_closing = False

    def write(self, data: bytes, /) -> None:
        if self._is_closing:
            return
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())

    def get_write_buffer_size(self) -> int:
        return self._waiting_bytes + self._server_backlog()

    def is_closing(self) -> bool:
        return self._is_closing

    def abort(self) -> None:
        """Drop what waits and end the connection."""
        self.close()
        if self._sever is not None:
            self._sever()

    async def finish(self) -> None:
        """Take nothing more; return once what waits is sent, or after a second."""
        writer = self._writer
        if writer is not None:
            await asyncio.wait([writer], timeout=1)
        self.close()

    def close(self) -> None:
        """Write nothing more."""
        self._is_closing = True
        self._waiting.clear()
        self._waiting_bytes = 0
        if self._writer is not None:
            self._writer.cancel()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                data = self._waiting.popleft()
                for payload in unframe(data):
                    await self._send({"type": "websocket.send", "text": payload.decode()})
                self._waiting_bytes -= len(data)
        except Exception:  # each server has its own way to say that the peer is gone; its disconnect event follows
            self._is_closing = True
        finally:
            self._writer = None


class RawOutlet:
    """A uvicorn transport; `write` is bound directly, so the hot loop pays for no wrapper."""

    __slots__ = ("_protocol", "get_write_buffer_size", "write")

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        transport = protocol.transport
        self._protocol = protocol
        self.write = transport.write
        self.get_write_buffer_size = transport.get_write_buffer_size

    def abort(self) -> None:
        """Reset the connection: without the linger option the kernel would keep what the peer never takes."""
        transport = self._protocol.transport
        raw = transport.get_extra_info("socket")
        if raw is not None and not transport.is_closing():
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        transport.abort()

    def is_closing(self) -> bool:
        """After a close frame nothing may follow, and uvloop raises when a closed handle is written to."""
        return self._protocol.close_sent or self._protocol.transport.is_closing()


def outlet_for(scope: dict[str, Any], send: Send) -> Outlet:
    """The best outlet of the server that runs us. Needs: an accepted connection, because a transport takes frames at once."""
    protocol = scope.get("extensions", {}).get(EXTENSION)
    if protocol is not None:
        protocol.forget_handshake()
        return RawOutlet(protocol)
    transport = _twisted_transport(send)
    if transport is None:
        return AsgiOutlet(send, sever=partial(_close_soon, send))
    return AsgiOutlet(send, server_backlog=partial(_twisted_backlog, transport), sever=transport.abortConnection)


def _twisted_transport(send: Send) -> Any | None:
    """Daphne's transport. Its `send` never waits and Twisted buffers without limit (daphne #170), so the hub must see
    that buffer; daphne offers it nowhere but in the partial that it hands to the application."""
    for argument in getattr(send, "args", ()):
        transport = getattr(argument, "transport", None)
        if hasattr(transport, "abortConnection"):
            return transport
    return None


def _twisted_backlog(transport: Any) -> int:
    return len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0) + getattr(transport, "_tempDataLen", 0)


def _close_soon(send: Send) -> None:
    async def close() -> None:
        with suppress(Exception):
            await asyncio.wait_for(send({"type": "websocket.close", "code": 1013}), timeout=1)

    task = asyncio.get_running_loop().create_task(close())
    _closing.add(task)
    task.add_done_callback(_closing.discard)


_closing: set[asyncio.Task[None]] = set()
