"""A long way to the shop: an HTTP proxy for one browser context that delivers everything late, in both directions."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.embedded.processes import free_port

CHUNK_BYTES = 65_536
HEAD_S = 10.0


@contextmanager
def slow_road(to_port: int, *, one_way_s: float) -> Iterator[str]:
    """Give the proxy's address. Whatever is asked for goes to `to_port` of this machine, and nowhere else."""
    port = free_port()
    loop = asyncio.new_event_loop()
    is_open = threading.Event()
    task = loop.create_task(_serve(port, to_port, one_way_s, is_open))
    thread = threading.Thread(target=_run, args=(loop, task), daemon=True)
    thread.start()
    try:
        assert is_open.wait(10)
        yield f"http://127.0.0.1:{port}"
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(timeout=5)


def _run(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(task)
    for left in asyncio.all_tasks(loop):
        left.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(left)
    loop.close()


async def _serve(port: int, to_port: int, one_way_s: float, is_open: threading.Event) -> None:
    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            await _join(reader, writer, to_port, one_way_s)
        writer.close()

    async with await asyncio.start_server(meet, "127.0.0.1", port):
        is_open.set()
        await asyncio.Future()


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_port: int, one_way_s: float) -> None:
    """A tunnel begins with CONNECT (sockets); anything else is a request whose absolute address the server reads as well."""
    async with asyncio.timeout(HEAD_S):
        head = await reader.readuntil(b"\r\n\r\n")
    there, back = await asyncio.open_connection("127.0.0.1", to_port)
    try:
        if head.startswith(b"CONNECT "):
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            back.write(head)
        await asyncio.gather(_carry(reader, back, one_way_s), _carry(there, writer, one_way_s))
    finally:
        back.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way_s: float) -> None:
    """Late, not narrow: what comes close together arrives close together."""
    loop = asyncio.get_running_loop()
    while data := await reader.read(CHUNK_BYTES):
        loop.call_later(one_way_s, _write, writer, data)
    await asyncio.sleep(one_way_s)
    if writer.can_write_eof():
        writer.write_eof()


def _write(writer: asyncio.StreamWriter, data: bytes) -> None:
    if not writer.is_closing():
        writer.write(data)
