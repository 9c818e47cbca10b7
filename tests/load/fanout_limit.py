"""The peer of `fanout/limit`: a bare uvloop loop that writes the frame to every transport and knows no WebSocket library.

`python -m tests.load.fanout_limit PORT`
"""

import asyncio
import sys
from typing import cast

import uvloop

from realtime.ws import frame

UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: bare\r\n\r\n"
MASK_BYTES = 4


class Bare(asyncio.Protocol):
    everybody: set[asyncio.Transport] = set()

    def __init__(self) -> None:
        self.is_open = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.everybody.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            self.is_open = True
            self.transport.write(UPGRADE)
            self.everybody.add(self.transport)
            return
        for payload in _payloads(data):
            ready = frame(payload)
            for transport in self.everybody:
                transport.write(ready)


def _payloads(data: bytes) -> list[bytes]:
    """Frames masked with zeros, as the load client sends them."""
    found, at = [], 0
    while at < len(data):
        size, at = data[at + 1] & 0x7F, at + 2
        if size == 126:
            size, at = int.from_bytes(data[at : at + 2], "big"), at + 2
        at += MASK_BYTES
        found.append(data[at : at + size])
        at += size
    return found


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
