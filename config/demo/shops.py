"""The two shops: opened by sign-up, staffed, stocked with what their stories show."""

from collections.abc import Container
from contextlib import suppress
from io import BytesIO

import cv2

from commerce.catalog import actions as catalog
from commerce.catalog.errors import ProductNotFound
from commerce.catalog.queries import ProductCard, get_card_by_slug
from commerce.payments.actions.accounts import ensure_account
from commerce.stock import actions as stock
from config.demo.film import Product, Story
from config.demo.film.pictures import product_picture
from config.demo.people import email_of, hire_staff
from merchants.accounts.actions import sign_up_shop
from merchants.tenants.errors import SubdomainTaken

ACTOR = "demo"
LANGUAGE = "en"
TIME_ZONES = {"aurora": "Europe/Berlin", "borealis": "Asia/Shanghai"}


def open_shop(*, story: Story, password: str) -> None:
    """Sign the shop up unless it is open already; one whose sign-up was cut short is made anew."""
    with suppress(SubdomainTaken):
        sign_up_shop(
            shop_name=story.shop[LANGUAGE],
            subdomain=story.slug,
            email=email_of("owner", story.slug),
            password=password,
            owner_name="Lin",
            currency=story.currency,
            time_zone=TIME_ZONES.get(story.slug, "UTC"),
            accent=story.accent,
        )


def staff_shop(*, story: Story, password: str) -> None:
    """Needs: the shop's schema."""
    hire_staff(shop=story.slug, password=password)
    ensure_account()


def stock_shop(story: Story, *, only: Container[str] | None = None) -> dict[str, ProductCard]:
    """The story's products on sale with picture and stock; product slug to card. `only`: the slugs that are wanted now.

    Needs: the shop's schema.
    """
    wanted = [product for product in story.products if only is None or product.slug in only]
    return {product.slug: find_card(product.slug) or _put_on_sale(product) for product in wanted}


def find_card(slug: str) -> ProductCard | None:
    try:
        return get_card_by_slug(slug)
    except ProductNotFound:
        return None


def _put_on_sale(product: Product) -> ProductCard:
    drafts = [catalog.VariantDraft(sku=variant.sku, price_minor=variant.price_minor, title=variant.title[LANGUAGE]) for variant in product.variants]
    card = catalog.create_product(
        title=product.title[LANGUAGE],
        slug=product.slug,
        subtitle=product.subtitle[LANGUAGE],
        description=product.description[LANGUAGE],
        variants=drafts,
        actor=ACTOR,
    )
    catalog.add_picture(product_id=card.id, upload=_drawn(product), actor=ACTOR)
    for variant, sold in zip(card.variants, product.variants, strict=True):
        stock.set_stock(variant_id=variant.id, available=sold.stock, reason="first delivery", actor=ACTOR)
    return find_card(product.slug) or card


def sell_unlock(*, title: str, slug: str, price_minor: int, grants: str) -> ProductCard:
    """A product without goods whose purchase opens an episode or a season. Needs: the shop's schema."""
    found = find_card(slug)
    if found is None:
        draft = catalog.VariantDraft(sku=slug.upper(), price_minor=price_minor, grants=grants, is_limited=False)
        found = catalog.create_product(title=title, slug=slug, variants=[draft], actor=ACTOR, ships=False)
    return found


def _drawn(product: Product) -> BytesIO:
    """The product's picture as a file: JPEG, 720 wide."""
    is_written, content = cv2.imencode(".jpg", product_picture(product.picture, 720), [cv2.IMWRITE_JPEG_QUALITY, 92])
    if not is_written:
        raise OSError(f"the picture of {product.slug} could not be written")
    kept = BytesIO(content.tobytes())
    kept.name = "picture.jpg"
    return kept
