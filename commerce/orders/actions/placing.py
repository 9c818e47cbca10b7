"""Placing an order: prices are the server's, the units are held, the browser's key lets it in once."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from commerce.catalog.queries import SellableVariant, list_sellable
from commerce.orders.actions import batches
from commerce.orders.actions.bag import MOST_LINES
from commerce.orders.actions.drafts import Buyer, Draft, LineWish, claim_of, fact_of, number_of
from commerce.orders.errors import ClientKeyReused, EmptyOrder, NotForSale, TooMuch
from commerce.orders.models import MOST_QUANTITY, Order, OrderLine
from commerce.orders.queries import OrderView, get_order, view_of
from commerce.stock import hot
from commerce.stock.actions import hold_units
from commerce.stock.coalescer import NotWritten
from merchants.foundation import signing
from merchants.foundation.errors import InvalidInput
from merchants.foundation.facts import emit
from merchants.foundation.tenancy import current_schema

log = structlog.get_logger(__name__)

ATTRIBUTION_PURPOSE = "attribution"


def place_order(*, buyer: Buyer, client_key: str, lines: Sequence[LineWish], attribution: str = "") -> OrderView:
    """Hold the units and write the order with today's prices; the same `client_key` gives the same order again.

    `attribution` is the room's signed token; a forged or old one sells without being counted for the room.
    Orders for a hot variant are written in batches, with the same results (`batches.py`).
    Raises: InvalidInput, EmptyOrder, TooMuch, NotForSale, SoldOut, StockBusy, ClientKeyReused. After commit: emits OrderPlaced.
    """
    wishes = _merged(lines)
    digest = _digest(buyer, wishes)
    placed = _find_placed(buyer, client_key, digest)
    if placed is not None:
        return placed
    sellable = _find_sellable(wishes)
    _check_buyer(buyer, needs_address=any(variant.ships for variant in sellable.values()))
    draft = Draft(buyer, client_key, digest, wishes, sellable, read_attribution(attribution), get_language() or settings.LANGUAGE_CODE)
    if hot.is_any(wish.variant_id for wish in draft.limited):
        try:
            return batches.queue.put(current_schema(), draft)
        except NotWritten:
            placed = _find_placed(buyer, client_key, digest)  # by another tap, or by a batch whose answer was lost
            if placed is not None:
                return placed
    return _place_alone(draft)


def read_attribution(token: str) -> dict[str, Any]:
    """The order's columns `room_id`, `program_seq`, `position_ms`, `cue_id` from a room's token; empty when it says nothing."""
    if not token:
        return {}
    try:
        claims = signing.read(ATTRIBUTION_PURPOSE, token)
        room_id = claims.get("room_id")
        return {
            "room_id": UUID(str(room_id)) if room_id else None,
            "program_seq": _whole(claims.get("program_seq")),
            "position_ms": _whole(claims.get("position_ms")),
            "cue_id": str(claims.get("cue_id") or "")[:40],
        }
    except (signing.TokenInvalid, signing.TokenExpired, ValueError) as error:
        log.info("attribution_dropped", reason=type(error).__name__)
        return {}


def _place_alone(draft: Draft) -> OrderView:
    try:
        with transaction.atomic(durable=True):
            return _write(draft)
    except IntegrityError:
        placed = _find_placed(draft.buyer, draft.client_key, draft.digest)  # two taps at once: the other one was first
        if placed is None:
            raise
        return placed


def _write(draft: Draft) -> OrderView:
    ttl = timedelta(seconds=settings.HOLD_TTL_S)
    buyer, total = draft.buyer, draft.total
    order = Order(
        number=_begin(draft),
        viewer_id=buyer.viewer_id,
        user_id=buyer.user_id,
        client_key=draft.client_key,
        request_digest=draft.digest,
        email=buyer.email.strip(),
        ship_name=buyer.ship_name.strip(),
        ship_address=buyer.ship_address.strip(),
        language=draft.language,
        currency=total.currency,
        total_minor=total.amount_minor,
        placed_at=Now(),
        expires_at=Now() + ttl,
        **draft.trace,
    )
    order.save(force_insert=True)
    OrderLine.objects.bulk_create(_line(order, wish, draft.sellable[wish.variant_id]) for wish in draft.wishes)
    order.refresh_from_db(fields=["placed_at", "expires_at"])
    view = view_of(order)
    emit(fact_of(view))
    hold_units(order_id=order.pk, wishes=draft.limited, ttl=ttl)
    return view


def _line(order: Order, wish: LineWish, variant: SellableVariant) -> OrderLine:
    return OrderLine(
        order=order,
        variant_id=variant.id,
        product_title=variant.product_title,
        variant_title=variant.title,
        sku=variant.sku,
        unit_price_minor=variant.price.amount_minor,
        quantity=wish.quantity,
        grants=variant.grants,
        is_limited=variant.is_limited,
        ships=variant.ships,
    )


def _begin(draft: Draft) -> str:
    """Wait for whoever writes the same key; the order's number."""
    claim = claim_of(draft.buyer, draft.client_key)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_char(now(), 'YYYY'), nextval('order_number'), pg_advisory_xact_lock(hashtextextended(%s, 0))", [claim])
        year, number, _held = cursor.fetchone()
    return number_of(year, number)


