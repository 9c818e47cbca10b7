"""What a handler of an incoming message works with."""

from collections.abc import Callable

import msgspec

from realtime.errors import TicketInvalid
from realtime.exchange import Exchange
from realtime.lossy import make_offer
from realtime.messages import Lossless, Lossy, body_for, encode, splice
from realtime.throttle import Limit
from realtime.ticket import Ticket
from realtime.topics import Topic
from realtime.ws import Outlet, frame

SKIP_BYTES = 64 * 1024


class SocketContext:
    """One socket's side of a handler: `async def handle(context: SocketContext, message: Danmaku) -> Struct | None`.

    What the handler returns answers the sender; None is acknowledged. A DomainError is sent as the refusal it is.
    Nothing here touches the database: use `@tenant_db` stories with `context.schema` for that.
    """

    def __init__(self, *, exchange: Exchange, viewer: Ticket, topic: Topic, outlet: Outlet, language: str) -> None:
        self.viewer = viewer
        self.topic = topic
        self.language = language
        self.ref = ""
        self._exchange = exchange
        self._outlet = outlet
        self._at_end: dict[str, Callable[[], None]] = {}

    @property
    def schema(self) -> str:
        return self.viewer.schema

    @property
    def room_id(self) -> str:
        return self.viewer.room_id

    @property
    def slug(self) -> str:
        return self.viewer.slug

    def renew(self, ticket: Ticket) -> None:
        """Go on under another ticket of the same viewer, for this room. Raises: TicketInvalid."""
        if msgspec.structs.replace(ticket, nickname="") != msgspec.structs.replace(self.viewer, nickname=""):
            raise TicketInvalid
        self.viewer = ticket

    def reply(self, message: msgspec.Struct) -> None:
        """Answer the sender alone; carries the `ref` of the message that is handled now."""
        payload = encode(message)
        if self.ref:
            payload = splice(b'"ref":' + msgspec.json.encode(self.ref) + b",", payload)
        if not self._outlet.is_closing():
            self._outlet.write(frame(payload))

    def tell(self, message: msgspec.Struct) -> None:
        """Say something to this socket alone that it did not just ask for; one that reads slowly misses it."""
        if not self._outlet.is_closing() and self._outlet.get_write_buffer_size() <= SKIP_BYTES:
            self._outlet.write(frame(encode(message)))

    def at_end(self, name: str, act: Callable[[], None] | None) -> None:
        """Do `act` once this socket is gone, whatever took it; another one under the same name replaces it, None takes it back."""
        if act is None:
            self._at_end.pop(name, None)
        else:
            self._at_end[name] = act

    def end(self) -> None:
        """The consumer's: the socket is gone."""
        while self._at_end:
            self._at_end.popitem()[1]()

    async def publish(self, message: Lossless) -> int:
        """To everybody in the room, sequenced. Returns its number. Raises RedisError when Valkey does not answer."""
        return await self._exchange.streams.append(self.topic, body_for(self.topic, message))

    async def publish_to_viewer(self, viewer_id: str, message: Lossless) -> int:
        """To one viewer's own stream, on every socket they have open in this shop."""
        topic = Topic.viewer(self.schema, viewer_id)
        return await self._exchange.streams.append(topic, body_for(topic, message))

    def publish_lossy(self, message: Lossy, *, is_kept: bool = False) -> None:
        """To the room, as far as it can be read; the sender sees it in any case. Never waits.

        `is_kept` keeps it out of the sampling: staff, paid messages.
        """
        self._exchange.say_lossy(self.topic, make_offer(message, sender=self.viewer.viewer_id, is_kept=is_kept or bool(self.viewer.role)))

    async def take_token(self, name: str, limit: Limit) -> float:
        """One token of a bucket that all processes share, such as `comment:<viewer>` in slow mode. Returns seconds to wait, or 0."""
        return await self._exchange.shared_buckets.take(f"{self.topic.key}:{name}", limit)
