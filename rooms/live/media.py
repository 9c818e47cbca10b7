"""The road to the media nodes from this process: one relay for each event loop, and the sessions that its sockets hold."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Self
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from merchants.foundation import clock as wall
from realtime.context import SocketContext
from realtime.exchange import beside_exchange
from realtime.rtc.engine import Description
from realtime.rtc.errors import RtcError
from realtime.rtc.names import RoomName
from realtime.rtc.relay import Relay, connect
from rooms.live.errors import SessionUnknown, translate
from rooms.live.gate import is_watchable

log = structlog.get_logger(__name__)

KICKS_AT_ONCE = 32
LOOK_S = 1.0
# A cut that is taken back within its ten seconds should find its viewers still there; a camera that stays on should not.
GRACE_MS = 5_000
WATCH = "watch"


class Media:
    """`sessions`: what each socket has opened, by name: one it watches, one for each line it sends."""

    def __init__(self, client: Redis) -> None:
        self.relay = Relay(client)
        self._client = client
        self._sessions: WeakKeyDictionary[SocketContext, dict[str, str]] = WeakKeyDictionary()
        self._free = asyncio.Semaphore(KICKS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._dark_since_ms: dict[RoomName, int] = {}

    def start(self) -> Self:
        self.relay.start()
        self._later(self._look())
        return self

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.relay.close()
        await self._client.aclose()

    async def open(self, context: SocketContext, name: str, ask: Callable[[Relay, RoomName], Coroutine[Any, Any, Description]]) -> Description:
        """A session of this socket; what it had under that name ends. Raises: DomainError, RedisError."""
        room = room_of(context)
        try:
            answer = await ask(self.relay, room)
        except RtcError as error:
            raise translate(error) from error
        held = self._sessions.setdefault(context, {})
        if name in held:
            self._kick(room, held[name])
        held[name] = answer.peer_id
        context.at_end("live", lambda: self.leave_all(context))
        return answer

    def has(self, context: SocketContext, name: str) -> bool:
        return name in self._sessions.get(context, {})

    async def accept(self, context: SocketContext, session: str, sdp: str) -> None:
        """What the viewer of this socket answers to an offer. Raises: SessionUnknown, DomainError, RedisError."""
        if self._sessions.get(context, {}).get(WATCH) != session:
            raise SessionUnknown
        try:
            await self.relay.accept(room_of(context), peer_id=session, answer=sdp)
        except RtcError as error:
            raise translate(error) from error

    async def extend(self, context: SocketContext, session: str, sdp: str, lines: Sequence[str]) -> Description:
        """Negotiate a session of this socket again: other lines from now on. Raises: SessionUnknown, DomainError, RedisError."""
        if session not in self._sessions.get(context, {}).values():
            raise SessionUnknown
        try:
            return await self.relay.subscribe(room_of(context), offer=sdp, lines=lines, peer_id=session)
        except RtcError as error:
            raise translate(error) from error

    def leave(self, context: SocketContext, session: str) -> bool:
        """False: this socket has no such session."""
        held = self._sessions.get(context, {})
        name = next((name for name, found in held.items() if found == session), None)
        if name is None:
            return False
        self._kick(room_of(context), held.pop(name))
        return True

    def leave_all(self, context: SocketContext) -> None:
        for session in self._sessions.pop(context, {}).values():
            self._kick(room_of(context), session)

    def _kick(self, room: RoomName, session: str) -> None:
        self._later(self._try_to_kick(room, session))

    async def _try_to_kick(self, room: RoomName, session: str) -> None:
        """Who cannot be kicked now goes when ICE finds them silent."""
        async with self._free:
            try:
                await self.relay.kick(room, session)
            except (RtcError, RedisError, OSError) as error:
                log.info("session_not_kicked", room=room.key, reason=str(error))

    async def _look(self) -> None:
        """Shoppers do not see the host's camera once the room has turned to something else."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._send_away_watchers()
            except (RedisError, OSError) as error:
                log.warning("live_rooms_not_looked_at", reason=str(error))

    async def _send_away_watchers(self) -> None:
        now_ms = wall.now_ms()
        watchers: dict[RoomName, list[SocketContext]] = {}
        for context, held in list(self._sessions.items()):
            if WATCH in held and not context.viewer.role:
                watchers.setdefault(room_of(context), []).append(context)
        dark: dict[RoomName, int] = {}
        for room, contexts in watchers.items():
            if await is_watchable(room, now_ms):
                continue
            dark[room] = self._dark_since_ms.get(room, now_ms)
            if now_ms - dark[room] >= GRACE_MS:
                for context in contexts:
                    self.leave(context, self._sessions[context][WATCH])
        self._dark_since_ms = dark

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def room_of(context: SocketContext) -> RoomName:
    return RoomName.of(context.schema, context.room_id)


media = beside_exchange(lambda: Media(connect(settings.VALKEY_URL)).start())


def leave(context: SocketContext, session: str) -> bool:
    """Nothing is begun for who has nothing to leave."""
    found = media.find()
    return found is not None and found.leave(context, session)


def has_session(context: SocketContext, name: str) -> bool:
    """Whether this socket sends the line of that name, or watches."""
    found = media.find()
    return found is not None and found.has(context, name)
