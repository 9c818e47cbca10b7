"""Stories and steps of the stock. Levels are locked in the order of their variants' ids, so that carts cannot deadlock."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from commerce.stock import hot, statements
from commerce.stock.errors import SoldOut, StockTooLow
from commerce.stock.facts import StockChanged
from commerce.stock.models import Adjustment, Hold, Level
from commerce.stock.queries import LevelView, get_level
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.facts import emit
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import enqueue, tenant_key

SWEEP_BATCH = 500
MOST_ANNOUNCED = 1_000


@dataclass(frozen=True)
class Wish:
    """Units of one variant that an order wants; `title` is for the refusal."""

    variant_id: UUID
    quantity: int
    title: str


def hold_units(*, order_id: UUID, wishes: Sequence[Wish], ttl: timedelta, attempt: str = "") -> None:
    """Set units aside for an order; a repetition with the same order and `attempt` changes nothing.

    Expired holds of others are freed when they are needed, so a stopped sweeper never makes an article look sold out.

    Needs: an open transaction; the hold is its last contended write. Raises: SoldOut (the caller's transaction must roll back).
    """
    for wish in sorted(_merged(wishes), key=lambda wish: wish.variant_id):
        key = _key(order_id, wish, attempt)
        if not (_hold(order_id, wish, key, ttl) or _hold_lapsed(order_id, wish, key, ttl) or _is_held(key)):
            raise SoldOut(title=wish.title, available=get_level(wish.variant_id).available)
    _announce_soon(wish.variant_id for wish in wishes)


def hold_batch(*, orders: Mapping[UUID, Sequence[Wish]], ttl: timedelta) -> dict[UUID, SoldOut]:
    """Set units aside for many orders at once, in the order given; says which get nothing, and what was left when their turn came.

    Each level is locked once, in the order of the ids, and expired holds are freed when units run short, as `hold_units` does.

    Needs: an open transaction; ids of new orders.
    """
    wanted = {order_id: sorted(_merged(wishes), key=lambda wish: wish.variant_id) for order_id, wishes in orders.items()}
    need: Counter[UUID] = Counter()
    for wish in chain.from_iterable(wanted.values()):
        need[wish.variant_id] += wish.quantity
    if not need:
        return {}
    free = Counter(dict(_execute(statements.LOCK, variant_ids=sorted(need))))
    for variant_id in sorted(need):
        if free[variant_id] < need[variant_id]:
            free[variant_id] += _expire(variant_id)
    refused: dict[UUID, SoldOut] = {}
    held: list[tuple[UUID, Wish]] = []
    for order_id, wishes in wanted.items():
        short = next((wish for wish in wishes if free[wish.variant_id] < wish.quantity), None)
        if short is not None:
            refused[order_id] = SoldOut(title=short.title, available=free[short.variant_id])
            continue
        for wish in wishes:
            free[wish.variant_id] -= wish.quantity
            held.append((order_id, wish))
    _hold_all(held, ttl)
    return refused


def mark_hot(*, variant_ids: Sequence[UUID], for_s: int) -> None:
    """Let orders for these variants be written in batches for so long; all processes see it within a second. Raises: RedisError."""
    hot.mark(variant_ids, for_s=for_s)


def sell_holds(*, order_id: UUID) -> bool:
    """Make the order's holds final. False when a hold has ended meanwhile; then nothing is sold.

    Needs: an open transaction that holds the order's row.
    """
    holds = list(Hold.objects.select_for_update(of=("self",), no_key=True).filter(order_id=order_id).order_by("level_id", "pk"))
    live = [hold for hold in holds if hold.state != Hold.State.RELEASED]
    if any(hold.state == Hold.State.EXPIRED for hold in live) or (holds and not live):
        return False
    _settle(order_id, Hold.State.SOLD)
    return True


def sell_again(*, order_id: UUID, wishes: Sequence[Wish], attempt: str) -> None:
    """Take the units anew for a payment that came after its hold had ended.

    Needs: an open transaction that holds the order's row. Raises: SoldOut (the caller's savepoint must roll back).
    """
    Hold.objects.filter(order_id=order_id, state=Hold.State.EXPIRED).update(state=Hold.State.RELEASED)
    _settle(order_id, Hold.State.RELEASED)
    hold_units(order_id=order_id, wishes=wishes, ttl=timedelta(minutes=1), attempt=attempt)
    _settle(order_id, Hold.State.SOLD)


def release_holds(*, order_id: UUID) -> None:
    """Give the units of an order back that will not be paid.

    Needs: an open transaction that holds the order's row.
    """
    _settle(order_id, Hold.State.RELEASED)
    _announce_soon(Hold.objects.filter(order_id=order_id).values_list("level_id", flat=True))


def return_units(*, order_id: UUID) -> None:
    """Put the units of a refunded order back on the shelf.

    Needs: an open transaction that holds the order's row.
    """
    _execute(statements.RETURN, order_id=order_id)
    _announce_soon(Hold.objects.filter(order_id=order_id).values_list("level_id", flat=True))


def adjust_stock(*, variant_id: UUID, delta: int, reason: str, actor: str) -> LevelView:
    """Receive units or write some off. Raises: StockTooLow, naming what is free."""
    try:
        with transaction.atomic(durable=True):
            _adjust(variant_id, delta, reason, actor)
    except IntegrityError as error:
        raise StockTooLow(available=get_level(variant_id).available) from error
    return get_level(variant_id)


def set_stock(*, variant_id: UUID, available: int, reason: str, actor: str) -> LevelView:
    """Make `available` the number that can be bought now; held and sold units stay as they are."""
    if available < 0:
        raise StockTooLow(available=get_level(variant_id).available)
    with transaction.atomic(durable=True):
        level = Level.objects.select_for_update(of=("self",), no_key=True).filter(pk=variant_id).first()
        delta = available - (level.available if level else 0)
        if delta or level is None:
            _adjust(variant_id, delta, reason, actor)
    return get_level(variant_id)


def sweep() -> int:
    """Free expired holds and tell viewers of levels that changed. Returns how many units came back."""
    with transaction.atomic(durable=True):
        freed = _expire(None)
    announce()
    return freed


def announce(*, variant_ids: Sequence[UUID] | None = None) -> int:
    """Emit StockChanged for levels that changed, at most every 400 ms for one variant; the sweeper brings the rest."""
    with transaction.atomic(durable=True):
        rows = _execute(statements.ANNOUNCE, quiet_ms=statements.ANNOUNCE_MS, variant_ids=list(variant_ids) if variant_ids else None)
        for product_id, variant_id, available in rows:
            emit(StockChanged(product_id=product_id, variant_id=variant_id, available=available))
    return len(rows)


def _adjust(variant_id: UUID, delta: int, reason: str, actor: str) -> None:
    _execute(statements.BEGIN_LEVEL, variant_id=variant_id)
    _execute(statements.ADJUST, variant_id=variant_id, delta=delta)
    Adjustment.objects.create(level_id=variant_id, delta=delta, reason=reason[:120], actor=actor, at=clock.now())
    record_action(actor=actor, action="stock.adjust", subject=f"variant:{variant_id}", delta=delta, reason=reason[:120])
    _announce_soon([variant_id])


def _hold(order_id: UUID, wish: Wish, key: str, ttl: timedelta) -> bool:
    return bool(
        _execute(
            statements.HOLD, id=new_id(), key=key, order_id=order_id, variant_id=wish.variant_id, quantity=wish.quantity, ttl_s=ttl.total_seconds()
        )
    )


def _hold_lapsed(order_id: UUID, wish: Wish, key: str, ttl: timedelta) -> bool:
    """Once more, after what lapsed was freed: here, or by somebody else who was waited for."""
    _expire(wish.variant_id)
    return _hold(order_id, wish, key, ttl)


def _hold_all(held: Sequence[tuple[UUID, Wish]], ttl: timedelta) -> None:
    if not held:
        return
    _execute(
        statements.HOLD_MANY,
        ids=[new_id() for _ in held],
        keys=[_key(order_id, wish) for order_id, wish in held],
        order_ids=[order_id for order_id, _ in held],
        variant_ids=[wish.variant_id for _, wish in held],
        quantities=[wish.quantity for _, wish in held],
        ttl_s=ttl.total_seconds(),
    )
    _announce_batch(sorted({wish.variant_id for _, wish in held}))


def _key(order_id: UUID, wish: Wish, attempt: str = "") -> str:
    return f"{order_id}:{wish.variant_id}{attempt and ':' + attempt}"


def _is_held(key: str) -> bool:
    return Hold.objects.filter(idempotency_key=key, state__in=[Hold.State.ACTIVE, Hold.State.SOLD]).exists()


def _expire(variant_id: UUID | None) -> int:
    return sum(int(units) for (units,) in _execute(statements.EXPIRE, variant_id=variant_id, limit=SWEEP_BATCH))


def _settle(order_id: UUID, state: Hold.State) -> None:
    _execute(statements.SETTLE, order_id=order_id, state=str(state))


def _merged(wishes: Iterable[Wish]) -> list[Wish]:
    """One wish a variant: the same article on two lines is counted together."""
    merged: dict[UUID, Wish] = {}
    for wish in wishes:
        before = merged.get(wish.variant_id)
        merged[wish.variant_id] = Wish(wish.variant_id, wish.quantity + (before.quantity if before else 0), wish.title)
    return list(merged.values())


def _announce_soon(variant_ids: Iterable[UUID]) -> None:
    ids = [str(variant_id) for variant_id in variant_ids]
    if ids:
        enqueue("commerce.stock.tasks.announce_stock", variant_ids=ids)


def _announce_batch(variant_ids: Sequence[UUID]) -> None:
    """In a rush every batch would send a task that finds nothing to say yet; the last value comes with the sweeper as ever."""
    now, key = monotonic(), tenant_key(*variant_ids)
    if now - _announced.get(key, 0.0) < statements.ANNOUNCE_MS / 1000:
        return
    if len(_announced) > MOST_ANNOUNCED:
        _announced.clear()
    _announced[key] = now
    _announce_soon(variant_ids)


_announced: dict[str, float] = {}


def _execute(statement: str, **params: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall() if cursor.description else []
