"""What is wrong with the host's line at this moment, worst first. Pure; the console has the words, and what to do."""

from typing import Literal

import msgspec

from realtime.rtc.names import HOST_LINE
from realtime.rtc.overview import Overview, Publisher

AlarmKind = Literal["line_lost", "black", "frozen", "silent", "no_backup", "recorder"]
SEEN: tuple[AlarmKind, ...] = ("black", "frozen", "silent")
# A publisher that was heard this recently is judged by what it shows; of another one it is only said that it is gone.
HEARD_MS = 1_500


class Alarm(msgspec.Struct, frozen=True):
    """`role`: the line it is about, empty for the room. `for_ms`: how long it has lasted, as far as is known."""

    kind: AlarmKind
    role: str
    for_ms: int


def list_alarms(overview: Overview | None, *, is_live: bool) -> tuple[Alarm, ...]:
    """`is_live`: the host's line is on air, announced, or bridged by the fault scene; before that only pictures and sound are judged."""
    if overview is None:
        return (Alarm("line_lost", "", 0),) if is_live else ()
    host = [found for found in overview.publishers if found.line == HOST_LINE and is_sending(found)]
    alarms: list[Alarm] = []
    if is_live and not overview.is_heard:
        alarms.append(Alarm("line_lost", "", overview.silent_ms or 0))
    for kind in SEEN:
        alarms += [Alarm(kind, found.role, found.troubles[kind]) for found in host if kind in found.troubles]
    if is_live and len(host) == 1:
        alarms.append(Alarm("no_backup", host[0].role, 0))
    if overview.recording not in {"", "on"}:
        alarms.append(Alarm("recorder", "", 0))
    return tuple(alarms)


def is_sending(publisher: Publisher) -> bool:
    return publisher.is_connected and publisher.heard_ms is not None and publisher.heard_ms < HEARD_MS
