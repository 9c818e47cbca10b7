"""Reads of cards and the bag."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from commerce.catalog import queries as catalog
from dramas.seasons import queries as seasons
from dramas.seasons.errors import SeasonNotFound
from merchants.foundation import clock as wall
from rooms.cards.messages import Price, ProductVariant, ProductView, RaisedCardView
from rooms.cards.models import Bag, BagItem, LoweredCue, RaisedCard
from rooms.program.models import Room
from rooms.program.states import ON_AIR


@dataclass(frozen=True)
class BagView:
    """Product ids in order; `pinned_id` is the one that is being explained."""

    product_ids: tuple[UUID, ...]
    pinned_id: UUID | None


def get_bag(room_id: UUID) -> BagView:
    """The bag as viewers see it. A room that was never on air has the bag it would begin with."""
    bag = Bag.objects.filter(room_id=room_id).first()
    if bag is not None:
        return BagView(product_ids=tuple(UUID(text) for text in bag.product_ids), pinned_id=bag.pinned_id)
    room = Room.objects.filter(pk=room_id).first()
    return BagView(product_ids=tuple(compose_bag(room)) if room else (), pinned_id=None)


def compose_bag(room: Room) -> list[UUID]:
    """What the merchant put in by hand, by place; then the products of the season's cues, by first appearance."""
    by_hand = BagItem.objects.filter(room=room).order_by("rank", "id").values_list("product_id", flat=True)
    return list(dict.fromkeys([*by_hand, *_products_of_cues(room.season_id)]))


def _products_of_cues(season_id: UUID | None) -> list[UUID]:
    if season_id is None:
        return []
    try:
        episodes = seasons.get_season(season_id).episodes
    except SeasonNotFound:
        return []
    cues = seasons.list_cues_of([episode.id for episode in episodes])
    return [cue.product_id for episode in episodes for cue in cues[episode.id] if cue.product_id]


def list_shown_cards(room_id: UUID) -> list[RaisedCardView]:
    """Raised, not lowered, not expired; oldest first."""
    rows = RaisedCard.objects.filter(room_id=room_id, lowered_at=None, expires_at__gt=wall.now()).order_by("raised_at", "id")
    return [card_out(row) for row in rows]


def list_cards_of_airing(airing_id: UUID) -> list[RaisedCardView]:
    """Everything that was raised by hand during a show, oldest first, for its replay."""
    rows = RaisedCard.objects.filter(airing_id=airing_id).order_by("raised_at", "id")
    return [card_out(row) for row in rows]


def list_lowered_cues(room_id: UUID, program_seq: int) -> list[UUID]:
    """Cues of an entry whose card was taken down by hand."""
    rows = LoweredCue.objects.filter(room_id=room_id, program_seq=program_seq).order_by("id")
    return list(rows.values_list("cue_id", flat=True))


def list_products(product_ids: Iterable[UUID]) -> list[ProductView]:
    """Cards in the order asked for; products that are gone are left out. Three queries however many."""
    as_of_ms = wall.now_ms()
    return [_product_out(card, as_of_ms) for card in catalog.list_cards(list(dict.fromkeys(product_ids)))]


def list_rooms_that_show(product_id: UUID) -> list[UUID]:
    """Rooms on air that have the product in their bag."""
    rows = Bag.objects.filter(product_ids__contains=[str(product_id)], room__state__in=ON_AIR)
    return list(rows.order_by("room_id").values_list("room_id", flat=True))


def card_out(row: RaisedCard) -> RaisedCardView:
    return RaisedCardView(
        id=row.pk,
        product_id=row.product_id,
        cue_id=row.cue_id,
        raised_at_ms=wall.to_ms(row.raised_at),
        expires_at_ms=wall.to_ms(row.expires_at),
        program_seq=row.program_seq,
        position_ms=row.position_ms,
    )


def _product_out(card: catalog.ProductCard, as_of_ms: int) -> ProductView:
    return ProductView(
        id=card.id,
        slug=card.slug,
        title=card.title,
        subtitle=card.subtitle,
        image_url=card.image_url,
        badge=card.badge,
        is_published=card.is_published,
        variants=[_variant_out(variant) for variant in card.variants],
        as_of_ms=as_of_ms,
    )


def _variant_out(variant: catalog.VariantCard) -> ProductVariant:
    return ProductVariant(
        id=variant.id,
        title=variant.title,
        price=Price(amount_minor=variant.price.amount_minor, currency=variant.price.currency, text=variant.price.text),
        available=variant.available,
        stock_total=variant.stock_total,
        is_limited=variant.is_limited,
    )
