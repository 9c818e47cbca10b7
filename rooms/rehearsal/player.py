"""Plays ghosts in a room that this process leads: says what is due on the past show's tape, as the clock has it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import DatabaseError, InterfaceError

from merchants.foundation import clock as wall
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import tenant_db
from realtime.messages import Lossy
from realtime.publish import Topic, apublish_lossy
from rooms.rehearsal.actions import end_run
from rooms.rehearsal.messages import GhostLine, Ghosts
from rooms.rehearsal.queries import RunView, find_run, is_rehearsal, read_tape
from rooms.rehearsal.tape import Moment, Tape

log = structlog.get_logger(__name__)

TURN_S = 0.25
# A run that was started or stopped is noticed within this time; so often the counts are told.
LOOK_S = 1.0
# As many lines as anybody reads: fifty a second.
MOST_LINES_A_TURN = 12

_is_rehearsal = tenant_db(is_rehearsal)
_find_run = tenant_db(find_run)
_read_tape = tenant_db(read_tape)
_end_run = tenant_db(end_run)


class GhostPlayer:
    """Of one room. Needs: an event loop; the caller leads the room, so that nobody else plays there."""

    def __init__(self, schema: str, room_id: UUID) -> None:
        self._schema = schema
        self._room_id = room_id
        self._topic = Topic.room(schema, room_id)

    async def run(self) -> None:
        """Until it is cancelled; returns at once in a room that is no rehearsal."""
        since_ms = wall.now_ms()
        if not await _is_rehearsal(self._schema, self._room_id):
            return
        while True:
            try:
                found = await _find_run(self._schema, self._room_id)
                if found is not None:
                    await self._play(found, is_new=wall.to_ms(found.started_at) >= since_ms)
            except (DatabaseError, InterfaceError) as error:
                log.warning("ghosts_interrupted", tenant=self._schema, room=str(self._room_id), reason=str(error))
                since_ms = wall.now_ms()
            await asyncio.sleep(LOOK_S)

    async def _play(self, run: RunView, *, is_new: bool) -> None:
        """What began under this leader from its beginning; else from where the clock says: what another said, or missed, is not said again."""
        tape = await _read_tape(self._schema, run.past_id, run.ghosts)
        log.info("ghosts_play", tenant=self._schema, room=str(self._room_id), run=str(run.id), moments=len(tape.moments), speed=run.speed)
        said_ms = -1 if is_new else run.position_ms(wall.now_ms())
        while True:
            for _ in range(round(LOOK_S / TURN_S)):
                at_ms = run.position_ms(wall.now_ms())
                await self._say_lines(tape.between(said_ms, at_ms))
                said_ms = at_ms
                await asyncio.sleep(TURN_S)
            is_over = await _find_run(self._schema, self._room_id) != run
            await self._say(_standing(run, tape, said_ms, is_over=is_over))
            if is_over:
                await _end_run(self._schema, run_id=run.id)
                return

    async def _say_lines(self, moments: Sequence[Moment]) -> None:
        """Of a crowd that writes faster than anybody reads, lines are left out evenly."""
        lines = [moment for moment in moments if moment.kind == "line"]
        step = max(1, -(-len(lines) // MOST_LINES_A_TURN))
        for moment in lines[::step]:
            await self._say(GhostLine(id=new_id(), ghost=moment.ghost, text=moment.text, position_ms=moment.at_ms))

    async def _say(self, message: Lossy) -> None:
        await apublish_lossy(self._topic, message)


def _standing(run: RunView, tape: Tape, at_ms: int, *, is_over: bool) -> Ghosts:
    return Ghosts(run_id=run.id, at_ms=at_ms, of_ms=run.length_ms, counts=tape.counts_at(at_ms), is_over=is_over)
