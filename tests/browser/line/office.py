"""What the merchant does: opens the shop, stocks it, makes a season from files, invites a colleague, reads the mail."""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.platform import PASSWORD, Platform


@dataclass(frozen=True)
class Office:
    """The owner's browser in one shop's office."""

    page: Page
    platform: Platform
    shop: str
    name: str

    @property
    def owner(self) -> str:
        return f"owner@{self.shop}.example"

    def url(self, path: str) -> str:
        return self.platform.url(path, self.shop)

    def open(self, path: str) -> Page:
        self.page.goto(self.url(path))
        return self.page

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


def sign_up(office: Office) -> None:
    """On the platform's host, by keyboard alone; leads to the office, signed in."""
    page = office.page
    page.goto(office.platform.url("/"))
    page.get_by_label("Shop name").focus()
    for text in (office.name, office.shop, "Ada Lin", office.owner):
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**//{office.shop}.*/admin/")


def make_product(office: Office, *, title: str, sku: str, price: str, units: int) -> None:
    """A product with one variant in the admin, then its first delivery on the stock page."""
    page = office.open("/admin/commerce/product/add/")
    for field, text in (("title", title), ("variants-0-sku", sku), ("variants-0-price", price)):
        page.locator(f"[name={field}]").fill(text)
    office.press("Save and continue editing")
    page.get_by_role("link", name="Adjust").click()
    page.locator("[name=delta]").fill(str(units))
    office.press("Adjust")
    expect(page.get_by_text(f"{units} can be bought now")).to_be_visible()


def begin_season(office: Office, *, title: str) -> str:
    """A short trial without episodes. Returns the address of its page."""
    page = office.open("/admin/dramas/season/add/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Pacing").select_option("short")
    page.get_by_label("Licence line").fill("Big Buck Bunny, Blender Foundation, CC BY 3.0")
    office.press("Begin the season")
    page.locator(".season-name", has_text=title).wait_for()
    return page.url


def add_episode(office: Office, *, season_url: str, film: Path) -> str:
    """Add an episode and give its file to the upload panel. Returns the address of its page while the server still converts."""
    page = office.page
    page.goto(season_url)
    office.press("Add episode")
    page.locator("input[type=file].unseen").set_input_files(film)
    page.get_by_text(re.compile("Converting|Ready in all qualities")).first.wait_for(timeout=60_000)
    return page.url


def put_captions(office: Office, *, episode_url: str, language: str, words: str, until: str) -> None:
    """Upload a WebVTT file of one caption."""
    page = office.page
    page.goto(episode_url)
    page.get_by_label("Language").fill(language)
    content = f"WEBVTT\n\n00:00.500 --> {until}\n{words}\n".encode()
    page.get_by_label("WebVTT file").set_input_files({"name": f"{language}.vtt", "mimeType": "text/vtt", "buffer": content})
    office.press("Upload")
    expect(page.locator(".caption-row")).to_have_count(1)


def set_cue(office: Office, *, episode_url: str, at: str, stays_s: int, product: str) -> None:
    """On the timeline: C puts a card at the playhead, its fields make it exact; each is kept at once."""
    page = office.page
    page.goto(episode_url)
    lanes, opens = page.locator("#cue-editor .lanes"), page.get_by_role("link", name="Open the timeline")
    lanes.or_(opens).first.wait_for(timeout=120_000)
    if not lanes.is_visible():
        opens.click()  # the video was still on its way when the page was drawn
    lanes.wait_for()
    page.locator("body").press("c")
    expect(page.locator(".cue-row")).to_have_count(1)
    _commit(page, "Stays for, seconds", str(stays_s))
    _commit(page, "Starts at", at)
    expect(page.locator(".cue-row")).to_contain_text(at)
    expect(page.locator(".cue-row")).to_contain_text(f"{stays_s} s")
    expect(page.locator(".cue-row")).to_contain_text(product)


def _commit(page: Page, label: str, text: str) -> None:
    """Type into a field of the inspector and wait until the server has kept it."""
    field = page.get_by_label(label)
    field.fill(text)
    with page.expect_response(lambda response: response.request.method == "PUT" and response.ok):
        field.press("Enter")


def approve(office: Office, *, season_url: str) -> None:
    """Wait until every rule is kept, then seal."""
    page = office.page
    page.goto(season_url)
    button = page.get_by_role("button", name="Approve and seal", exact=True)
    expect(button).to_be_enabled(timeout=120_000)
    button.click()
    expect(page.get_by_text("Sealed", exact=True)).to_be_visible()


def make_room(office: Office, *, title: str, slug: str, season: str) -> None:
    """A looping room of the season, started by hand. The form proposes `slug` for the title."""
    page = office.open("/admin/rooms/room/add/")
    page.locator("[name=title]").fill(title)
    page.locator("[name=title]").press("Tab")
    expect(page.locator("[name=slug]")).to_have_value(slug)
    page.locator("[name=season]").select_option(label=season)
    page.locator("[name=host_name]").fill("Lin")
    page.locator("[name=is_looping]").set_checked(True)
    office.press("Save")
    expect(page.get_by_text(f"/rooms/{slug}/")).to_be_visible()


def invite(office: Office, *, email: str, role: str) -> None:
    page = office.open("/admin/accounts/user/add/")
    page.locator("[name=email]").fill(email)
    page.locator("[name=role]").select_option(role)
    office.press("Save")
    expect(page.get_by_text(f"The invitation is on its way to {email}.")).to_be_visible()


def read_mail(office: Office, *, to: str) -> str:
    """Open the newest kept mail to an address; returns the address that its link leads to."""
    page = office.page
    row = page.locator("#result_list tr", has_text=to)
    for _ in range(30):
        office.open(f"/admin/accounts/keptmail/?q={to}")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.first.get_by_role("link").first.click()
    link = page.locator(f"a[href*='//{office.shop}.']").last
    return link.get_attribute("href") or ""
