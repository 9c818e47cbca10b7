"""A bad network between a peer and the node: a UDP relay on the loopback that delays everything and loses media packets."""

import asyncio
import random
import re
from typing import Any

CANDIDATE = re.compile(r"(a=candidate:\S+ \d+ udp \d+) (\S+) (\d+) typ")
FIRST_MEDIA_BYTE = 128  # STUN and DTLS begin below


class End(asyncio.DatagramProtocol):
    def __init__(self, network: "BadNetwork", *, is_near: bool, far: tuple[str, int] | None = None) -> None:
        self.other: End | None = None
        self.address = far
        self._network, self._is_near = network, is_near
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if self._is_near:
            self.address = address
        self._network.carry(data, self.other)

    def send(self, data: bytes) -> None:
        if self.address is not None and not self.transport.is_closing():
            self.transport.sendto(data, self.address)


class BadNetwork:
    """`loss` is a share of the media packets, in each direction."""

    def __init__(self, *, loss: float, delay_s: float, seed: int = 1) -> None:
        self.carried = self.lost = 0
        self._loss, self._delay_s = loss, delay_s
        self._random = random.Random(seed)
        self._transports: list[Any] = []

    def hide(self, offer: str) -> str:
        """The peer's own addresses lead nowhere, so that the node learns the relay's."""
        return CANDIDATE.sub(r"\1 127.0.0.1 1 typ", offer)

    async def between(self, answer: str) -> str:
        """The answer with the relay's address in the place of the node's."""
        loop = asyncio.get_running_loop()
        ports: dict[str, int] = {}
        for _, host, port in CANDIDATE.findall(answer):
            if port not in ports:
                near, far = End(self, is_near=True), End(self, is_near=False, far=(host, int(port)))
                near.other, far.other = far, near
                near_transport, _ = await loop.create_datagram_endpoint(lambda near=near: near, local_addr=("127.0.0.1", 0))
                far_transport, _ = await loop.create_datagram_endpoint(lambda far=far: far, local_addr=("127.0.0.1", 0))
                self._transports += [near_transport, far_transport]
                ports[port] = near_transport.get_extra_info("sockname")[1]
        return CANDIDATE.sub(lambda found: f"{found[1]} 127.0.0.1 {ports[found[3]]} typ", answer)

    def carry(self, data: bytes, to: End | None) -> None:
        if data and data[0] >= FIRST_MEDIA_BYTE:
            self.carried += 1
            if self._random.random() < self._loss:
                self.lost += 1
                return
        if to is not None:
            asyncio.get_running_loop().call_later(self._delay_s, to.send, data)

    def close(self) -> None:
        for transport in self._transports:
            transport.close()
