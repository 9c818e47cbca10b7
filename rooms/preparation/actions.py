"""Stories of preparing. Each may run twice, and the show goes on whether they work or not."""

from collections.abc import Sequence
from datetime import timedelta
from time import perf_counter
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from commerce.catalog.queries import list_cards
from commerce.stock.actions import mark_hot
from dramas.seasons.queries import CueView
from merchants.foundation import clock
from merchants.foundation.facts import emit
from merchants.foundation.tenancy import current_schema
from rooms.insights.forecasts.queries import forecast_room
from rooms.preparation.facts import CardAhead
from rooms.preparation.models import CardPreparation, ShowForecast
from rooms.preparation.news import tell_processes
from rooms.preparation.queries import Expected
from rooms.program.models import Airing
from rooms.program.queries import get_room_by_id

# So long after a card left the screen its goods stay hot: who opened the sheet pays meanwhile, and stock goes down for a while.
HOT_AFTER_S = 180
# What came is counted once this is over; events of viewers' pages are rolled up within seconds.
COUNT_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=90)
COUNTED_AT_ONCE = 200

# A card that comes again within the ten minutes, as in a room that loops, belongs to its next showing from then on.
_COUNT = """
WITH due AS (
    SELECT prepared.id, prepared.cue_id, airing.room_id, prepared.due_at, least(prepared.due_at + %(span_s)s * interval '1 second', (
        SELECT min(later.due_at) FROM card_preparation later WHERE later.airing_id = prepared.airing_id AND later.cue_id = prepared.cue_id
            AND later.due_at > prepared.due_at)) AS until
    FROM card_preparation prepared JOIN airing ON airing.id = prepared.airing_id
    WHERE prepared.taps IS NULL AND prepared.due_at < %(before)s ORDER BY prepared.due_at LIMIT %(limit)s),
came AS (
    SELECT due.id, count(fact.click_ms) AS taps, count(fact.checkout_ms) AS orders
    FROM due LEFT JOIN insights_cue_fact fact ON fact.tenant_id = %(tenant)s AND fact.cue_id = due.cue_id AND fact.room_id = due.room_id
        AND fact.shown_at >= due.due_at - interval '2 seconds' AND fact.shown_at < due.until - interval '2 seconds'
    GROUP BY due.id)
UPDATE card_preparation SET taps = came.taps, orders = came.orders FROM came WHERE came.id = card_preparation.id"""


def keep_forecast(*, airing_id: UUID) -> None:
    """Forecast the cards of a show that has begun, once, and keep those that enough will tap or order. Rehearsals have none."""
    airing = Airing.objects.filter(pk=airing_id, withdrawn_at=None, room__is_rehearsal=False).first()
    if airing is None or ShowForecast.objects.filter(pk=airing_id).exists():
        return
    started = perf_counter()
    found = forecast_room(get_room_by_id(airing.room_id))
    cards = [
        {"cue_id": str(cue.cue_id), "taps": round(cue.taps, 2), "orders": round(cue.orders, 2)}
        for cue in found.cues
        if cue.taps >= settings.PREPARE_FROM_TAPS or cue.orders >= settings.PREPARE_FROM_ORDERS
    ]
    took_ms = round(1000 * (perf_counter() - started))
    ShowForecast.objects.get_or_create(airing_id=airing_id, defaults={"made_at": clock.now(), "took_ms": took_ms, "cards": cards})


def open_preparation(*, airing_id: UUID, program_seq: int, cue: CueView, due_ms: int, expected: Expected) -> None:
    """Note that a card is ahead, once an entry of the program. After commit: emits CardAhead."""
    assert cue.product_id is not None
    with transaction.atomic(durable=True):
        row, is_new = CardPreparation.objects.get_or_create(
            airing_id=airing_id,
            program_seq=program_seq,
            cue_id=cue.id,
            defaults={
                "product_id": cue.product_id,
                "due_at": clock.from_ms(due_ms),
                "lasts_ms": cue.duration_ms,
                "expected_taps": expected.taps,
                "expected_orders": expected.orders,
                "opened_at": clock.now(),
            },
        )
        if is_new:
            emit(CardAhead(preparation_id=row.pk))


def prepare_card(*, preparation_id: UUID) -> None:
    """Mark the card's goods hot until some minutes after it, and have every web process make ready. Too late, nothing is done.

    Raises: RedisError (nothing is noted; the fact comes again).
    """
    row = CardPreparation.objects.filter(pk=preparation_id, done_at=None).first()
    now = clock.now()
    if row is None or row.due_at + timedelta(milliseconds=row.lasts_ms) < now:
        return
    started = perf_counter()
    variant_ids = _limited_variants([row.product_id])
    hot_s = round((row.due_at - now).total_seconds() + row.lasts_ms / 1000) + HOT_AFTER_S
    mark_hot(variant_ids=variant_ids, for_s=hot_s)
    processes = tell_processes()
    CardPreparation.objects.filter(pk=preparation_id).update(
        done_at=clock.now(), took_ms=round(1000 * (perf_counter() - started)), hot_variants=len(variant_ids), processes=processes
    )


def count_what_came() -> int:
    """Write beside each preparation what its card brought, and forget those of last quarter. Returns how many were counted."""
    now = clock.now()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(
            _COUNT, {"span_s": COUNT_AFTER.total_seconds(), "before": now - COUNT_AFTER, "tenant": current_schema(), "limit": COUNTED_AT_ONCE}
        )
        counted = cursor.rowcount
    CardPreparation.objects.filter(due_at__lt=now - KEPT).delete()
    return counted


def _limited_variants(product_ids: Sequence[UUID]) -> list[UUID]:
    return [variant.id for card in list_cards(product_ids) for variant in card.variants if variant.is_limited]