def _merged(lines: Sequence[LineWish]) -> list[LineWish]:
    counts: dict[UUID, int] = {}
    for line in lines:
        counts[line.variant_id] = counts.get(line.variant_id, 0) + line.quantity
    if not counts:
        raise EmptyOrder
    if (
        len(counts) > MOST_LINES
        or any(not 1 <= quantity <= MOST_QUANTITY for quantity in counts.values())
        or any(line.quantity < 1 for line in lines)
    ):
        raise TooMuch(most=MOST_QUANTITY, lines=MOST_LINES)
    return [LineWish(variant_id, quantity) for variant_id, quantity in sorted(counts.items())]


def _digest(buyer: Buyer, wishes: Sequence[LineWish]) -> str:
    contents = repr([buyer.email.strip().lower(), buyer.ship_name, buyer.ship_address, [(str(wish.variant_id), wish.quantity) for wish in wishes]])
    return hashlib.sha256(contents.encode()).hexdigest()


def _find_placed(buyer: Buyer, client_key: str, digest: str) -> OrderView | None:
    if not 8 <= len(client_key) <= 64:
        raise InvalidInput(field="client_key", reason=_("has 8 to 64 characters"))
    placed = Order.objects.filter(viewer_id=buyer.viewer_id, client_key=client_key).first()
    if placed is None:
        return None
    if placed.request_digest != digest:
        raise ClientKeyReused
    return get_order(placed.pk)


def _find_sellable(wishes: Sequence[LineWish]) -> dict[UUID, SellableVariant]:
    sellable = list_sellable([wish.variant_id for wish in wishes])
    if len(sellable) < len(wishes):
        raise NotForSale
    return sellable


def _check_buyer(buyer: Buyer, *, needs_address: bool) -> None:
    try:
        validate_email(buyer.email.strip())
    except ValidationError as error:
        raise InvalidInput(field="email", reason=_("Enter the e-mail address for your receipt.")) from error
    if needs_address and not buyer.ship_name.strip():
        raise InvalidInput(field="ship_name", reason=_("Enter the name for the parcel."))
    if needs_address and len(buyer.ship_address.strip()) < 6:
        raise InvalidInput(field="ship_address", reason=_("Enter the street, the town and the postcode."))
    for field, text, most in (("email", buyer.email, 254), ("ship_name", buyer.ship_name, 120), ("ship_address", buyer.ship_address, 400)):
        if len(text) > most or "\x00" in text:
            raise InvalidInput(field=field, reason=_("At most %(most)s characters.") % {"most": most})


def _whole(value: Any) -> int | None:
    """A count from a token of ours that fits its column."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None
