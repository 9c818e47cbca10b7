"""A merchant opens a shop and looks around the office; an operator looks at the platform."""

import time

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations_of
from tests.browser.platform import PASSWORD


def sign_up(page, platform, subdomain):
    page.goto(platform.url("/"))
    page.get_by_label("Shop name").fill("Comet Tea")
    page.locator("[name=subdomain]").fill(subdomain)
    page.get_by_label("E-mail").fill(f"owner@{subdomain}.example")
    page.get_by_label("Password").fill(PASSWORD)
    started = time.monotonic()
    page.locator("[data-sign-up] button[type=submit]").click()
    page.wait_for_url("**/admin/")
    return time.monotonic() - started


def test_sign_up_leads_to_the_office_signed_in(platform, open_page, shoot):
    """The form leads to the shop's own office; the page shows no violation at three sizes."""
    for size in ("phone", "tablet", "desktop"):
        page = open_page(size)
        page.goto(platform.url("/"))
        assert violations_of(page) == []
        shoot(page, f"sign-up-{size}")
    page = open_page("desktop")
    took_s = sign_up(page, platform, "comet-tea")
    print(f"sign-up to office on screen: {took_s:.2f} s")
    assert page.url.startswith("http://comet-tea.localhost")
    shoot(page, "office-home-empty-desktop")
    assert violations_of(page) == []


def test_sign_up_says_what_is_wrong_and_keeps_the_rest(platform, open_page):
    """A taken address is named beside its field; what was typed is still there."""
    page = open_page("phone")
    page.goto(platform.url("/"))
    page.get_by_label("Shop name").fill("Second Aurora")
    page.locator("[name=subdomain]").fill("aurora")
    page.get_by_label("E-mail").fill("a@b.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("[data-sign-up] button[type=submit]").click()
    page.get_by_role("alert").first.wait_for()
    assert "is taken" in page.get_by_role("alert").first.inner_text()
    assert page.get_by_label("Shop name").input_value() == "Second Aurora"


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_entrance_pages_have_no_violation(platform, open_page, shoot, size):
    """Sign-in and reset of a shop, in both languages."""
    for language in ("en", "zh-Hans"):
        page = open_page(size, language)
        for path in ("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"):
            page.goto(platform.url(path, "aurora"))
            assert violations_of(page) == [], path
        page.goto(platform.url("/accounts/login/", "aurora"))
        shoot(page, f"sign-in-{size}-{language.lower()}")


def test_people_and_mail_pages(platform, open_page, shoot):
    """The owner's lists and forms: no violation, no inline code."""
    page = open_page("desktop")
    sign_up(page, platform, "comet-people")
    for path, name in (("/admin/accounts/user/", "people"), ("/admin/accounts/user/add/", "invite"), ("/admin/accounts/keptmail/", "mail")):
        page.goto(platform.url(path, "comet-people"))
        shoot(page, f"office-{name}-desktop")
        assert violations_of(page) == [], path


def test_an_operator_suspends_a_shop_and_lets_it_open_again(platform, open_page, shoot):
    """On the platform's own host: merchants and their domains, a shop that shows a plain page while it is suspended, unknown hosts."""
    platform.run(
        "from merchants.accounts.actions import create_operator\nfrom merchants.foundation.tenancy import in_schema\n"
        f"with in_schema('public'):\n    create_operator(email='operator@entrance.test', password={PASSWORD!r}, name='Operator')"
    )
    page, visitor = open_page("desktop"), open_page("phone")
    page.goto(platform.url("/accounts/login/?next=/admin/"))
    page.locator("[name=login]").fill("operator@entrance.test")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    for path, name in (("/admin/", "merchants"), ("/admin/tenants/merchant/add/", "merchant-new"), ("/admin/accounts/keptmail/", "platform-mail")):
        page.goto(platform.url(path))
        shoot(page, f"{name}-desktop")
        assert violations_of(page) == [], path
    page.goto(platform.url("/admin/tenants/merchant/"))
    page.locator("#result_list a", has_text="Borealis").first.click()
    shoot(page, "merchant-desktop")
    assert violations_of(page) == []
    page.get_by_role("link", name="Suspend").click()
    expect(page.get_by_role("heading", name="Suspend Borealis?")).to_be_visible()
    assert violations_of(page) == []
    page.get_by_role("button", name="Suspend").click()
    wait_for_status(visitor, platform.url("/", "borealis"), 503)
    expect(visitor.locator("h1")).to_be_visible()
    assert violations_of(visitor) == []
    page.get_by_role("link", name="Resume").click()
    page.get_by_role("button", name="Resume").click()
    wait_for_status(visitor, platform.url("/", "borealis"), 200)
    wait_for_status(visitor, platform.url("/", "no-such-shop"), 404)
    assert violations_of(visitor) == []


def wait_for_status(page, url, status, patience_s=20):
    """A process knows a host for five seconds."""
    deadline = time.monotonic() + patience_s
    while (found := page.goto(url).status) != status:
        assert time.monotonic() < deadline, found
        page.wait_for_timeout(500)
