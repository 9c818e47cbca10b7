"""Figures of those who watch and of who sends, as pages report them: gathered by each process, summed for the console.

A room's hash has one field a process (`watched`) and one a line (`sending`). What is older than a few seconds does not count.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from realtime.rtc.names import RoomName
from rooms.live.messages import Figures, SendingFigures, Tier

FRESH_MS = 4_000
LIFETIME_MS = 15_000
MOST_SIZES = 8


class TierFigures(msgspec.Struct):
    """Of the viewers of one way to watch who reported lately. Means are sums until they are read; `sizes`: `720x1280` to how many."""

    tier: Tier
    viewers: int = 0
    frames_per_s: float = 0.0
    decode_ms: float = 0.0
    buffered_ms: float = 0.0
    round_trip_ms: float = 0.0
    worst_loss_permille: int = 0
    stalled: int = 0
    sizes: dict[str, int] = {}

    def add(self, told: Figures) -> None:
        self.viewers += 1
        self.frames_per_s += told.frames_per_s
        self.decode_ms += told.decode_ms
        self.buffered_ms += told.buffered_ms
        self.round_trip_ms += told.round_trip_ms or 0.0
        self.worst_loss_permille = max(self.worst_loss_permille, told.lost_permille)
        self.stalled += bool(told.freezes or told.stalls)
        size = f"{told.width}x{told.height}"
        if size in self.sizes or len(self.sizes) < MOST_SIZES:
            self.sizes[size] = self.sizes.get(size, 0) + 1

    def merge(self, other: "TierFigures") -> None:
        for name in ("viewers", "frames_per_s", "decode_ms", "buffered_ms", "round_trip_ms", "stalled"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.worst_loss_permille = max(self.worst_loss_permille, other.worst_loss_permille)
        for size, count in other.sizes.items():
            if size in self.sizes or len(self.sizes) < MOST_SIZES:
                self.sizes[size] = self.sizes.get(size, 0) + count

    def with_means(self) -> "TierFigures":
        means = {name: round(getattr(self, name) / max(1, self.viewers), 1) for name in ("frames_per_s", "decode_ms", "buffered_ms", "round_trip_ms")}
        return msgspec.structs.replace(self, **means)


class _Told(msgspec.Struct):
    """A process's sums at `at_ms` (its clock)."""

    at_ms: int
    tiers: list[TierFigures]


class LineSending(msgspec.Struct):
    """What the page that sends a line says of it. At `at_ms` (the server's clock)."""

    at_ms: int
    line: str
    figures: SendingFigures


_encode = msgspec.msgpack.Encoder().encode
_read_told = msgspec.msgpack.Decoder(_Told).decode
_read_sending = msgspec.msgpack.Decoder(LineSending).decode


def watched_key(room: RoomName) -> str:
    return f"{room.key}:watched"


def sending_key(room: RoomName) -> str:
    return f"{room.key}:sending"


def sum_up(reports: Iterable[Figures]) -> list[TierFigures]:
    """One for each way to watch that anybody uses."""
    tiers: dict[str, TierFigures] = {}
    for told in reports:
        tiers.setdefault(told.tier, TierFigures(told.tier)).add(told)
    return list(tiers.values())


def pack_watched(tiers: list[TierFigures], at_ms: int) -> bytes:
    return _encode(_Told(at_ms, tiers))


def pack_sending(line: str, figures: SendingFigures, at_ms: int) -> bytes:
    return _encode(LineSending(at_ms, line, figures))


def read_watched(fields: Iterable[bytes], now_ms: int) -> tuple[TierFigures, ...]:
    """The sums of all processes, as means."""
    tiers: dict[str, TierFigures] = {}
    for told in _fresh(fields, _read_told, now_ms):
        for found in told.tiers:
            if found.tier in tiers:
                tiers[found.tier].merge(found)
            else:
                tiers[found.tier] = found
    return tuple(found.with_means() for _, found in sorted(tiers.items()))


def read_sending(fields: Iterable[bytes], now_ms: int) -> tuple[LineSending, ...]:
    return tuple(_fresh(fields, _read_sending, now_ms))


def _fresh(fields: Iterable[bytes], read: Any, now_ms: int) -> list[Any]:
    """Without what is over, and what another release wrote."""
    found = []
    for data in fields:
        try:
            told = read(data)
        except msgspec.DecodeError:
            continue
        if now_ms - told.at_ms < FRESH_MS:
            found.append(told)
    return found
