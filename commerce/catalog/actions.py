"""Stories of the catalog. Every change of a price leaves a row in its history."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from commerce.catalog import pictures
from commerce.catalog.errors import GrantInvalid, PriceInvalid, ProductNotFound, SkuTaken, TooManyPictures
from commerce.catalog.facts import PriceChanged, ProductChanged
from commerce.catalog.models import GRANT, MOST_PRICE_MINOR, Picture, PriceChange, Product, Variant
from commerce.catalog.queries import ProductCard, get_card
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.errors import InvalidInput
from merchants.foundation.facts import emit
from merchants.foundation.ids import new_id
from merchants.tenants.queries import get_current_merchant

MOST_PICTURES = 8


@dataclass(frozen=True)
class VariantDraft:
    """A variant to make. `price_minor` is in the shop's currency; a `grants` without stock of its own sets `is_limited=False`."""

    sku: str
    price_minor: int
    title: str = ""
    grants: str = ""
    is_limited: bool = True


def create_product(
    *,
    title: str,
    variants: Sequence[VariantDraft],
    actor: str,
    slug: str = "",
    subtitle: str = "",
    description: str = "",
    badge: str = "",
    ships: bool = True,
) -> ProductCard:
    """Put a product on sale with its variants; stock is set apart (`stock.actions.set_stock`).

    Raises: InvalidInput, SkuTaken, PriceInvalid, GrantInvalid.
    """
    if not title.strip() or not variants:
        raise InvalidInput(field="title" if not title.strip() else "variants", reason="required")
    with transaction.atomic(durable=True):
        product = Product.objects.create(
            slug=slug or make_slug(title), title=title.strip(), subtitle=subtitle, description=description, badge=badge, ships=ships
        )
        for position, draft in enumerate(variants):
            _add_variant(product, draft, position, actor)
        record_action(actor=actor, action="product.create", subject=f"product:{product.pk}")
        emit(ProductChanged(product_id=product.pk))
    return get_card(product.pk)


def add_variant(*, product_id: UUID, draft: VariantDraft, actor: str) -> UUID:
    """Give a product one more variant. Raises: ProductNotFound, SkuTaken, PriceInvalid, GrantInvalid."""
    with transaction.atomic(durable=True):
        product = _lock(product_id)
        variant = _add_variant(product, draft, product.variants.count(), actor)
        emit(ProductChanged(product_id=product.pk))
    return variant.pk


def edit_product(*, product_id: UUID, actor: str, **fields: Any) -> None:
    """Change title, subtitle, description, badge, ships or is_published. Raises: ProductNotFound."""
    unknown = set(fields) - {"title", "subtitle", "description", "badge", "ships", "is_published"}
    if unknown:
        raise TypeError(f"not fields of a product: {unknown}")
    with transaction.atomic(durable=True):
        product = _lock(product_id)
        for name, value in fields.items():
            setattr(product, name, value)
        product.save(update_fields=[*fields, "updated_at"])
        record_action(actor=actor, action="product.edit", subject=f"product:{product.pk}", fields=sorted(fields))
        emit(ProductChanged(product_id=product.pk))


def set_price(*, variant_id: UUID, price_minor: int, actor: str) -> None:
    """Change a variant's price from now on; orders that are placed keep theirs. Raises: ProductNotFound, PriceInvalid."""
    with transaction.atomic(durable=True):
        variant = Variant.objects.select_for_update(of=("self",), no_key=True).filter(pk=variant_id).first()
        if variant is None:
            raise ProductNotFound
        if variant.price_minor != price_minor:
            variant.price_minor = _checked_price(price_minor)
            variant.save(update_fields=["price_minor"])
            note_price(variant=variant, actor=actor)


def note_price(*, variant: Variant, actor: str) -> None:
    """Write the variant's price into its history and say so.

    Needs: an open transaction that has saved the new price.
    """
    PriceChange.objects.create(variant=variant, price_minor=variant.price_minor, currency=variant.currency, at=clock.now(), actor=actor)
    emit(PriceChanged(product_id=variant.product_id))


def add_picture(*, product_id: UUID, upload: IO[bytes], actor: str) -> str:
    """Show one more picture; its address is returned. Raises: ProductNotFound, PictureUnreadable, PictureTooLarge, TooManyPictures."""
    image = pictures.reencode(upload)
    with transaction.atomic(durable=True):
        product = _lock(product_id)
        count = product.pictures.count()
        if count >= MOST_PICTURES:
            raise TooManyPictures(most=MOST_PICTURES)
        picture = Picture(id=new_id(), product=product, position=count)
        picture.image.save("picture.webp", image, save=False)
        picture.save(force_insert=True)
        record_action(actor=actor, action="product.picture", subject=f"product:{product.pk}")
        emit(ProductChanged(product_id=product.pk))
    return str(picture.image.url)


def make_slug(title: str) -> str:
    """An address that is free: the title's latin letters, numbered when taken; Chinese titles get a short random one."""
    base = slugify(title)[:60] or f"p-{new_id().hex[-8:]}"
    taken = set(Product.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3))) if slug not in taken)


def _add_variant(product: Product, draft: VariantDraft, position: int, actor: str) -> Variant:
    if draft.grants and not re.match(GRANT, draft.grants):
        raise GrantInvalid(grants=draft.grants)
    try:
        with transaction.atomic():
            variant = Variant.objects.create(
                product=product,
                title=draft.title,
                sku=draft.sku,
                price_minor=_checked_price(draft.price_minor),
                currency=get_current_merchant().currency,
                grants=draft.grants,
                is_limited=draft.is_limited,
                position=position,
            )
    except IntegrityError as error:
        raise SkuTaken(sku=draft.sku) from error
    note_price(variant=variant, actor=actor)
    return variant


def _checked_price(price_minor: int) -> int:
    if not 1 <= price_minor <= MOST_PRICE_MINOR:
        raise PriceInvalid
    return price_minor


def _lock(product_id: UUID) -> Product:
    product = Product.objects.select_for_update(of=("self",), no_key=True).filter(pk=product_id).first()
    if product is None:
        raise ProductNotFound
    return product
