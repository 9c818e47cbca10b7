"""Lossy messages at both ends: gathered before Valkey, sampled before the sockets.

On the way in a process announces what it gathered in 10 ms as one batch, and only its share of a crowd. On the way out
each room keeps a fair sample of a tick: nobody reads more than 50 danmaku a second, but everybody finds their own.
"""

import asyncio
import random
from dataclasses import dataclass, field

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from realtime.messages import Lossy, encode, kind_of
from realtime.throttle import Buckets, Limit
from realtime.topics import Topic

log = structlog.get_logger(__name__)

GATHER_S = 0.01
# Four times what one viewer can read: plenty to choose from, however many processes and senders there are.
PROCESS_SHARE = Limit(per_s=200, burst=400)
MAX_GATHERED = 1000
MAX_KEPT = 20
MAX_OWN = 1000
MAX_OWN_EACH = 5


class Offer(msgspec.Struct, array_like=True):
    """One lossy message on its way: `sender` is the viewer who must see it in any case."""

    kind: str
    payload: bytes
    sender: str = ""
    is_kept: bool = False
    is_latest: bool = False


class Announcement(msgspec.Struct, array_like=True):
    """What crosses Valkey: the offers of one topic."""

    address: str
    offers: list[Offer]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Announcement)


def make_offer(message: Lossy, *, sender: str = "", is_kept: bool = False) -> Offer:
    return Offer(kind_of(message), encode(message), sender, is_kept, message.merge == "latest")


def pack(topic: Topic, offers: list[Offer]) -> bytes:
    return b"Y" + _encoder.encode(Announcement(topic.address, offers))


def unpack(data: bytes) -> Announcement:
    return _decoder.decode(data[1:])


class Forwarder:
    """Announces this process's lossy messages. Never waits, never raises: what Valkey does not take is lost."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._share = Buckets(size=10_000)
        self._gathered: dict[Topic, list[Offer]] = {}
        self._flushing: asyncio.Task[None] | None = None
        self.lost = 0

    def offer(self, topic: Topic, offer: Offer) -> bool:
        """Gather one message. False when this process has sent its share of the room already."""
        if not offer.is_kept and not offer.is_latest and self._share.take(topic.key, PROCESS_SHARE) > 0:
            return False
        gathered = self._gathered.setdefault(topic, [])
        if len(gathered) >= MAX_GATHERED:
            return False
        gathered.append(offer)
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush())
        return True

    async def _flush(self) -> None:
        try:
            while self._gathered:
                await asyncio.sleep(GATHER_S)
                gathered, self._gathered = self._gathered, {}
                await self._announce(gathered)
        finally:
            self._flushing = None

    async def _announce(self, gathered: dict[Topic, list[Offer]]) -> None:
        try:
            async with self._client.pipeline(transaction=False) as pipe:
                for topic, offers in gathered.items():
                    pipe.publish(topic.channel, pack(topic, offers))
                await pipe.execute()
        except RedisError as error:
            self.lost += sum(map(len, gathered.values()))
            log.warning("lossy_messages_lost", reason=str(error), lost=self.lost)


@dataclass(frozen=True, slots=True)
class Batch:
    """A tick's messages: `common` for everybody, `own` besides for the viewers whose message was not chosen."""

    common: list[bytes]
    own: dict[str, list[bytes]]


@dataclass(slots=True)
class Sampler:
    """Chooses at most `per_s` messages a second, each with the same chance (reservoir sampling, algorithm R)."""

    per_s: float
    rng: random.Random = field(default_factory=random.Random)
    _allowance: float = 0.0
    _taken_at: float = float("-inf")
    _seen: int = 0
    _reservoir: list[tuple[int, Offer]] = field(default_factory=list)
    _kept: list[tuple[int, Offer]] = field(default_factory=list)
    _latest: dict[str, Offer] = field(default_factory=dict)
    _own: dict[str, list[bytes]] = field(default_factory=dict)

    @property
    def _burst(self) -> int:
        return max(1, round(self.per_s / 5))

    @property
    def is_empty(self) -> bool:
        return not (self._reservoir or self._kept or self._latest or self._own)

    def offer(self, offer: Offer) -> None:
        self._seen += 1
        if offer.is_latest:
            self._latest[offer.kind] = offer
        elif offer.is_kept and len(self._kept) < MAX_KEPT:
            self._kept.append((self._seen, offer))
        elif len(self._reservoir) < self._burst:
            self._reservoir.append((self._seen, offer))
        else:
            self._replace(offer)

    def keep_own(self, offer: Offer) -> None:
        """Only for the sender's eyes."""
        held = self._own.setdefault(offer.sender, []) if offer.sender and len(self._own) < MAX_OWN else self._own.get(offer.sender)
        if held is not None and len(held) < MAX_OWN_EACH:
            held.append(offer.payload)

    def take(self, now: float) -> Batch:
        """The messages of this tick (`now` in seconds, monotonic); the sampler is empty afterwards."""
        self._allowance = min(self._allowance + self.per_s * min(now - self._taken_at, 1.0), float(self._burst))
        self._taken_at = now
        chosen = self._reservoir
        if len(chosen) > int(self._allowance):
            chosen = self.rng.sample(self._reservoir, int(self._allowance))
            left = {number for number, _ in self._reservoir} - {number for number, _ in chosen}
            for number, offer in self._reservoir:
                if number in left:
                    self.keep_own(offer)
        self._allowance -= len(chosen)
        ordered = sorted([*chosen, *self._kept], key=lambda numbered: numbered[0])
        batch = Batch([offer.payload for _, offer in ordered] + [offer.payload for offer in self._latest.values()], self._own)
        self._seen, self._reservoir, self._kept, self._latest, self._own = 0, [], [], {}, {}
        return batch

    def _replace(self, offer: Offer) -> None:
        at = self.rng.randrange(self._seen)
        if at < len(self._reservoir):
            _, loser = self._reservoir[at]
            self._reservoir[at] = (self._seen, offer)
            offer = loser
        self.keep_own(offer)


def tick_payload(messages: list[bytes]) -> bytes:
    """One frame for a tick: `{"k":"tick","m":[…]}`."""
    return b'{"k":"tick","m":[' + b",".join(messages) + b"]}"
