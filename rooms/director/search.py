"""Which shops are asked for rooms to lead: two queries a second for each of hundreds of shops would be most of a database's day.

Asked every time: shops that had such a room when last asked, and those whose rooms have just changed (`air.read_changed_shops`). The
others, which have been quiet, are asked some at a time in turn: all of them within `SWEEP` searches. So a show that somebody begins is
found at once, one that begins by itself within its five seconds' notice, and nothing is missed should Valkey forget.
"""

import math
from collections.abc import Iterable
from uuid import UUID

from merchants.foundation.tenancy import tenant_db
from merchants.tenants.queries import list_open_schemas
from rooms.director.queries import list_rooms_to_lead
from rooms.program.air import read_changed_shops

SWEEP = 8
# So few are asked in one go: a small installation is looked at whole each time.
LEAST_AT_ONCE = 40

Rooms = frozenset[tuple[str, UUID]]

_list_rooms = tenant_db(list_rooms_to_lead)


@tenant_db
def _list_schemas() -> list[str]:
    return list_open_schemas()


class Search:
    """One director's. `least_at_once` shops that were quiet are asked each time, or more where there are many."""

    def __init__(self, *, least_at_once: int = LEAST_AT_ONCE) -> None:
        self._least_at_once = least_at_once
        self._rooms: dict[str, list[UUID]] = {}
        self._turn = ""

    async def find(self) -> Rooms:
        """All rooms that need a leader, as far as is known. Raises: DatabaseError, InterfaceError, RedisError, OSError."""
        schemas = await _list_schemas("public")
        for schema in self.choose(schemas, await read_changed_shops()):
            self._rooms[schema] = await _list_rooms(schema)
        is_open = frozenset(schemas)
        self._rooms = {schema: rooms for schema, rooms in self._rooms.items() if rooms and schema in is_open}
        return frozenset((schema, room_id) for schema, rooms in self._rooms.items() for room_id in rooms)

    def choose(self, schemas: list[str], changed: Iterable[str]) -> list[str]:
        """`schemas` in order. Those to ask now; the turn goes on behind the last quiet one."""
        watched = self._rooms.keys() | frozenset(changed)
        asked, quiet = [schema for schema in schemas if schema in watched], [schema for schema in schemas if schema not in watched]
        ahead = [schema for schema in quiet if schema > self._turn]
        count = max(self._least_at_once, math.ceil(len(quiet) / SWEEP))
        chosen = [*ahead, *quiet[: len(quiet) - len(ahead)]][:count]
        if chosen:
            self._turn = chosen[-1]
        return [*asked, *chosen]
