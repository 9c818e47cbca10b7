"""RTP packets after the header is read, and what H264 payloads say about keyframes. Pure."""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

# A keyframe interval of two seconds at 5 Mbit/s is about 1,100 packets; what is longer than this is not kept.
GOP_PACKETS = 1500

unpack_header = Struct("!2xHII").unpack_from

SPS, STAP_A = 7, 24
NAL_TYPE = 0x1F
HALF_16, HALF_32 = 1 << 15, 1 << 31
MASK_16, MASK_32 = (1 << 16) - 1, (1 << 32) - 1


class Packet(NamedTuple):
    """`sequence` (16 bits) and `timestamp` (32 bits) belong to whoever sent it: the publisher, or a line after rewriting."""

    sequence: int
    timestamp: int
    marker: int
    payload: bytes


def read_rtp(data: bytes) -> tuple[int, Packet] | None:
    """An unencrypted packet as (SSRC, packet): without extensions and padding. None for what is none, or carries nothing."""
    if len(data) < 12 or data[0] >> 6 != 2:
        return None
    begin, end = 12 + 4 * (data[0] & 0x0F), len(data)
    if data[0] & 0x10:
        begin += 4 + 4 * int.from_bytes(data[begin + 2 : begin + 4], "big")
    if data[0] & 0x20:
        end -= data[-1]
    if begin >= end:
        return None
    sequence, timestamp, ssrc = unpack_header(data)
    return ssrc, Packet(sequence, timestamp, data[1] >> 7, data[begin:end])


def sequence_diff(later: int, earlier: int) -> int:
    """Signed distance of two 16-bit numbers, in -32768..32767."""
    return ((later - earlier + HALF_16) & MASK_16) - HALF_16


def timestamp_diff(later: int, earlier: int) -> int:
    """Signed distance of two 32-bit timestamps."""
    return ((later - earlier + HALF_32) & MASK_32) - HALF_32


def is_keyframe_start(payload: bytes) -> bool:
    """Whether a decoder may begin with this H264 payload (RFC 6184): it carries the parameters that stand before a keyframe.

    The keyframe's own packets do not count: beginning there, a joiner would decode nothing.
    """
    if len(payload) < 2:
        return False
    kind = payload[0] & NAL_TYPE
    return kind == SPS or (kind == STAP_A and SPS in _units_of_aggregate(payload))


def _units_of_aggregate(payload: bytes) -> Iterator[int]:
    """NAL types in a STAP-A; stops where its lengths do not add up."""
    at = 1
    while at + 2 < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if size == 0 or at + 2 + size > len(payload):
            return
        yield payload[at + 2] & NAL_TYPE
        at += 2 + size


class Gop:
    """A source's packets from its newest keyframe to now, for going on air without waiting for another."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []

    def __len__(self) -> int:
        return len(self._packets)

    def add(self, packet: Packet, *, is_keyframe: bool) -> None:
        if is_keyframe and (not self._packets or timestamp_diff(packet.timestamp, self._packets[0].timestamp) > 0):
            # parameters that were lost and repeated come after packets of their picture
            self._packets = [held for held in self._packets if held.timestamp == packet.timestamp] + [packet]
        elif self._packets and timestamp_diff(packet.timestamp, self._packets[0].timestamp) >= 0:
            self._packets.append(packet)
            if len(self._packets) > GOP_PACKETS:
                self._packets = []

    def clear(self) -> None:
        self._packets = []

    @property
    def begins_with(self) -> int | None:
        """The keyframe's timestamp."""
        return self._packets[0].timestamp if self._packets else None

    def arrived(self) -> list[Packet]:
        """A copy, in the order of arrival."""
        return list(self._packets)

    def in_order(self) -> list[Packet]:
        return in_order(self._packets)


def in_order(packets: Sequence[Packet]) -> list[Packet]:
    """Without repetitions. Late packets (answered NACKs) are back in their places."""
    if not packets:
        return []
    first = packets[0].sequence
    placed = {sequence_diff(packet.sequence, first): packet for packet in packets}
    return [placed[place] for place in sorted(placed)]
