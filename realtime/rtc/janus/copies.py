"""The UDP socket between this process and Janus: copies of what publishers send come in, lines go out as plain RTP.

Both stay on one machine, or on a network that is trusted: nothing here is encrypted.
"""

import asyncio
import socket
import time
from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Any

from realtime.rtc.fanout import HISTORY
from realtime.rtc.janus.videoroom import FeedAddress
from realtime.rtc.names import CLOCK_HZ, KINDS, Kind
from realtime.rtc.packets import Packet, read_rtp, sequence_diff, timestamp_diff
from realtime.rtc.stage import Line, Source
from realtime.rtc.timing import to_ntp

pack_header = Struct("!BBHII").pack

BUFFER_BYTES = 1 << 21
REPORT_S = 1.0
# Janus tells the streams of a remote publisher apart by these numbers.
FIRST_SSRC, SSRC_STEP = 1000, 10
PAYLOAD_TYPE: dict[Kind, int] = {"video": 96, "audio": 111}
# An empty receiver report, with which Janus learns our address.
GREETING = bytes((0x80, 201, 0, 1, 0, 0, 0, 1))
# A replay comes at once, and the kernel's buffers hold about 90 packets of it.
PIECE, PIECE_PAUSE_S = 40, 0.004


class Copy:
    """A publisher's sound or picture as Janus passes it on. Janus has asked for what was lost; what is missing here is lost."""

    def __init__(self, kind: Kind, source: Source, *, hear: Callable[[Source, Kind, Packet], None], ask: Callable[[], None]) -> None:
        self.kind = kind
        self.packets = self.payload_bytes = self.frames = 0
        self._source = source
        self._hear = hear
        self._ask = ask
        self._first: int | None = None
        self._newest = 0
        self._span = 0
        self._jitter = 0.0
        self._last: tuple[float, int] | None = None
        self._reported_at = float("-inf")

    def take(self, packet: Packet) -> None:
        now = time.monotonic()
        self.packets += 1
        self.payload_bytes += len(packet.payload)
        self.frames += 1 if packet.marker or self.kind == "audio" else 0
        self._count(packet, now)
        if now - self._reported_at >= REPORT_S:  # Janus keeps the publisher's reports to itself: the arrival has to do
            self._reported_at, arrived_at = now, time.time()
            self._source.clock.note(self.kind, ntp=to_ntp(arrived_at), rtp=packet.timestamp, now=arrived_at)
        self._hear(self._source, self.kind, packet)

    def ask_keyframe(self) -> None:
        self._ask()

    def describe(self) -> dict[str, Any]:
        """As `Ingest.describe`; what was asked again only Janus knows."""
        return {
            "packets": self.packets,
            "bytes": self.payload_bytes,
            "frames": self.frames,
            "codec": "H264" if self.kind == "video" else "opus",
            "asked_again": 0,
            "repaired": 0,
            "missing": 0,
            "lost": max(0, self._span - self.packets),
            "jitter_ms": round(self._jitter * 1000 / CLOCK_HZ[self.kind], 1),
        }

    def _count(self, packet: Packet, now: float) -> None:
        """Loss by the span of numbers, jitter as RFC 3550 defines it."""
        if self._first is None:
            self._first, self._newest, self._span = packet.sequence, packet.sequence, 1
        ahead = sequence_diff(packet.sequence, self._newest)
        if ahead > 0:
            self._newest, self._span = packet.sequence, self._span + ahead
        if self._last is not None and ahead > 0:
            transit = (now - self._last[0]) * CLOCK_HZ[self.kind] - timestamp_diff(packet.timestamp, self._last[1])
            self._jitter += (abs(transit) - self._jitter) / 16
        if ahead > 0 or self._last is None:
            self._last = (now, packet.timestamp)


