"""The one clock of the product. Stored in UTC; the merchant's zone is only for the screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_frozen_at: ContextVar[datetime | None] = ContextVar("frozen_at", default=None)


def now() -> datetime:
    """The time now, aware, in UTC."""
    return _frozen_at.get() or datetime.now(UTC)


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return to_ms(now())


def to_ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def from_ms(at_ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` within the block (tests, replays of a day)."""
    token = _frozen_at.set(at)
    try:
        yield
    finally:
        _frozen_at.reset(token)
