"""The pages a person opens: the dashboard in two languages, strict CSP, escaped texts, forms of our own site only."""

import re
import string

import pytest

from commerce.sandbox.dashboard.texts import TEXTS
from tests.commerce.sandbox.running import Listener, Merchant, Reply, ask, wait_until


def open_page(merchant: Merchant, path: str, **headers: str) -> Reply:
    """A page of the sandbox."""
    return ask(f"{merchant.sandbox.base}{path}", headers=headers)


def test_the_overview_lists_accounts_and_their_balances(merchant: Merchant) -> None:
    """Every account has a row with its name and money."""
    merchant.pay(2500)
    page = open_page(merchant, "/")
    assert page.status == 200
    row = next(row for row in page.text.split("<tr>") if merchant.account in row)
    assert "Aurora" in row
    assert "23.97 USD" in row


def test_an_account_page_shows_its_balance_as_the_api_does(merchant: Merchant) -> None:
    """Available, pending, total; the summary adds up; payments, refunds, disputes, payouts and events are there."""
    paid = merchant.pay(2500, metadata={"order": "A-1"})
    merchant.pay(1000, method="pm_card_bypassPending")
    merchant.pay(3000, method="pm_card_createDispute")
    merchant.client.v1.refunds.create({"payment_intent": paid.id, "amount": 500}, merchant.on)
    merchant.client.v1.payouts.create({"amount": 400, "currency": "usd"}, merchant.on)
    with pytest.raises(Exception, match="insufficient"):
        merchant.pay(method="pm_card_chargeDeclinedInsufficientFunds")
    balance = merchant.client.v1.balance.retrieve({}, merchant.on)
    text = open_page(merchant, f"/accounts/{merchant.account}").text
    shown = dict(re.findall(r'data-balance="usd-(\w+)"><dt>[^<]*</dt><dd>([-\d.]+)</dd>', text))
    assert shown["available"] == f"{balance.available[0].amount / 100:.2f}"
    assert shown["pending"] == f"{balance.pending[0].amount / 100:.2f}"
    for words in (
        "order=A-1",
        "card has not enough funds",
        "charge.refunded",
        "Needs response",
        "no endpoint listens",
        "•••• 4242",
        "equals the sum",
    ):
        assert words in text
    for section in ("payments", "transactions", "refunds", "payouts", "disputes", "events"):
        assert open_page(merchant, f"/accounts/{merchant.account}/{section}").status == 200


def test_long_lists_go_on_at_older_rows(merchant: Merchant) -> None:
    """Fifty rows a page, then a link to what is older, each row once."""
    for number in range(55):
        merchant.client.v1.customers.create({"name": str(number)}, merchant.on)
    first = open_page(merchant, f"/accounts/{merchant.account}/events").text
    older = re.search(r'href="(/accounts/[^"]+after=[^"]+)"', first)
    assert older
    second = open_page(merchant, older.group(1)).text
    rows = [re.findall(r"(cus_\w+)", text) for text in (first, second)]
    assert [len(part) for part in rows] == [50, 5]
    assert set(rows[0]).isdisjoint(rows[1])


def test_the_language_is_chosen_and_kept(merchant: Merchant) -> None:
    """By address, then by cookie, then by the browser."""
    chinese = open_page(merchant, "/?lang=zh")
    assert "测试支付" in chinese.text
    assert '<html lang="zh-Hans">' in chinese.text
    cookie = chinese.headers["set-cookie"].split(";")[0]
    assert "测试支付" in open_page(merchant, "/", Cookie=cookie).text
    merchant.pay()
    assert "成功" in open_page(merchant, f"/accounts/{merchant.account}", Cookie=cookie).text
    assert "测试支付" in open_page(merchant, "/", **{"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Test payments" in open_page(merchant, "/", **{"Accept-Language": "fr"}).text


def test_both_languages_say_everything() -> None:
    """The same keys, the same placeholders, nothing empty."""
    assert set(TEXTS["en"]) == set(TEXTS["zh"])
    for key, english in TEXTS["en"].items():
        names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, TEXTS["zh"][key])]
        assert names[0] == names[1], key
        assert english.strip()
        assert TEXTS["zh"][key].strip()


def test_pages_have_a_strict_policy_and_no_inline_code(merchant: Merchant) -> None:
    """CSP without unsafe words; no style attribute, no inline script, no handler; not to be framed."""
    merchant.pay()
    waiting = merchant.pay(method="pm_card_authenticationRequired")
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    challenge = str(waiting.next_action.redirect_to_url.url).removeprefix(merchant.sandbox.base)
    hosted = str(merchant.session(ui_mode="hosted_page", success_url="https://shop.example/").url).removeprefix(merchant.sandbox.base)
    for path in ("/", f"/accounts/{merchant.account}", challenge, hosted, "/nothing"):
        page = open_page(merchant, path)
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src)", page.text)


def test_what_a_merchant_writes_is_shown_as_text(merchant: Merchant) -> None:
    """Names, descriptions and metadata cannot become markup."""
    evil = "<script>alert(1)</script>"
    merchant.client.v1.accounts.update(merchant.account, {"business_profile": {"name": evil}})
    merchant.pay(metadata={"note": evil}, description=evil)
    session = merchant.session(
        ui_mode="hosted_page",
        success_url="https://shop.example/",
        line_items=[{"price_data": {"currency": "usd", "unit_amount": 900, "product_data": {"name": evil}}, "quantity": 1}],
    )
    for path in ("/", f"/accounts/{merchant.account}", str(session.url).removeprefix(merchant.sandbox.base)):
        text = open_page(merchant, path).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_what_is_not_there_is_a_plain_page(merchant: Merchant) -> None:
    """Unknown pages, accounts, sections, challenges and files are 404 in words."""
    for path in ("/nothing", "/accounts/acct_none", f"/accounts/{merchant.account}/nothing", "/3ds/tdsrc_none", "/pay/cs_none", "/assets/none.css"):
        page = open_page(merchant, path)
        assert page.status == 404
        assert "There is no such page" in page.text


def test_a_form_of_another_site_is_refused(merchant: Merchant) -> None:
    """Approving a payment takes a click on our own page."""
    waiting = merchant.pay(method="pm_card_authenticationRequired")
    assert waiting.next_action is not None
    assert waiting.next_action.redirect_to_url is not None
    url = str(waiting.next_action.redirect_to_url.url)
    assert ask(url, method="POST", body=b"outcome=approve", headers={"Origin": "https://evil.example"}).status == 403
    assert ask(url, method="POST", body=b"outcome=approve", headers={"Origin": merchant.sandbox.base}).status == 200


def test_send_again_delivers_an_event_once_more(merchant: Merchant, listener: Listener) -> None:
    """The button queues one more copy."""
    merchant.client.v1.webhook_endpoints.create({"url": listener.url, "enabled_events": ["*"], "connect": True})
    merchant.client.v1.customers.create({}, merchant.on)
    wait_until(lambda: len(listener.received) == 1, "the event arrives")
    page = open_page(merchant, f"/accounts/{merchant.account}/events").text
    action = re.search(r'action="([^"]+resend)"', page)
    assert action
    done = ask(f"{merchant.sandbox.base}{action.group(1)}", method="POST", headers={"Origin": merchant.sandbox.base})
    assert done.status == 303
    wait_until(lambda: len(listener.received) == 2, "the event arrives again")
    assert listener.received[0].event["id"] == listener.received[1].event["id"]
