"""A topic's stream in Valkey: one script appends, numbers and announces; readers fill gaps from it.

Keys of a topic, all in one cluster slot: `head` (hash: epoch, seq) and `stream` (entries `<seq>-0`, field `m` the JSON).
The epoch names one unbroken life of the stream. Sequence numbers only mean something within it: after Valkey lost data
(restart without a durable log, fail-over, expiry) the epoch changes, and clients start over from a snapshot.
"""

import asyncio
import secrets
from typing import Any, NamedTuple

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from realtime.topics import Topic

STREAM_LENGTH = 5000
ONCE_S = 3600
READ_BATCH = 256


class Head(NamedTuple):
    """A point in a stream: also a client's cursor (`?epoch=&since=`)."""

    epoch: str
    seq: int


class Entry(NamedTuple):
    seq: int
    payload: bytes


# KEYS: head, stream, [mark of a message that must not be published twice]
# ARGV: epoch if there is none, message without its opening brace, channel, address, lifetime, length, mark's lifetime
# The first message of a new head starts a new stream: entries of a former life would refuse its low numbers.
APPEND = """
if KEYS[3] then
  local done = redis.call('GET', KEYS[3])
  if done then return tonumber(done) end
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
if seq == 1 then redis.call('DEL', KEYS[2]) end
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
local epoch = redis.call('HGET', KEYS[1], 'epoch')
local payload = '{"s":' .. seq .. ',' .. ARGV[2]
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[6], seq .. '-0', 'm', payload)
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
if KEYS[3] then redis.call('SET', KEYS[3], seq, 'EX', ARGV[7]) end
redis.call('PUBLISH', ARGV[3], 'L' .. epoch .. ' ' .. seq .. ' ' .. ARGV[4] .. '\\n' .. payload)
return seq
"""

# KEYS: head. ARGV: the epoch that is given up, the one that follows. The first of many processes wins.
RENEW = """
if redis.call('HGET', KEYS[1], 'epoch') == ARGV[1] then redis.call('HSET', KEYS[1], 'epoch', ARGV[2]) end
return redis.call('HMGET', KEYS[1], 'epoch', 'seq')
"""


# KEYS: head. ARGV: epoch if there is none, lifetime. One command, because a crowd that returns asks for one head each.
OPEN = """
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HMGET', KEYS[1], 'epoch', 'seq')
"""


class Call(NamedTuple):
    """Keys and arguments of one APPEND, the same for the synchronous and the asynchronous client."""

    keys: list[str]
    args: list[Any]


def new_epoch() -> str:
    return secrets.token_urlsafe(9)


def append_call(topic: Topic, payload: bytes, *, once: str = "") -> Call:
    """`once` names the message: a second append of the same name within an hour returns the first one's number."""
    keys = [topic.head_key, topic.stream_key]
    if once:
        keys.append(f"{topic.key}:once:{once}")
    return Call(keys, [new_epoch(), payload[1:], topic.channel, topic.address, topic.lifetime_s, STREAM_LENGTH, ONCE_S])


def connect(url: str) -> Redis:
    """A client with bounds: 64 connections, two seconds for an answer, no repetition (an append may have happened)."""
    pool = BlockingConnectionPool.from_url(
        url, max_connections=64, timeout=2, protocol=2, retry=Retry(NoBackoff(), 0), socket_timeout=2, socket_connect_timeout=2
    )
    return Redis.from_pool(pool)


class Streams:
    """The streams, for asynchronous code. Raises RedisError when Valkey does not answer in time."""

    def __init__(self, client: Redis) -> None:
        self.client = client
        self._append = client.register_script(APPEND)
        self._renew = client.register_script(RENEW)
        self._asked: list[tuple[Topic, asyncio.Future[Head]]] = []
        self._answering: asyncio.Task[None] | None = None

    async def append(self, topic: Topic, payload: bytes) -> int:
        """Number, keep and announce one message (its JSON object). Returns its sequence number."""
        call = append_call(topic, payload)
        return int(await self._append(keys=call.keys, args=call.args))

    async def read_after(self, topic: Topic, seq: int, limit: int = READ_BATCH) -> list[Entry]:
        """The next entries after `seq`, oldest first."""
        rows: Any = await self.client.xrange(topic.stream_key, min=f"{seq + 1}-0", max="+", count=limit)
        return [Entry(int(entry_id.partition(b"-")[0]), fields[b"m"]) for entry_id, fields in rows]

    async def renew(self, topic: Topic, epoch: str) -> Head:
        """End `epoch`, unless another process did already. Returns the head that holds now."""
        found, seq = await self._renew(keys=[topic.head_key], args=[epoch, new_epoch()])
        return await self.head(topic) if found is None else Head(found.decode(), int(seq or 0))

    async def head(self, topic: Topic) -> Head:
        """Where the stream stands; a stream without messages gets its epoch here.

        Questions of the same moment share a round trip: a thousand viewers who connect at once ask for a thousand heads.
        """
        answer: asyncio.Future[Head] = asyncio.get_running_loop().create_future()
        self._asked.append((topic, answer))
        if self._answering is None:
            self._answering = asyncio.create_task(self._answer())
        return await answer

    async def _answer(self) -> None:
        try:
            while self._asked:
                batch, self._asked = self._asked[:200], self._asked[200:]
                try:
                    heads = await self._read_heads([topic for topic, _ in batch])
                except Exception as error:  # handed to each asker, who knows what to do about it
                    for _, answer in batch:
                        if not answer.done():
                            answer.set_exception(error)
                    continue
                for (_, answer), head in zip(batch, heads, strict=True):
                    if not answer.done():
                        answer.set_result(head)
        finally:
            self._answering = None

    async def _read_heads(self, topics: list[Topic]) -> list[Head]:
        async with self.client.pipeline(transaction=False) as pipe:
            for topic in topics:
                pipe.eval(OPEN, 1, topic.head_key, new_epoch(), topic.lifetime_s)
            return [Head(epoch.decode(), int(seq or 0)) for epoch, seq in await pipe.execute()]

    async def run_id(self) -> str:
        """Changes when another Valkey process answers: a restart or a fail-over."""
        return str((await self.client.info("server"))["run_id"])

    async def is_durable(self) -> bool:
        """Whether an acknowledged message survives kill -9 of Valkey (`appendfsync always`). Unknown counts as no."""
        try:
            found = await self.client.config_get("append*")
        except ResponseError:  # managed services forbid CONFIG
            return False
        return found.get("appendonly") == "yes" and found.get("appendfsync") == "always"
