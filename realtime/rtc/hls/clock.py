"""When a line's packets were captured: one timeline for sound and picture. Pure: times are given."""

from collections.abc import Callable
from dataclasses import dataclass

from realtime.rtc.names import CLOCK_HZ, KINDS, Kind
from realtime.rtc.packets import timestamp_diff

# Chrome's first report about sound comes after 2.4 s. Who never reports is dated by arrival.
REPORTS_S = 3.0
LOOK_S = 1.0


@dataclass
class _Scale:
    """`place` counts on where 32 bits would begin anew; `at` is the time of the place `of`."""

    timestamp: int
    place: int = 0
    of: int = 0
    at: float = 0.0
    is_reported: bool = False

    def follow(self, timestamp: int) -> None:
        self.place += timestamp_diff(timestamp, self.timestamp)
        self.timestamp = timestamp


class Timeline:
    """Seconds since 1970 of this machine. `rtp_at(kind, now)` is the line's timestamp of what is captured now, or None as long
    as the source has not reported about all that it sends.

    Both kinds are looked at in the same moment: what the network's delay was taken to be then moves them together.
    """

    def __init__(self, rtp_at: Callable[[Kind, float], int | None]) -> None:
        self._rtp_at = rtp_at
        self._scales: dict[Kind, _Scale] = {}
        self._began_at: float | None = None
        self._looked_at = float("-inf")

    def is_settled(self, now: float) -> bool:
        """Whether dates will hold: the source has reported, or has had its time."""
        if self._began_at is None:
            return False
        return now - self._began_at >= REPORTS_S or all(scale.is_reported for scale in self._scales.values())

    def note(self, kind: Kind, timestamp: int, *, now: float) -> None:
        """A packet came."""
        if self._began_at is None:
            self._began_at = now
        if kind not in self._scales:
            self._scales[kind] = _Scale(timestamp, at=now)
            self._looked_at = float("-inf")
        self._scales[kind].follow(timestamp)
        if abs(now - self._looked_at) >= LOOK_S:
            self.look(now)

    def place_of(self, kind: Kind, timestamp: int) -> int:
        """The timestamp without its bounds: differences of places are exact, whatever dates do. Needs: `note` before."""
        scale = self._scales[kind]
        return scale.place + timestamp_diff(timestamp, scale.timestamp)

    def date_of(self, kind: Kind, place: int) -> float:
        scale = self._scales[kind]
        return scale.at + (place - scale.of) / CLOCK_HZ[kind]

    def look(self, now: float) -> None:
        """Read the reports again: publishers' clocks drift, and another source has another clock. Between sources without
        reports the old dates run on: the line joined their timestamps by arrival."""
        self._looked_at = now
        for kind in KINDS:
            scale = self._scales.get(kind)
            rtp = None if scale is None else self._rtp_at(kind, now)
            if scale is not None and rtp is not None:
                scale.of, scale.at = scale.place + timestamp_diff(rtp, scale.timestamp), now
                scale.is_reported = True
