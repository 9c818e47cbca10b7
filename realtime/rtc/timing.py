"""A publisher's clock, read from its sender reports, so that sound and picture stay together at the viewers. Pure."""

from realtime.rtc.names import CLOCK_HZ, Kind
from realtime.rtc.packets import MASK_32

NTP_EPOCH_S = 2_208_988_800  # 1900 to 1970
# Offsets are the least seen, which is the fastest way through the network; clocks drift, so old ones fade.
FADE_S_PER_S = 0.0002


def to_ntp(unix_s: float) -> int:
    """64-bit NTP time: seconds and their fraction in 32 bits each."""
    return int((unix_s + NTP_EPOCH_S) * (1 << 32))


def from_ntp(ntp: int) -> float:
    return ntp / (1 << 32) - NTP_EPOCH_S


class SourceClock:
    """Times are seconds since 1970 of this machine. One offset serves both kinds: two would tear them apart."""

    def __init__(self) -> None:
        self._reports: dict[Kind, tuple[float, int]] = {}
        self._offset_s: float | None = None
        self._seen_at = 0.0

    def note(self, kind: Kind, *, ntp: int, rtp: int, now: float) -> None:
        sent_at = from_ntp(ntp)
        offset_s = now - sent_at
        if self._offset_s is not None:
            offset_s = min(offset_s, self._offset_s + (now - self._seen_at) * FADE_S_PER_S)
        self._offset_s, self._seen_at = offset_s, now
        self._reports[kind] = (sent_at, rtp)

    def rtp_at(self, kind: Kind, now: float) -> int | None:
        """The publisher's timestamp of what it captured at `now`; None before its first report of this kind."""
        if self._offset_s is None or kind not in self._reports:
            return None
        sent_at, rtp = self._reports[kind]
        return (rtp + round((now - (sent_at + self._offset_s)) * CLOCK_HZ[kind])) & MASK_32

    def is_known(self, kinds: tuple[Kind, ...]) -> bool:
        return all(kind in self._reports for kind in kinds)
