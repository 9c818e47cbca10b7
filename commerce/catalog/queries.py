"""Reads of the catalog: cards, and what an order needs to know of a variant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from commerce.catalog.errors import ProductNotFound
from commerce.catalog.models import Picture, Product, Variant
from merchants.foundation.money import Money, format_money

UNLIMITED = 99
"""What `available` says of goods without stock (an episode's unlock)."""


@dataclass(frozen=True)
class Price:
    """`text` is written in the reader's language."""

    amount_minor: int
    currency: str
    text: str


@dataclass(frozen=True)
class VariantCard:
    """`available`: units that can be bought now, 99 when `is_limited` is false; `stock_total`: what was ever received."""

    id: UUID
    title: str
    sku: str
    price: Price
    available: int
    stock_total: int
    is_limited: bool
    grants: str


@dataclass(frozen=True)
class ProductCard:
    """What a card in the room, the lobby or the office shows of a product."""

    id: UUID
    slug: str
    title: str
    subtitle: str
    description: str
    image_url: str
    image_urls: list[str]
    badge: str
    ships: bool
    is_published: bool
    variants: list[VariantCard]


@dataclass(frozen=True)
class SellableVariant:
    """A variant as an order line copies it."""

    id: UUID
    product_id: UUID
    product_title: str
    title: str
    sku: str
    price: Money
    grants: str
    ships: bool
    is_limited: bool


def get_card(product_id: UUID | str) -> ProductCard:
    """Raises: ProductNotFound. Unpublished products are found too: a room may have them on its list."""
    cards = list_cards([product_id])
    if not cards:
        raise ProductNotFound
    return cards[0]


def get_card_by_slug(slug: str) -> ProductCard:
    """A product for sale. Raises: ProductNotFound."""
    product = _with_cards(Product.objects.filter(slug=slug, is_published=True)).first()
    if product is None:
        raise ProductNotFound
    return _card(product)


def get_card_of_variant(variant_id: UUID) -> ProductCard:
    """The product for sale that a variant belongs to. Raises: ProductNotFound."""
    product = _with_cards(Product.objects.filter(variants__pk=variant_id, variants__is_active=True, is_published=True)).first()
    if product is None:
        raise ProductNotFound
    return _card(product)


def list_cards(product_ids: Iterable[UUID | str]) -> list[ProductCard]:
    """Cards in the order asked for; unknown ids are left out. Three queries however many."""
    wanted = [str(product_id) for product_id in product_ids]
    found = {str(product.pk): product for product in _with_cards(Product.objects.filter(pk__in=wanted))}
    return [_card(found[product_id]) for product_id in wanted if product_id in found]


def search(text: str = "", *, offset: int = 0, limit: int = 24) -> tuple[list[ProductCard], int]:
    """Products for sale whose title, subtitle or article number holds `text`, by title; and how many there are."""
    products = Product.objects.filter(is_published=True)
    if text:
        products = products.filter(Q(title__icontains=text) | Q(subtitle__icontains=text) | Q(variants__sku__icontains=text)).distinct()
    page = _with_cards(products.order_by("title", "pk"))[offset : offset + limit]
    return [_card(product) for product in page], products.count()


def list_sellable(variant_ids: Sequence[UUID]) -> dict[UUID, SellableVariant]:
    """The variants of `variant_ids` that are for sale now."""
    variants = Variant.objects.select_related("product").filter(pk__in=variant_ids, is_active=True, product__is_published=True)
    return {variant.pk: _sellable(variant) for variant in variants}


def _sellable(variant: Variant) -> SellableVariant:
    return SellableVariant(
        id=variant.pk,
        product_id=variant.product_id,
        product_title=variant.product.title,
        title=variant.title,
        sku=variant.sku,
        price=Money(variant.price_minor, variant.currency),
        grants=variant.grants,
        ships=variant.product.ships,
        is_limited=variant.is_limited,
    )


def _with_cards(products: QuerySet[Product]) -> QuerySet[Product]:
    return products.prefetch_related(
        Prefetch("variants", queryset=Variant.objects.filter(is_active=True).select_related("level").order_by("position", "pk")),
        Prefetch("pictures", queryset=Picture.objects.order_by("position", "pk")),
    )


def _card(product: Product) -> ProductCard:
    urls = [picture.image.url for picture in product.pictures.all()]
    return ProductCard(
        id=product.pk,
        slug=product.slug,
        title=product.title,
        subtitle=product.subtitle,
        description=product.description,
        image_url=urls[0] if urls else "",
        image_urls=urls,
        badge=product.badge,
        ships=product.ships,
        is_published=product.is_published,
        variants=[_variant_card(variant) for variant in product.variants.all()],
    )


def _variant_card(variant: Variant) -> VariantCard:
    """`variant.level` is the stock slice's row; the reverse relation spares every card a second read."""
    level = getattr(variant, "level", None)
    available, total = (level.available, level.total) if level else (0, 0)
    return VariantCard(
        id=variant.pk,
        title=variant.title,
        sku=variant.sku,
        price=Price(variant.price_minor, variant.currency, format_money(Money(variant.price_minor, variant.currency))),
        available=available if variant.is_limited else UNLIMITED,
        stock_total=total if variant.is_limited else UNLIMITED,
        is_limited=variant.is_limited,
        grants=variant.grants,
    )
