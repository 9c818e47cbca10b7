"""Products: prices leave a history, pictures are made harmless, lists cost the same whatever they hold."""

import io
import struct
import zlib
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from commerce.catalog.actions import VariantDraft, add_picture, add_variant, create_product, edit_product, set_price
from commerce.catalog.errors import GrantInvalid, PictureTooLarge, PictureUnreadable, PriceInvalid, ProductNotFound, SkuTaken
from commerce.catalog.models import Picture, PriceChange, Product, Variant
from commerce.catalog.queries import UNLIMITED, get_card, list_cards, search
from merchants.foundation.tenancy import in_schema


def png(width: int, height: int, **options) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (width, height), "#336699").save(data, "PNG", **options)
    return data.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be enormous."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


class TestProducts:
    def test_card_shows_price_and_stock(self, aurora, sell):
        """A card has the price as the reader writes it and what can be bought."""
        card = sell(aurora, stock=7)
        (variant,) = card.variants
        assert (variant.price.text, variant.available, variant.stock_total) == ("$89.00", 7, 7)

    def test_goods_without_stock_can_always_be_bought(self, aurora, sell):
        """An unlock is never sold out."""
        card = sell(aurora, stock=None, grants=f"season:{uuid4()}")
        assert card.variants[0].available == UNLIMITED

    def test_every_price_is_remembered(self, aurora, sell):
        """A change adds a row, the same price again does not."""
        card = sell(aurora, price_minor=8900)
        with in_schema(aurora.schema):
            for price in (7900, 7900, 8900):
                set_price(variant_id=card.variants[0].id, price_minor=price, actor="owner")
            assert list(PriceChange.objects.order_by("at").values_list("price_minor", flat=True)) == [8900, 7900, 8900]

    @pytest.mark.parametrize("price", [0, -1, 100_000_000])
    def test_impossible_prices_are_refused(self, aurora, sell, price):
        """Nothing is written."""
        card = sell(aurora)
        with in_schema(aurora.schema):
            with pytest.raises(PriceInvalid):
                set_price(variant_id=card.variants[0].id, price_minor=price, actor="owner")
            assert Variant.objects.get().price_minor == 8900

    def test_article_number_belongs_to_one_variant(self, in_aurora, db):
        """The second product with the number is refused whole."""
        draft = VariantDraft(sku="LAMP", price_minor=100)
        create_product(title="Lamp", variants=[draft], actor="owner")
        with pytest.raises(SkuTaken):
            create_product(title="Lamp again", variants=[draft], actor="owner")
        assert Product.objects.count() == 1

    def test_a_grant_names_an_episode_or_a_season(self, in_aurora, db):
        """Other words are refused."""
        with pytest.raises(GrantInvalid):
            create_product(title="X", variants=[VariantDraft(sku="X", price_minor=100, grants="episode:1")], actor="owner")

    def test_addresses_are_free_and_readable(self, in_aurora, db):
        """Equal titles are numbered; a Chinese title gets an address too."""
        slugs = [
            create_product(title=title, variants=[VariantDraft(sku=f"S{n}", price_minor=100)], actor="owner").slug
            for n, title in enumerate(("Lamp", "Lamp", "灯"))
        ]
        assert slugs[:2] == ["lamp", "lamp-2"]
        assert slugs[2].startswith("p-")

    def test_search_finds_title_and_article_number_of_what_is_for_sale(self, aurora, sell):
        """A product off sale is not found, yet its card is still known to rooms."""
        lamp, sofa = sell(aurora, title="Lamp"), sell(aurora, title="Sofa")
        with in_schema(aurora.schema):
            assert [card.id for card in search("lam")[0]] == [lamp.id]
            assert [card.id for card in search(sofa.variants[0].sku)[0]] == [sofa.id]
            edit_product(product_id=lamp.id, actor="owner", is_published=False)
            assert search("lam") == ([], 0)
            assert get_card(lamp.id).is_published is False

    def test_many_cards_cost_three_queries(self, aurora, sell, django_assert_num_queries):
        """Products, variants with stock, pictures: one query each."""
        cards = [sell(aurora) for _ in range(12)]
        with in_schema(aurora.schema):
            add_variant(product_id=cards[0].id, draft=VariantDraft(sku="MORE", price_minor=5), actor="owner")
            connection.cursor().execute("SELECT 1")
            with django_assert_num_queries(3):
                found = list_cards([card.id for card in reversed(cards)] + [uuid4()])
        assert [card.id for card in found] == [card.id for card in reversed(cards)]

    def test_another_shops_product_does_not_exist(self, aurora, borealis, sell):
        """Its id finds nothing."""
        card = sell(aurora)
        with in_schema(borealis.schema), pytest.raises(ProductNotFound):
            get_card(card.id)


