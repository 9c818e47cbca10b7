"""Cards by hand, the bag, and what a change of price or stock means to a room.

A cue's own card costs no message: every player has the cue list. These stories are for everything else.
"""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from commerce.catalog import queries as catalog
from dramas.seasons import queries as seasons
from merchants.foundation import clock as wall
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from merchants.foundation.tenancy import current_schema
from realtime.publish import Topic, publish
from rooms.cards import messages
from rooms.cards.errors import CardNotShown, CueNotOnAir, ProductNotForSale, ProductNotInBag, RoomOffAir
from rooms.cards.models import Bag, LoweredCue, RaisedCard
from rooms.cards.queries import card_out, compose_bag, list_products, list_rooms_that_show
from rooms.program.clock import Entry, current_entry, position
from rooms.program.models import Room
from rooms.program.queries import list_last_entries
from rooms.program.states import ON_AIR
from rooms.program.steps import bump, lock_room, tell

MOST_CARDS = 3
DEFAULT_TTL_S = 60
TTL_S = range(5, 3601)


def raise_card(*, room_id: UUID, product_id: UUID, actor: str, ttl_s: int = DEFAULT_TTL_S, cue_id: UUID | None = None) -> UUID:
    """Show a product to everybody for `ttl_s`; a fourth card takes the oldest down. Returns the card's id.

    Raising what is already up prolongs it.
    Raises: RoomNotFound, RoomOffAir, ProductNotFound, ProductNotForSale, InvalidInput. After commit: `card.lower` of the oldest, `bag`, `card`.
    """
    if ttl_s not in TTL_S:
        raise InvalidInput(field="ttl_s", reason=f"{TTL_S.start}–{TTL_S.stop - 1}")
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        entry, position_ms = _on_air(room)
        product = catalog.get_card(product_id)
        if not product.is_published:
            raise ProductNotForSale(title=product.title)
        _retire_expired(room)
        card, now = RaisedCard.objects.filter(room=room, product_id=product_id, lowered_at=None).first(), wall.now()
        if card is None:
            _make_place(room)
            card = RaisedCard(room=room, airing=room.airing, product_id=product_id, cue_id=cue_id, raised_by=actor, raised_at=now)
            card.program_seq, card.position_ms = entry.seq, position_ms
        card.expires_at = now + timedelta(seconds=ttl_s)
        card.save()
        _put_in_bag(room, product_id)
        tell(room, messages.Card(card=card_out(card), product=list_products([product_id])[0]))
        record_action(actor=actor, action="card.raise", subject=f"room:{room.pk}", product=str(product_id), ttl_s=ttl_s)
        return card.pk


def lower_card(*, room_id: UUID, card_id: UUID, actor: str) -> None:
    """Take a raised card down. Raises: RoomNotFound, CardNotShown. After commit: `card.lower`."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        card = RaisedCard.objects.filter(room=room, pk=card_id, lowered_at=None, expires_at__gt=wall.now()).first()
        if card is None:
            raise CardNotShown
        _lower(room, card)
        record_action(actor=actor, action="card.lower", subject=f"room:{room.pk}", card=str(card_id))


def lower_cue(*, room_id: UUID, cue_id: UUID, actor: str) -> None:
    """Take down the card that a cue of the episode on air shows; once is enough.

    Raises: RoomNotFound, RoomOffAir, CueNotOnAir. After commit: `card.lower`.
    """
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        entry, _ = _on_air(room)
        if entry.source.id is None or cue_id not in {cue.id for cue in seasons.list_cues(entry.source.id)}:
            raise CueNotOnAir
        _, is_new = LoweredCue.objects.get_or_create(
            room=room, program_seq=entry.seq, cue_id=cue_id, defaults={"lowered_by": actor, "lowered_at": wall.now()}
        )
        if is_new:
            tell(room, messages.CardLower(cue_id=cue_id, program_seq=entry.seq))
            record_action(actor=actor, action="card.lower", subject=f"room:{room.pk}", cue=str(cue_id))


def pin_product(*, room_id: UUID, product_id: UUID | None, actor: str) -> None:
    """Mark the product that the host explains now; None for none. Raises: RoomNotFound, ProductNotInBag. After commit: `bag`."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        bag = _bag(room)
        if product_id is not None and str(product_id) not in bag.product_ids:
            raise ProductNotInBag
        bag.pinned_id = product_id
        _save_bag(room, bag)
        record_action(actor=actor, action="product.pin", subject=f"room:{room.pk}", product=str(product_id or ""))


def refresh_bag(*, room_id: UUID) -> None:
    """Compose the bag anew: a show begins, the season's cues or the merchant's list changed. After commit: `bag`, if it changed."""
    with transaction.atomic(durable=True):
        room = lock_room(room_id)
        bag = _bag(room)
        raised = RaisedCard.objects.filter(room=room, lowered_at=None, expires_at__gt=wall.now()).values_list("product_id", flat=True)
        fresh = [str(product_id) for product_id in dict.fromkeys([*compose_bag(room), *raised])]
        if fresh == bag.product_ids and not bag._state.adding:
            return
        bag.product_ids = fresh
        if bag.pinned_id is not None and str(bag.pinned_id) not in fresh:
            bag.pinned_id = None
        _save_bag(room, bag)


def tell_product(*, product_id: UUID) -> None:
    """Send the product's present price and stock to every room that has it in its bag. Repeating it does no harm.

    Called for facts that commerce emits at most a few times a second for one variant, the last value always.
    Raises: Unreachable.
    """
    room_ids = list_rooms_that_show(product_id)
    products = list_products([product_id]) if room_ids else []
    for product in products:
        for room_id in room_ids:
            publish(Topic.room(current_schema(), room_id), messages.Product(product=product))


def _on_air(room: Room) -> tuple[Entry, int]:
    """The entry on air and the position in it; before the first frame of a show, the entry that comes."""
    now_ms = wall.now_ms()
    log = list_last_entries(room.airing_id) if room.state in ON_AIR else []
    entry = current_entry(log, now_ms) or next(iter(log), None)
    if entry is None:
        raise RoomOffAir
    return entry, position(entry, now_ms)


def _retire_expired(room: Room) -> None:
    expired = RaisedCard.objects.filter(room=room, lowered_at=None, expires_at__lte=wall.now())
    expired.update(lowered_at=wall.now())


def _make_place(room: Room) -> None:
    shown = list(RaisedCard.objects.filter(room=room, lowered_at=None).order_by("raised_at", "id"))
    for card in shown[: max(0, len(shown) - MOST_CARDS + 1)]:
        _lower(room, card)


def _lower(room: Room, card: RaisedCard) -> None:
    card.lowered_at = wall.now()
    card.save(update_fields=["lowered_at"])
    tell(room, messages.CardLower(card_id=card.pk))


def _bag(room: Room) -> Bag:
    return Bag.objects.filter(room=room).first() or Bag(room=room, product_ids=[str(product_id) for product_id in compose_bag(room)])


def _put_in_bag(room: Room, product_id: UUID) -> None:
    bag = _bag(room)
    if str(product_id) not in bag.product_ids:
        bag.product_ids = [*bag.product_ids, str(product_id)]
        _save_bag(room, bag)


def _save_bag(room: Room, bag: Bag) -> None:
    bag.save()
    revision = bump(room)
    room.save(update_fields=["revision"])
    product_ids = [UUID(text) for text in bag.product_ids]
    tell(room, messages.Bag(revision=revision, product_ids=product_ids, pinned_id=bag.pinned_id, products=list_products(product_ids)))
