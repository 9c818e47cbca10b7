"""What the audience does: opens the room on a phone, writes, buys from the card, looks at the order."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.line.inspecting import inspect, tab_to
from tests.browser.line.watching import wait_for_new_frames, watch_frames

BUYER = {"email": "iris@mail.test", "name": "Iris Calloway", "address": "41 Alder St, Portland, ME 04101"}
READY = "() => window.room?.model?.connection.value === 'open' && window.room.model.picture.value === 'playing'"


def enter(page: Page, url: str, *, skew_ms: int = 0) -> None:
    """Open the room and wait for its socket and its picture."""
    watch_frames(page, skew_ms=skew_ms)
    page.goto(url)
    page.wait_for_function(READY, timeout=60_000)
    wait_for_new_frames(page)


Said = tuple[dict[str, int], dict[str, int]]


def say(page: Page, text: str) -> Said:
    """Let a danmaku cross. Returns the program's entry and position (`seq`, `position_ms`) right before and right after."""
    page.get_by_label("Say something…").fill(text)
    before = _place(page)
    page.keyboard.press("Enter")
    expect(page.locator(".danmaku-line.is-own", has_text=text)).to_have_count(1)
    return before, _place(page)


def _place(page: Page) -> dict[str, int]:
    found: dict[str, int] = page.evaluate(
        "() => ({ seq: window.room.model.entry.value.seq, position_ms: Math.round(window.room.model.positionMs.value) })"
    )
    return found


def card_of(page: Page, product: str) -> Locator:
    return page.locator("section.card", has_text=product)


def open_checkout_by_keyboard(page: Page, product: str) -> None:
    """Tab to the card's Buy, Enter; the sheet stands over a picture that goes on."""
    buy = card_of(page, product).get_by_role("button", name="Buy", exact=True)
    expect(buy).to_be_visible(timeout=40_000)
    tab_to(page, buy)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text(product)
    wait_for_new_frames(page)


def give_details(page: Page) -> None:
    """By keyboard: three fields, then Enter holds the goods."""
    tab_to(page, page.get_by_label("E-mail for the receipt"))
    for text in BUYER.values():
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Card number")).to_be_visible()


def pay_with(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry, MM/YY").fill("12/34")
    page.get_by_label("Security code").fill("123")
    page.get_by_label("Security code").press("Enter")


def buy(page: Page, product: str) -> str:
    """From the card on the screen to the receipt, past a refused card, while the drama goes on. Returns the order's number."""
    open_checkout_by_keyboard(page, product)
    inspect(page, "checkout, details")
    give_details(page)
    inspect(page, "checkout, payment")
    pay_with(page, "4000000000000002")
    expect(page.get_by_role("alert").filter(has_text="Your bank refused this card. Nothing was charged; try another card.")).to_be_visible()
    wait_for_new_frames(page)
    pay_with(page, "4242424242424242")
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible(timeout=30_000)
    wait_for_new_frames(page)
    inspect(page, "checkout, paid")
    done = re.search(r"Order (\S+)", page.get_by_role("dialog").inner_text())
    assert done is not None
    page.get_by_role("button", name="Back to the show").press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    return done.group(1)


def expect_receipt_in_room(page: Page, number: str) -> None:
    """The order arrived over the socket: on a wide screen it stands under Orders."""
    own = page.viewport_size
    page.set_viewport_size({"width": 1440, "height": 900})
    page.get_by_role("tab", name="Orders").click()
    receipt = page.locator(".order-row", has_text=number)
    expect(receipt).to_contain_text("Paid. Thank you!")
    expect(receipt.get_by_role("link", name="Receipt")).to_be_visible()
    if own:
        page.set_viewport_size(own)
