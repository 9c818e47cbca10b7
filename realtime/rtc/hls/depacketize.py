"""H264 packets of a line to whole pictures (RFC 6184, packetization mode 1). Pure: times are given.

A lost packet costs every picture up to the next keyframe: what refers to a hole would be shown as garbage, and recorded.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from realtime.rtc.hls.h264 import DELIMITER, IDR, PPS, SLICE, SPS, TYPE, BitstreamInvalid, Parameters, pps_ids, read_slice, sps_id, type_of
from realtime.rtc.packets import MASK_16, STAP_A, Packet, sequence_diff

FU_A = 28
# Repairs arrive within a round trip or two; the viewers of this road are a second behind anyway.
REPAIR_S = 0.25
MOST_HELD = 1024
MOST_PICTURE_BYTES = 4 << 20
MOST_PICTURE_PACKETS = 4096
MOST_SETS = 32
MOST_SET_BYTES = 512


@dataclass(frozen=True)
class Picture:
    """An access unit: `data` is its units with 4-byte lengths and without parameter sets; `parameters` are those it uses."""

    timestamp: int
    data: bytes
    is_keyframe: bool
    parameters: Parameters


class Depacketizer:
    def __init__(self) -> None:
        self.lost = 0
        self.is_waiting_for_keyframe = True
        self._held: dict[int, Packet] = {}
        self._next: int | None = None
        self._gap_since: float | None = None
        self._picture: list[Packet] = []
        self._sps: dict[int, bytes] = {}
        self._pps: dict[int, tuple[int, bytes]] = {}
        self._parameters: Parameters | None = None

    def begin_source(self) -> None:
        """Another source follows: what the former one left unfinished is no picture."""
        self._picture = []

    def add(self, packet: Packet, *, now: float) -> list[Picture]:
        """The pictures that this packet completes, in order."""
        if self._next is None:
            self._next = packet.sequence
        ahead = sequence_diff(packet.sequence, self._next)
        if ahead < 0:
            return []
        if ahead > MOST_HELD:
            self._start_over(packet.sequence)
        self._held[packet.sequence] = packet
        pictures = list(self._take_ready())
        if not self._held:
            self._gap_since = None
        elif self._gap_since is None:
            self._gap_since = now
        elif now - self._gap_since > REPAIR_S:
            self._skip_gap()
            pictures += self._take_ready()
            self._gap_since = now if self._held else None
        return pictures

    def _start_over(self, sequence: int) -> None:
        self._held.clear()
        self._next = sequence
        self._lose_picture()

    def _skip_gap(self) -> None:
        assert self._next is not None
        base = self._next
        self._next = min(self._held, key=lambda sequence: sequence_diff(sequence, base))
        self._lose_picture()

    def _lose_picture(self) -> None:
        self.lost += 1
        self._picture = []
        self.is_waiting_for_keyframe = True

    def _take_ready(self) -> Iterator[Picture]:
        while self._next is not None and (packet := self._held.pop(self._next, None)) is not None:
            self._next = (self._next + 1) & MASK_16
            if self._picture and self._picture[0].timestamp != packet.timestamp:
                yield from self._finish_picture()  # a sender without markers
            self._picture.append(packet)
            if len(self._picture) > MOST_PICTURE_PACKETS:
                self._lose_picture()
            elif packet.marker:
                yield from self._finish_picture()

    def _finish_picture(self) -> Iterator[Picture]:
        packets, self._picture = self._picture, []
        try:
            units = list(units_of(packets))
            self._note_parameters(units)
            picture = self._compose(packets[0].timestamp, units)
        except BitstreamInvalid:
            self._lose_picture()
            return
        if picture is not None:
            yield picture

    def _compose(self, timestamp: int, units: list[bytes]) -> Picture | None:
        keyframe = next((unit for unit in units if type_of(unit) == IDR), None)
        if keyframe is not None:
            first, pps_id = read_slice(keyframe)
            if first:
                raise BitstreamInvalid("the first slice of a keyframe is missing")
            self._parameters = self._parameters_of(pps_id)
        if self._parameters is None or (self.is_waiting_for_keyframe and keyframe is None):
            return None
        shown = [unit for unit in units if type_of(unit) not in {SPS, PPS, DELIMITER}]
        if not any(SLICE <= type_of(unit) <= IDR for unit in shown):
            return None
        self.is_waiting_for_keyframe = False
        data = b"".join(len(unit).to_bytes(4, "big") + unit for unit in shown)
        return Picture(timestamp, data, keyframe is not None, self._parameters)

    def _note_parameters(self, units: list[bytes]) -> None:
        for unit in units:
            if type_of(unit) in {SPS, PPS} and len(unit) > MOST_SET_BYTES:
                raise BitstreamInvalid("a parameter set is too long")
            if type_of(unit) == SPS:
                self._sps[sps_id(unit)] = unit
            elif type_of(unit) == PPS:
                own, of_sps = pps_ids(unit)
                self._pps[own] = of_sps, unit
        if len(self._sps) > MOST_SETS or len(self._pps) > MOST_SETS * 8:
            self._sps.clear()
            self._pps.clear()
            raise BitstreamInvalid("too many parameter sets")

    def _parameters_of(self, pps_id: int) -> Parameters:
        """Browsers list several sets before a keyframe once the size has changed; the slice says which one counts."""
        if pps_id not in self._pps or self._pps[pps_id][0] not in self._sps:
            raise BitstreamInvalid("a keyframe without its parameters")
        of_sps = self._pps[pps_id][0]
        found = Parameters(self._sps[of_sps], tuple(pps for _, (sps, pps) in sorted(self._pps.items()) if sps == of_sps))
        _ = found.size  # nobody could play what cannot be read
        return found


def units_of(packets: list[Packet]) -> Iterator[bytes]:
    """The NAL units of one picture's packets, given in order without gaps. Raises: BitstreamInvalid."""
    if sum(len(packet.payload) for packet in packets) > MOST_PICTURE_BYTES:
        raise BitstreamInvalid("a picture is too large")
    fragments: list[bytes] = []
    for payload in (packet.payload for packet in packets if packet.payload):
        kind = type_of(payload)
        if kind == FU_A:
            is_end = _add_fragment(fragments, payload)
            if is_end:
                yield b"".join(fragments)
                fragments = []
        elif kind == STAP_A:
            yield from _units_of_aggregate(payload)
        elif 0 < kind < STAP_A:
            yield bytes(payload)
        else:
            raise BitstreamInvalid(f"packets of type {kind} are not of mode 1")
    if fragments:
        raise BitstreamInvalid("a fragment without its end")


def _add_fragment(fragments: list[bytes], payload: bytes) -> bool:
    """Returns whether the unit is whole with it."""
    if len(payload) < 3:
        raise BitstreamInvalid("an empty fragment")
    is_start, is_end = payload[1] & 0x80, payload[1] & 0x40
    if bool(is_start) == bool(fragments):
        raise BitstreamInvalid("a fragment without its beginning or its end")
    if is_start:
        fragments.append(bytes([payload[0] & 0xE0 | payload[1] & TYPE]))
    fragments.append(payload[2:])
    return bool(is_end)


def _units_of_aggregate(payload: bytes) -> Iterator[bytes]:
    at = 1
    while at < len(payload):
        size = int.from_bytes(payload[at : at + 2], "big")
        if size == 0 or at + 2 + size > len(payload):
            raise BitstreamInvalid("lengths of an aggregate do not add up")
        yield bytes(payload[at + 2 : at + 2 + size])
        at += 2 + size
