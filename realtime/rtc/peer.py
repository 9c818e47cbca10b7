"""A peer connection whose media passes through: no decoder on the way in, no encoder on the way out."""

import asyncio
from collections.abc import Callable
from typing import Any

import aioice.ice
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCRtpCapabilities, RTCRtpSender, RTCRtpTransceiver
from aiortc.codecs import CODECS
from aiortc.rtcdtlstransport import State
from aiortc.rtcrtpparameters import RTCRtcpFeedback

from realtime.rtc.ingest import Ingest
from realtime.rtc.leg import Leg
from realtime.rtc.names import Kind
from realtime.rtc.wire import Wire

CARRIED: dict[str, frozenset[str]] = {"video": frozenset(("video/h264", "video/rtx")), "audio": frozenset(("audio/opus",))}


def _let_sound_be_asked_for_again() -> None:
    """Agree to repeat lost sound where a peer offers to ask for it (a=rtcp-fb: nack): the library knows that of pictures alone.
    At 10 % loss Chrome had to invent 10 % of what was heard without it."""
    for codec in CODECS["audio"]:
        if codec.mimeType == "audio/opus" and not codec.rtcpFeedback:
            codec.rtcpFeedback.append(RTCRtcpFeedback(type="nack"))


_let_sound_be_asked_for_again()


def offer_only(addresses: tuple[str, ...]) -> None:
    """Offer these addresses of this machine instead of all that the interfaces have, which never include the loopback.

    For the whole process: the library asks a module's function.
    """

    def listed(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [address for address in addresses if (use_ipv6 if ":" in address else use_ipv4)]

    aioice.ice.get_host_addresses = listed


class MediaConnection(RTCPeerConnection):
    """Its transceivers hold an Ingest and a Leg in the places of the library's receiver and sender.

    All media share one transport (MAX_BUNDLE): by default the library left the fourth line of an offer on a dead one. No
    STUN server is asked: the node has the address it announces.
    """

    def __init__(self) -> None:
        super().__init__(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
        self._wire: Wire | None = None
        self._closing: asyncio.Task[None] | None = None
        self._heard = 0

    def find_wire(self) -> Wire | None:
        """None before the handshake and after the end."""
        transceivers = self.getTransceivers()
        if not transceivers:
            return None
        transport = transceivers[0].receiver.transport
        if transport._state != State.CONNECTED:
            return None
        if self._wire is None:
            self._wire = Wire(transport, is_heard=self._is_heard)
        return self._wire

    def _is_heard(self) -> bool:
        """Whether a packet was decrypted since this was last asked."""
        before, self._heard = self._heard, sum(found.receiver.packets for found in self.getTransceivers() if isinstance(found.receiver, Ingest))
        return self._heard > before

    @property
    def backlog(self) -> int:
        """Packets that came and were not read yet. The library does not bound them."""
        transceivers = self.getTransceivers()
        return transceivers[0].receiver.transport.transport._connection._queue.qsize() if transceivers else 0

    def add_line(self, kind: Kind, *, direction: str) -> RTCRtpTransceiver:
        """Preferences must stand before the remote description comes: afterwards the library ignores them."""
        transceiver = self.addTransceiver(kind, direction=direction)
        capabilities: RTCRtpCapabilities = RTCRtpSender.getCapabilities(kind)
        transceiver.setCodecPreferences([codec for codec in capabilities.codecs if codec.mimeType.lower() in CARRIED[kind]])
        return transceiver

    def legs(self) -> list[tuple[RTCRtpTransceiver, Leg]]:
        return [(transceiver, transceiver.sender) for transceiver in self.getTransceivers() if isinstance(transceiver.sender, Leg)]

    def on_end(self, act: Callable[[], None]) -> None:
        """Call `act` once the connection has failed or is closed, by whichever side."""

        def look() -> None:
            if self.connectionState in {"failed", "closed"}:
                act()

        self.on("connectionstatechange", look)

    async def close(self) -> None:
        """Once, and to its end: a caller that is cancelled meanwhile would cancel what the library's other callers wait for."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        await super().close()
        if self._wire is not None:
            self._wire.close()

    def _RTCPeerConnection__createTransceiver(self, direction: str, kind: Any, sender_track: None = None) -> RTCRtpTransceiver:
        """In the place of the library's own, which names its classes itself."""
        own: Any = self
        known: list[RTCRtpTransceiver] = own._RTCPeerConnection__transceivers
        transport = known[0].receiver.transport if known else own._RTCPeerConnection__createDtlsTransport()
        transceiver = RTCRtpTransceiver(
            direction=direction, kind=kind, sender=Leg(kind, transport, self.find_wire), receiver=Ingest(kind, transport, self.find_wire)
        )
        transceiver.receiver._set_rtcp_ssrc(transceiver.sender._ssrc)
        transceiver.sender._stream_id = own._RTCPeerConnection__stream_id
        transceiver._bundled = bool(known)
        known.append(transceiver)
        return transceiver
