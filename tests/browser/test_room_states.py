"""The room in every state that a shopper may find it in. Each test leaves its picture in `tests/browser/output/`."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.axe import violations_of
from tests.browser.conftest import OUTPUT
from tests.browser.pictures import keep_sheet
from tests.browser.platform import Platform
from tests.browser.states.seeding import HOST, LONG_TITLE, Rooms, act, seed_rooms
from tests.browser.support import say, sign_in

pytestmark = pytest.mark.slow

CONNECTED = "() => window.room?.model?.connection.value === 'open'"
PLAYING = "() => window.room?.model?.connection.value === 'open' && window.room.model.picture.value === 'playing' && window.room.stage.isPlaying"
# Kind, what its control shows, what the other variant does.
KINDS_MET: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("cue_time", {}, {"shift_ms": 300}),
    ("card_design", {"payload": {"design": "full"}}, {"payload": {"design": "compact"}}),
    ("price_display", {"payload": {"display": "plain"}}, {"payload": {"display": "short"}}),
    ("quality_ladder", {}, {"payload": {"top": 360}}),
]
TEASER = "() => window.room?.model?.scene.value === 'teaser'"

Shoot = Callable[[Page, str], Any]
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def rooms(platform: Platform) -> Rooms:
    return seed_rooms(platform)


def enter(page: Page, platform: Platform, slug: str, until: str = CONNECTED) -> None:
    page.goto(platform.url(f"/rooms/{slug}/", "aurora"))
    page.wait_for_function(until, timeout=60_000)


def choose_chinese(page: Page, platform: Platform) -> None:
    page.context.add_cookies([{"name": "language", "value": "zh-hans", "url": platform.url("/", "aurora")}])


def look_at(page: Page, shoot: Shoot, name: str) -> None:
    """Leave a picture; nothing may stand outside of the screen or break a rule of WCAG A and AA."""
    shoot(page, f"state-{name}")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert violations_of(page) == []


def is_inside(part: Locator, whole: Locator) -> bool:
    """With eight pixels left on the right side."""
    inner, outer = part.bounding_box(), whole.bounding_box()
    return inner is not None and outer is not None and inner["x"] + inner["width"] <= outer["x"] + outer["width"] - 8


# Before and after the show --------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_scheduled_room_counts_down(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot, size: str) -> None:
    """The time, the countdown and the whole of a long title; the clock moves."""
    page = open_page(size)
    enter(page, platform, "soon")
    expect(page.locator(".scene").get_by_role("heading", name=LONG_TITLE)).to_be_visible()
    countdown = page.get_by_role("timer")
    before = countdown.inner_text()
    expect(countdown).not_to_have_text(before)
    if size == "desktop":
        expect(page.locator(".season-title")).to_contain_text("1 episode")
        expect(page.locator(".season-title")).not_to_contain_text("1 episodes")
    look_at(page, shoot, f"scheduled-{size}")


def test_a_room_that_is_days_away_says_so_in_words(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """No countdown of seventy hours; in Chinese, in Chinese."""
    page = open_page("phone")
    choose_chinese(page, platform)
    enter(page, platform, "later")
    expect(page.locator(".countdown")).to_have_text("3天后")
    look_at(page, shoot, "scheduled-days-phone-zh")


def test_an_ended_room_leads_to_its_replay(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """The address of the show stays the address: products and the replay are one tap away."""
    page = open_page("phone")
    enter(page, platform, "over")
    expect(page.get_by_role("link", name="Watch replay")).to_be_visible()
    look_at(page, shoot, "ended-phone")
    page.get_by_role("link", name="Watch replay").click()
    page.wait_for_function("() => window.replay?.stage?.isPlaying", timeout=30_000)
    look_at(page, shoot, "replay-phone")


def test_an_ended_room_on_a_wide_screen(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """The way to the replay stands in the middle; the chat is closed and says why."""
    page = open_page("desktop")
    enter(page, platform, "over")
    expect(page.get_by_role("link", name="Watch replay")).to_be_visible()
    expect(page.get_by_label("Say something…")).to_have_count(0)
    look_at(page, shoot, "ended-desktop")


# On air ---------------------------------------------------------------------------------------------


def test_a_show_waits_for_its_next_episode_and_goes_on_by_itself(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """An episode is added while the first one plays: the scene names it, and it plays once it is ready, without a reload."""
    act(
        platform,
        f"""
