"""A viewer's leg of one track: packets get this viewer's numbers and encryption, and nothing is encoded or queued."""

import asyncio
import random
import time
from collections.abc import Callable
from struct import Struct
from typing import Any

import pylibsrtp
from aiortc import RTCRtpSender
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpCodecParameters, RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from realtime.rtc.fanout import HISTORY, Track
from realtime.rtc.gaps import Answers
from realtime.rtc.names import Kind
from realtime.rtc.native import Counts, Seat
from realtime.rtc.packets import MASK_16, MASK_32, Packet, sequence_diff
from realtime.rtc.stage import Line
from realtime.rtc.timing import to_ntp
from realtime.rtc.wire import Wire

pack_header = Struct("!BBHII").pack
pack_repeat_header = Struct("!BBHIIH").pack

REPORT_S = 1.0
EARLY_REPORT_S = 0.15
EARLY_REPORTS = 4
# Joiners get the pictures since the keyframe in pieces: the kernel's buffers hold about 90 packets.
PIECE = 40
PIECE_PAUSE_S = 0.004
CODEC: dict[str, str] = {"video": "h264", "audio": "opus"}
SDES_CNAME = 1


class Leg(RTCRtpSender):
    """The library would encode a track here; without one it would wake every 20 ms. Nothing of that is used."""

    def __init__(self, kind: Kind, transport: Any, find_wire: Callable[[], Wire | None]) -> None:
        super().__init__(kind, transport)
        self.line: Line | None = None
        self.packets = self.payload_bytes = self.repeated = self.unanswered = self.keyframes_asked = 0
        self.loss = self.round_trip_s = 0.0
        self.allowed_bits_per_s: int | None = None
        self._is_started = self._is_used = False
        self._track: Track | None = None
        self._find_wire = find_wire
        self._wire: Wire | None = None
        self._answers = Answers()
        self._payload_type = 0
        self._repeat_type: int | None = None
        self._repeat_sequence = random.randrange(1 << 15)
        self._shift: int | None = None
        self._cname = b""
        self._timer: asyncio.TimerHandle | None = None
        self._early = 0
        self._last_report = (0, 0.0)
        self._joining: asyncio.Task[None] | None = None

    def carry(self, line: Line) -> None:
        """Carry this line from the next negotiation on. Needs: stopped, or never begun.

        One stream id for each line: browsers keep lips and voice together by it. What was used before gets new ids: the
        numbers begin anew, and SRTP must not use one twice.
        """
        self.line = line
        self._stream_id = line.name
        if self._is_used:
            self._ssrc, self._rtx_ssrc = random.getrandbits(32), random.getrandbits(32)
            self._shift, self._answers, self._is_used = None, Answers(), False

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begin to send; called by the library once the transport is connected, and again after each negotiation."""
        codec = next((codec for codec in parameters.codecs if codec.name.lower() == CODEC[self.kind]), None)
        wire = self._find_wire()
        if self._is_started or self.line is None or codec is None or wire is None:
            return
        self._is_started = self._is_used = True
        self._wire = wire
        self._cname = (parameters.rtcp.cname or "").encode()[:255]
        self._payload_type = codec.payloadType or 0
        self._repeat_type = _repeat_type_of(parameters.codecs, codec)
        self.transport._register_rtp_sender(self, parameters)
        self._track = self.line.tracks["video" if self.kind == "video" else "audio"]
        self._joining = asyncio.create_task(self._join(self.line, self._track))
        self.report_soon()

    async def stop(self) -> None:
        """Send no more; `carry` and another negotiation may begin again."""
        if not self._is_started or self._track is None:
            return
        track, self._track, self._is_started = self._track, None, False
        self._count(track.remove(self))
        if self._timer is not None:
            self._timer.cancel()
        self.transport._unregister_rtp_sender(self)
        if self._joining is not None:
            self._joining.cancel()
            await asyncio.gather(self._joining, return_exceptions=True)
        self.line = None

    async def _join(self, line: Line, track: Track) -> None:
        """Send what is remembered since the newest keyframe in pieces, then go on live. Numbers begin in the lower half,
        with room below for late packets: a receiver that misses the first would otherwise guess SRTP's rollover wrong."""
        at = track.since_keyframe() if track.kind == "video" else None
        if at is None and track.kind == "video":
            line.ask_keyframe(now=time.monotonic())
        if at is not None:
            self._shift = (HISTORY + random.randrange(1 << 10) - at) & MASK_16
            while 0 <= (left := sequence_diff(track.sequence, at)) < HISTORY:
                for packet in track.between(at, min(PIECE, left + 1)):
                    self.put(packet)
                at = (at + min(PIECE, left + 1)) & MASK_16
                if left >= PIECE:
                    await asyncio.sleep(PIECE_PAUSE_S)
        if self._track is track:
            if self._shift is None:
                self._shift = (HISTORY + random.randrange(1 << 10) - track.sequence - 1) & MASK_16
            track.add(self, self._seat())

    def put(self, packet: Packet, /) -> None:
        """The hot path: once for each packet and viewer."""
        sequence, timestamp, marker, payload = packet
        if self._shift is None:
            self._shift = (HISTORY + random.randrange(1 << 10) - sequence) & MASK_16
        header = pack_header(0x80, marker << 7 | self._payload_type, (sequence + self._shift) & MASK_16, timestamp, self._ssrc)
        self._write(header + payload)
        self.packets += 1
        self.payload_bytes += len(payload)

    def _seat(self) -> Seat | None:
        """None where packets do not leave by a socket of ours."""
        if self._wire is None or self._shift is None:
            return None
        return self._wire.seat(ssrc=self._ssrc, shift=self._shift, payload_type=self._payload_type)

    def _count(self, counts: Counts) -> None:
        """What was sent in our place."""
        self.packets += counts.packets
        self.payload_bytes += counts.payload_bytes
        if self._wire is not None:
            self._wire.count(counts)

    def report_soon(self) -> None:
        """The timestamps have changed: tell the viewer's clock before it drifts."""
        self._early = EARLY_REPORTS
        self._set_timer(EARLY_REPORT_S)

    def describe(self) -> dict[str, Any]:
        """Counters since the beginning; loss (0 to 1) and round trip as the viewer last reported."""
        if self._track is not None:
            self._count(self._track.take_counts(self))
        return {
            "kind": self.kind,
            "line": self.line.name if self.line is not None else "",
            "packets": self.packets,
            "bytes": self.payload_bytes,
            "repeated": self.repeated,
            "unanswered": self.unanswered,
            "keyframes_asked": self.keyframes_asked,
            "loss": round(self.loss, 4),
            "round_trip_ms": round(self.round_trip_s * 1000, 1),
            "allowed_bits_per_s": self.allowed_bits_per_s,
        }

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._repeat(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
            self.keyframes_asked += 1
            if self.line is not None:
                self.line.ask_keyframe(now=time.monotonic())
        elif isinstance(packet, RtcpPsfbPacket) and packet.fmt == RTCP_PSFB_APP:
            try:
                self.allowed_bits_per_s = unpack_remb_fci(packet.fci)[0]
            except ValueError:
                return
        elif isinstance(packet, RtcpRrPacket | RtcpSrPacket):
            self._note_reports(packet)

    def _note_reports(self, packet: RtcpRrPacket | RtcpSrPacket) -> None:
        for report in packet.reports:
            if report.ssrc == self._ssrc:
                self.loss = report.fraction_lost / 256
                if report.lsr and report.lsr == self._last_report[0]:
                    self.round_trip_s = max(0.0, time.time() - self._last_report[1] - report.dlsr / 65_536)

    def _repeat(self, sequences: list[int]) -> None:
        track, now = self._track, time.monotonic()
        if track is None or self._shift is None:
            return
        for sequence in sequences:
            packet = track.find((sequence - self._shift) & MASK_16)
            if packet is None or not self._answers.may_give(sequence, now):
                self.unanswered += 1
                continue
            self.repeated += 1
            if self._repeat_type is None:
                header = pack_header(0x80, packet.marker << 7 | self._payload_type, sequence, packet.timestamp, self._ssrc)
            else:
                header = pack_repeat_header(
                    0x80, packet.marker << 7 | self._repeat_type, self._repeat_sequence, packet.timestamp, self._rtx_ssrc, sequence
                )
                self._repeat_sequence = (self._repeat_sequence + 1) & MASK_16
            self._write(header + packet.payload)

    def _write(self, packet: bytes) -> None:
        if self._wire is not None:
            try:
                self._wire.send(packet)
            except pylibsrtp.Error:
                self._wire.refused += 1

    def _look(self) -> None:
        """Follow ICE, and what was sent in our place."""
        if self._wire is not None and self._track is not None:
            self._wire.look()
            self._count(self._track.reseat(self, self._seat()))

    def _set_timer(self, delay_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(delay_s, self._report)

    def _report(self) -> None:
        """Tell the viewer which instant of the publisher's clock its timestamps mean; sound and picture by the same clock."""
        self._early = max(0, self._early - 1)
        self._set_timer(EARLY_REPORT_S if self._early else REPORT_S * random.uniform(0.8, 1.2))
        if self._wire is None or self.line is None:
            return
        self._look()
        now = time.time()
        rtp = self.line.rtp_at("video" if self.kind == "video" else "audio", now)
        if rtp is None or not self.packets:
            return
        ntp = to_ntp(now)
        self._last_report = ((ntp >> 16) & MASK_32, now)
        info = RtcpSenderInfo(ntp_timestamp=ntp, rtp_timestamp=rtp, packet_count=self.packets & MASK_32, octet_count=self.payload_bytes & MASK_32)
        names = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=self._ssrc, items=[(SDES_CNAME, self._cname)])])
        self._wire.send_control(bytes(RtcpSrPacket(ssrc=self._ssrc, sender_info=info)) + bytes(names))


def _repeat_type_of(codecs: list[RTCRtpCodecParameters], codec: RTCRtpCodecParameters) -> int | None:
    """The payload type of repetitions (RFC 4588), when the viewer knows them."""
    return next((found.payloadType for found in codecs if is_rtx(found) and found.parameters.get("apt") == codec.payloadType), None)
