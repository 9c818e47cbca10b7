"""Group commit: who finds no leader becomes one and writes what has gathered in one transaction, for everybody.

One queue a shop in each process, no thread of its own. While a leader commits, others gather; it then hands the lead to the
first of them, so that nobody works for longer than one batch on what is not theirs. The database alone decides who gets what:
a second leader, as every other process has one, would only wait for the first one's locks.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

import structlog
from django.db import DatabaseError, InterfaceError

from commerce.stock.errors import StockBusy
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import tenant_connection

log = structlog.get_logger(__name__)

W = TypeVar("W")
R = TypeVar("R")

MOST_AT_ONCE = 64
MOST_WAITING = 512
WAIT_S = 5.0
# So long a leader may take for a batch before the next comer leads beside it. Its locks are given up after 5 s (lock_timeout).
STALE_S = 6.0


class NotWritten(Exception):
    """This batch, or this work of it, was not written by the leader, or nobody knows: try it alone, by its own key."""


@dataclass(eq=False)
class _Ticket(Generic[W, R]):
    """One waiter. `turn` is let go once, when it has its answer or the lead: a bare lock wakes a thread at half the price of an Event."""

    work: W
    turn: Lock = field(default_factory=Lock)
    has_turn: bool = False
    is_done: bool = False
    answer: R | Exception | None = None

    def __post_init__(self) -> None:
        self.turn.acquire()

    def give(self, answer: R | Exception) -> None:
        self.answer, self.is_done = answer, True
        self.wake()

    def wake(self) -> None:
        if not self.has_turn:
            self.has_turn = True
            self.turn.release()


@dataclass(eq=False)
class _Queue(Generic[W, R]):
    """A shop's waiters in order of arrival. `led_since`: monotonic seconds of the leader's present batch."""

    waiting: "deque[_Ticket[W, R]]" = field(default_factory=deque)
    leader: "_Ticket[W, R] | None" = None
    led_since: float = 0.0


class Coalescer(Generic[W, R]):
    """`write` gets up to 64 works of one shop, in the order of their arrival, in that shop's schema and outside of a transaction.

    It returns as many answers: a result, a DomainError for that work alone, or None for a work that must go alone.
    """

    def __init__(self, write: Callable[[Sequence[W]], Sequence[R | DomainError | None]], *, most_waiting: int = MOST_WAITING, wait_s: float = WAIT_S):
        self._write = write
        self._most_waiting = most_waiting
        self._wait_s = wait_s
        self._guard = Lock()
        self._queues: dict[str, _Queue[W, R]] = {}

    def put(self, shop: str, work: W) -> R:
        """Wait until `work` is written, by this thread or by another one.

        Needs: no open transaction; the connection stands in the shop's schema.
        Raises: StockBusy, NotWritten, and the DomainError that `write` answered.
        """
        ticket: _Ticket[W, R] = _Ticket(work)
        with self._guard:
            queue = self._queues.setdefault(shop, _Queue())
            if len(queue.waiting) >= self._most_waiting:
                raise StockBusy(retry_after_s=1)
            queue.waiting.append(ticket)
            leads = queue.leader is None or monotonic() - queue.led_since > STALE_S
            if leads:
                self._promote(queue, ticket)
        if not leads:
            _give_connection_back()
            self._wait(queue, ticket)
        if not ticket.is_done:
            self._lead(shop, queue, ticket)
        if isinstance(ticket.answer, Exception):
            raise ticket.answer
        return ticket.answer  # type: ignore[return-value]  # done, and no refusal

    def _wait(self, queue: _Queue[W, R], ticket: _Ticket[W, R]) -> None:
        if ticket.turn.acquire(timeout=self._wait_s):
            return
        with self._guard:
            if ticket.has_turn:
                return
            if ticket in queue.waiting:
                queue.waiting.remove(ticket)
        raise StockBusy(retry_after_s=1)

    def _promote(self, queue: _Queue[W, R], ticket: _Ticket[W, R]) -> None:
        """Needs: the guard."""
        queue.leader, queue.led_since = ticket, monotonic()
        ticket.wake()

    def _lead(self, shop: str, queue: _Queue[W, R], ticket: _Ticket[W, R]) -> None:
        """Write batches until this ticket's own is written; as a rule that is the first."""
        try:
            while not ticket.is_done:
                self._write_batch(queue)
        finally:
            self._hand_on(shop, queue, ticket)

    def _write_batch(self, queue: _Queue[W, R]) -> None:
        """However it ends, all of its waiters are answered."""
        with self._guard:
            batch = [queue.waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(queue.waiting)))]
            queue.led_since = monotonic()
        try:
            for member, answer in zip(batch, self._write([member.work for member in batch]), strict=True):
                member.give(NotWritten() if answer is None else answer)
        except (DatabaseError, InterfaceError) as error:
            log.warning("batch_not_written", count=len(batch), reason=type(error).__name__)
        finally:
            for member in batch:
                if not member.is_done:
                    member.give(NotWritten())

    def _hand_on(self, shop: str, queue: _Queue[W, R], ticket: _Ticket[W, R]) -> None:
        with self._guard:
            if not ticket.is_done:
                queue.waiting.remove(ticket)  # a defect ended this thread before its turn
            if queue.leader is not ticket:
                return  # it took so long that another one leads
            queue.leader = None
            if queue.waiting:
                self._promote(queue, queue.waiting[0])
            elif self._queues.get(shop) is queue:
                del self._queues[shop]


def _give_connection_back() -> None:
    """With a pool, who only waits must not keep a connection from the leader: as many could wait as the pool is large."""
    own = tenant_connection()
    if own.pool is not None and not own.in_atomic_block:
        own.close()
