"""The failures themselves, and the watching of what follows. Every wait has an end."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from merchants.foundation.tenancy import tenant_db
from realtime.rtc.names import HOST_LINE, RoomName
from realtime.rtc.overview import Overview
from realtime.rtc.relay import Relay
from rooms.live.drills.actions import Assignment, Report
from rooms.live.models import Drill
from rooms.live.queries import aget_overview
from rooms.program.clock import Entry
from rooms.program.queries import list_last_entries
from rooms.program.states import SourceKind

LOOK_S = 0.1
# The primary is gone long enough for the backup to be seen, and returns after five steady seconds.
PRIMARY_GONE_S = 3.0
LINE_GONE_S = 5.0
SETTLE_S = 12.0
MOVE_S = 30.0
LONGEST_SCENE_S = 120.0
# What passes: the picture stood still for no longer than this, and the fault scene came within two seconds and a look.
MOST_GAP_MS = 1_000
MOST_FAULT_MS = 2_500
MOST_MOVE_MS = 10_000

_list_entries = tenant_db(list_last_entries)


@dataclass
class Watch:
    """One drill under way. Times are counted from `fail`."""

    relay: Relay
    room: RoomName
    assignment: Assignment
    report: Report = field(default_factory=Report)
    began: float = 0.0
    overview: Overview | None = None

    @property
    def passed_ms(self) -> int:
        return round((time.monotonic() - self.began) * 1000)

    def fail(self, code: str) -> None:
        """The failure has happened now."""
        self.began = time.monotonic()
        self.step(code)

    def step(self, code: str, at_ms: int | None = None) -> None:
        self.report.steps.append({"code": code, "at_ms": self.passed_ms if at_ms is None else at_ms})

    def end(self, verdict: str) -> Report:
        self.report.verdict, self.report.is_passed = verdict, verdict == "passed"
        return self.report

    async def until(self, is_so: Callable[[Overview | None], bool], *, within_s: float) -> bool:
        """Look at the node's reports until it is so, at most until so long after the failure. Raises: RedisError."""
        while time.monotonic() - self.began < within_s:
            self.overview = await aget_overview(self.room.schema, UUID(self.room.room_id))
            if self.overview is not None and self.overview.gaps > self.assignment.gaps:
                self.report.gap_ms = max(self.report.gap_ms or 0, self.overview.last_gap_ms)
            if is_so(self.overview):
                return True
            await asyncio.sleep(LOOK_S)
        return False

    async def find_entry(self, is_it: Callable[[Entry], bool], *, after_seq: int, within_s: float) -> Entry | None:
        """The next entry of the program that is such a one."""
        while time.monotonic() - self.began < within_s:
            log = await _list_entries(self.room.schema, self.assignment.airing_id)
            found = next((entry for entry in log if entry.seq > after_seq and is_it(entry)), None)
            if found is not None:
                return found
            await asyncio.sleep(LOOK_S * 2)
        return None


def shows(role: str) -> Callable[[Overview | None], bool]:
    return lambda told: (
        told is not None and any(found.line == HOST_LINE and found.role == role and found.is_on_air and told.is_heard for found in told.publishers)
    )


async def lose_primary(watch: Watch) -> Report:
    """The primary's packets are dropped: the backup takes over, and gives way again."""
    await watch.relay.drop(watch.room, roles=("primary",), for_s=PRIMARY_GONE_S)
    watch.fail("primary_dropped")
    if not await watch.until(shows("backup"), within_s=PRIMARY_GONE_S):
        return watch.end("backup_did_not_come")
    watch.step("backup_on_air")
    if not await watch.until(shows("primary"), within_s=PRIMARY_GONE_S + SETTLE_S):
        return watch.end("primary_did_not_return")
    watch.step("primary_on_air")
    watch.report.back_ms = watch.passed_ms
    watch.report.gap_ms = watch.report.gap_ms or 0
    return watch.end("passed" if watch.report.gap_ms <= MOST_GAP_MS else "backup_slow")


async def lose_line(watch: Watch) -> Report:
    """Both lines' packets are dropped: the fault scene comes up, and the line returns where the scene ends."""
    await watch.relay.drop(watch.room, roles=("primary", "backup"), for_s=LINE_GONE_S)
    failed_at_ms = round(time.time() * 1000)
    watch.fail("line_dropped")
    bridge = await watch.find_entry(lambda entry: entry.is_silence, after_seq=watch.assignment.last_seq, within_s=LINE_GONE_S)
    if bridge is None:
        return watch.end("scene_did_not_come")
    fault_ms = watch.report.fault_ms = max(0, bridge.started_at_ms - failed_at_ms)
    watch.report.gap_ms = fault_ms
    watch.step("scene_on_air", fault_ms)
    longest_s = LINE_GONE_S + SETTLE_S + 2 * min(LONGEST_SCENE_S / 2, watch.assignment.scene_ms / 1000)
    back = await watch.find_entry(lambda entry: entry.source.kind == SourceKind.LIVE, after_seq=bridge.seq, within_s=longest_s)
    if back is None:
        return watch.end("line_did_not_return")
    back_ms = watch.report.back_ms = max(0, back.started_at_ms - failed_at_ms)
    await asyncio.sleep(max(0.0, back_ms / 1000 - watch.passed_ms / 1000))
    watch.step("line_on_air", back_ms)
    return watch.end("passed" if fault_ms <= MOST_FAULT_MS else "scene_slow")


async def move_node(watch: Watch) -> Report:
    """The room is given to another node: who sends and who watches connects there."""
    assignment = watch.assignment
    other = next(node for node in assignment.nodes if node != assignment.node)
    await watch.relay.registry.claim(watch.room, other, found=assignment.node)
    watch.fail("moved")
    if not await watch.until(lambda told: told is not None and told.node == other and told.is_heard, within_s=MOVE_S):
        return watch.end("line_did_not_follow")
    watch.report.gap_ms = watch.report.back_ms = watch.passed_ms
    watch.step("line_on_air")
    return watch.end("passed" if watch.report.gap_ms <= MOST_MOVE_MS else "move_slow")


ACTS = {Drill.Kind.PRIMARY_LOST: lose_primary, Drill.Kind.LINE_LOST: lose_line, Drill.Kind.NODE_MOVES: move_node}
