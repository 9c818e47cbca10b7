"""The office's insights in a browser: charts with their plot, what is behind a span, a suggestion that becomes a draft."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations_of
from tests.browser.platform import PASSWORD, Platform
from tests.browser.support import sign_in

OWNER = "owner@figures.test"
_SEED = """
import json
from datetime import timedelta
from django.db import transaction
from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale
from commerce.orders.models import Order
from dramas.seasons.actions import CueDraft, replace_cues, tag_season
from dramas.seasons.queries import list_cues
from merchants.accounts.models import User
from merchants.foundation import clock
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from rooms.insights.events.messages import PaidEvent, happened_ms
from rooms.insights.experiments.judging import request_verdict
from rooms.insights.ingest.merge import store
from rooms.insights.ingest.partitions import ensure_days
from rooms.insights.ingest.places import Places
from rooms.insights.ingest.rows import days_of
from rooms.program.models import Airing, ProgramEntry
from tests.dramas.building import ACTOR, report_ready
from tests.rooms.building import make_stage
from tests.rooms.insights.building import expose_many, run_experiment, sell
from tests.rooms.insights.planting import Planted
from tests.rooms.insights.test_moments import Evening

with in_schema("aurora"):
    owner = User.objects.create_user(email=%(owner)r, password=%(password)r, role="owner", name="Ada Lin")
    stage = make_stage(owner, slug="figures", episodes=8)
    days = [clock.now() - timedelta(days=ago) for ago in (2, 1, 0)]
    experiment_id = run_experiment(stage, ago=timedelta(days=3))
    dealt = expose_many(experiment_id, stage.room_id, 900, at=days[0] - timedelta(hours=1))
    control = min(dealt.values())
    for number, (viewer, variant) in enumerate(dealt.items()):
        if number %% (9 if variant == control else 6) == 0:
            sell(viewer, room_id=stage.room_id, at=days[number %% 2] - timedelta(minutes=30))
    for day in days:
        with clock.frozen(day):
            request_verdict(experiment_id=experiment_id)
    for episode_id in stage.episodes:
        report_ready(episode_id, duration_ms=90_000)
    product = list_cues(stage.episodes[0])[0].product_id
    drafts = [CueDraft(at_ms=20_000, duration_ms=10_000, product_id=product)]
    replace_cues(actor=ACTOR, episode_id=stage.episodes[0], drafts=drafts)
    cues = [list_cues(episode_id)[0].id for episode_id in stage.episodes[:2]]
    tag_season(actor=ACTOR, season_id=stage.season.id, episodes={stage.episodes[0]: ["scene.quarrel"], stage.episodes[1]: ["scene.meal"]})
planted = Planted("aurora", [stage.room_id], stage.episodes, cues, clock.now_ms() - 4 * 86_400_000, 7).plant(500)
parcels = planted.parcels + Evening(stage.room_id, stage.episodes[0], hot={"danmaku": set(range(50, 60))}).play().parcels("aurora")
ensure_days(days_of(parcels))
store("aurora", parcels, Places())
with in_schema("aurora"), transaction.atomic():
    began, of = clock.now() - timedelta(days=4), {"room_id": stage.room_id}
    airing = Airing.objects.create(season_id=stage.season.id, title="Before", started_at=began, ended_at=began + timedelta(hours=1), **of)
    entry = {"seq": 1, "source_kind": "episode", "source_id": stage.episodes[0], "started_at_ms": clock.to_ms(began), "cause": "start"}
    ProgramEntry.objects.create(airing=airing, **entry, **of)
    for parcel in planted.parcels:
        for event in parcel.events:
            if isinstance(event, PaidEvent):
                at = clock.from_ms(happened_ms(event.id))
                order = sell(str(parcel.viewer_id), room_id=stage.room_id, at=at, total_minor=event.amount_minor)
                Order.objects.filter(pk=order.pk).update(program_seq=1, position_ms=21_000 + order.pk.int %% 9 * 1000)
                trace, sale = OrderTrace(order.pk, order.number, stage.room_id), Sale("SKU", 1, Money(event.amount_minor, "USD"))
                ledger.post_capture(order=trace, processor=ProcessorTrace(payment_intent=order.number), sales=[sale], at=at)
