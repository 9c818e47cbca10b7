"""What the media benchmark sends and who watches: a 720p film at 1.5 Mbit/s, and viewers that cost nearly nothing.

A light viewer does real ICE and DTLS, then a filter in its socket drops media in the kernel: the node's work is measured, not
that of decoding beside it.
"""

import asyncio
import ctypes
import random
import socket
import struct
import time
from fractions import Fraction
from functools import cache
from typing import Any

import av
import numpy as np
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpReceiver, RTCRtpSender, RTCRtpTransceiver, RTCSessionDescription

from realtime.rtc.engine import Description
from tests.realtime.rtc.film import h264
from tests.realtime.rtc.peers import CONFIGURATION

WIDTH, HEIGHT, FPS, SECONDS, KBPS = 1280, 720, 30, 6, 1_500
CONNECT_S = 20.0
SO_ATTACH_FILTER = 26
# Classic BPF: what begins with 128..191 and is no RTCP (second byte & 127 in 64..95) is dropped.
LOAD_BYTE, AND, AT_LEAST, GREATER, RETURN = 0x30, 0x54, 0x35, 0x25, 0x06
DROP_MEDIA = [
    (LOAD_BYTE, 0, 0, 8),  # behind the UDP header
    (AT_LEAST, 0, 5, 128),
    (GREATER, 4, 0, 191),
    (LOAD_BYTE, 0, 0, 9),
    (AND, 0, 0, 0x7F),
    (AT_LEAST, 0, 2, 64),
    (AT_LEAST, 1, 0, 96),
    (RETURN, 0, 0, 0xFFFFFFFF),
    (RETURN, 0, 0, 0),
]


@cache
def encoded_film(gop: int) -> list[bytes]:
    """Six seconds of drifting noise."""
    encoder: Any = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = WIDTH, HEIGHT, "yuv420p", KBPS * 1000
    encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
    rate = f"keyint={gop}:min-keyint={gop}:scenecut=0:vbv-maxrate={KBPS}:vbv-bufsize={KBPS // 2}"
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "x264-params": rate}
    noise = (np.random.default_rng(1).random((HEIGHT // 4, WIDTH // 4)) * 120 + 60).astype("u1")
    found = []
    for number in range(FPS * SECONDS):
        luma = np.kron(np.roll(noise, number, 1), np.ones((4, 4), "u1"))
        frame = av.VideoFrame.from_ndarray(np.vstack([luma, np.full((HEIGHT // 2, WIDTH), 128, "u1")]), "yuv420p")
        frame.pts = number
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


class Film(MediaStreamTrack):
    kind = "video"

    def __init__(self, *, gop: int = FPS) -> None:
        super().__init__()
        self._pictures, self._at, self._began = encoded_film(gop), 0, time.monotonic()

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._at / FPS - time.monotonic()))
        packet = av.Packet(self._pictures[self._at % len(self._pictures)])
        packet.pts, packet.time_base = self._at * 3000, Fraction(1, 90_000)
        self._at += 1
        return packet


class _Deaf(RTCRtpReceiver):
    """Receives nothing: no thread, no reports."""

    async def receive(self, parameters: Any) -> None:
        return


class LightViewer(RTCPeerConnection):
    """Takes part in a negotiation as `Viewer` does."""

    def __init__(self) -> None:
        super().__init__(CONFIGURATION)
        self.connection = self

    def _RTCPeerConnection__createTransceiver(self, direction: str, kind: str, sender_track: None = None) -> RTCRtpTransceiver:
        own: Any = self
        transport = own._RTCPeerConnection__createDtlsTransport()
        transceiver = RTCRtpTransceiver(direction=direction, kind=kind, sender=RTCRtpSender(kind, transport), receiver=_Deaf(kind, transport))
        own._RTCPeerConnection__transceivers.append(transceiver)
        return transceiver

    async def offer(self, *_: str) -> str:
        self.addTransceiver("video", direction="recvonly").setCodecPreferences(h264())
        await self.setLocalDescription(await self.createOffer())
        return self.localDescription.sdp

    async def take(self, description: Description) -> None:
        await self.setRemoteDescription(RTCSessionDescription(description.sdp, description.kind))

    async def become_light(self) -> None:
        """Once it is connected. Raises: TimeoutError."""
        deadline = time.monotonic() + CONNECT_S
        while self.connectionState != "connected":
            if time.monotonic() > deadline or self.connectionState in {"failed", "closed"}:
                raise TimeoutError(f"a viewer did not connect: {self.connectionState}")
            await asyncio.sleep(0.01 + random.random() / 100)
        for protocol in self.getTransceivers()[0].receiver.transport.transport._connection._protocols:
            _drop_media(protocol.transport.get_extra_info("socket")._sock)


def _drop_media(sock: socket.socket) -> None:
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in DROP_MEDIA))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", len(DROP_MEDIA), ctypes.addressof(program)))