class TestPictures:
    def test_picture_is_encoded_anew_and_served_from_the_shops_folder(self, aurora, sell, browse):
        """A large PNG with a comment becomes a WebP of at most 1,600 px, fetched under the shop's own media."""
        card = sell(aurora)
        with in_schema(aurora.schema):
            url = add_picture(product_id=card.id, upload=io.BytesIO(png(2400, 1200)), actor="owner")
            picture = Picture.objects.get()
        assert (picture.width, picture.height) == (1600, 800)
        assert url == f"/media/aurora/products/{card.id}/{picture.pk}.webp"
        response = browse(aurora).get(url)
        assert response.status_code == 200
        assert Image.open(io.BytesIO(b"".join(response.streaming_content) if response.streaming else response.content)).format == "WEBP"

    @pytest.mark.parametrize("data", [b"", b"GIF89a....", b"<svg xmlns='http://www.w3.org/2000/svg'/>", png(400, 400)[:120], b"%PDF-1.4"])
    def test_what_is_no_picture_is_refused(self, aurora, sell, data):
        """Nothing is stored."""
        card = sell(aurora)
        with in_schema(aurora.schema):
            with pytest.raises(PictureUnreadable):
                add_picture(product_id=card.id, upload=io.BytesIO(data), actor="owner")
            assert not Picture.objects.exists()

    def test_bomb_is_refused_before_it_is_decoded(self, aurora, sell):
        """A small file that claims 50,000 px a side is refused by its claim."""
        card = sell(aurora)
        with in_schema(aurora.schema), pytest.raises(PictureTooLarge):
            add_picture(product_id=card.id, upload=io.BytesIO(bomb(50_000, 50_000)), actor="owner")


class TestOffice:
    """The admin pages."""

    @pytest.mark.parametrize(
        ("role", "status"), [("owner", 200), ("editor", 200), ("host", 200), ("reviewer", 200), ("finance", 200), ("moderator", 403)]
    )
    def test_who_sees_products(self, aurora, enter, sell, role, status):
        """By the permission table."""
        sell(aurora)
        assert enter(aurora, role).get("/admin/commerce/product/").status_code == status

    def test_editor_makes_a_product_with_variant_price_and_picture(self, aurora, enter):
        """The price is typed as people write it; the row keeps minor units; the history begins."""
        client = enter(aurora, "editor")
        response = client.post(
            "/admin/commerce/product/add/", product_form(price="89.50") | {"pictures-0-image": SimpleUploadedFile("p.png", png(40, 40))}
        )
        assert response.status_code == 302, response.context and response.context["errors"]
        with in_schema(aurora.schema):
            variant = Variant.objects.get()
            assert (variant.price_minor, variant.currency, variant.sku) == (8950, "USD", "STAR")
            assert Product.objects.get().slug == "north-star"
            assert PriceChange.objects.count() == 1
            assert Picture.objects.get().image.name.endswith(".webp")

    @pytest.mark.parametrize("price", ["0", "-1", "1.234", "abc", "1000000000"])
    def test_wrong_price_is_explained(self, aurora, enter, price):
        """The form comes back with the reason; nothing is written."""
        response = enter(aurora, "editor").post("/admin/commerce/product/add/", product_form(price=price))
        assert response.status_code == 200
        with in_schema(aurora.schema):
            assert not Product.objects.exists()

    def test_host_cannot_change_products_but_stock(self, aurora, enter, sell, level_of):
        """The host's form is read only; the stock page takes their delivery."""
        card = sell(aurora, stock=1)
        client = enter(aurora, "host")
        assert client.post(f"/admin/commerce/product/{card.id}/change/", product_form(price="1")).status_code == 403
        assert client.post(f"/office/stock/{card.variants[0].id}/", {"delta": "4", "reason": "delivery"}).status_code == 302
        assert level_of(aurora, card).available == 5

    def test_stock_below_what_is_free_is_explained(self, aurora, enter, sell, level_of):
        """The page says how many can be taken away."""
        card = sell(aurora, stock=1)
        response = enter(aurora, "owner").post(f"/office/stock/{card.variants[0].id}/", {"delta": "-4", "reason": "damage"})
        assert response.status_code == 200
        assert "Only 1 can be taken away" in response.content.decode()
        assert level_of(aurora, card).available == 1

    def test_other_shops_stock_page_does_not_exist(self, aurora, borealis, enter, sell):
        """404 for the other shop's variant; a stranger signs in first."""
        card = sell(aurora)
        assert enter(borealis, "owner").get(f"/office/stock/{card.variants[0].id}/").status_code == 404

    def test_list_needs_the_same_queries_whatever_it_holds(self, aurora, enter, sell, count_queries):
        """Twenty products cost as many queries as two."""
        client = enter(aurora, "owner")
        counts = []
        for add in (2, 18):
            for _ in range(add):
                sell(aurora)
            counts.append(count_queries(client, "/admin/commerce/product/"))
        assert counts[0] == counts[1]


def product_form(*, price: str) -> dict:
    def management(prefix: str, count: int) -> dict:
        return {f"{prefix}-TOTAL_FORMS": count, f"{prefix}-INITIAL_FORMS": 0, f"{prefix}-MIN_NUM_FORMS": 0, f"{prefix}-MAX_NUM_FORMS": 1000}

    return {
        "title": "North Star", "subtitle": "", "description": "", "badge": "", "slug": "", "ships": "on", "is_published": "on",
        **management("variants", 1), "variants-0-title": "Gold", "variants-0-sku": "STAR", "variants-0-price": price, "variants-0-is_limited": "on",
        "variants-0-is_active": "on", "variants-0-position": "0", "variants-0-grants": "",
        **management("pictures", 1), "pictures-0-position": "0",
    }  # fmt: skip
