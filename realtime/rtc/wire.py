"""Where a peer connection's packets leave: encrypted here, written straight to the socket.

The library's own way (`await transport._send_rtp`) costs twice the time of this one for every packet and viewer.
"""

import os
import socket
import time
from collections.abc import Callable
from typing import Any

import pylibsrtp
from aioice import stun
from aiortc.rtcdtlstransport import RTCDtlsTransport

from realtime.rtc.native import Counts, Descriptor, Seat, pack_address


class Wire:
    """Needs: a connected transport. Sends on the pair that ICE has chosen, which may change: call `look` now and then.

    `is_heard`: whether the peer has sent anything that could be decrypted since it was last asked.
    """

    def __init__(self, transport: RTCDtlsTransport, *, is_heard: Callable[[], bool]) -> None:
        self.sent = self.refused = self.sent_bytes = 0
        self._transport = transport
        self._session = transport._tx_srtp
        self._is_heard = is_heard
        self._protocol: Any = None
        self._address: tuple[str, int] = ("", 0)
        self._socket: socket.socket | None = None
        self._duplicate: socket.socket | None = None
        self._descriptor: Descriptor | None = None
        self.round_trip_s: float | None = None
        self.look()

    def look(self) -> None:
        """Follow ICE. A relayed pair (TURN) has no socket of ours: its packets go through the protocol."""
        pair = self._transport.transport._connection._nominated.get(1)
        if pair is None:
            self._protocol = self._socket = self._descriptor = None
            return
        self._address = pair.remote_addr
        if pair.protocol is not self._protocol:
            self._protocol = pair.protocol
            self._descriptor = None
            self._time_checks(pair.protocol)
            self._close_duplicate()
            self._socket = self._socket_of(pair.protocol.transport.get_extra_info("socket"))

    def send(self, packet: bytes) -> None:
        """Loss is the network's way: what the kernel does not take now is asked for again."""
        data = self._session.protect(packet)
        try:
            if self._socket is not None:
                self._socket.sendto(data, self._address)
            elif self._protocol is not None:
                self._protocol.transport.sendto(data, self._address)
        except OSError:
            self.refused += 1
            return
        self.sent += 1
        self.sent_bytes += len(data)

    def seat(self, *, ssrc: int, shift: int, payload_type: int) -> Seat | None:
        """For who sends in this wire's place; None where packets do not leave by a socket of ours."""
        if self._socket is None or (address := pack_address(self._socket, self._address)) is None:
            return None
        if self._descriptor is None:
            try:
                self._descriptor = Descriptor(self._socket.fileno())
            except OSError:
                return None
        return Seat(self._session, self._descriptor, address, ssrc, shift, payload_type)

    def count(self, counts: Counts) -> None:
        self.sent += counts.sent
        self.sent_bytes += counts.sent_bytes
        self.refused += counts.refused

    def send_control(self, packet: bytes) -> None:
        if self._protocol is None:
            return
        try:
            self._protocol.transport.sendto(self._session.protect_rtcp(packet), self._address)
        except (OSError, pylibsrtp.Error):
            self.refused += 1

    def close(self) -> None:
        self._protocol = self._socket = self._descriptor = None
        self._close_duplicate()

    def _time_checks(self, protocol: Any) -> None:
        """ICE asks the peer every five seconds whether it still wants us (RFC 7675): how long the answer takes is the round trip.

        Who sends media is there, whether they answer or not: FFmpeg does not, and was closed after half a minute.
        """
        ask = protocol.request

        async def timed(*arguments: Any, **options: Any) -> Any:
            began = time.monotonic()
            try:
                answer = await ask(*arguments, **options)
            except stun.TransactionError:
                if options.get("retransmissions") == 0 and self._is_heard():  # as consent is asked for, and nothing else
                    return None
                raise
            self.round_trip_s = time.monotonic() - began
            return answer

        protocol.request = timed

    def _socket_of(self, found: Any) -> socket.socket | None:
        if found is None:
            return None
        own = getattr(found, "_sock", None)
        if isinstance(own, socket.socket):
            return own
        # uvloop's stand-in cannot send: a socket of our own on the same descriptor
        self._duplicate = socket.socket(found.family, socket.SOCK_DGRAM, 0, os.dup(found.fileno()))
        self._duplicate.setblocking(False)
        return self._duplicate

    def _close_duplicate(self) -> None:
        if self._duplicate is not None:
            self._duplicate.close()
            self._duplicate = None
