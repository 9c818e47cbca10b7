"""What viewers' pages say of their picture, gathered in this process: summed once a second for the console, kept for statistics.

Nothing of it grows with the crowd: pages of a large room report rarely, and what a process takes of a room is bounded.
"""

import asyncio
import secrets
from collections import OrderedDict
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from realtime.exchange import beside_exchange
from realtime.loops import Beside
from realtime.rtc.names import RoomName
from realtime.throttle import Buckets, Limit
from rooms.live.figures import LIFETIME_MS, pack_watched, sum_up, watched_key
from rooms.live.messages import Figures
from rooms.live.samples import Sample, waiting
from rooms.program.air import async_client

log = structlog.get_logger(__name__)

FLUSH_S = 1.0
# Pages report every five seconds: who has not for longer than two of them has left.
KEPT_MS = 12_000
MOST_VIEWERS = 500
MOST_ROOMS = 200
# Of one room, in this process: 20 a second are 72,000 rows an hour.
TAKEN = Limit(per_s=20, burst=60)


class Watchers(Beside):
    """Needs: `start` on the event loop that serves the sockets."""

    def __init__(self) -> None:
        super().__init__()
        self._rooms: dict[RoomName, OrderedDict[str, tuple[int, Figures]]] = {}
        self._taken = Buckets(size=MOST_ROOMS)
        self._field = secrets.token_hex(6)

    async def note(self, room: RoomName, viewer_id: str, airing_id: UUID, told: Figures) -> bool:
        """False: enough is known of this room at the moment. Raises: RedisError."""
        viewers = self._rooms.get(room)
        if (viewers is None and len(self._rooms) >= MOST_ROOMS) or self._taken.take(room, TAKEN) > 0:
            return False
        now = wall.now()
        viewers = self._rooms.setdefault(room, OrderedDict())
        viewers[viewer_id] = wall.to_ms(now), told
        viewers.move_to_end(viewer_id)
        if len(viewers) > MOST_VIEWERS:
            viewers.popitem(last=False)
        await waiting.keep(room.schema, Sample.of(told, airing_id=airing_id, viewer_id=viewer_id, at=now))
        return True

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            try:
                await self._flush(wall.now_ms())
            except (RedisError, OSError) as error:
                log.warning("figures_not_told", reason=str(error))

    async def _flush(self, now_ms: int) -> None:
        for room, viewers in list(self._rooms.items()):
            while viewers and next(iter(viewers.values()))[0] < now_ms - KEPT_MS:
                viewers.popitem(last=False)
            if not viewers:
                del self._rooms[room]
        if not self._rooms:
            return
        async with async_client().pipeline(transaction=False) as pipe:
            for room, viewers in self._rooms.items():
                key = watched_key(room)
                pipe.hset(key, self._field, pack_watched(sum_up(told for _, told in viewers.values()), now_ms))
                pipe.pexpire(key, LIFETIME_MS)
            await pipe.execute()


watchers = beside_exchange(lambda: Watchers().start())
