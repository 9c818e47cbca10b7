"""The road from web processes to nodes over Valkey: they ask here for what `MediaEngine` does, and wait a bounded time."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from realtime.rtc.engine import Description
from realtime.rtc.errors import NodeBusy, NodeDraining, NodeSilent, RequestInvalid, RoomMoved, RoomUnknown, RtcError, revive
from realtime.rtc.names import HOST_LINE, Role, RoomName
from realtime.rtc.placement import Placement, Registry
from realtime.rtc.requests import (
    MOST_BYTES,
    Accept,
    Answer,
    AnyRequest,
    CloseLine,
    Drop,
    Envelope,
    Kick,
    MuteLine,
    Publish,
    Stats,
    Subscribe,
    SwitchSource,
    decode_answer,
    encode,
)

log = structlog.get_logger(__name__)

TIMEOUT_S = 5.0
MOST_WAITING = 256
MOST_QUEUED = 256
LOOK_S = 0.25
BLOCK_S = 1.0
ANSWERS_LIFETIME_MS = 30_000
PAUSE_S = 0.2

# KEYS: a node's queue. ARGV: the envelope, the most that may wait, lifetime in ms: a dead node's queue goes by itself.
ASK = """
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
"""


def queue_key(node_id: str) -> str:
    return f"node:{node_id}:requests"


def connect(url: str) -> Redis:
    """A client whose commands end: blocking reads take one second of the five that a socket may be silent. Nothing is repeated
    behind our back, which would hide for half a minute that Valkey is away."""
    pool = BlockingConnectionPool.from_url(
        url, protocol=2, max_connections=32, timeout=2, socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
    )
    return Redis.from_pool(pool)


async def end(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel, and wait a bounded time: redis-py swallows a cancellation that meets an answer, so loops also look at a flag
    after each blocking read of a second."""
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=2 * BLOCK_S)


class Relay:
    """A web process's side. Needs: `start` on the loop that calls. Raises RtcError, and RedisError when Valkey is away."""

    def __init__(self, client: Redis, *, timeout_s: float = TIMEOUT_S) -> None:
        self.registry = Registry(client)
        self._client = client
        self._timeout_s = timeout_s
        self._answer_key = f"asker:{secrets.token_hex(8)}:answers"
        self._waiting: dict[str, asyncio.Future[Answer]] = {}
        self._ask = client.register_script(ASK)
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._read_answers())

    async def close(self) -> None:
        self._is_closing = True
        if self._task is not None:
            await end([self._task])
        for waiting in self._waiting.values():
            waiting.cancel()

    async def publish(self, room: RoomName, *, offer: str, role: Role, name: str = "", is_muted: bool = False) -> Description:
        return _description(await self._call(room, Publish(offer, role, name, is_muted), is_placing=True))

    async def subscribe(
        self, room: RoomName, *, offer: str | None = None, lines: Sequence[str] = (HOST_LINE,), peer_id: str = "", most_viewers: int = 0
    ) -> Description:
        """With a `peer_id` the room must be where it was: another node does not know that connection."""
        request = Subscribe(offer, tuple(lines), peer_id, most_viewers)
        return _description(await self._call(room, request, is_placing=not peer_id))

    async def accept(self, room: RoomName, *, peer_id: str, answer: str) -> None:
        await self._call(room, Accept(peer_id, answer))

    async def switch_source(self, room: RoomName, peer_id: str | None) -> None:
        await self._call(room, SwitchSource(peer_id))

    async def kick(self, room: RoomName, peer_id: str) -> None:
        await self._call(room, Kick(peer_id))

    async def drop(self, room: RoomName, *, roles: Sequence[Role], for_s: float) -> None:
        await self._call(room, Drop(tuple(roles), round(for_s * 1000)))

    async def mute_line(self, room: RoomName, line: str, *, is_muted: bool) -> None:
        await self._call(room, MuteLine(line, is_muted))

    async def close_line(self, room: RoomName, line: str) -> None:
        await self._call(room, CloseLine(line))

    async def stats(self, room: RoomName) -> dict[str, Any]:
        result: dict[str, Any] = await self._call(room, Stats())
        return result

    async def _call(self, room: RoomName, request: AnyRequest, *, is_placing: bool = False) -> Any:
        """Ask the room's node. When it dies or leaves meanwhile, a placing request goes to the next one within the same time."""
        if len(self._waiting) >= MOST_WAITING:
            raise NodeBusy
        deadline = time.monotonic() + self._timeout_s
        refusal: RtcError = NodeSilent()
        while (left_s := deadline - time.monotonic()) > 0:
            placement = await self._placement(room, is_placing)
            try:
                return await self._ask_node(room, request, placement, left_s)
            except (NodeSilent, NodeDraining, RoomMoved) as error:
                if not is_placing:
                    raise
                refusal = error
            await asyncio.sleep(PAUSE_S)
        raise refusal

    async def _placement(self, room: RoomName, is_placing: bool) -> Placement:
        if is_placing:
            return await self.registry.place(room)
        placement = await self.registry.find(room)
        if placement is None:
            raise RoomUnknown
        return placement

    async def _ask_node(self, room: RoomName, request: AnyRequest, placement: Placement, left_s: float) -> Any:
        """Raises: NodeSilent as soon as the node is known to be dead."""
        number = secrets.token_hex(8)
        expires_at_ms = int((time.time() + left_s) * 1000)
        envelope = encode(Envelope(number, self._answer_key, room.schema, room.room_id, placement.generation, expires_at_ms, request))
        if len(envelope) > MOST_BYTES:
            raise RequestInvalid(reason=f"more than {MOST_BYTES} bytes")
        waiting = self._waiting[number] = asyncio.get_running_loop().create_future()
        deadline = time.monotonic() + left_s
        try:
            if not await self._ask(keys=[queue_key(placement.node_id)], args=[envelope, MOST_QUEUED, ANSWERS_LIFETIME_MS]):
                raise NodeBusy
            while (left_s := deadline - time.monotonic()) > 0:
                done, _ = await asyncio.wait([waiting], timeout=min(LOOK_S, left_s))
                if done:
                    return _result(waiting.result())
                if not await self.registry.is_alive(placement.node_id):
                    raise NodeSilent
            raise NodeSilent
        finally:
            del self._waiting[number]

    async def _read_answers(self) -> None:
        while not self._is_closing:
            try:
                popped: Any = await self._client.blpop([self._answer_key], timeout=BLOCK_S)
            except (RedisError, OSError) as error:
                log.warning("relay_answers_lost", reason=str(error))
                await asyncio.sleep(PAUSE_S)
                continue
            if popped is not None:
                self._deliver(popped[1])

    def _deliver(self, data: bytes) -> None:
        try:
            answer = decode_answer(data)
        except msgspec.DecodeError:
            log.warning("relay_answer_malformed")
            return
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def _result(answer: Answer) -> Any:
    if answer.error:
        raise revive(answer.error, answer.params)
    return answer.result


def _description(result: Any) -> Description:
    return Description(result["peer_id"], result["kind"], result["sdp"])
