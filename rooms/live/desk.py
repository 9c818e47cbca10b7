"""What the console shows of the host's lines, made of the node's last report and of what is on air."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from realtime.rtc.overview import Overview, Publisher
from rooms.live.alarms import Alarm, list_alarms
from rooms.live.audience import count_film_viewers
from rooms.live.queries import get_overview, is_heard, is_steady
from rooms.program.clock import Entry, current_entry, upcoming_entry
from rooms.program.states import SourceKind


class LiveView(msgspec.Struct, frozen=True):
    """`is_heard`: the host's line could go on air now. `is_offered`: it fell silent on air, and has been heard again for five
    seconds. `announced_at_ms`: when a cut to the line that is still to come happens. `viewers` by the way they watch. `recording`:
    empty while nothing is recorded, "on", or the code of what went wrong."""

    is_heard: bool
    is_offered: bool
    announced_at_ms: int | None
    node: str
    lines: tuple[Publisher, ...]
    viewers: dict[str, int]
    viewers_worst_loss_permille: int
    viewers_round_trip_ms: float | None
    alarms: tuple[Alarm, ...]
    recording: str


def get_live(room_id: UUID, log: list[Entry], now_ms: int) -> LiveView:
    """Of a room whose program is `log`; empty for one off air."""
    return describe(get_overview(room_id), log, now_ms, film_viewers=count_film_viewers(room_id))


def describe(overview: Overview | None, log: Sequence[Entry], now_ms: int, *, film_viewers: int = 0) -> LiveView:
    on_air, announced = current_entry(log, now_ms), upcoming_entry(log, now_ms)
    is_bridged = on_air is not None and on_air.is_silence
    is_announced = announced is not None and announced.source.kind == SourceKind.LIVE
    is_live = on_air is not None and on_air.source.kind == SourceKind.LIVE
    return LiveView(
        is_heard=is_heard(overview),
        is_offered=is_bridged and is_steady(overview),
        announced_at_ms=announced.started_at_ms if announced is not None and is_announced else None,
        node=overview.node if overview else "",
        lines=overview.publishers if overview else (),
        viewers={"webrtc": overview.viewers if overview else 0, "llhls": film_viewers},
        viewers_worst_loss_permille=overview.worst_loss_permille if overview else 0,
        viewers_round_trip_ms=overview.round_trip_ms if overview else None,
        alarms=list_alarms(overview, is_live=is_live or is_bridged or is_announced),
        recording=overview.recording if overview else "",
    )
