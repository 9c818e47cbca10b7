"""A publisher's receiver: encoded packets are tapped before the library would decode them.

The hooks are private to aiortc, which is pinned to 1.16; `tests/realtime/rtc` fails when they move.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from aiortc import RTCRtpReceiver
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpReceiveParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
    unwrap_rtx,
)

from realtime.rtc.gaps import RETRY_S, Gaps
from realtime.rtc.names import CLOCK_HZ, Kind
from realtime.rtc.packets import Packet
from realtime.rtc.stage import Source
from realtime.rtc.wire import Wire

REPORT_S = 1.0
# Left to the library's estimate, Chrome sank to 0.5 Mbit/s and 640x360 within ten seconds.
MOST_BITS_PER_S = 3_000_000
MOST_STREAMS = 8


class Ingest(RTCRtpReceiver):
    """Starts no decoder. `hear` gets every packet once the library has decrypted it."""

    def __init__(self, kind: Kind, transport: Any, find_wire: Callable[[], Wire | None]) -> None:
        super().__init__(kind, transport)
        self._find_wire = find_wire
        self.kind = kind
        self.source: Source | None = None
        self.hear: Callable[[Source, Kind, Packet], None] | None = None
        self.packets = self.payload_bytes = self.frames = self.asked = self.repaired = 0
        self.codec = ""
        self._codecs: dict[int, RTCRtpCodecParameters] = {}
        self._repeats: dict[int, int] = {}
        self._is_repairable = False
        self._streams: dict[int, StreamStatistics] = {}
        self._gaps = Gaps()
        self._ssrc: int | None = None
        self._own_ssrc = 0
        self._report_of: dict[int, tuple[int, float]] = {}
        self._task: asyncio.Task[None] | None = None

    async def receive(self, parameters: RTCRtpReceiveParameters) -> None:
        if self._task is not None or self.source is None:
            return
        self._codecs = {codec.payloadType: codec for codec in parameters.codecs if codec.payloadType is not None}
        agreed = [feedback for codec in parameters.codecs for feedback in codec.rtcpFeedback]
        self._is_repairable = any(feedback.type == "nack" and not feedback.parameter for feedback in agreed)
        self._repeats = {encoding.rtx.ssrc: encoding.ssrc for encoding in parameters.encodings if encoding.rtx}
        self.transport._register_rtp_receiver(self, parameters)
        self.source.feedback[self.kind] = self
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self.transport._unregister_rtp_receiver(self)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ask_keyframe(self) -> None:
        if self._ssrc is not None:
            self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=self._own_ssrc, media_ssrc=self._ssrc))

    def describe(self) -> dict[str, Any]:
        """Counters since the beginning; `missing` is being asked for now. `frames` are ends of pictures, in sound packets.

        Jitter is that of the stream that is played: repetitions come whenever they are asked for, and say half an hour.
        """
        played = self._streams.get(self._ssrc) if self._ssrc is not None else None
        return {
            "packets": self.packets,
            "bytes": self.payload_bytes,
            "frames": self.frames,
            "codec": self.codec,
            "asked_again": self.asked,
            "repaired": self.repaired,
            "missing": len(self._gaps),
            "lost": sum(stream.packets_lost for stream in self._streams.values()),
            "jitter_ms": round(played.jitter * 1000 / CLOCK_HZ[self.kind], 1) if played is not None else 0.0,
        }

    def _set_rtcp_ssrc(self, ssrc: int) -> None:
        self._own_ssrc = ssrc

    def _handle_disconnect(self) -> None:
        """The library stops its decoder here; there is none."""

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpSrPacket) and self.source is not None:
            now = time.time()
            self._report_of[packet.ssrc] = ((packet.sender_info.ntp_timestamp >> 16) & 0xFFFFFFFF, now)
            if packet.ssrc == self._ssrc:
                self.source.clock.note(self.kind, ntp=packet.sender_info.ntp_timestamp, rtp=packet.sender_info.rtp_timestamp, now=now)
            while len(self._report_of) > MOST_STREAMS:
                del self._report_of[next(iter(self._report_of))]

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        codec = self._codecs.get(packet.payload_type)
        if codec is None or self.source is None or self.hear is None or not self._is_counted(packet, codec):
            return
        is_repeat = is_rtx(codec)
        if is_repeat:
            original = self._repeats.get(packet.ssrc)
            played = codec.parameters.get("apt")
            if original is None or len(packet.payload) < 2 or not isinstance(played, int) or played not in self._codecs:
                return
            packet = unwrap_rtx(packet, payload_type=played, ssrc=original)
        if not packet.payload:
            return  # padding with which browsers probe the network
        now = time.monotonic()
        if not is_repeat:
            self._follow(packet)
        elif packet.sequence_number in self._gaps:
            self.repaired += 1  # browsers also repeat what arrived, to probe the network
        if self._is_repairable and self._gaps.add(packet.sequence_number, now):
            self._ask_missing(now)
        self.packets += 1
        self.payload_bytes += len(packet.payload)
        if packet.marker or self.kind == "audio":
            self.frames += 1
        if not is_repeat:
            self.codec = codec.name
        self.hear(self.source, self.kind, Packet(packet.sequence_number, packet.timestamp, packet.marker, packet.payload))

    def _follow(self, packet: RtpPacket) -> None:
        """A publisher that changes its stream's id has started over, numbers and all."""
        if packet.ssrc != self._ssrc:
            self._ssrc, self._gaps = packet.ssrc, Gaps()

    def _is_counted(self, packet: RtpPacket, codec: RTCRtpCodecParameters) -> bool:
        stream = self._streams.get(packet.ssrc)
        if stream is None:
            if len(self._streams) >= MOST_STREAMS:
                return False
            stream = self._streams[packet.ssrc] = StreamStatistics(codec.clockRate)
        stream.add(packet)
        return True

    def _ask_missing(self, now: float) -> None:
        due = self._gaps.take_due(now)
        if due and self._ssrc is not None:
            self.asked += len(due)
            self._send(RtcpRtpfbPacket(fmt=RTCP_RTPFB_NACK, ssrc=self._own_ssrc, media_ssrc=self._ssrc, lost=due))

    async def _run(self) -> None:
        """The library asks for a lost packet once; we ask again every 40 ms, and report once a second."""
        reported_at = float("-inf")
        while True:
            now = time.monotonic()
            if self._is_repairable:
                self._ask_missing(now)
            if now - reported_at >= REPORT_S:
                reported_at = now
                self._report()
            await asyncio.sleep(RETRY_S if self._is_repairable else REPORT_S / 4)

    def _report(self) -> None:
        if not self._streams:
            return
        now = time.time()
        reports = []
        for ssrc, stream in self._streams.items():
            middle, received_at = self._report_of.get(ssrc, (0, now))
            reports.append(
                RtcpReceiverInfo(
                    ssrc=ssrc,
                    fraction_lost=stream.fraction_lost,
                    packets_lost=stream.packets_lost,
                    highest_sequence=stream.cycles + (stream.max_seq or 0),
                    jitter=stream.jitter & 0xFFFFFFFF,
                    lsr=middle,
                    dlsr=min(int((now - received_at) * 65_536), 0xFFFFFFFF),
                )
            )
        self._send(RtcpRrPacket(ssrc=self._own_ssrc, reports=reports))
        if self.kind == "video" and self._ssrc is not None:
            limit = pack_remb_fci(MOST_BITS_PER_S, [self._ssrc])
            self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=self._own_ssrc, media_ssrc=0, fci=limit))

    def _send(self, packet: AnyRtcpPacket) -> None:
        wire = self._find_wire()
        if wire is not None:
            wire.send_control(bytes(packet))