actions.start_show(room_id=Room.objects.get(slug="waiting").pk, actor={HOST!r})
add_episode(actor=ACTOR, season_id="{rooms.alone}", title="The answer")
""",
    )
    page = open_page("phone")
    enter(page, platform, "waiting")
    page.wait_for_function("() => window.room.model.scene.value === 'waiting'", timeout=30_000)
    expect(page.get_by_role("heading", name="Episode 2 is coming: The answer")).to_be_visible()
    say(page, "who did it")
    look_at(page, shoot, "waiting-phone")
    act(
        platform,
        f"""
season = get_season("{rooms.alone}")
import_source_file(episode_id=season.episodes[1].id, path=film(6, "0x301030", "0x2f86b8"), actor=ACTOR)
wait_ready(season.id)
approve(season.id, User.objects.get(email={HOST!r}))
""",
    )
    page.wait_for_function(PLAYING + " && window.room.stage.current?.number === 2", timeout=30_000)


def test_a_viewer_meets_an_experiment_once(platform: Platform, rooms: Rooms, open_page: OpenPage) -> None:
    """A card 300 ms later, a low one, a short price, one rendition: the page draws the variants that it was dealt, and says so once each.

    Drama, teaser and drama again, by the host's hand: nothing is told anew.
    """
    story = f"""
from rooms.insights.experiments.actions import GoalDraft, create_experiment, start_experiment, stop_experiment
from rooms.insights.experiments.actions import VariantDraft as Drafted
from rooms.insights.experiments.models import Experiment, Exposure
room_id = Room.objects.get(slug="tide").pk
KINDS_MET = {KINDS_MET!r}
"""
    act(
        platform,
        f"""{story}
for kind, as_it_is, other in KINDS_MET:
    variants = [Drafted(title="As it is", **as_it_is), Drafted(title="Other", **other)]
    question = {{"key": kind.replace("_", "-"), "title": "?", "kind": kind, "room_ids": [room_id]}}
    made = create_experiment(**question, variants=variants, goals=[GoalDraft("buyers")], actor=ACTOR)
    start_experiment(experiment_id=made, actor=ACTOR)
play(get_season("{rooms.tide}").episodes[0].id)
""",
    )
    page, told = open_page("phone"), []
    page.on("response", lambda response: told.append(response.status) if response.url.endswith("/exposures/") else None)
    enter(page, platform, "tide")
    page.evaluate("() => { window.scenes = []; window.room.model.scene.subscribe((scene) => window.scenes.push(scene)); }")
    dealt = {one["kind"]: one for one in page.evaluate("() => window.room.model.page.variations")}
    at_ms = 800 if dealt["cue_time"]["cue_times"] else 500
    page.wait_for_function(f"() => window.room.model.playback.value?.cues[0]?.at_ms === {at_ms}", timeout=60_000)
    page.wait_for_function(PLAYING + " && window.room.model.met.value.size === 2", timeout=60_000)
    price = page.locator(f"section.card.is-{dealt['card_design']['payload']['design']} .price")
    expect(price).to_have_text("$129" if dealt["price_display"]["payload"]["display"] == "short" else "$129.00")
    viewer = page.evaluate("() => window.room.model.page.viewer.id")
    seen = act(
        platform,
        f"""{story}
free, paid = (episode.id for episode in get_season("{rooms.tide}").episodes[:2])
for episode_id in (free, paid, free):
    play(episode_id)
    time.sleep(3)
for experiment in Experiment.objects.filter(state="running"):
    stop_experiment(experiment_id=experiment.pk, reason="", actor=ACTOR)
