"""Whether a drill may begin. Pure: what is known of the room in, a refusal out."""

from dataclasses import dataclass

from realtime.rtc.names import HOST_LINE
from realtime.rtc.overview import Overview
from rooms.live.alarms import is_sending
from rooms.live.errors import DrillNeedsAir, DrillNeedsBackup, DrillNeedsFaultScene, DrillNeedsLine, DrillNeedsNode
from rooms.live.models import Drill


@dataclass(frozen=True)
class Known:
    """`is_live`: the host's line is on air. `has_fault_scene`: one that could be shown now. `nodes`: those that take rooms."""

    overview: Overview | None
    is_live: bool
    has_fault_scene: bool
    nodes: tuple[str, ...]


def check(kind: str, known: Known) -> None:
    """Raises: DrillNeedsLine, DrillNeedsBackup, DrillNeedsAir, DrillNeedsFaultScene, DrillNeedsNode."""
    overview = known.overview
    if overview is None or not overview.is_heard:
        raise DrillNeedsLine
    if kind == Drill.Kind.PRIMARY_LOST and not _is_doubled(overview):
        raise DrillNeedsBackup
    if kind == Drill.Kind.LINE_LOST:
        if not known.is_live:
            raise DrillNeedsAir
        if not known.has_fault_scene:
            raise DrillNeedsFaultScene
    if kind == Drill.Kind.NODE_MOVES and not [node for node in known.nodes if node != overview.node]:
        raise DrillNeedsNode


def _is_doubled(overview: Overview) -> bool:
    """The primary is shown and the backup sends."""
    host = {found.role: found for found in overview.publishers if found.line == HOST_LINE and is_sending(found)}
    return "backup" in host and "primary" in host and host["primary"].is_on_air
