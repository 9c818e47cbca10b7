"""What happened to the shop itself."""

from dataclasses import dataclass

from merchants.foundation.facts import Fact


@dataclass(frozen=True)
class TimeZoneChanged(Fact):
    """The shop's days begin at other moments. `time_zone`: IANA name."""

    time_zone: str
