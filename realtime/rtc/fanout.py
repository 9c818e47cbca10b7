"""One outgoing track of a line: numbers packets once for all viewers, and remembers them for NACKs and for joiners."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from realtime.rtc.names import CLOCK_HZ, Kind
from realtime.rtc.native import Counts, Lane, Seat
from realtime.rtc.packets import MASK_16, MASK_32, Packet, sequence_diff, timestamp_diff

HISTORY = 2048  # a power of two; 13 s of 720p at 1.5 Mbit/s
# Packets in a row that lie behind everything kept: the publisher's encoder has started over.
STRAYS = 8


_library: Any = None


def use(library: Any) -> None:
    """Tracks that are made from now on send by the C part (`native.build`); None: in Python. For the whole process."""
    global _library
    _library = library


class Outlet(Protocol):
    """A viewer's leg."""

    def put(self, packet: Packet, /) -> None: ...
    def report_soon(self) -> None: ...


class Track:
    """The numbers of a track run on while its sources change, so viewers need no renegotiation.

    A number is never given to two payloads: SRTP's keystream depends on it.
    """

    def __init__(self, kind: Kind, *, now: float) -> None:
        self.kind = kind
        self.clock_hz = CLOCK_HZ[kind]
        self.outlets: list[Outlet] = []
        self._by_hand: list[Outlet] = []
        self._lane = Lane(_library) if _library is not None else None
        self.taps: list[Outlet] = []  # what leaves by another road than WebRTC; nobody counts them as viewers
        self.sequence = random.randrange(1 << 16)
        self.timestamp_shift = 0
        self.keyframe_sequence: int | None = None
        self._keyframe_timestamp = 0
        self._timestamp = random.randrange(1 << 31)
        self._sent_at = now
        self._history: list[Packet | None] = [None] * HISTORY
        self._sequence_shift = 0
        self._first = 0
        self._is_first_near = False
        self.has_source = False
        self._strays = 0

    def add(self, outlet: Outlet, seat: Seat | None = None) -> None:
        """Send it what comes from now on. With a `seat`, and where there is the C part, nothing is put to it: C sends."""
        self.outlets.append(outlet)
        if seat is None or self._lane is None:
            self._by_hand.append(outlet)
        else:
            self._lane.add(outlet, seat)

    def remove(self, outlet: Outlet) -> Counts:
        """What C has sent for it since the last look. Safe to repeat."""
        counts = self._lane.remove(outlet) if self._lane is not None else Counts()
        for outlets in (self.outlets, self._by_hand):
            if outlet in outlets:
                outlets.remove(outlet)
        return counts

    def reseat(self, outlet: Outlet, seat: Seat | None) -> Counts:
        """Its address has changed, or its socket is none of ours any more. Returns as `remove`."""
        if self._lane is None or self._lane.seat_of(outlet) == seat or outlet not in self.outlets:
            return self.take_counts(outlet)
        counts = self.remove(outlet)
        self.add(outlet, seat)
        return counts

    def take_counts(self, outlet: Outlet) -> Counts:
        """What C has sent for it since the last look."""
        return self._lane.take_counts(outlet) if self._lane is not None else Counts()

    def forget_source(self) -> None:
        """The next packet comes from another source: its numbers are joined to ours."""
        self.has_source = False

    def forward(self, packet: Packet, *, now: float, is_keyframe: bool = False) -> bool:
        """Send a source's packet to every viewer. False when it was seen before, or is too late to have a number."""
        if not self.has_source:
            self._join(packet.sequence, packet.timestamp, now)
        elif self._is_stray(packet.sequence):
            return False
        timestamp = (packet.timestamp + self.timestamp_shift) & MASK_32
        return self._send(packet, timestamp, now=now, is_keyframe=is_keyframe)

    def replay(self, packets: Sequence[Packet], *, now: float) -> None:
        """Go on with another source from its newest keyframe, given in order.

        Viewers have seen the picture up to now, so timestamps may not go back: what the source showed since its keyframe
        is pressed into the gap that made us change, and its newest picture falls on now.
        """
        if not packets:
            return
        newest = max(packets, key=lambda packet: timestamp_diff(packet.timestamp, packets[0].timestamp)).timestamp
        shown = self._timestamp
        self._join(packets[0].sequence, newest, now)
        gap = timestamp_diff((newest + self.timestamp_shift) & MASK_32, shown)
        stamps = sorted({packet.timestamp for packet in packets}, key=lambda stamp: timestamp_diff(stamp, newest))
        placed = {stamp: (shown + gap * (place + 1) // len(stamps)) & MASK_32 for place, stamp in enumerate(stamps)}
        for packet in packets:
            self._send(packet, placed[packet.timestamp], now=now, is_keyframe=packet is packets[0])

    def find(self, sequence: int) -> Packet | None:
        packet = self._history[sequence & (HISTORY - 1)]
        return packet if packet is not None and packet.sequence == sequence else None

    def since_keyframe(self) -> int | None:
        """The number from which a joiner can decode, as far as it is remembered."""
        if self.keyframe_sequence is None or self.find(self.keyframe_sequence) is None:
            return None
        return self.keyframe_sequence

    def between(self, first: int, count: int) -> Iterator[Packet]:
        """What is remembered of `count` numbers from `first`, not beyond the newest."""
        for step in range(min(count, sequence_diff(self.sequence, first) + 1)):
            packet = self.find((first + step) & MASK_16)
            if packet is not None:
                yield packet

    def _join(self, sequence: int, timestamp: int, now: float) -> None:
        """`sequence` follows our newest number; `timestamp` falls on now."""
        self._sequence_shift = (self.sequence + 1 - sequence) & MASK_16
        self._first, self._is_first_near = (self.sequence + 1) & MASK_16, True
        passed = max(1, round((now - self._sent_at) * self.clock_hz))
        self.timestamp_shift = (self._timestamp + passed - timestamp) & MASK_32
        self.keyframe_sequence = None
        self.has_source = True
        self._strays = 0
        for outlet in (*self.outlets, *self.taps):
            outlet.report_soon()

    def _is_stray(self, sequence: int) -> bool:
        """Far from what the source sent before. Several in a row: it has started over, and is joined anew."""
        if abs(sequence_diff((sequence + self._sequence_shift) & MASK_16, self.sequence)) < HISTORY:
            self._strays = 0
            return False
        self._strays += 1
        if self._strays >= STRAYS:
            self.has_source = False
        return True

    def _belongs_to_source(self, sequence: int) -> bool:
        """False for what was sent before this source went on air: the number was another source's."""
        place = sequence_diff(sequence, self._first)
        self._is_first_near = place < HISTORY
        return place >= 0

    def _send(self, packet: Packet, timestamp: int, *, now: float, is_keyframe: bool) -> bool:
        sequence = (packet.sequence + self._sequence_shift) & MASK_16
        if self._is_first_near and not self._belongs_to_source(sequence):
            return False
        slot = sequence & (HISTORY - 1)
        held = self._history[slot]
        if held is not None and sequence_diff(sequence, held.sequence) <= 0:
            return False
        ahead = sequence_diff(sequence, self.sequence)
        if ahead > 0:
            self.sequence, self._timestamp, self._sent_at = sequence, timestamp, now
        if is_keyframe and (self.keyframe_sequence is None or timestamp_diff(timestamp, self._keyframe_timestamp) > 0):
            self.keyframe_sequence, self._keyframe_timestamp = sequence, timestamp
        out = Packet(sequence, timestamp, packet.marker, packet.payload)
        self._history[slot] = out
        if self._lane is not None:
            self._lane.put(out)
        for outlet in self._by_hand:
            outlet.put(out)
        for tap in self.taps:
            tap.put(out)
        return True
