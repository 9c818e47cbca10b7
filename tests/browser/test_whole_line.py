"""The whole line on the real platform: a merchant signs up, real files become a season on air, two phones watch in step,
a cue sells a product, and the order stands in the CSV. On the way every page is checked: axe at phone and desktop size,
the policy against inline code, the keyboard; afterwards once more in Simplified Chinese.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.line import audience, money, office, replaying
from tests.browser.line.films import cut_episode
from tests.browser.line.inspecting import inspect, tab_to, walk_by_tab
from tests.browser.line.office import Office
from tests.browser.line.watching import wait_for_card_on_cue, wait_until_in_step
from tests.browser.platform import PASSWORD, Platform

pytestmark = pytest.mark.slow

SHOPS = [("lantern", "Lantern House"), ("lantern2", "Lantern House 2")]
ROOM, ROOM_TITLE, SEASON = "premiere-night", "Premiere night", "The Meadow"
PRODUCT, PRICE = "Meadow lantern", Decimal("36.00")
FILM_S = 14.0
CUES = {1: 4_000, 2: 2_500}
CARD_STAYS_S = 8
PHONE_SKEW_MS = 4_000
FINANCE = "jonas@lantern.example"


@dataclass
class Evening:
    """What the walk leaves behind for the tests after it. A walk that is tried again opens another shop."""

    walks: int = 0
    pages: dict[str, str] = field(default_factory=dict)
    order_url: str = ""
    is_over: bool = False

    def open_office(self, page: Page, platform: Platform) -> Office:
        shop, name = SHOPS[self.walks - 1]
        return Office(page=page, platform=platform, shop=shop, name=name)


@pytest.fixture(scope="module")
def evening() -> Evening:
    return Evening()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("films")
    return [cut_episode(folder, number, seconds=FILM_S) for number in CUES]


def test_from_sign_up_to_csv(platform: Platform, open_page: Any, shoot: Any, films: list[Path], evening: Evening) -> None:
    """Sign up, season from files, approve, on air, two phones in step, danmaku, cue, refused and paid, receipt, replay, CSV."""
    evening.walks += 1
    desk = evening.open_office(open_page("desktop"), platform)
    open_shop(desk)
    prepare_season(desk, films, evening)
    host = open_page("desktop")
    go_on_air(desk, host, evening)
    phones = open_page("phone"), open_page("phone")
    said = watch_together(desk.url(f"/rooms/{ROOM}/"), phones, shoot)
    number = audience.buy(phones[1], PRODUCT)
    audience.expect_receipt_in_room(phones[1], number)
    evening.order_url = look_at_order(desk, open_page("phone"), number)
    end_show(host, phones[0])
    look_at_replay(phones[0], said)
    close_books(desk, open_page("desktop"), number)
    evening.is_over = True


def open_shop(desk: Office) -> None:
    page = desk.page
    page.goto(desk.platform.url("/"))
    inspect(page, "sign-up")
    office.sign_up(desk)
    expect(page.get_by_role("link", name="New season")).to_be_visible()
    inspect(page, "office, empty")


def prepare_season(desk: Office, films: list[Path], evening: Evening) -> None:
    """Both films are uploaded before anything else, so that they convert while the rest is filled in."""
    season_url = office.begin_season(desk, title=SEASON)
    episodes = [office.add_episode(desk, season_url=season_url, film=film) for film in films]
    office.make_product(desk, title=PRODUCT, sku="LAN-1", price=str(PRICE), units=20)
    office.invite(desk, email=FINANCE, role="finance")
    for url in episodes:
        office.put_captions(desk, episode_url=url, language="en", words="Good morning, meadow.", until="00:05.000")
    inspect(desk.page, "episode")
    for url, at_ms in zip(episodes, CUES.values(), strict=True):
        office.set_cue(desk, episode_url=url, at=f"00:{at_ms / 1000:06.3f}", stays_s=CARD_STAYS_S, product=PRODUCT)
    inspect(desk.page, "episode with its timeline")
    office.approve(desk, season_url=season_url)
    inspect(desk.page, "season, sealed")
    office.make_room(desk, title=ROOM_TITLE, slug=ROOM, season=SEASON)
    evening.pages |= {"season": season_url, "episode": episodes[0]}


def go_on_air(desk: Office, host: Page, evening: Evening) -> None:
    """The owner signs in at the desk's own computer and starts the show: the button must be held, by keyboard too."""
    host.goto(desk.url(f"/accounts/login/?next=/console/{ROOM}/"))
    inspect(host, "sign-in")
    host.locator("[name=login]").fill(desk.owner)
    host.locator("[name=password]").fill(PASSWORD)
    host.keyboard.press("Enter")
    host.wait_for_url(f"**/console/{ROOM}/")
    expect(host.get_by_text("Connected")).to_be_visible()
    hold(host, "Start", until="On air")
    evening.pages["console"] = host.url


def hold(host: Page, name: str, *, until: str) -> None:
    """Reach a button by Tab and keep Enter pressed until the room's state says `until`."""
    tab_to(host, host.locator("button.hold", has_text=name))
    host.keyboard.down("Enter")
    expect(host.locator(".console-state")).to_have_text(until)
    host.keyboard.up("Enter")


