"""The roof's socket table: which kinds exist, who handles them, who makes the snapshot.

The module named by `settings.SOCKET_TABLE` holds

    INCOMING: dict[str, tuple[str, str]]          kind -> (Struct's dotted path, handler's dotted path)
    OFFICE_INCOMING: the same for the office      (optional)
    SNAPSHOT: str                                 dotted path of `async snapshot(schema, room_id, viewer) -> Struct` (optional)
    OUTGOING: list[str]                           dotted paths of the Structs that are sent, for the TypeScript types
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import msgspec
from django.conf import settings
from django.utils.module_loading import import_string

from realtime.messages import Incoming, kind_of

Handler = Callable[[Any, Any], Awaitable[msgspec.Struct | None]]
Snapshot = Callable[..., Awaitable[msgspec.Struct]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One incoming kind."""

    kind: str
    struct: type[Incoming]
    decoder: msgspec.json.Decoder[Incoming]
    handler: Handler


@dataclass(frozen=True, slots=True)
class Table:
    room: dict[str, Entry]
    office: dict[str, Entry]
    snapshot: Snapshot | None
    outgoing: list[type[msgspec.Struct]]


class TableBroken(RuntimeError):
    """The table names something that does not fit: a defect, found at start."""


def load_table(path: str = "") -> Table:
    """The table at `path`, or the one that the settings name now."""
    return _load(path or settings.SOCKET_TABLE)


@cache
def _load(path: str) -> Table:
    module = import_module(path)
    snapshot: str = getattr(module, "SNAPSHOT", "")
    return Table(
        room=_entries(getattr(module, "INCOMING", {})),
        office=_entries(getattr(module, "OFFICE_INCOMING", {})),
        snapshot=import_string(snapshot) if snapshot else None,
        outgoing=[import_string(path) for path in getattr(module, "OUTGOING", [])],
    )


def _entries(rows: dict[str, tuple[str, str]]) -> dict[str, Entry]:
    entries = {}
    for kind, (struct_path, handler_path) in rows.items():
        struct = import_string(struct_path)
        if not issubclass(struct, Incoming) or kind_of(struct) != kind:
            raise TableBroken(f"{struct_path} is not an Incoming message of the kind {kind!r}")
        entries[kind] = Entry(kind, struct, msgspec.json.Decoder(struct, strict=True), import_string(handler_path))
    return entries
