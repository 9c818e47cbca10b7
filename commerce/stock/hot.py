"""Which variants are hot: a mark in the shop's cache that runs out by itself and that all processes see.

A mark only chooses the road an order takes (`coalescer.py`): without Valkey every order takes the usual one.
"""

from collections.abc import Iterable
from time import monotonic
from uuid import UUID

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

from merchants.foundation.tenancy import current_schema

log = structlog.get_logger(__name__)

# A mark is heard of this much later; in between a process asks nobody.
MEMO_S = 1.0
MOST_KEPT = 4096

_known: dict[tuple[str, UUID], tuple[float, bool]] = {}


def mark(variant_ids: Iterable[UUID], *, for_s: int) -> None:
    """Raises: RedisError."""
    cache.set_many({_name(variant_id): 1 for variant_id in variant_ids}, timeout=for_s)


def unmark(variant_ids: Iterable[UUID]) -> None:
    """Raises: RedisError."""
    cache.delete_many([_name(variant_id) for variant_id in variant_ids])


def is_any(variant_ids: Iterable[UUID]) -> bool:
    """Whether one of them is hot; at most one read a second for each variant, shop and process."""
    schema, now = current_schema(), monotonic()
    asked = {variant_id: _known.get((schema, variant_id), (0.0, False)) for variant_id in variant_ids}
    unknown = [variant_id for variant_id, (until, _) in asked.items() if until <= now]
    if not unknown:
        return any(is_hot for _, is_hot in asked.values())
    found = _read(unknown)
    if len(_known) > MOST_KEPT:
        _known.clear()
    for variant_id in unknown:
        asked[variant_id] = _known[schema, variant_id] = (now + MEMO_S, _name(variant_id) in found)
    return any(is_hot for _, is_hot in asked.values())


def forget() -> None:
    """Ask anew at the next order (tests)."""
    _known.clear()


def _read(variant_ids: list[UUID]) -> dict[str, int]:
    try:
        return dict(cache.get_many([_name(variant_id) for variant_id in variant_ids]))
    except (RedisError, OSError) as error:
        log.warning("hot_not_read", reason=str(error))
        return {}


def _name(variant_id: UUID) -> str:
    return f"stock:hot:{variant_id}"
