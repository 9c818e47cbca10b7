"""What may be subscribed to. A topic's keys begin with the shop, so no shop can reach another's."""

import re
from dataclasses import dataclass
from typing import Self
from uuid import UUID

# No braces, blanks or line breaks: they separate the parts of a cluster key and of a pub/sub header.
NAME = re.compile(r"^[A-Za-z0-9_.\-]{1,80}$")

ROOM_LIFETIME_S = 7 * 86_400
VIEWER_LIFETIME_S = 86_400


@dataclass(frozen=True, slots=True)
class Topic:
    """One sequenced stream of messages.

    `key` names the stream in Valkey (`aurora:{room:0190…}`; the braces keep its keys in one cluster slot), `channel` is
    where its messages are announced. All viewers of a shop share one channel: a process subscribes once per shop, not
    once per viewer, and `address` (the viewer's id) picks the socket. `lifetime_s` after the last message the stream
    expires, and a returning client gets a snapshot.
    """

    key: str
    channel: str
    address: str = ""
    lifetime_s: int = ROOM_LIFETIME_S

    @classmethod
    def room(cls, schema: str, room_id: UUID | str) -> Self:
        key = f"{_checked(schema)}:{{room:{_checked(room_id)}}}"
        return cls(key=key, channel=f"{key}:live")

    @classmethod
    def viewer(cls, schema: str, viewer_id: UUID | str) -> Self:
        address = _checked(viewer_id)
        return cls(
            key=f"{_checked(schema)}:{{viewer:{address}}}",
            channel=f"{schema}:{{viewers}}:live",
            address=address,
            lifetime_s=VIEWER_LIFETIME_S,
        )

    @classmethod
    def office(cls, schema: str) -> Self:
        key = f"{_checked(schema)}:{{office}}"
        return cls(key=key, channel=f"{key}:live")

    @property
    def schema(self) -> str:
        return self.key.partition(":")[0]

    @property
    def head_key(self) -> str:
        return f"{self.key}:head"

    @property
    def stream_key(self) -> str:
        return f"{self.key}:stream"


def _checked(name: UUID | str) -> str:
    text = str(name)
    if not NAME.match(text):
        raise ValueError(f"not a topic name: {text!r}")
    return text
