"""The payment sheet in a real Chromium on the whole platform: declined, challenged, paid, too late; phone and keyboard."""

import json
import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.conftest import OUTPUT
from tests.browser.platform import Platform

pytestmark = pytest.mark.slow

SEED = """
import io, json
from PIL import Image
from merchants.foundation.tenancy import in_schema
from merchants.accounts.models import User
from commerce.catalog.actions import VariantDraft, add_picture, create_product
from commerce.stock.actions import set_stock
with in_schema("aurora"):
    drafts = [VariantDraft(sku="STAR-G", title="Gold", price_minor=8900), VariantDraft(sku="STAR-S", title="Silver", price_minor=6400)]
    card = create_product(title="North Star pendant", subtitle="14k gold vermeil", variants=drafts, actor="test")
    data = io.BytesIO(); Image.new("RGB", (300, 400), "#d9b36c").save(data, "PNG"); data.seek(0)
    add_picture(product_id=card.id, upload=data, actor="test")
    for variant in card.variants:
        set_stock(variant_id=variant.id, available=20, reason="delivery", actor="test")
    User.objects.create_user(email="finance@checkout.test", password="correct horse battery", role="owner")
print(json.dumps({"product": str(card.id), "variants": [str(variant.id) for variant in card.variants]}))
"""


@dataclass
class Goods:
    product: str
    variants: list[str]


@pytest.fixture(scope="module")
def goods(platform: Platform) -> Goods:
    """A product with two variants in the aurora of the platform."""
    return Goods(**json.loads(platform.run(SEED).strip().splitlines()[-1]))


def open_sheet(page: Page, platform: Platform, goods: Goods) -> None:
    """From the lobby's tile to the checkout's details."""
    page.goto(platform.url("/", "aurora"))
    page.locator(f'[data-product="{goods.product}"]').first.click()
    page.get_by_role("button", name="Buy", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("North Star pendant")


def fill_details(page: Page) -> None:
    page.get_by_label("E-mail for the receipt").fill("iris@mail.test")
    page.get_by_label("Name", exact=True).fill("Iris Calloway")
    page.get_by_label("Deliver to").fill("41 Alder St, Portland, ME 04101")
    page.get_by_role("button", name="Continue").click()


def fill_card(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry, MM/YY").fill("12/34")
    page.get_by_label("Security code").fill("123")
    page.get_by_role("button", name="Pay $").click()


def test_declined_then_paid(platform: Platform, goods: Goods, open_page) -> None:
    """A refused card says why and the next one pays; every step passes axe; the receipt shows the order."""
    page = open_page("phone")
    open_sheet(page, platform, goods)
    page.wait_for_timeout(400)
    page.screenshot(path=OUTPUT / "checkout-details.png")
    assert violations_of(page) == []
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Enter the name for the parcel.")).to_be_visible()
    fill_details(page)
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(5:00|4:\d\d)$"))
    page.wait_for_timeout(400)
    page.screenshot(path=OUTPUT / "checkout-payment.png")
    assert violations_of(page) == []
    fill_card(page, "4000000000009995")
    expect(page.get_by_text("There is not enough money on this card.")).to_be_visible()
    page.screenshot(path=OUTPUT / "checkout-declined.png")
    fill_card(page, "4242424242424242")
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    page.screenshot(path=OUTPUT / "checkout-done.png")
    assert violations_of(page) == []
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="See your order").click()
    receipt = opened.value
    expect(receipt.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    receipt.screenshot(path=OUTPUT / "order-paid.png", full_page=True)
    assert violations_of(receipt) == []


@pytest.mark.parametrize(("button", "outcome"), [("Approve", "Thank you, it is paid"), ("Fail", "Your bank did not confirm that it is you.")])
def test_the_banks_page_opens_inside_the_sheet(platform: Platform, goods: Goods, open_page, button: str, outcome: str) -> None:
    """3-D Secure is answered in the sheet: approved pays, failed leaves the card fields open."""
    page = open_page("phone")
    open_sheet(page, platform, goods)
    fill_details(page)
    fill_card(page, "4000002760003184")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("button", name=button)).to_be_visible()
    page.screenshot(path=OUTPUT / "checkout-challenge.png")
    frame.get_by_role("button", name=button).click()
    expect(page.get_by_text(outcome)).to_be_visible()


def test_keyboard_alone_buys(platform: Platform, goods: Goods, open_page) -> None:
    """Tab stays inside the sheet, Enter sends, Escape closes and gives the goods back."""
    page = open_page("desktop")
    open_sheet(page, platform, goods)
    page.get_by_label("E-mail for the receipt").focus()
    for text in ("iris@mail.test", "Iris Calloway", "41 Alder St, Portland"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Card number")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")
    page.screenshot(path=OUTPUT / "checkout-desktop.png")
    with page.expect_response(lambda response: response.url.endswith("/cancel/")) as cancelled:
        page.keyboard.press("Escape")
    assert cancelled.value.json()["order"]["state"] == "cancelled"
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_in_chinese(platform: Platform, goods: Goods, open_page) -> None:
    """The sheet opens in the reader's language; no key shows through."""
    page = open_page("phone", language="zh-CN")
    page.goto(platform.url("/", "aurora"))
    page.locator(f'[data-product="{goods.product}"]').first.click()
    page.locator(".product-foot .button").click()
    expect(page.locator(".checkout-form")).to_be_visible()
    assert "%(" not in page.locator("[role=dialog]").inner_text()


def test_finance_page_ties(platform: Platform, goods: Goods, open_page) -> None:
    """After the sales the month shows them, orders, ledger and Stripe tie, and axe finds nothing."""
    page = open_page("desktop")
    page.goto(platform.url("/accounts/login/?next=/finance/", "aurora"))
    page.locator("input[name=login]").fill("finance@checkout.test")
    page.locator("input[type=password]").fill("correct horse battery")
    page.locator("input[type=password]").press("Enter")
    page.wait_for_url("**/finance/")
    expect(page.get_by_text("Stripe balance")).to_be_visible(timeout=25_000)
    expect(page.locator(".leg-link.is-tied")).to_have_count(2)
    page.screenshot(path=OUTPUT / "finance-month.png", full_page=True)
    assert violations_of(page, without=("#command-submit",)) == []  # unfold's own search button
    page.locator("table a").first.click()
    expect(page.get_by_text("iris@mail.test")).to_be_visible()
    page.screenshot(path=OUTPUT / "office-order.png")
    page.goto(platform.url("/admin/commerce/product/", "aurora"))
    page.screenshot(path=OUTPUT / "office-products.png")
    page.goto(platform.url(f"/admin/commerce/product/{goods.product}/change/", "aurora"))
    page.screenshot(path=OUTPUT / "office-product.png", full_page=True)
    page.goto(platform.url(f"/office/stock/{goods.variants[0]}/", "aurora"))
    page.screenshot(path=OUTPUT / "office-stock.png")
