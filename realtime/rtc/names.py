"""What things are called: rooms of a shop, roles of publishers, lines of a room."""

from dataclasses import dataclass
from typing import Literal, Self

from realtime.topics import Topic

Kind = Literal["audio", "video"]
Role = Literal["primary", "backup", "guest", "viewer"]

KINDS: tuple[Kind, Kind] = ("video", "audio")
CLOCK_HZ: dict[Kind, int] = {"video": 90_000, "audio": 48_000}
HOST_LINE = "host"
# Lower goes on air first.
PRIORITY: dict[str, int] = {"primary": 0, "backup": 1, "guest": 2}


@dataclass(frozen=True, slots=True, order=True)
class RoomName:
    """A room is always named with its shop: equal ids of two shops are two rooms."""

    schema: str
    room_id: str

    @classmethod
    def of(cls, schema: str, room_id: object) -> Self:
        """Raises: ValueError for names that could reach another key."""
        Topic.room(schema, str(room_id))
        return cls(schema, str(room_id))

    @property
    def key(self) -> str:
        """`aurora:{room:0190…}`, which begins every key and channel of the room."""
        return Topic.room(self.schema, self.room_id).key


def line_of(role: str, name: str) -> str:
    """Primary and backup share the host's line; every guest has a line of their own."""
    return f"guest-{name}" if role == "guest" else HOST_LINE