class Feed:
    """A line on its way to Janus: the outlet of both its tracks."""

    def __init__(self, line: Line, address: FeedAddress, send: Callable[[bytes, tuple[str, int]], None]) -> None:
        self.line = line
        self.address = address
        self._outlets = [_Outlet(place, kind, (address.host, address.port), send) for place, kind in enumerate(KINDS)]
        self._send = send
        for kind, outlet in zip(KINDS, self._outlets, strict=True):
            line.tracks[kind].add(outlet)
        self.greet()

    @property
    def control(self) -> tuple[str, int]:
        return self.address.host, self.address.control_port

    def greet(self) -> None:
        self._send(GREETING, self.control)

    def ask_keyframe(self) -> None:
        self.line.ask_keyframe(now=time.monotonic())

    def close(self) -> None:
        for kind, outlet in zip(KINDS, self._outlets, strict=True):
            self.line.tracks[kind].remove(outlet)
            outlet.close()


class _Outlet:
    """Keeps the order; what comes at once leaves in pieces."""

    def __init__(self, place: int, kind: Kind, address: tuple[str, int], send: Callable[[bytes, tuple[str, int]], None]) -> None:
        self._ssrc = FIRST_SSRC + place * SSRC_STEP
        self._payload_type = PAYLOAD_TYPE[kind]
        self._address = address
        self._send = send
        self._later: deque[bytes] = deque(maxlen=HISTORY)
        self._piece_at = 0.0
        self._left = PIECE
        self._timer: asyncio.TimerHandle | None = None

    def put(self, packet: Packet, /) -> None:
        header = pack_header(0x80, packet.marker << 7 | self._payload_type, packet.sequence, packet.timestamp, self._ssrc)
        self._later.append(header + packet.payload)
        if self._timer is None:
            self._send_piece()

    def report_soon(self) -> None:
        """Janus makes the reports for viewers itself."""

    def close(self) -> None:
        self._later.clear()
        if self._timer is not None:
            self._timer.cancel()

    def _send_piece(self) -> None:
        now = time.monotonic()
        self._timer = None
        if now - self._piece_at >= PIECE_PAUSE_S:
            self._piece_at, self._left = now, PIECE
        while self._later and self._left:
            self._left -= 1
            self._send(self._later.popleft(), self._address)
        if self._later:
            self._timer = asyncio.get_running_loop().call_later(PIECE_PAUSE_S, self._send_piece)


class Road(asyncio.DatagramProtocol):
    """The socket. Takes packets of Janus's address alone, and of SSRCs that were told to it."""

    def __init__(self) -> None:
        self.address = ("", 0)
        self._janus = ""
        self._copies: dict[int, Copy] = {}
        self._feeds: dict[tuple[str, int], Feed] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, *, own: str, janus: str) -> None:
        """Raises: OSError."""
        if self._transport is not None and self.address[0] == own:
            self._janus = janus
            return
        self.close()
        found = socket.socket(socket.AF_INET6 if ":" in own else socket.AF_INET, socket.SOCK_DGRAM)
        found.setblocking(False)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        found.bind((own, 0))
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=found)
        self.address, self._janus = (own, found.getsockname()[1]), janus

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def expect(self, ssrc: int, copy: Copy) -> None:
        self._copies[ssrc] = copy

    def forget(self, ssrc: int) -> None:
        self._copies.pop(ssrc, None)

    def begin(self, line: Line, address: FeedAddress) -> Feed:
        feed = Feed(line, address, self.send)
        self._feeds[feed.control] = feed
        return feed

    def end(self, feed: Feed) -> None:
        self._feeds.pop(feed.control, None)
        feed.close()

    def send(self, data: bytes, address: tuple[str, int]) -> None:
        if self._transport is not None:
            self._transport.sendto(data, address)

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if addr[0] != self._janus or len(data) < 8:
            return
        if 192 <= data[1] <= 223:  # RTCP: Janus says nothing but that somebody needs a keyframe
            feed = self._feeds.get((addr[0], addr[1]))
            if feed is not None:
                feed.ask_keyframe()
            return
        read = read_rtp(data)
        copy = self._copies.get(read[0]) if read is not None else None
        if read is not None and copy is not None:
            copy.take(read[1])
