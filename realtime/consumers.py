"""The doors of the exchange. Channels connects and receives; the hub sends.

A consumer checks who comes (origin, shop, ticket) without touching Valkey or, usually, the database; takes seats at the
room's and the viewer's own topic; then hands each incoming frame to the handler that the roof's table names.
"""

import asyncio
import random
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation
from redis.exceptions import RedisError

from merchants.foundation import clock
from merchants.foundation.errors import DomainError, TooManyRequests
from realtime import hub, incoming
from realtime.audience import Seat
from realtime.context import SocketContext
from realtime.errors import Crowded, Leaving, NotStaff, TicketInvalid, TookTooLong, Unreachable
from realtime.exchange import ARRIVALS, Exchange, get_exchange
from realtime.messages import Ack, Ping, Pong, Ready, Refusal, Reset, encode, splice
from realtime.origin import Headers, host_name, is_same_origin, public_scheme
from realtime.staff import find_staff
from realtime.stream import Head
from realtime.table import Entry, load_table
from realtime.ticket import Ticket, read_ticket
from realtime.topics import Topic
from realtime.ws import AsgiOutlet, Outlet, frame, outlet_for

log = structlog.get_logger(__name__)

HANDLER_TIMEOUT_S = 10.0
# A browser that sends without reading its answers is cut off here.
UNREAD_BYTES = 256 * 1024
# Those sent away come back over this span, not all at once.
SPREAD_S = (1, 8)


class Refused(Exception):
    """The handshake is refused with a plain 403: wrong origin or no shop at this host."""


