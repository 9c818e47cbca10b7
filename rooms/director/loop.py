"""The director's process: finds rooms, takes their leases, directs them. Any number of these may run; each room has one leader."""

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import tenant_db
from realtime.rtc.overview import Overview
from rooms.director import actions
from rooms.director.lease import Lease
from rooms.director.plan import Line
from rooms.director.recall import Recall
from rooms.director.search import Rooms, Search
from rooms.live.health import LineWatch
from rooms.live.queries import aget_overview, is_steady
from rooms.live.stage.actions import tend_stage
from rooms.moderation.mirror import mirror_mutes, mirror_shop
from rooms.program.air import mirror
from rooms.program.errors import LeadLost
from rooms.rehearsal.player import GhostPlayer

log = structlog.get_logger(__name__)

# A killed leader is replaced within the lease and one search: well under three seconds.
LEASE_MS = 1_500
SEARCH_S = 0.5
MIRROR_S = 10.0
RETRY_S = 0.5
# Between two looks it is only asked whether the line is still heard: one small read.
LISTEN_S = 0.15

_take_lead = tenant_db(actions.take_lead)
_direct = tenant_db(actions.direct)
_tend_stage = tenant_db(tend_stage)


@tenant_db
def _mirror_room(*, room_id: UUID) -> None:
    mirror(room_id)
    mirror_mutes(room_id)


_mirror_shop = tenant_db(mirror_shop)


class Director:
    """Needs: its own event loop. `stop` ends it and hands the leases over at once."""

    def __init__(self, *, lease_ms: int = LEASE_MS) -> None:
        self._lease_ms = lease_ms
        self._leads: dict[tuple[str, UUID], asyncio.Task[None]] = {}
        self._searching = Search()
        self._needed: Rooms = frozenset()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._search()
            except (DatabaseError, InterfaceError, RedisError, OSError) as error:
                log.warning("director_search_failed", reason=str(error))
            await self._pause(SEARCH_S)
        for lead in self._leads.values():
            lead.cancel()
        await asyncio.gather(*self._leads.values(), return_exceptions=True)

    async def _search(self) -> None:
        self._leads = {key: lead for key, lead in self._leads.items() if not lead.done()}
        self._needed = await self._searching.find()
        for schema, room_id in sorted(self._needed - self._leads.keys()):
            await self._try_to_lead(schema, room_id)

    async def _try_to_lead(self, schema: str, room_id: UUID) -> None:
        lease = Lease(schema, room_id, length_ms=self._lease_ms)
        if await lease.take():
            self._leads[schema, room_id] = asyncio.create_task(_Lead(schema, room_id, lease, lambda: (schema, room_id) in self._needed).run())

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


class _Lead:
    """One room, led until the lease or the room is lost, or there is nothing left to lead: `is_needed`, as of the last search."""

    def __init__(self, schema: str, room_id: UUID, lease: Lease, is_needed: Callable[[], bool]) -> None:
        self._schema = schema
        self._room_id = room_id
        self._lease = lease
        self._is_needed = is_needed
        self._mirrored_at = float("-inf")
        self._watch = LineWatch()
        self._recall = Recall()
        self._report: Overview | None = None

    async def run(self) -> None:
        renewing = asyncio.create_task(self._keep_lease())
        directing = asyncio.create_task(self._direct())
        playing = asyncio.create_task(GhostPlayer(self._schema, self._room_id).run())
        try:
            await asyncio.wait({renewing, directing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = (renewing, directing, playing)
            for task in tasks:
                task.cancel()
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                if isinstance(result, Exception):
                    log.error("lead_failed", tenant=self._schema, room=str(self._room_id), reason=repr(result))
            await self._release()

    async def _keep_lease(self) -> None:
        """Ends when somebody else may hold the lease. While Valkey does not answer nobody can take it, and the row fences."""
        while True:
            await asyncio.sleep(self._lease.length_ms / 3000)
            try:
                if not await self._lease.renew():
                    return
            except (RedisError, OSError) as error:
                log.warning("lease_not_renewed", room=str(self._room_id), reason=str(error))

    async def _direct(self) -> None:
        try:
            generation = await _take_lead(self._schema, room_id=self._room_id)
            log.info("lead_taken", tenant=self._schema, room=str(self._room_id), generation=generation)
            while self._is_needed():
                await self._rest(await self._look(generation))
        except LeadLost:
            log.info("lead_lost", tenant=self._schema, room=str(self._room_id))
        except DomainError as gone:
            log.info("room_gone", tenant=self._schema, room=str(self._room_id), code=gone.code)

    async def _look(self, generation: int) -> float:
        """Do what is due. Returns the seconds until the next look."""
        try:
            await self._mirror()
            line = await self._listen()
            look_again_ms = await _direct(self._schema, room_id=self._room_id, generation=generation, line=line, recall=self._recall)
            if line is not None:  # without a report nothing is known of the guests' lines either
                await _tend_stage(self._schema, room_id=self._room_id, report=self._report)
        except (DatabaseError, InterfaceError) as error:
            log.warning("director_look_failed", room=str(self._room_id), reason=str(error))
            return RETRY_S
        return max(0.005, (look_again_ms - wall.now_ms()) / 1000)

    async def _rest(self, seconds: float) -> None:
        """Until the next look, or until the host's line falls silent or is heard again. No node tells of most rooms: nothing to hear."""
        if self._report is None:
            await asyncio.sleep(seconds)
            return
        until, was_heard = time.monotonic() + seconds, self._watch.silent_since_ms is None
        while (left_s := until - time.monotonic()) > LISTEN_S:
            await asyncio.sleep(LISTEN_S)
            await self._listen()
            if (self._watch.silent_since_ms is None) != was_heard:
                return
        await asyncio.sleep(max(0.0, left_s))

    async def _listen(self) -> Line | None:
        """None while Valkey does not answer: then nothing is known of the host's line, and nothing done about it."""
        try:
            report = await aget_overview(self._schema, self._room_id)
        except (RedisError, OSError) as error:
            log.warning("line_not_heard_of", room=str(self._room_id), reason=str(error))
            return None
        self._report = report
        self._watch.note(report, wall.now_ms())
        since_ms = self._watch.silent_since_ms
        return Line(silent_since_ms=since_ms, is_steady=since_ms is None and is_steady(report))

    async def _mirror(self) -> None:
        """Heal what a crash between a commit and Valkey left behind."""
        if time.monotonic() - self._mirrored_at < MIRROR_S:
            return
        try:
            await _mirror_room(self._schema, room_id=self._room_id)
            await _mirror_shop(self._schema)
        except (RedisError, OSError) as error:
            log.warning("mirror_not_written", room=str(self._room_id), reason=str(error))
            return
        self._mirrored_at = time.monotonic()

    async def _release(self) -> None:
        try:
            await self._lease.release()
        except (RedisError, OSError):
            return  # it runs out by itself
