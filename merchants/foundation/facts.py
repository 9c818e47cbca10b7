"""Facts: what changed, in the past tense. The row commits with the change; handlers run after it, at least once.

`config/reactions.py` lists the handlers of each fact. A sweeper delivers what a crash or a lost task left behind.
"""

import dataclasses
import typing
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from merchants.foundation import clock
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import enqueue

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 12
SWEEP_BATCH = 200


@dataclasses.dataclass(frozen=True)
class Fact:
    """Base of all facts. Field types: str, int, bool, UUID, datetime, each optionally `| None`."""

    @classmethod
    def kind(cls) -> str:
        return f"{cls.__module__}.{cls.__qualname__}"

    def as_payload(self) -> dict[str, Any]:
        return {field.name: _encode(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        types = typing.get_type_hints(cls)
        return cls(**{name: _decode(types[name], value) for name, value in payload.items() if name in types})


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _decode(hint: Any, value: Any) -> Any:
    kinds = typing.get_args(hint) or (hint,)
    if value is None:
        return None
    if UUID in kinds:
        return UUID(value)
    return datetime.fromisoformat(value) if datetime in kinds else value


@cache
def _reactions() -> dict[str, list[str]]:
    table: dict[str, list[str]] = import_string(settings.REACTIONS_TABLE)
    return table


def emit(fact: Fact) -> None:
    """Record `fact`; its handlers run after the commit.

    Needs: an open transaction.
    """
    if _is_heard(fact):
        record = _record(fact)
        record.save(force_insert=True)
        enqueue("merchants.foundation.tasks.deliver_fact", fact_id=str(record.pk))


def emit_all(facts: Sequence[Fact]) -> None:
    """`emit` for many at once: one statement and one task, however many there are.

    Needs: an open transaction.
    """
    records = [_record(fact) for fact in facts if _is_heard(fact)]
    if records:
        FactRecord.objects.bulk_create(records)
        enqueue("merchants.foundation.tasks.deliver_facts", fact_ids=[str(record.pk) for record in records])


def _is_heard(fact: Fact) -> bool:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a fact is emitted inside the transaction of its change")
    return bool(_reactions().get(fact.kind()))


def _record(fact: Fact) -> FactRecord:
    return FactRecord(kind=fact.kind(), payload=fact.as_payload(), created_at=clock.now(), next_attempt_at=clock.now())


def deliver(*, fact_id: UUID | str) -> bool:
    """Run the handlers of one fact that have not run yet. True when all of them are done."""
    with transaction.atomic():
        record = FactRecord.objects.select_for_update(skip_locked=True).filter(pk=fact_id, delivered_at=None).first()
        if record is None:
            return True
        record.attempts += 1
        record.next_attempt_at = clock.now() + timedelta(seconds=min(2**record.attempts, 600))
        record.save(update_fields=["attempts", "next_attempt_at"])
    for path in _reactions().get(record.kind, []):
        if path not in record.done:
            _run_handler(record, path)
    is_done = set(_reactions().get(record.kind, [])) <= set(record.done)
    if is_done:
        FactRecord.objects.filter(pk=record.pk).update(delivered_at=clock.now())
    return is_done


def _run_handler(record: FactRecord, path: str) -> None:
    handler: Callable[[Fact], None] = import_string(path)
    fact_class: type[Fact] = import_string(record.kind)
    try:
        handler(fact_class.from_payload(record.payload))
    except Exception:  # one handler's defect must not keep the fact from the others; the sweeper comes back
        log.exception("fact_handler_failed", fact=record.kind, handler=path, attempt=record.attempts)
        return
    record.done = [*record.done, path]
    FactRecord.objects.filter(pk=record.pk).update(done=record.done)


def deliver_due() -> int:
    """Deliver what is overdue (a crash, a lost task). Returns how many facts were tried."""
    due = FactRecord.objects.filter(delivered_at=None, next_attempt_at__lte=clock.now() - timedelta(seconds=3), attempts__lt=MAX_ATTEMPTS)
    ids = list(due.order_by("created_at").values_list("pk", flat=True)[:SWEEP_BATCH])
    for fact_id in ids:
        deliver(fact_id=fact_id)
    return len(ids)
