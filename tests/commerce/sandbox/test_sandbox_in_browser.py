"""A real Chromium: a shop's page pays across origins, 3-D Secure talks back from a popup and a frame, pages pass axe."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.chromium import launch_options
from tests.commerce.sandbox.running import Merchant

pytestmark = pytest.mark.browser

CALL = """async ([base, path, key, account, body]) => {
  const reply = await fetch(base + path, {
    method: body ? "POST" : "GET",
    headers: {Authorization: `Bearer ${key}`, "Stripe-Account": account, ...(body ? {"Content-Type": "application/json"} : {})},
    body: body ? JSON.stringify(body) : undefined,
  });
  return reply.json();
}"""

LISTEN = """() => { window.heard = []; addEventListener("message", event => window.heard.push({origin: event.origin, ...event.data})); }"""


class _Empty(BaseHTTPRequestHandler):
    """The shop's page: empty, on another origin."""

    def do_GET(self) -> None:
        body = b"<!doctype html><html lang=en><title>Shop</title><main>Shop</main>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, or Playwright's own."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(**launch_options())
        yield running
        running.close()


@pytest.fixture
def shop(browser: Browser) -> Iterator[Page]:
    """A page on `http://aurora.localhost:PORT` that collects messages."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Empty)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-GB")
    page.goto(f"http://aurora.localhost:{server.server_port}/")
    page.evaluate(LISTEN)
    yield page
    page.close()
    server.shutdown()
    server.server_close()


def call(page: Page, merchant: Merchant, path: str, body: dict[str, Any] | None = None) -> Any:
    """A call of the sheet's driver from the page."""
    return page.evaluate(CALL, [merchant.sandbox.base, path, merchant.publishable, merchant.account, body])


def submit(page: Page, merchant: Merchant, number: str) -> tuple[str, Any]:
    """A new session, and the answer to a submitted card: `(path of the sheet, sheet)`."""
    session = merchant.session()
    card = {"number": number, "exp_month": 12, "exp_year": 2040, "cvc": "123"}
    answer = call(page, merchant, f"/v1/checkout/sessions/{session.id}/sheet/confirm", {"client_secret": session.client_secret, "card": card})
    return f"/v1/checkout/sessions/{session.id}/sheet?client_secret={session.client_secret}", answer


def test_a_page_of_the_shop_pays_across_origins(shop: Page, merchant: Merchant) -> None:
    """Preflight, read, decline and payment work from another origin; an endpoint for servers does not."""
    path, declined = submit(shop, merchant, "4000000000009995")
    assert (declined["result"], declined["decline_code"]) == ("declined", "insufficient_funds")
    assert call(shop, merchant, path)["result"] == "declined"
    assert submit(shop, merchant, "4242424242424242")[1]["result"] == "paid"
    with pytest.raises(Exception, match="Failed to fetch"):
        call(shop, merchant, "/v1/balance")


@pytest.mark.parametrize(("button", "outcome", "result"), [("Approve", "succeeded", "paid"), ("Fail", "failed", "declined")])
def test_a_popup_tells_the_shop_how_it_ended(shop: Page, merchant: Merchant, button: str, outcome: str, result: str) -> None:
    """The bank's page opens, is decided, speaks to its opener and closes; the sheet has the result."""
    path, waiting = submit(shop, merchant, "4000002500003155")
    with shop.expect_popup() as opening:
        shop.evaluate("url => { window.open(url, 'challenge', 'width=460,height=620'); }", waiting["url"])
    popup = opening.value
    with popup.expect_event("close"):
        popup.get_by_role("button", name=button).click()
    shop.wait_for_function("heard.length === 1")
    heard = shop.evaluate("heard[0]")
    assert (heard["type"], heard["outcome"], heard["origin"]) == ("sandbox.challenge", outcome, merchant.sandbox.base)
    assert call(shop, merchant, path)["result"] == result


def test_a_frame_tells_the_shop_how_it_ended(shop: Page, merchant: Merchant) -> None:
    """The page that submitted the card may frame the bank's page; a page of another origin may not."""
    path, waiting = submit(shop, merchant, "4000002760003184")
    shop.evaluate("url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }", waiting["url"])
    shop.frame_locator("iframe").get_by_role("button", name="Approve").click()
    shop.wait_for_function("heard.length === 1")
    assert shop.evaluate("heard[0].outcome") == "succeeded"
    assert call(shop, merchant, path)["result"] == "paid"
    other = submit(shop, merchant, "4000002760003184")[1]["url"]
    shop.goto(shop.url.replace("aurora.", "borealis."))
    shop.evaluate("url => { const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame); }", other)
    shop.wait_for_timeout(500)
    assert shop.frame_locator("iframe").get_by_role("button", name="Approve").count() == 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_pass_axe_and_the_keyboard(shop: Page, merchant: Merchant, language: str) -> None:
    """Dashboard, account, bank's page and hosted page have no accessibility violation; Tab reaches the buttons; no console errors."""
    merchant.pay(metadata={"order": "A-1"})
    merchant.pay(method="pm_card_createDispute")
    hosted = str(merchant.session(ui_mode="hosted_page", success_url="https://shop.example/").url)
    challenge = submit(shop, merchant, "4000002500003155")[1]["url"]
    errors: list[str] = []
    shop.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    base = merchant.sandbox.base
    for url in (f"{base}/", f"{base}/accounts/{merchant.account}", f"{base}/accounts/{merchant.account}/events", challenge, hosted):
        shop.goto(f"{url}?lang={language}")
        found = Axe().run(shop)
        assert found.violations_count == 0, json.dumps(found.response["violations"], indent=1)[:3000]
        overflow = shop.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, url
    shop.goto(challenge)
    shop.keyboard.press("Tab")
    assert shop.evaluate("document.activeElement.value") == "approve"
    assert errors == []
