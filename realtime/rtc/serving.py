"""A node's side of the relay: it tells that it lives, does what web processes ask, and gives up rooms that were moved."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.rtc.engine import Drilling, MediaEngine
from realtime.rtc.errors import DrillUnsupported, NodeBusy, RequestInvalid, RoomMoved, RtcError
from realtime.rtc.names import HOST_LINE, RoomName
from realtime.rtc.overview import LIFETIME_MS, Meter, overview_key
from realtime.rtc.overview import encode as encode_overview
from realtime.rtc.placement import BEAT_S, Registry, events_channel
from realtime.rtc.relay import ANSWERS_LIFETIME_MS, BLOCK_S, PAUSE_S, end, queue_key
from realtime.rtc.requests import (
    Accept,
    Answer,
    AnyRequest,
    Beat,
    CloseLine,
    Drop,
    Envelope,
    Kick,
    MuteLine,
    Notice,
    Publish,
    Stats,
    Subscribe,
    SwitchSource,
    decode_envelope,
    encode,
)
from realtime.rtc.stage import Event

log = structlog.get_logger(__name__)

AT_ONCE = 32
MOST_EVENTS = 1024
DRAIN_S = 10.0
DRAIN_LOOK_S = 0.1
# What changes who is seen is told at once, but a line that flaps does not write all the time.
NEWS_PAUSE_S = 0.1
NEWS = {"on_air", "silent", "heard", "left"}


class RelayServer:
    """Needs: `start` on the engine's loop. `recording_of` says what a room's overview tells of its recording."""

    def __init__(
        self, engine: MediaEngine, client: Redis, *, node_id: str, hls: str = "", recording_of: Callable[[RoomName], str] = lambda room: ""
    ) -> None:
        """`hls`: the address at which web processes and their proxy reach this node's films."""
        self.node_id = node_id
        self._hls = hls
        self._recording_of = recording_of
        self._engine = engine
        self._client = client
        self._registry = Registry(client)
        self._generations: dict[RoomName, int] = {}
        self._meters: dict[RoomName, Meter] = {}
        self._events: asyncio.Queue[Event] = asyncio.Queue(MOST_EVENTS)
        self._has_news = asyncio.Event()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._handling: set[asyncio.Task[None]] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._is_closing = False
        engine.on_event = self._note

    async def start(self) -> None:
        """Returns once the node can be found. Raises: RedisError."""
        await self._beat()
        self._tasks = [asyncio.create_task(work()) for work in (self._keep_beating, self._serve, self._tell_events)]

    async def drain(self, *, longest_s: float = DRAIN_S) -> None:
        """Take nobody new, ask everybody to signal again elsewhere, and return when all have gone or the time is over."""
        self._engine.drain()
        await self._try_beat()
        for room in self._engine.rooms:
            self._note(Event(room, "moving"))
        for _ in range(int(longest_s / DRAIN_LOOK_S)):
            if not (await self._engine.stats())["peers"]:
                break
            await asyncio.sleep(DRAIN_LOOK_S)

    async def close(self) -> None:
        """Stop serving and be forgotten. The engine is closed by who made it."""
        self._is_closing = True
        await end([*self._tasks, *self._handling])
        try:
            await self._registry.leave(self.node_id)
        except (RedisError, OSError) as error:
            log.info("node_not_struck_off", reason=str(error))

    # Living ----------------------------------------------------------------------------------------

    async def _keep_beating(self) -> None:
        """Twice a second, and at once when the host's line of a room falls silent or is heard again."""
        while not self._is_closing:
            await asyncio.sleep(NEWS_PAUSE_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_news.wait(), BEAT_S - NEWS_PAUSE_S)
            self._has_news.clear()
            await self._try_beat()

    async def _try_beat(self) -> None:
        try:
            await self._beat()
            await self._look_for_moved_rooms()
            await self._tell_numbers()
        except (RedisError, OSError) as error:
            log.warning("beat_not_written", reason=str(error))

    async def _beat(self) -> None:
        told = await self._engine.stats()
        await self._registry.beat(self.node_id, Beat(told["peers"], told["is_full"], told["is_draining"], self._hls))

    async def _look_for_moved_rooms(self) -> None:
        """While this node could not be seen, its rooms may have gone elsewhere: two nodes must not serve one room. What
        Valkey has forgotten is claimed again."""
        rooms = self._engine.rooms
        for room, placement in zip(rooms, await self._registry.find_all(rooms), strict=True):
            if placement is None:
                placement = await self._registry.claim(room, self.node_id, found="")
                self._generations[room] = placement.generation
            if placement.node_id != self.node_id:
                log.info("room_moved", room=room.key, to=placement.node_id)
                self._generations.pop(room, None)
                await self._engine.close_room(room)
        for room in self._generations.keys() - set(self._engine.rooms):
            del self._generations[room]

    async def _tell_numbers(self) -> None:
        """Every room in one round trip."""
        self._meters = {room: self._meters.get(room) or Meter() for room in self._engine.rooms}
        async with self._client.pipeline(transaction=False) as pipe:
            for room, meter in self._meters.items():
                try:
                    overview = meter.read(await self._engine.stats(room), node=self.node_id, now=time.monotonic(), recording=self._recording_of(room))
                except RtcError:
                    continue  # it was closed meanwhile
                pipe.set(overview_key(room), encode_overview(overview), px=LIFETIME_MS)
            await pipe.execute()

    # Serving ---------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        """What cannot be begun now waits in Valkey, where the queue is bounded."""
        while not self._is_closing:
            await self._free.acquire()
            data = await self._pop()
            if data is None:
                self._free.release()
                continue
            task = asyncio.create_task(self._handle(data))
            self._handling.add(task)
            task.add_done_callback(self._end)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._handling.discard(task)
        self._free.release()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("relay_request_failed", error=repr(error))

    async def _pop(self) -> bytes | None:
        try:
            popped: Any = await self._client.blpop([queue_key(self.node_id)], timeout=BLOCK_S)
        except (RedisError, OSError) as error:
            log.warning("relay_requests_lost", reason=str(error))
            await asyncio.sleep(PAUSE_S)
            return None
        return None if popped is None else popped[1]

    async def _handle(self, data: bytes) -> None:
        try:
            envelope = decode_envelope(data)
            room = envelope.room
        except (msgspec.DecodeError, ValueError) as error:
            log.warning("relay_request_malformed", reason=str(error))
            return
        left_s = envelope.expires_at_ms / 1000 - time.time()
        if left_s <= 0:
            return
        try:
            async with asyncio.timeout(left_s):
                answer = Answer(envelope.id, result=await self._do(room, envelope))
        except RtcError as error:
            answer = Answer(envelope.id, error=error.code, params=error.params)
        except TimeoutError:
            answer = Answer(envelope.id, error=NodeBusy.code)
        async with self._client.pipeline(transaction=False) as pipe:
            pipe.rpush(envelope.answer_key, encode(answer))
            pipe.pexpire(envelope.answer_key, ANSWERS_LIFETIME_MS)
            await pipe.execute()

    async def _do(self, room: RoomName, envelope: Envelope) -> Any:
        engine, request = self._engine, envelope.request
        await self._admit(room, envelope)
        match request:
            case Publish(offer, role, name, is_muted):
                return await engine.publish(room, offer=offer, role=role, name=name, is_muted=is_muted)
            case Subscribe(offer, lines, peer_id, most_viewers):
                return await engine.subscribe(room, offer=offer, lines=lines, peer_id=peer_id, most_viewers=most_viewers)
            case Accept(peer_id, answer):
                return await engine.accept(room, peer_id=peer_id, answer=answer)
            case Stats():
                return await engine.stats(room)
            case _:
                return await self._direct(room, request)

    async def _direct(self, room: RoomName, request: AnyRequest) -> None:
        """What is done to who is there already."""
        engine = self._engine
        match request:
            case SwitchSource(peer_id):
                await engine.switch_source(room, peer_id)
            case Kick(peer_id):
                await engine.kick(room, peer_id)
            case MuteLine(line, is_muted):
                await engine.mute_line(room, line, is_muted=is_muted)
            case CloseLine(line):
                await engine.close_line(room, line)
            case Drop():
                await self._drop(room, request)
            case _:
                raise RequestInvalid(reason="unknown")

    async def _admit(self, room: RoomName, envelope: Envelope) -> None:
        """Raises: RoomMoved; NodeDraining and NodeFull for a room that is not here."""
        if envelope.generation < self._generations.get(room, 0):
            raise RoomMoved
        if isinstance(envelope.request, Publish | Subscribe):
            await self._engine.create_room(room)
            self._generations[room] = envelope.generation

    async def _drop(self, room: RoomName, request: Drop) -> None:
        if not isinstance(self._engine, Drilling):
            raise DrillUnsupported
        await self._engine.drop(room, roles=request.roles, for_s=request.for_ms / 1000)

    # Telling ---------------------------------------------------------------------------------------

    def _note(self, event: Event) -> None:
        if event.line == HOST_LINE and event.kind in NEWS:
            self._has_news.set()
        if self._events.full():
            self._events.get_nowait()  # the newest state matters
        self._events.put_nowait(event)

    async def _tell_events(self) -> None:
        while not self._is_closing:
            event = await self._events.get()
            try:
                await self._client.publish(events_channel(event.room), encode(Notice.of(event)))
            except (RedisError, OSError) as error:
                log.warning("media_event_not_told", reason=str(error))
