"""What web processes and nodes say to each other."""

from typing import Annotated, Any

import msgspec

from realtime.rtc.names import HOST_LINE, Role, RoomName
from realtime.rtc.stage import Event, EventKind

MOST_BYTES = 65_536
MOST_DROPPED_MS = 15_000


class Request(msgspec.Struct, tag_field="k", frozen=True, forbid_unknown_fields=True):
    """Of `MediaEngine`; the room stands in the envelope."""


class Publish(Request, tag="publish", frozen=True):
    offer: str
    role: Role
    name: str = ""
    is_muted: bool = False


class Subscribe(Request, tag="subscribe", frozen=True):
    """`offer` None: the node offers. `peer_id`: a connection that is negotiated again. `most_viewers`: see `MediaEngine.subscribe`."""

    offer: str | None = None
    lines: tuple[str, ...] = (HOST_LINE,)
    peer_id: str = ""
    most_viewers: int = 0


class Accept(Request, tag="accept", frozen=True):
    peer_id: str
    answer: str


class SwitchSource(Request, tag="switch", frozen=True):
    peer_id: str | None


class Kick(Request, tag="kick", frozen=True):
    peer_id: str


class Drop(Request, tag="drop", frozen=True):
    """A drill: take nothing of the publishers with these roles for so long."""

    roles: tuple[Role, ...]
    for_ms: Annotated[int, msgspec.Meta(ge=1, le=MOST_DROPPED_MS)]


class MuteLine(Request, tag="mute", frozen=True):
    line: str
    is_muted: bool


class CloseLine(Request, tag="close_line", frozen=True):
    line: str


class Stats(Request, tag="stats", frozen=True):
    """Of the room."""


AnyRequest = Publish | Subscribe | Accept | SwitchSource | Kick | Drop | MuteLine | CloseLine | Stats


class Envelope(msgspec.Struct, frozen=True):
    """`expires_at_ms` is milliseconds since 1970: an answer after that has nobody who waits for it."""

    id: str
    answer_key: str
    schema: str
    room_id: str
    generation: int
    expires_at_ms: int
    request: AnyRequest

    @property
    def room(self) -> RoomName:
        """Raises: ValueError."""
        return RoomName.of(self.schema, self.room_id)


class Answer(msgspec.Struct, frozen=True):
    """`error` is an RtcError's code, with its params; otherwise `result` holds what the engine returned."""

    id: str
    error: str = ""
    params: dict[str, Any] = {}
    result: Any = None


class Beat(msgspec.Struct, frozen=True):
    """What a node writes about itself twice a second. `hls`: where it serves its rooms' films (`127.0.0.1:8890`), empty for nowhere."""

    peers: int = 0
    is_full: bool = False
    is_draining: bool = False
    hls: str = ""


class Notice(msgspec.Struct, frozen=True):
    """An `Event` on the room's channel."""

    kind: EventKind
    line: str
    source: str
    role: str

    @classmethod
    def of(cls, event: Event) -> "Notice":
        return cls(event.kind, event.line, event.source, event.role)


encode = msgspec.msgpack.Encoder().encode
decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode
decode_beat = msgspec.msgpack.Decoder(Beat).decode
decode_notice = msgspec.msgpack.Decoder(Notice).decode