print(json.dumps({"episode": str(stage.episodes[0])}))
"""


@pytest.fixture(scope="module")
def seeded(platform: Platform) -> dict[str, str]:
    found: dict[str, str] = json.loads(platform.run(_SEED % {"owner": OWNER, "password": PASSWORD}).strip().splitlines()[-1])
    return found


def test_a_merchant_reads_the_story_and_drafts_a_test(platform, seeded, open_page, shoot):
    """By mouse and by keys alike; each chart has its table; no violation, and the page speaks Chinese as well."""
    page: Page = open_page("desktop")
    sign_in(page, platform, OWNER)
    page.goto(platform.url("/insights/?room=figures", "aurora"))
    expect(page.locator("#retention canvas")).to_be_visible()
    page.locator("#retention").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#frame")).to_contain_text("Episode 1, 0:10")
    page.locator("#behind [name=begin]").fill("20")
    page.locator("#behind [name=end]").fill("30")
    page.get_by_role("button", name="Look behind").click()
    expect(page.locator(".behind-found")).to_contain_text("visits were there")
    assert page.locator(".behind-tables a[href*='/admin/commerce/order/']").count() > 0
    expect(page.locator("#attribution tfoot")).to_contain_text("Total")
    totals = page.locator("#attribution tfoot td").all_inner_texts()
    assert totals[0] == totals[1] == totals[2] == page.locator(".insights-figures dt:text-is('Net revenue') + dd").inner_text()
    expect(page.locator("#tags")).to_contain_text("Quarrel")
    move = page.locator("#suggestions li", has_text="Move the card to 0:50")
    move.get_by_role("button", name="Test").click()
    expect(move.get_by_role("link", name="Open the draft")).to_be_visible()
    assert violations_of(page) == []
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "insights-story-desktop")
    phone = open_page("phone")
    phone.context.add_cookies([*page.context.cookies(), {"name": "language", "value": "zh-hans", "url": platform.url("/", "aurora")}])
    phone.route("**/api/v1/insights/tags/**", lambda route: route.abort())
    phone.goto(platform.url("/insights/?room=figures", "aurora"))
    expect(phone.locator("#attribution tfoot")).to_contain_text("合计")
    expect(phone.locator("#tags").get_by_role("alert")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations_of(phone) == []
    shoot(phone, "insights-story-phone")


def test_the_funnel_is_chosen_and_the_rooms_experiment_is_told(platform, seeded, open_page, shoot):
    """Three steps within two hours, by a form that works without a script; the verdict's words beside its course."""
    page = open_page("desktop")
    sign_in(page, platform, OWNER)
    page.goto(platform.url("/insights/?room=figures", "aurora"))
    page.get_by_text("Steps and hours").click()
    for step in ("watched", "cue_shown", "bagged", "checkout"):
        page.locator(f"[name=steps][value={step}]").uncheck()
    page.get_by_label("Hours from the first step to the last").fill("2")
    page.locator(".funnel-choice").get_by_role("button", name="Show").click()
    expect(page.get_by_text("within 2 hours of the first one")).to_be_visible()
    assert page.locator("[aria-labelledby=funnel-title] tbody").first.locator("tr").count() == 3
    expect(page.locator("#funnel canvas")).to_be_visible()
    told = page.get_by_role("region", name="Do later cards sell more?")
    expect(told.locator("#test-course canvas")).to_be_visible()
    expect(told.get_by_role("link", name="The experiment")).to_be_visible()
    assert violations_of(page) == []
    page.locator("#funnel-title").scroll_into_view_if_needed()
    shoot(page, "insights-funnel-desktop")
    told.scroll_into_view_if_needed()
    shoot(page, "insights-test-desktop")


def test_suggestions_stand_beside_the_cue_editor(platform, seeded, open_page, shoot):
    page = open_page("desktop")
    sign_in(page, platform, OWNER)
    page.goto(platform.url(f"/admin/dramas/episode/{seeded['episode']}/change/", "aurora"))
    heat = page.locator(".heat")
    move = heat.locator(".moment", has_text="Move the card to 0:50")
    move.get_by_role("button", name="Test").click()
    expect(move.get_by_role("link", name="Open the draft")).to_be_visible()
    assert violations_of(page) == []
    heat.scroll_into_view_if_needed()
    shoot(page, "cue-editor-heat-desktop")
