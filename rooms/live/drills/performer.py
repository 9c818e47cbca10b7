"""Performs drills in the process whose console began them: one task each, until the report is written."""

import asyncio
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from merchants.foundation.tenancy import tenant_db
from realtime.exchange import beside_exchange
from realtime.rtc.errors import RtcError
from realtime.rtc.names import RoomName
from realtime.rtc.relay import Relay
from rooms.live.drills.actions import Assignment, begin_drill, end_drill
from rooms.live.drills.acts import ACTS, Watch
from rooms.live.errors import translate
from rooms.live.models import Drill

log = structlog.get_logger(__name__)

# Viewers' pages report every five seconds: what they saw of the end comes by then.
REPORTS_S = 6.0
LONGEST_S = 200.0

_begin = tenant_db(begin_drill)
_end = tenant_db(end_drill)


class Performer:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """What is under way is broken off, and says so."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def start(self, relay: Relay, room: RoomName, *, kind: str, actor: str) -> None:
        """Returns once it is under way. Raises: what `begin_drill` refuses."""
        assignment = await _begin(room.schema, room_id=UUID(room.room_id), kind=kind, actor=actor)
        task = asyncio.get_running_loop().create_task(_perform(relay, room, assignment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _perform(relay: Relay, room: RoomName, assignment: Assignment) -> None:
    watch = Watch(relay, room, assignment)
    is_broken = True
    try:
        async with asyncio.timeout(LONGEST_S):
            await ACTS[Drill.Kind(assignment.kind)](watch)
            if assignment.airing_id is not None:
                await asyncio.sleep(REPORTS_S)
        is_broken = False
    except RtcError as error:
        watch.report.verdict = translate(error).code
    except (RedisError, OSError, TimeoutError) as error:
        watch.report.verdict = "engine_unreachable"
        log.warning("drill_broken_off", room=room.key, reason=str(error))
    except asyncio.CancelledError:
        watch.report.verdict = "process_lost"
        raise
    finally:
        await asyncio.shield(_end(room.schema, drill_id=assignment.drill_id, report=watch.report, is_broken=is_broken))


performer = beside_exchange(Performer)
