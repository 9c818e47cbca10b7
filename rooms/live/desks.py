"""The numbers of the host's line, told once a second to the staff's sockets of this process that asked for them.

Nothing is said on the room's own stream, so no shopper's socket can get it; every process reads Valkey for its own consoles.
"""

import asyncio
from dataclasses import dataclass
from uuid import UUID

import msgspec
import structlog
from django.db import DatabaseError, InterfaceError
from redis.exceptions import RedisError

from merchants.accounts.permissions import can
from merchants.accounts.queries import find_person
from merchants.foundation import clock as wall
from merchants.foundation.tenancy import tenant_db
from realtime.context import SocketContext
from realtime.exchange import beside_exchange
from realtime.loops import Beside
from realtime.rtc.names import RoomName
from realtime.rtc.overview import overview_key, read_overview
from rooms.live.audience import counted_keys
from rooms.live.desk import LiveView, describe
from rooms.live.errors import DeskFull
from rooms.live.figures import LineSending, TierFigures, read_sending, read_watched, sending_key, watched_key
from rooms.program.air import AirCache, async_client

log = structlog.get_logger(__name__)

TELL_S = 1.0
# Who has lost the role meanwhile hears no more within this time.
ASK_AGAIN_S = 30.0
MOST_SEATS = 200
MODERATE = "rooms.moderate"

_airs = AirCache()


class Desk(msgspec.Struct, tag_field="k", tag="desk"):
    """The line as its node, its sender's page and its viewers' pages report it. `audience`: of those who reported lately."""

    at_ms: int
    live: LiveView
    sending: tuple[LineSending, ...]
    audience: tuple[TierFigures, ...]
    allows_filters: bool


@tenant_db
def may_moderate(person_id: UUID) -> bool:
    """Asked anew: a ticket says who somebody was when the page was opened."""
    return can(find_person(person_id), MODERATE)


@dataclass
class _Seat:
    room: RoomName
    asked_at: float


class Desks(Beside):
    """Needs: `start` on the event loop that serves the sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._seats: dict[SocketContext, _Seat] = {}

    def seat(self, context: SocketContext) -> None:
        """Needs: the caller has asked whether this person may. Raises: DeskFull."""
        if context not in self._seats and len(self._seats) >= MOST_SEATS:
            raise DeskFull
        self._seats[context] = _Seat(RoomName.of(context.schema, context.room_id), asyncio.get_running_loop().time())
        context.at_end("desk", lambda: self._leave(context))

    def _leave(self, context: SocketContext) -> None:
        self._seats.pop(context, None)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            for room in {seat.room for seat in self._seats.values()}:
                try:
                    desk = await read_desk(room, wall.now_ms())
                except (RedisError, OSError) as error:
                    log.warning("desk_not_read", room=room.key, reason=str(error))
                    continue
                for context in [context for context, seat in self._seats.items() if seat.room == room]:
                    context.tell(desk)
            await self._ask_again()

    async def _ask_again(self) -> None:
        now = asyncio.get_running_loop().time()
        for context, seat in [(context, seat) for context, seat in self._seats.items() if now - seat.asked_at > ASK_AGAIN_S]:
            seat.asked_at = now
            try:
                is_allowed = await may_moderate(context.schema, UUID(context.viewer.viewer_id))
            except (DatabaseError, InterfaceError) as error:
                log.warning("desk_not_asked_again", tenant=context.schema, reason=str(error))
                continue
            if not is_allowed:
                self._leave(context)


async def read_desk(room: RoomName, now_ms: int) -> Desk:
    """Two round trips. Raises: RedisError."""
    async with async_client().pipeline(transaction=False) as pipe:
        pipe.get(overview_key(room))
        pipe.hvals(sending_key(room))
        pipe.hvals(watched_key(room))
        pipe.pfcount(*counted_keys(room))
        overview, sending, watched, film_viewers = await pipe.execute()
    air, _ = await _airs.get(room.schema, room.room_id)
    return Desk(
        at_ms=now_ms,
        live=describe(read_overview(overview), air.entries if air.is_on_air else (), now_ms, film_viewers=film_viewers),
        sending=read_sending(sending, now_ms),
        audience=read_watched(watched, now_ms),
        allows_filters=air.allows_filters,
    )


desks = beside_exchange(lambda: Desks().start())
