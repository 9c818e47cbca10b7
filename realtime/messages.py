"""Messages on the wire: their base classes, their envelope, and the few that this floor speaks itself.

A slice declares its kinds in its own `messages.py`:

    class Cue(Lossless, tag="cue"):
        card_id: UUID
        at_ms: int

The struct is the schema: Python checks it, and `manage.py generate_types` writes the TypeScript from it.
"""

from typing import Annotated, Any, ClassVar, Literal

import msgspec

from realtime.throttle import Limit
from realtime.topics import Topic

# What a message may have unless its kind says more, and what none may exceed (uvicorn itself closes at this size).
MAX_INCOMING_BYTES = 4096
MOST_INCOMING_BYTES = 16_384

Reference = Annotated[str, msgspec.Meta(max_length=40)]


class Lossless(msgspec.Struct, tag_field="k", kw_only=True, omit_defaults=False):
    """Sequenced, replayed after a reconnect, never dropped. On the wire it also carries `s` (its sequence number),
    and `on: "me"` when it belongs to the viewer's own stream rather than the room's."""


class Lossy(msgspec.Struct, tag_field="k", kw_only=True):
    """May be sampled or skipped for a slow socket.

    `merge` says how a crowd of them shrinks: `sample` keeps a fair random choice (danmaku), `latest` keeps only the
    newest of its kind (counters). `is_kept` marks a message that sampling must keep (a moderator's, a paid one): pass it when publishing.
    """

    merge: ClassVar[Literal["sample", "latest"]] = "sample"


class Incoming(msgspec.Struct, tag_field="k", kw_only=True, forbid_unknown_fields=True):
    """What a browser may send. `ref` comes back in the acknowledgement or the error."""

    limit: ClassVar[Limit] = Limit(per_s=5, burst=10)
    most_bytes: ClassVar[int] = MAX_INCOMING_BYTES

    ref: Reference = ""


class Ping(Incoming, tag="ping"):
    """Asks for the server's clock; `t` is the browser's own, in milliseconds, and comes back unchanged."""

    t: float


class Pong(msgspec.Struct, tag_field="k", tag="pong"):
    t: float
    server_ms: int


class Ready(msgspec.Struct, tag_field="k", tag="ready"):
    """All streams of this socket are joined. `resumed` is false when the room began with a snapshot."""

    resumed: bool
    server_ms: int


class Reset(msgspec.Struct, tag_field="k", tag="reset"):
    """A stream that has no snapshot begins at this point: read what it is about again over HTTP."""


class Ack(msgspec.Struct, tag_field="k", tag="ack"):
    ref: str


class Refusal(msgspec.Struct, tag_field="k", tag="error", omit_defaults=True):
    """A message was refused (`ref` names it), or the socket is about to close (no `ref`)."""

    code: str
    message: str
    params: dict[str, Any] = {}
    ref: str = ""


class Presence(Lossy, tag="presence"):
    """How many sockets watch, over all processes."""

    merge: ClassVar[Literal["sample", "latest"]] = "latest"

    online: int


class Peek(msgspec.Struct):
    """The part of an incoming frame that is read before its kind is known."""

    k: str = ""
    ref: str = ""


_encoder = msgspec.json.Encoder(uuid_format="canonical")


def encode(message: msgspec.Struct) -> bytes:
    """The JSON object of `message`, encoded once however many sockets get it."""
    return _encoder.encode(message)


def kind_of(message: msgspec.Struct | type[msgspec.Struct]) -> str:
    return str(message.__struct_config__.tag)


def splice(fields: bytes, payload: bytes) -> bytes:
    """Put `fields` (`"s":7,`) in front of the members of a JSON object that has at least one."""
    return b"{" + fields + payload[1:]


def body_for(topic: Topic, message: Lossless) -> bytes:
    """The JSON that goes into a topic's stream; a viewer's own messages are marked as such."""
    payload = encode(message)
    return splice(b'"on":"me",', payload) if topic.address else payload
