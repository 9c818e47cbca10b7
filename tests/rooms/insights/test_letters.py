"""Letters with figures: after each show and every week, once to each owner and finance who wants them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from commerce.ledger import actions as ledger
from commerce.ledger.actions import OrderTrace, ProcessorTrace, Sale
from config.reactions import REACTIONS
from config.settings.celery import SHOP_SCHEDULE
from merchants.accounts.models import User
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money
from merchants.foundation.tenancy import in_schema
from merchants.tenants.models import Merchant
from rooms.director.actions import direct
from rooms.insights.letters import actions
from rooms.insights.letters.actions import AFTER_SHOW, LEASE, choose_letters, owe_show_letters, owe_week_letters, send_due_letters, send_letter
from rooms.insights.letters.models import InsightLetter
from rooms.program.actions import end_show, start_show
from rooms.program.models import Airing, Room
from tests.conftest import Shop
from tests.rooms.building import HOST, Stage

pytestmark = pytest.mark.django_db(transaction=True)

BEGAN = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)


@pytest.fixture
def shop(aurora: Shop, borealis: Shop, settings: Any) -> Iterator[Shop]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with in_schema("borealis"):
        User.objects.create(email="owner@borealis.test", role="owner")
    with in_schema("aurora"):
        User.objects.bulk_create(User(email=f"{role}@letters.test", role=role) for role in ("owner", "finance", "editor"))
        yield aurora


def hold_show(stage: Stage) -> Airing:
    """A show of forty seconds, closed."""
    for after_s, story in ((0, start_show), (40, end_show)):
        with clock.frozen(BEGAN + timedelta(seconds=after_s)):
            story(room_id=stage.room_id, actor=HOST)
    with clock.frozen(BEGAN + timedelta(minutes=2)):
        direct(room_id=stage.room_id)
    return Airing.objects.get()


def book(amount_minor: int, at: datetime) -> None:
    sale = Sale("SKU", 1, Money(amount_minor, "USD"))
    with transaction.atomic():
        ledger.post_capture(order=OrderTrace(new_id(), "A-1"), processor=ProcessorTrace(payment_intent=str(new_id())), sales=[sale], at=at)


def send_all() -> int:
    return sum(send_letter(letter_id=letter_id) for letter_id in InsightLetter.objects.filter(sent_at=None).values_list("pk", flat=True))


def test_a_finished_show_is_told_to_owner_and_finance_once(shop: Shop, set_up: Callable[..., Stage]) -> None:
    """An hour after its end, however often the fact or the task come."""
    stage = set_up(shop)
    show = hold_show(stage)
    InsightLetter.objects.all().delete()  # the fact has been delivered by the tests' own worker
    assert [owe_show_letters(airing_id=show.pk) for _ in range(2)] == [2, 0]
    assert owe_show_letters(airing_id=new_id()) == 0
    assert set(InsightLetter.objects.values_list("since", "until", "due_at")) == {(BEGAN.date(), BEGAN.date(), show.ended_at + AFTER_SHOW)}
    with clock.frozen(show.ended_at + AFTER_SHOW - timedelta(seconds=1)):
        assert send_due_letters() == 0
    with clock.frozen(show.ended_at + AFTER_SHOW):
        assert [send_all(), send_all()] == [2, 0]
    assert sorted(letter.to[0] for letter in mail.outbox) == ["finance@letters.test", "owner@letters.test"]
    assert stage.room.title in mail.outbox[0].subject
    InsightLetter.objects.all().delete()
    Room.objects.filter(pk=stage.room_id).update(is_rehearsal=True)
    assert owe_show_letters(airing_id=show.pk) == 0
    assert f"/insights/?since=2026-11-20&until=2026-11-20&room={stage.slug}" in mail.outbox[0].body
    assert mail.outbox[0].alternatives[0].mimetype == "text/html"
    with in_schema("borealis"):
        assert not InsightLetter.objects.exists()


def test_the_week_is_told_on_monday_morning_on_the_merchants_wall(shop: Shop) -> None:
    """Half past eight in London is half past four in New York: there it is too early."""
    book(5_000, BEGAN)
    with clock.frozen(MONDAY - timedelta(hours=1)):
        assert owe_week_letters() == 0
    with clock.frozen(MONDAY + timedelta(days=1)):
        assert owe_week_letters() == 0
    zone = Merchant.objects.get(schema_name="aurora").time_zone
    Merchant.objects.filter(schema_name="aurora").update(time_zone="America/New_York")
    with clock.frozen(MONDAY):
        assert owe_week_letters() == 0
    Merchant.objects.filter(schema_name="aurora").update(time_zone="UTC")
    with clock.frozen(MONDAY):
        assert [owe_week_letters(), owe_week_letters(), send_all()] == [2, 0, 2]
    Merchant.objects.filter(schema_name="aurora").update(time_zone=zone)
    assert set(InsightLetter.objects.values_list("subject", flat=True)) == {"2026-W47"}
    assert "$50.00" in mail.outbox[0].body
    assert "/insights/?since=2026-11-16&until=2026-11-22&room=" in mail.outbox[0].body


def test_of_an_empty_week_nobody_hears(shop: Shop) -> None:
    Merchant.objects.filter(schema_name="aurora").update(time_zone="UTC")
    with clock.frozen(MONDAY):
        assert owe_week_letters() == 0
    assert not InsightLetter.objects.exists()


def test_who_wants_none_gets_none_also_of_what_is_owed(shop: Shop, enter: Callable[..., Any]) -> None:
    """By the page that every letter names; one's own choice alone."""
    Merchant.objects.filter(schema_name="aurora").update(time_zone="UTC")
    book(5_000, BEGAN)
    with clock.frozen(MONDAY):
        assert owe_week_letters() == 2
    finance = User.objects.get(email="finance@letters.test")
    owner = enter(shop, "owner")
    me = User.objects.exclude(email="owner@letters.test").get(role="owner")
    assert owner.post("/insights/letters/", {"wants": "no"}).status_code == 302
    with in_schema("aurora"):
        assert (actions.wants_letters(me.pk), actions.wants_letters(finance.pk)) == (False, True)
        choose_letters(person_id=finance.pk, wants=False)
        choose_letters(person_id=finance.pk, wants=False)
        assert send_all() == 1
        assert [letter.to for letter in mail.outbox] == [["owner@letters.test"]]
        choose_letters(person_id=finance.pk, wants=True)
        assert actions.wants_letters(finance.pk)
    assert enter(shop, "host").get("/insights/letters/").status_code == 403


class Refusing(BaseEmailBackend):
    def send_messages(self, email_messages: Any) -> int:
        raise OSError("no mail server")


def test_a_mail_server_that_fails_is_asked_again_later(shop: Shop, settings: Any) -> None:
    Merchant.objects.filter(schema_name="aurora").update(time_zone="UTC")
    book(5_000, BEGAN)
    with clock.frozen(MONDAY):
        owe_week_letters()
        letter = InsightLetter.objects.order_by("pk")[0]
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"
        with pytest.raises(OSError, match="no mail server"):
            send_letter(letter_id=letter.pk)
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        assert not send_letter(letter_id=letter.pk)  # claimed a moment ago
    with clock.frozen(MONDAY + LEASE + timedelta(seconds=1)):
        assert send_letter(letter_id=letter.pk)
    assert len(mail.outbox) == 1


def test_show_and_week_are_wired_under_the_roof() -> None:
    assert "rooms.insights.letters.reactions.owe_figures" in REACTIONS["rooms.program.facts.ShowClosed"]
    assert "rooms.insights.letters.tasks.tend_letters" in SHOP_SCHEDULE