print(json.dumps([[seen.viewer_id, seen.experiment.kind, seen.variant.payload] for seen in Exposure.objects.all()]))
""",
    )
    page.wait_for_function("() => window.scenes.slice(-2).join() === 'teaser,drama'", timeout=30_000)
    assert told == [204] * len(KINDS_MET)
    rows = json.loads(seen.strip().splitlines()[-1])
    assert {kind: payload for of, kind, payload in rows if of == viewer} == {kind: one["payload"] for kind, one in dealt.items()}


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_fault_says_that_the_show_comes_back(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot, size: str) -> None:
    """Who is away and for how long; writing goes on."""
    page = open_page(size)
    enter(page, platform, "fault")
    expect(page.get_by_text("Maren is reconnecting")).to_be_visible()
    say(page, "we wait for you")
    look_at(page, shoot, f"fault-{size}")


def test_a_sold_out_card_keeps_its_price(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """The ring is empty, nothing can be bought, the details are open; new stock brings the button by itself."""
    page = open_page("phone")
    act(platform, f'play(get_season("{rooms.tide}").episodes[0].id)')
    enter(page, platform, "tide", PLAYING)
    card = page.locator("section.card", has_text=rooms.lamp)
    expect(card).to_contain_text("Sold out", timeout=60_000)
    expect(card).to_contain_text("129")
    expect(card.get_by_role("button", name="Buy", exact=True)).to_have_count(0)
    assert is_inside(card.get_by_role("button", name="Details", exact=True), card)
    look_at(page, shoot, "sold-out-phone")
    page.get_by_role("button", name="Bag, 1 product", exact=True).click()
    buy = page.get_by_role("button", name=f"Buy {rooms.lamp}")
    expect(buy).to_be_disabled()
    look_at(page, shoot, "sold-out-bag-phone")
    for available in (3, 0):
        act(platform, f'set_stock(variant_id=UUID("{rooms.lamp_variant}"), available={available}, reason="delivery", actor=ACTOR)')
        expect(buy).to_be_enabled(enabled=available > 0)


def test_a_picture_that_does_not_arrive_is_said_and_comes_back(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """Segments answer 404: what happened, when it is tried again; chat, bag and the way out stay in reach; then it plays."""
    page = open_page("phone")

    def refuse(route: Route) -> None:
        route.fulfill(status=404, body="")

    page.route("**/*.m4s", refuse)
    page.route("**/init.mp4", refuse)
    enter(page, platform, "tide")
    expect(page.get_by_role("heading", name="The picture isn’t arriving")).to_be_visible(timeout=40_000)
    expect(page.get_by_text("Trying again by itself in")).to_be_visible(timeout=15_000)
    look_at(page, shoot, "failed-phone")
    say(page, "is it only me?")
    page.get_by_role("button", name="Bag, ").click()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Back to all rooms").click(trial=True)
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function(PLAYING, timeout=30_000)


def test_a_killed_server_is_only_a_banner(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """kill -9 of web: the banner comes, the picture plays on, and everything is back by itself: nothing lost, nothing doubled."""
    page, other = open_page("phone"), open_page("desktop")
    enter(page, platform, "tide", PLAYING)
    enter(other, platform, "tide")
    say(page, "before the storm")
    other.wait_for_function("() => window.room.model.lines.value.some((line) => line.text === 'before the storm')")
    platform.kill("web")
    expect(page.get_by_text("Connection lost. Reconnecting by itself…")).to_be_visible(timeout=20_000)
    page.get_by_label("Say something…").fill("not heard")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_contain_text("Not sent")
    shoot(page, "state-lost-phone")
    shoot(other, "state-lost-desktop")
    platform.start_web()
    for one in (page, other):
        one.wait_for_function(CONNECTED, timeout=30_000)
        expect(one.locator(".lost-banner")).to_have_count(0)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Say something…")).to_have_value("")
    other.wait_for_function("() => window.room.model.lines.value.some((line) => line.text === 'not heard')")
    for text in ("before the storm", "not heard"):
        assert other.evaluate("(text) => window.room.model.lines.value.filter((line) => line.text === text).length", text) == 1


def test_a_paid_episode_is_unlocked_where_it_plays(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """Teaser and price; a real payment in the sheet; the episode plays in the same page and the list says so; the receipt is found again."""
    act(platform, f'play(UUID("{rooms.paid}"))')
    page = open_page("phone")
    enter(page, platform, "tide", TEASER)
    expect(page.get_by_role("heading", name="Unlock episode 2")).to_be_visible()
    look_at(page, shoot, "teaser-phone")
    page.evaluate("() => { window.isSamePage = true; }")
    page.get_by_role("button", name="Unlock for $1.99").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail for the receipt").fill("iris@mail.test")
    look_at(page, shoot, "unlock-phone")
    page.keyboard.press("Enter")
    dialog.get_by_label("Card number").fill("4242424242424242")
    dialog.get_by_label("Expiry, MM/YY").fill("12/34")
    dialog.get_by_label("Security code").fill("123")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Thank you, it is paid")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Back to the show").click()
    opened = f"window.room.stage.current?.episode_id === '{rooms.paid}' && !window.room.stage.current.is_locked && window.isSamePage"
    page.wait_for_function(f"{PLAYING} && {opened}", timeout=60_000)
    look_at(page, shoot, "unlocked-phone")
    page.get_by_role("button", name="Show all episodes").click()
    expect(page.locator(".episode", has_text="The bay")).not_to_contain_text("to unlock")
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.reload()
    page.wait_for_function(CONNECTED)
    page.get_by_role("tab", name="Orders").click()
    order = page.locator(".order-row", has_text="Episode 2: The bay")
    expect(order).to_contain_text("$1.99")
    expect(order.get_by_role("link", name="Receipt")).to_be_visible()
    look_at(page, shoot, "orders-desktop")


# The viewer's own device ------------------------------------------------------------------------------


def test_with_reduced_motion_nothing_flies(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """Danmaku stand still, no heart rises, nothing on the page goes on moving."""
    page = open_page("phone", reduced_motion="reduce")
    enter(page, platform, "tide", PLAYING)
    say(page, "slowly, please")
    line = page.locator(".danmaku-line", has_text="slowly, please")
    where = line.bounding_box()
    page.locator(".like-button").click()
    page.wait_for_timeout(400)
    assert line.bounding_box() == where
    expect(page.locator(".heart")).to_have_count(0)
    endless = "() => document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations === Infinity).length"
    assert page.evaluate(endless) == 0
    look_at(page, shoot, "still-phone")


def test_a_guest_takes_another_name(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """In the settings, without a reload or a banner; a name that is refused says why; the next line carries the new one."""
    page = open_page("phone")
    enter(page, platform, "tide", PLAYING)
    page.get_by_role("button", name="Picture and sound settings").click()
    page.evaluate("() => { window.lost = 0; window.room.model.connection.subscribe((now) => { if (now === 'lost') window.lost++; }); }")
    name = page.get_by_label("Your name in the chat")
    name.fill("Wren of the north")
    page.get_by_role("button", name="Save").click()
    page.wait_for_function("() => window.room.model.nickname.value === 'Wren of the north'")
    look_at(page, shoot, "settings-phone")
    page.keyboard.press("Escape")
    page.wait_for_function(CONNECTED)
    page.get_by_label("Say something…").fill("it is me")
    page.locator(".mode-switch").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".pill", has_text="it is me")).to_contain_text("Wren of the north")
    assert page.evaluate("() => window.lost") == 0


def test_turning_and_resizing_keeps_the_picture(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """Across 1100 px and back, upright and on its side: the same video goes on, what was typed stays."""
    page = open_page("tablet")
    enter(page, platform, "tide", PLAYING)
    page.evaluate("() => { window.video = document.querySelector('.stage-screen.is-front video'); }")
    page.get_by_label("Say something…").fill("half a word")
    for width, height, name in ((1180, 820, "wide"), (820, 1180, "tablet"), (844, 390, "sideways"), (1099, 800, "below"), (1100, 800, "from")):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(PLAYING)
        expect(page.get_by_label("Say something…")).to_have_value("half a word")
        assert page.evaluate("() => window.video.isConnected")
        look_at(page, shoot, f"turned-{name}")


def test_the_console_on_a_tablet(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """A host with a tablet reaches the same buttons without scrolling sideways."""
    page = open_page("tablet")
    sign_in(page, platform, HOST)
    page.goto(platform.url("/console/tide/", "aurora"))
    expect(page.get_by_text("Connected")).to_be_visible()
    look_at(page, shoot, "console-tablet")


# The lobby --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_a_season_of_one_episode_keeps_its_card_small(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot, size: str) -> None:
    """A strip's cards have one size, however few there are."""
    page = open_page(size)
    page.goto(platform.url("/", "aurora"))
    shelf = page.locator("section.shelf", has_text="Tide and lamp")
    box = shelf.locator(".shelf-item").first.bounding_box()
    assert box is not None
    assert box["width"] < 180
    shelf.scroll_into_view_if_needed()
    look_at(page, shoot, f"lobby-few-{size}")


def test_the_lobby_of_a_shop_without_anything(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot) -> None:
    """It says that the first show is being prepared, in the reader's language."""
    page = open_page("phone")
    page.goto(platform.url("/", "borealis"))
    expect(page.get_by_role("heading", name="The first show is being prepared")).to_be_visible()
    look_at(page, shoot, "lobby-empty-phone")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_room_in_chinese(platform: Platform, rooms: Rooms, open_page: OpenPage, shoot: Shoot, size: str) -> None:
    """Every word of the interface; the host's own titles stay as they are."""
    page = open_page(size)
    choose_chinese(page, platform)
    enter(page, platform, "tide", PLAYING)
    look_at(page, shoot, f"room-zh-{size}")


def test_the_states_make_one_sheet() -> None:
    """What the tests above left, side by side: none of the states went without its picture."""
    states = ("scheduled", "waiting", "fault", "sold-out", "failed", "lost", "teaser", "ended")
    assert keep_sheet([OUTPUT / f"state-{state}-phone.png" for state in states], "states", columns=4, width_px=330).exists()