def watch_together(url: str, phones: tuple[Page, Page], shoot: Any) -> audience.Said:
    """In step although one clock is wrong by four seconds; a danmaku crosses; the card rises on its cue on both."""
    one, two = phones
    audience.enter(one, url, skew_ms=PHONE_SKEW_MS)
    audience.enter(two, url)
    apart = wait_until_in_step(one, two, frames=3)
    print(f"two phones, one clock wrong by {PHONE_SKEW_MS} ms: {apart:.1f} frames apart")
    inspect(one, "room")
    said = audience.say(one, "she opens her eyes")
    expect(two.locator(".danmaku-line", has_text="she opens her eyes")).to_have_count(1)
    for name, phone in (("skewed", one), ("right", two)):
        print(f"card after its cue, {name} clock: {wait_for_card_on_cue(phone, cues=CUES, within_ms=400)} ms")
    shoot(two, "line-room-phone")
    return said


def look_at_order(desk: Office, guest: Page, number: str) -> str:
    """The mail in the office's viewer has the link; the link opens the order for whoever has it, without signing in."""
    link = office.read_mail(desk, to=audience.BUYER["email"])
    expect(desk.page.get_by_text(number).first).to_be_visible()
    inspect(desk.page, "mail")
    guest.goto(link)
    expect(guest.get_by_text(number)).to_be_visible()
    expect(guest.get_by_role("heading", name="Thank you, it is paid")).to_be_visible()
    expect(guest.get_by_text(PRODUCT)).to_be_visible()
    inspect(guest, "order")
    return link


def end_show(host: Page, phone: Page) -> None:
    """Held to its end; for ten seconds it could be taken back, then the room is its replay."""
    inspect(host, "console")
    hold(host, "End show", until="Ended")
    expect(host.get_by_role("button", name="Undo: end")).to_be_visible()
    expect(phone.get_by_role("button", name="Replay in a moment")).to_be_visible()
    inspect(phone, "room, ended")
    expect(host.locator(".console-state")).to_have_text("Replay", timeout=40_000)


def look_at_replay(phone: Page, said: audience.Said) -> None:
    """The danmaku crosses where it was said, in the picture of that moment."""
    phone.get_by_role("link", name="Watch replay").click()
    phone.wait_for_function("() => window.replay?.stage?.isPlaying")
    inspect(phone, "replay")
    at_ms = replaying.place_of(phone, "she opens her eyes")
    from_ms, until_ms = (replaying.on_timeline(phone, place) for place in said)
    assert from_ms - 1_000 < at_ms < until_ms + 1_000, "kept at another moment than it was said"
    late = replaying.lateness_of(phone, "she opens her eyes", at_ms)
    print(f"danmaku after its moment in the replay: {late} ms")
    assert min(late) >= 0
    assert min(late) <= 100


def close_books(desk: Office, page: Page, number: str) -> None:
    """A colleague joins by the mailed link; CSV, ledger and the sandbox's balance agree to the cent."""
    page.goto(office.read_mail(desk, to=FINANCE))
    inspect(page, "join")
    page.get_by_label("Your name").fill("Jonas Weber")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/")
    page.locator("a[href='/finance/']").first.click()
    orders, ledger, stripe = money.legs_of(page)
    inspect(page, "finance")
    rows = money.download_csv(page)
    assert {row["order_no"] for row in rows} == {number}
    assert money.sum_of(rows, "gross") == PRICE == orders
    assert money.sum_of(rows, "net") == ledger == stripe
    sandbox = f"http://localhost:{desk.platform.sandbox_port}/"
    assert money.sandbox_balance(page, sandbox, desk.name) == stripe


PAGES = {
    "lobby": "/",
    "room": f"/rooms/{ROOM}/",
    "replay": f"/rooms/{ROOM}/replay/",
    "season of the shop": "/seasons/the-meadow/",
    "console": f"/console/{ROOM}/",
    "office": "/admin/",
    "seasons": "/admin/dramas/season/",
    "rooms": "/admin/rooms/room/",
    "new room": "/admin/rooms/room/add/",
    "products": "/admin/commerce/product/",
    "new product": "/admin/commerce/product/add/",
    "orders": "/admin/commerce/order/",
    "finance": "/finance/",
    "people": "/admin/accounts/user/",
    "invitation": "/admin/accounts/user/add/",
    "mail": "/admin/accounts/keptmail/",
}


def test_every_page_speaks_chinese_and_is_reached_by_keyboard(platform: Platform, open_page: Any, evening: Evening) -> None:
    """After the evening: each page of the line in Simplified Chinese, at two sizes for axe, the Tab key led to what can be seen."""
    assert evening.is_over, "the evening did not come to its end; its own test says why"
    desk = evening.open_office(open_page("desktop", language="zh-CN"), platform)
    page = desk.page
    page.context.add_cookies([{"name": "language", "value": "zh-hans", "url": desk.url("/")}])
    page.goto(desk.url("/accounts/login/?next=/admin/"))
    page.locator("[name=login]").fill(desk.owner)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)
    page.wait_for_load_state("networkidle")
    wanted = PAGES | {"season": evening.pages["season"], "episode": evening.pages["episode"], "order": evening.order_url}
    for name, address in wanted.items():
        page.goto(address if address.startswith("http") else desk.url(address))
        page.wait_for_timeout(700)  # scripts draw their part
        assert page.locator("html").get_attribute("lang") in {"zh-hans", "zh-Hans"}, name
        text = page.locator("body").inner_text()
        assert re.search(r"[\u4e00-\u9fff]", text), name
        assert "%(" not in text, name
        inspect(page, f"{name}, in Chinese")
        walk_by_tab(page, name)
