"""The exchange's switchboard: one per process, between the bus and the sockets.

Lossless messages leave at once, and what piled up meanwhile goes out in one write; lossy ones wait for the tick.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from functools import partial
from typing import Any

import structlog
from redis.exceptions import RedisError

from realtime import lossy
from realtime.audience import Audience, Limits, Seat
from realtime.bus import Bus
from realtime.following import PAUSES_S, Following
from realtime.lossy import Offer, Sampler
from realtime.stream import Head, Streams
from realtime.topics import Topic
from realtime.ws import Outlet, frame

log = structlog.get_logger(__name__)

# Sockets in this process above which a tick lasts longer: writing to all of them once takes that long.
CROWDS = ((50_000, 4), (20_000, 2))
SWEEP_S = 1.0


class Unreachable(Exception):
    """Valkey did not open a topic in time; the socket is sent away with a hint to come back."""


class _Room:
    """A topic in this process: who listens, how it follows its stream, what is under way."""

    __slots__ = ("audience", "empty_since", "following", "is_flushing", "is_queued", "members", "opening", "sampler")

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.following: Following
        self.opening: asyncio.Task[None] | None = None
        self.sampler: Sampler | None = None
        self.members = 0
        self.empty_since: float | None = None
        self.is_queued = False
        self.is_flushing = False

    @property
    def is_calm(self) -> bool:
        return not self.audience.behind and (self.sampler is None or self.sampler.is_empty)


class Hub:
    """Seats sockets at topics and writes to them what the topics say."""

    def __init__(self, *, url: str, streams: Streams, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits or Limits()
        self.seat_count = 0
        self._streams = streams
        self._clock = clock
        self._bus = Bus(url, on_message=self._hear, on_restored=self._catch_up)
        self._rooms: dict[str, dict[str, _Room]] = {}
        self._restless: set[_Room] = set()
        self._jobs: deque[Iterator[None]] = deque()
        self._has_work = asyncio.Event()
        self._snapshots = asyncio.Semaphore(self.limits.snapshots_at_once)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._run_id = ""

    # Life ---------------------------------------------------------------------------------------

    def start(self) -> None:
        self._bus.start()
        self._spawn(self._work())
        self._spawn(self._tick())

    async def close(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._bus.close()

    def audiences(self) -> list[Audience]:
        """Those of rooms and offices; viewers' own streams are not a crowd."""
        return [rooms[""].audience for rooms in self._rooms.values() if "" in rooms]

    # Seats --------------------------------------------------------------------------------------

    async def take_seat(
        self, topic: Topic, *, outlet: Outlet, viewer_id: str, recover: Callable[[Head], Awaitable[bytes]], cursor: Head | None = None
    ) -> tuple[Seat, bool]:
        """Join a topic. Returns the seat, and whether it went on from `cursor` (else it began with `recover`'s snapshot).

        Everything after the cursor, or after the snapshot's head, is written to `outlet` exactly once and in order.
        Raises: Unreachable, and what `recover` raises.
        """
        seat = Seat(outlet=outlet, viewer_id=viewer_id, recover=recover)
        room = self._room(topic)
        room.members += 1
        self.seat_count += 1
        try:
            await self._open(room)
            return seat, await self._place(room, seat, cursor)
        except (RedisError, OSError) as error:
            self.leave(topic, seat)
            raise Unreachable(topic.key) from error
        except BaseException:
            self.leave(topic, seat)
            raise

    def leave(self, topic: Topic, seat: Seat) -> None:
        if seat.has_left:
            return
        room = self._room(topic)
        room.audience.dismiss(seat)
        room.members -= 1
        self.seat_count -= 1
        if room.members == 0:
            room.empty_since = self._clock()
            if topic.address:
                self._forget(room)

    async def _place(self, room: _Room, seat: Seat, cursor: Head | None) -> bool:
        audience = room.audience
        if cursor is not None and cursor.epoch == audience.epoch and cursor.seq > audience.seq:
            await room.following.sync()  # another process was faster, or nobody ever gave that number
        if cursor is None or cursor.epoch != audience.epoch or cursor.seq > audience.seq:
            await self._recover(room, seat)
            return False
        audience.admit(seat, cursor.seq, self._clock())
        return seat not in audience.behind or await self._replay(room, seat)

    async def _recover(self, room: _Room, seat: Seat) -> None:
        """Start a seat over: its snapshot, then all that follows the head at which the snapshot was begun."""
        audience = room.audience
        async with self._snapshots:
            while not seat.has_left and audience.head is not None:
                head = audience.head
                payload = await seat.recover(head)
                if audience.epoch == head.epoch:
                    if not seat.outlet.is_closing():
                        seat.outlet.write(frame(payload))
                    audience.admit(seat, head.seq, self._clock())
                    self._restless.add(room)
                    return

    async def _replay(self, room: _Room, seat: Seat) -> bool:
        """Write what has left the ring, from the stream. False when the stream has lost it too and a snapshot was sent."""
        audience, epoch = room.audience, room.audience.epoch
        seat.is_replaying = True
        self._restless.add(room)
        try:
            while not seat.has_left and audience.epoch == epoch and not audience.resume(seat, self._clock()):
                entries = await self._streams.read_after(audience.topic, seat.sent)
                if audience.epoch != epoch:
                    break
                if not entries or entries[0].seq != seat.sent + 1:
                    audience.unseat(seat)
                    await self._recover(room, seat)
                    return False
                if not seat.outlet.is_closing():
                    seat.outlet.write(b"".join(frame(payload) for _, payload in entries))
                seat.sent = entries[-1].seq
                await self._wait_for_drain(seat)
        finally:
            seat.is_replaying = False
        return True

    async def _wait_for_drain(self, seat: Seat) -> None:
        deadline = self._clock() + self.limits.behind_s
        while seat.outlet.get_write_buffer_size() > self.limits.drained_bytes and not seat.outlet.is_closing():
            if self._clock() > deadline:
                seat.outlet.abort()
                return
            await asyncio.sleep(self.limits.tick_s)

    async def _or_cut(self, seat: Seat, mending: Coroutine[Any, Any, Any]) -> None:
        try:
            await mending
        except Exception:  # Valkey or another floor's snapshot failed: the client comes back with its cursor and gets the rest then
            log.exception("seat_cut")
            seat.outlet.abort()

    # Rooms --------------------------------------------------------------------------------------

    def _room(self, topic: Topic) -> _Room:
        rooms = self._rooms.setdefault(topic.channel, {})
        room = rooms.get(topic.address)
        if room is None:
            room = rooms[topic.address] = _Room(Audience(topic, self.limits))
            room.following = Following(
                room.audience, self._streams, spawn=self._spawn, on_news=partial(self._queue, room), on_restart=partial(self._start_over, room)
            )
        room.empty_since = None
        return room

    def _forget(self, room: _Room) -> None:
        if room.opening is not None:
            room.opening.cancel()
        room.following.stop()
        self._restless.discard(room)
        topic = room.audience.topic
        self._rooms.get(topic.channel, {}).pop(topic.address, None)

    async def _open(self, room: _Room) -> None:
        if room.audience.head is not None:
            return
        if room.opening is None or room.opening.done():
            room.opening = self._spawn(self._subscribe(room))
        try:
            await asyncio.wait_for(asyncio.shield(room.opening), self.limits.open_timeout_s)
        except TimeoutError as error:
            raise Unreachable(room.audience.topic.key) from error

    async def _subscribe(self, room: _Room) -> None:
        await self._bus.subscribe(room.audience.topic.channel)
        await room.following.sync()

    def _catch_up(self) -> None:
        self._spawn(self._check_all())

    async def _check_all(self) -> None:
        """The subscriptions are back: did Valkey keep its data, and what did we miss?"""
        for pause_s in PAUSES_S:
            try:
                run_id = await self._streams.run_id()
                is_suspect = self._run_id not in ("", run_id) and not await self._streams.is_durable()
                break
            except (RedisError, OSError):
                await asyncio.sleep(pause_s)
        else:
            await self._bus.drop()  # announcements pass but no answers: begin again
            return
        self._run_id = run_id
        rooms = [room for rooms in self._rooms.values() for room in rooms.values() if room.audience.head is not None]
        for room in rooms:
            room.following.is_suspect = is_suspect
        await asyncio.gather(*(room.following.sync() for room in rooms), return_exceptions=True)

    def _start_over(self, room: _Room, seats: list[Seat]) -> None:
        for seat in seats:
            self._spawn(self._or_cut(seat, self._recover(room, seat)))

    # What is heard --------------------------------------------------------------------------------

    def _hear(self, channel: str, data: bytes) -> None:
        rooms = self._rooms.get(channel, {})
        if data[:1] == b"L":
            header, _, payload = data.partition(b"\n")
            epoch, seq, address = header[1:].decode().split(" ")
            room = rooms.get(address)
            if room is not None:
                room.following.hear(Head(epoch, int(seq)), payload)
        elif data[:1] == b"Y":
            announcement = lossy.unpack(data)
            room = rooms.get(announcement.address)
            if room is not None:
                for offer in announcement.offers:
                    self._sampler(room).offer(offer)

    def offer(self, topic: Topic, offer: Offer, *, is_own_only: bool = False) -> None:
        """Give a lossy message to this process's sockets alone; `is_own_only` shows it to nobody but its sender."""
        room = self._rooms.get(topic.channel, {}).get(topic.address)
        if room is not None:
            sampler = self._sampler(room)
            (sampler.keep_own if is_own_only else sampler.offer)(offer)

    def _sampler(self, room: _Room) -> Sampler:
        self._restless.add(room)
        if room.sampler is None:
            room.sampler = Sampler(self.limits.lossy_per_s)
        return room.sampler

    # Writing --------------------------------------------------------------------------------------

    def _queue(self, room: _Room) -> None:
        if not room.is_queued:
            room.is_queued = True
            self._enqueue(self._deliver(room))

    def _enqueue(self, job: Iterator[None]) -> None:
        self._jobs.append(job)
        self._has_work.set()

    def _deliver(self, room: _Room) -> Iterator[None]:
        room.is_queued = False  # what is appended from here on queues another pass; no seat gets a message twice
        yield from room.audience.deliver(self._clock())
        if room.audience.behind:
            self._restless.add(room)

    def _flush(self, room: _Room, sampler: Sampler) -> Iterator[None]:
        try:
            yield from room.audience.deliver_lossy(sampler.take(self._clock()))
        finally:
            room.is_flushing = False

    async def _work(self) -> None:
        """Rooms take turns, a chunk of sockets each, so that a crowd in one shop does not keep another waiting."""
        while True:
            await self._has_work.wait()
            while self._jobs:
                job = self._jobs.popleft()
                try:
                    next(job)
                    self._jobs.append(job)
                except StopIteration:
                    pass
                except Exception:  # one room's defect must not silence the others
                    log.exception("delivery_failed")
                await asyncio.sleep(0)
            self._has_work.clear()

    async def _tick(self) -> None:
        swept_at = self._clock()
        while True:
            await asyncio.sleep(self.limits.tick_s * next((factor for size, factor in CROWDS if self.seat_count > size), 1))
            for room in list(self._restless):
                self._tend(room)
            if self._clock() - swept_at > SWEEP_S:
                swept_at = self._clock()
                await self._sweep()

    def _tend(self, room: _Room) -> None:
        if room.is_calm:
            self._restless.discard(room)
            return
        if room.sampler is not None and not room.sampler.is_empty and not room.is_flushing:
            room.is_flushing = True
            self._enqueue(self._flush(room, room.sampler))
        for seat in room.audience.tend_behind(self._clock()):
            seat.is_replaying = True
            self._spawn(self._or_cut(seat, self._replay(room, seat)))

    async def _sweep(self) -> None:
        """Forget topics that nobody has listened to for a while."""
        now = self._clock()
        for channel, rooms in list(self._rooms.items()):
            for room in list(rooms.values()):
                if room.members == 0 and room.empty_since is not None and now - room.empty_since > self.limits.idle_s:
                    self._forget(room)
            if not rooms:
                self._rooms.pop(channel, None)
                await self._bus.unsubscribe(channel)

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    def _finish(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.info("hub_task_failed", reason=repr(task.exception()))