class SocketConsumer(AsyncWebsocketConsumer):
    """What the room's and the office's socket have in common."""

    exchange: Exchange
    outlet: Outlet
    context: SocketContext
    entries: dict[str, Entry]
    language: str

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One frame after the other.

        Channels' own loop makes a task for each frame, looks for a channel layer, and visits the database thread before each
        dispatch (145 µs); the hub does the sending here, and nothing of the receiving needs the database.
        """
        self.scope, self.base_send = scope, send
        handlers = {"websocket.connect": self.websocket_connect, "websocket.receive": self.websocket_receive}
        with suppress(StopConsumer):
            while True:
                message = await receive()
                await asyncio.sleep(0)  # frames that wait already (daphne queues them) would keep everybody else waiting
                await handlers.get(message["type"], self.websocket_disconnect)(message)

    # Coming and going ----------------------------------------------------------------------------

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        self.seats: list[tuple[Topic, Seat]] = []
        self.headers: Headers = dict(self.scope["headers"])
        self.query = dict(parse_qsl(self.scope["query_string"].decode("latin-1"), max_num_fields=20))
        self.language = self._chosen_language()
        self.exchange = get_exchange()
        try:
            schema = await self._find_shop()
        except Refused:
            await self.close()
            return
        await self.accept()
        self.outlet = outlet_for(self.scope, self.base_send)
        try:
            self._spread_arrivals()
            await self.enter(schema)
            self.headers, self.query = {}, {}  # thousands of sockets stay, and nobody asks again
        except Leaving as error:
            await self._send_away(error)
        except DomainError as error:  # the snapshot's floor refused: no such room, not open to this viewer
            await self._send_away(error, code=4404 if error.http_status == 404 else Leaving.close_code)
        except hub.Unreachable:
            await self._send_away(Unreachable(retry_after_s=random.randint(*SPREAD_S)))
        except Exception:  # a defect behind the snapshot; the browser comes back later, spread out
            log.exception("entry_failed", tenant=schema)
            await self._send_away(Unreachable(retry_after_s=random.randint(*SPREAD_S)))

    async def enter(self, schema: str) -> None:
        """Check who it is and take seats. Raises: Leaving."""
        raise NotImplementedError

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._leave_seats()
        context = getattr(self, "context", None)
        if context is not None:
            context.end()
        outlet = getattr(self, "outlet", None)
        if isinstance(outlet, AsgiOutlet):
            outlet.close()
        raise StopConsumer

    def _leave_seats(self) -> None:
        for topic, seat in self.seats:
            self.exchange.hub.leave(topic, seat)
        self.seats.clear()

    async def _find_shop(self) -> str:
        scheme = public_scheme(self.scope, self.headers, proxy_header=getattr(settings, "SECURE_PROXY_SSL_HEADER", None))
        if not is_same_origin(self.headers, scheme=scheme):
            raise Refused
        schema = await self.exchange.tenants.find(host_name(self.headers))
        if schema is None:
            raise Refused
        return schema

    def _spread_arrivals(self) -> None:
        wait_s = self.exchange.buckets.take("arrivals", ARRIVALS)
        if wait_s > 0:
            raise Crowded(retry_after_s=random.randint(*SPREAD_S) + int(wait_s))

    async def _send_away(self, error: DomainError, *, code: int = Leaving.close_code) -> None:
        """Say why, then close. The browser cannot read a refused handshake, so it was accepted first."""
        self._leave_seats()
        if self.outlet.is_closing():
            return
        self._write(self._refusal(error))
        if isinstance(self.outlet, AsgiOutlet):
            await self.outlet.finish()
        await self.close(code=error.close_code if isinstance(error, Leaving) else code, reason=error.code)

    async def _take_seat(self, topic: Topic, viewer_id: str, *, recover: Any, cursor: Head | None) -> bool:
        seat, is_resumed = await self.exchange.hub.take_seat(topic, outlet=self.outlet, viewer_id=viewer_id, recover=recover, cursor=cursor)
        self.seats.append((topic, seat))
        return is_resumed

    def _cursor(self, epoch_name: str, seq_name: str) -> Head | None:
        epoch, seq = self.query.get(epoch_name, ""), self.query.get(seq_name, "")
        return Head(epoch, int(seq)) if epoch and seq.isascii() and seq.isdigit() and len(seq) < 16 else None

    def _chosen_language(self) -> str:
        asked = self.query.get("lang", "")
        return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    # Receiving -----------------------------------------------------------------------------------

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if not self.seats:
            return
        if self.outlet.get_write_buffer_size() > UNREAD_BYTES:
            self.outlet.abort()
            return
        text = message.get("text")
        try:
            await self._handle(incoming.read(text if text is not None else message.get("bytes"), self.entries))
        except incoming.Refused as refused:
            await self._refuse(refused.error, refused.ref)

    async def _handle(self, received: incoming.Received) -> None:
        self._throttle(received)
        if isinstance(received.message, Ping):
            self._write(Pong(t=received.message.t, server_ms=clock.now_ms()))
            return
        context, ref = self.context, received.message.ref
        context.ref = ref
        try:
            async with asyncio.timeout(HANDLER_TIMEOUT_S):
                answer = await received.handler(context, received.message)
        except DomainError as error:
            raise incoming.Refused(error, ref) from error
        except TimeoutError as error:
            raise incoming.Refused(TookTooLong(), ref) from error
        except (RedisError, OSError) as error:
            log.warning("handler_without_valkey", kind=received.kind, reason=str(error))
            raise incoming.Refused(Unreachable(retry_after_s=2), ref) from error
        except Exception as error:  # a defect of one handler costs its sender an answer, not the socket
            log.exception("handler_failed", kind=received.kind, tenant=context.schema)
            raise incoming.Refused(DomainError(), ref) from error
        if answer is not None:
            context.reply(answer)
        elif ref:
            self._write(Ack(ref=ref))

    def _throttle(self, received: incoming.Received) -> None:
        viewer = self.context.viewer
        wait_s = self.exchange.buckets.take((viewer.schema, viewer.viewer_id, received.kind), received.limit)
        if wait_s > 0:
            raise incoming.Refused(TooManyRequests(retry_after_s=max(1, round(wait_s + 0.5))), received.message.ref)

    async def _refuse(self, error: DomainError, ref: str) -> None:
        """Answer with the refusal; whoever keeps sending what is refused is sent away."""
        viewer = self.context.viewer
        if self.exchange.buckets.take((viewer.schema, viewer.viewer_id, "refused"), incoming.REFUSALS) > 0:
            await self._send_away(Crowded(retry_after_s=30))
        else:
            self._write(self._refusal(error, ref))

    def _refusal(self, error: DomainError, ref: str = "") -> Refusal:
        with translation.override(self.language):
            payload = error.as_payload()
        return Refusal(code=payload["code"], message=payload["message"], params=payload["params"], ref=ref)

    def _write(self, message: msgspec.Struct) -> None:
        if not self.outlet.is_closing():
            self.outlet.write(frame(encode(message)))


async def begin_again(head: Head, *, on: str) -> bytes:
    """The start of a stream that has no snapshot of its own."""
    return splice(b'"s":%d,"epoch":%s,"on":"%s",' % (head.seq, msgspec.json.encode(head.epoch), on.encode()), encode(Reset()))


class RoomConsumer(SocketConsumer):
    """`/ws/rooms/<slug>/?ticket=&since=&epoch=&mine=&mine_epoch=&lang=`; the cursors are those of the last message got."""

    async def enter(self, schema: str) -> None:
        ticket = read_ticket(schema, self.query.get("ticket", ""))
        if ticket.slug != self.scope["url_route"]["kwargs"]["slug"]:
            raise TicketInvalid
        self.entries = load_table().room
        room, own = Topic.room(schema, ticket.room_id), Topic.viewer(schema, ticket.viewer_id)
        self.context = SocketContext(exchange=self.exchange, viewer=ticket, topic=room, outlet=self.outlet, language=self.language)
        resumed = await self._take_seat(room, ticket.viewer_id, recover=partial(self._snapshot, ticket), cursor=self._cursor("epoch", "since"))
        await self._take_seat(own, ticket.viewer_id, recover=partial(begin_again, on="me"), cursor=self._cursor("mine_epoch", "mine"))
        self._write(Ready(resumed=resumed, server_ms=clock.now_ms()))

    async def _snapshot(self, ticket: Ticket, head: Head) -> bytes:
        """`{"s":…,"epoch":…,"k":"snapshot",…}`: the room as it stands, from the database."""
        make = load_table().snapshot
        if make is None:
            return await begin_again(head, on="room")
        payload = encode(await make(ticket.schema, ticket.room_id, ticket))
        return splice(b'"s":%d,"epoch":%s,' % (head.seq, msgspec.json.encode(head.epoch)), payload)


class OfficeConsumer(SocketConsumer):
    """`/ws/office/?since=&epoch=&lang=`: what moves in the office, for signed-in staff."""

    async def enter(self, schema: str) -> None:
        staff = await find_staff(schema, self.headers)
        if staff is None:
            raise NotStaff
        self.entries = load_table().office
        topic = Topic.office(schema)
        self.context = SocketContext(exchange=self.exchange, viewer=staff, topic=topic, outlet=self.outlet, language=self.language)
        resumed = await self._take_seat(topic, staff.viewer_id, recover=partial(begin_again, on="office"), cursor=self._cursor("epoch", "since"))
        self._write(Ready(resumed=resumed, server_ms=clock.now_ms()))
