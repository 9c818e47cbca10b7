"""A room that repeats what it is told: just enough kinds to exercise each way through the exchange."""

from typing import Annotated, ClassVar, Literal

import msgspec

from merchants.foundation.errors import Conflict
from realtime.context import SocketContext
from realtime.messages import Incoming, Lossless, Lossy
from realtime.throttle import Limit
from realtime.ticket import Ticket

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
FREE = Limit(per_s=10_000, burst=100_000)


class Note(Lossless, tag="note"):
    text: str
    by: str = ""


class Whisper(Lossless, tag="whisper"):
    text: str


class Shout(Lossy, tag="shout"):
    text: str
    by: str


class Total(Lossy, tag="total"):
    merge: ClassVar[Literal["sample", "latest"]] = "latest"

    value: int


class Snapshot(Lossless, tag="snapshot"):
    room: str
    viewer: str


class Say(Incoming, tag="say"):
    limit: ClassVar[Limit] = FREE
    text: Text


class Call(Incoming, tag="call"):
    limit: ClassVar[Limit] = FREE
    text: Text


class Tell(Incoming, tag="tell"):
    viewer_id: str
    text: Text


class Rare(Incoming, tag="rare"):
    limit: ClassVar[Limit] = Limit(per_s=0.5, burst=2)


class Ask(Incoming, tag="ask"):
    limit: ClassVar[Limit] = FREE
    what: Literal["time", "conflict", "defect", "shared"]


class Answer(msgspec.Struct, tag_field="k", tag="answer"):
    text: str


INCOMING = {
    kind: (f"tests.realtime.site.table.{kind.title()}", f"tests.realtime.site.table.{handler}")
    for kind, handler in {"say": "say", "call": "call", "tell": "tell", "rare": "nothing", "ask": "ask"}.items()
}
SNAPSHOT = "tests.realtime.site.table.snapshot"
OUTGOING = [f"tests.realtime.site.table.{name}" for name in ("Note", "Whisper", "Shout", "Total", "Snapshot")]


def find_schema(host: str) -> str | None:
    name, _, domain = host.partition(".")
    return name if domain == "localhost" and name in ("aurora", "borealis") else None


async def snapshot(schema: str, room_id: str, viewer: Ticket) -> Snapshot:
    return Snapshot(room=room_id, viewer=viewer.viewer_id)


async def say(context: SocketContext, message: Say) -> None:
    await context.publish(Note(text=message.text, by=context.viewer.viewer_id))


async def call(context: SocketContext, message: Call) -> None:
    context.publish_lossy(Shout(text=message.text, by=context.viewer.viewer_id))


async def tell(context: SocketContext, message: Tell) -> None:
    await context.publish_to_viewer(message.viewer_id, Whisper(text=message.text))


async def nothing(context: SocketContext, message: Rare) -> None:
    return None


async def ask(context: SocketContext, message: Ask) -> Answer:
    if message.what == "conflict":
        raise Conflict
    if message.what == "defect":
        raise ValueError("a defect of the handler")
    if message.what == "shared":
        return Answer(text=str(await context.take_token("ask", Limit(per_s=0.1, burst=1)) > 0))
    return Answer(text="now")
