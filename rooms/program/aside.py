"""Rows of a show on their way to the database: a capped stream of the shop, drained by a task. Sending never waits for PostgreSQL."""

from typing import Any, Generic, Protocol, TypeVar, cast
from uuid import UUID

import msgspec
from django.db.models import Model

from merchants.foundation.tenancy import current_schema, tenant_key
from rooms.program.air import async_client, client
from rooms.program.models import Airing

MOST_BATCHES = 25


class _OfAiring(Protocol):
    """A msgspec struct whose fields are the model's; its id decides whether a row is there already."""

    id: UUID
    airing_id: UUID


Row = TypeVar("Row", bound=_OfAiring)


class Aside(Generic[Row]):
    """`capacity`: rows that wait at most, approximately; without a worker the oldest go. `batch`: rows saved by one statement."""

    def __init__(self, name: str, row: type[Row], model: type[Model], *, capacity: int, batch: int) -> None:
        self._name = name
        self._model = model
        self._capacity = capacity
        self._batch = batch
        self._encoder = msgspec.json.Encoder()
        self._decoder = msgspec.json.Decoder(row)

    def key(self, schema: str) -> str:
        return tenant_key(self._name, schema=schema)

    def pack(self, row: Row) -> dict[str, bytes]:
        return {"m": self._encoder.encode(row)}

    async def keep(self, schema: str, row: Row) -> None:
        """Raises: RedisError."""
        await async_client().xadd(self.key(schema), self.pack(row), maxlen=self._capacity, approximate=True)

    def drain(self) -> int:
        """Save what waits, in batches. Safe beside another drain: ids decide, and an entry goes once its row is there. Returns how many."""
        key, saved = self.key(current_schema()), 0
        for _ in range(MOST_BATCHES):
            entries = client().xrange(key, count=self._batch)
            if not entries:
                break
            self._save([self._decoder.decode(fields[b"m"]) for _, fields in entries])
            client().xdel(key, *(entry_id for entry_id, _ in entries))
            saved += len(entries)
        return saved

    def _save(self, rows: list[Row]) -> None:
        """What a deleted show left goes with it."""
        airings = set(Airing.objects.filter(pk__in={row.airing_id for row in rows}).values_list("pk", flat=True))
        found = [self._model(**msgspec.structs.asdict(cast(Any, row))) for row in rows if row.airing_id in airings]
        self._model._default_manager.bulk_create(found, ignore_conflicts=True)
