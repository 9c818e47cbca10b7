"""A shop with something of everything, told through the same stories as the product's doors. Needs the shop's schema.

Every text carries the shop's canary. Addresses (slugs) do not: both shops have the same ones.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from PIL import Image

from commerce.catalog.actions import VariantDraft, add_picture, create_product
from commerce.ledger import actions as ledger
from commerce.orders import actions as orders
from commerce.orders.actions import Buyer, LineWish, put_in_bag
from commerce.orders.models import OrderMail
from commerce.orders.queries import OrderView
from commerce.payments.models import Attempt, Refund
from commerce.stock.actions import set_stock
from dramas.playback.actions import save_position
from dramas.seasons.actions import CueDraft, add_cue, add_episode, create_season, edit_episode, put_captions
from dramas.transcode.actions import import_source_file, start_upload
from dramas.transcode.shelf import Shelf
from merchants.accounts.models import KeptMail, User
from merchants.accounts.roles import Role
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.money import Money
from merchants.foundation.tenancy import current_schema
from rooms.director.actions import direct
from rooms.engagement.actions import pin_comment, post_comment
from rooms.engagement.models import Danmaku
from rooms.insights.contribution.actions import note_cost
from rooms.insights.experiments.actions import GoalDraft, create_experiment, record_exposure, start_experiment
from rooms.insights.experiments.actions import VariantDraft as VariantOfExperiment
from rooms.insights.experiments.judging import SETTLED, request_verdict
from rooms.insights.letters.models import InsightLetter
from rooms.insights.reports.models import ReportRun
from rooms.moderation.actions import mute
from rooms.moderation.models import RefusedWord, Restriction
from rooms.program.actions import end_show, start_show
from rooms.program.queries import get_room_by_id
from rooms.program.schedule import create_room
from rooms.recordings.models import Recording
from tests.dramas.building import approve, report_ready

EPISODES = 3
FEE = Money(100, "USD")
ACTOR = "system"


@dataclass
class Shopfront:
    """What was built: ids by the name that the addresses' parameters have, and the people by role (`""` is a shopper)."""

    values: dict[str, Any] = field(default_factory=dict)
    people: dict[str, UUID] = field(default_factory=dict)
    buyer_id: str = ""


def canary() -> str:
    return f"{current_schema()}-canary"


def build_shopfront(*, place: str, film: Path | None = None) -> Shopfront:
    """Build everything under addresses that begin with `place`. With a `film` one paid episode is really transcoded."""
    shop = Shopfront(buyer_id=str(new_id()))
    _hire(shop, place)
    product_id, variant_id = _stock_shelf(place)
    shop.values |= {"product_id": product_id, "variant_id": variant_id, "product_slug": f"{place}-lantern"}
    _film_season(shop, place, film)
    _open_rooms(shop, place)
    _sell(shop, place)
    _experiment(shop, place)
    mail = KeptMail.objects.create(sent_at=clock.now(), sender="a@b.test", recipient=f"{canary()}@b.test", subject=canary(), body=canary())
    shop.values["mail_id"] = mail.pk
    return shop


def _hire(shop: Shopfront, place: str) -> None:
    for role in ["", *Role.values]:
        name = role or "shopper"
        person = User.objects.create_user(
            email=f"{place}-{name}@{canary()}.test", password="correct horse battery", role=role, name=f"{canary()} {name}"
        )
        shop.people[role] = person.pk
    EmailAddress.objects.create(user_id=shop.people[""], email=f"{place}-shopper@{canary()}.test", primary=True, verified=False)
    shop.values["user_id"] = shop.people["editor"]


def _stock_shelf(place: str) -> tuple[UUID, UUID]:
    draft = VariantDraft(sku=f"SKU-{place}", price_minor=3600, title=canary())
    card = create_product(title=f"{canary()} lantern", slug=f"{place}-lantern", description=canary(), variants=[draft], actor=ACTOR, ships=False)
    picture = BytesIO()
    Image.new("RGB", (40, 50), "teal").save(picture, "PNG")
    picture.seek(0)
    add_picture(product_id=card.id, upload=picture, actor=ACTOR)
    set_stock(variant_id=card.variants[0].id, available=50, reason=canary(), actor=ACTOR)
    return card.id, card.variants[0].id


def _film_season(shop: Shopfront, place: str, film: Path | None) -> None:
    season_id = create_season(
        actor=ACTOR, title=f"{canary()} tide", slug=f"{place}-tide", profile="short", synopsis=canary(), licence_line="Licence 1"
    )
    episodes = [add_episode(actor=ACTOR, season_id=season_id, title=f"{canary()} part {number}") for number in range(1, EPISODES + 1)]
    for episode_id in episodes:
        report_ready(episode_id)
    cue = CueDraft(at_ms=1_000, duration_ms=4_000, product_id=shop.values["product_id"], payload={})
    cues = [add_cue(actor=ACTOR, episode_id=episode_id, draft=cue) for episode_id in episodes]
    put_captions(actor=ACTOR, episode_id=episodes[0], language="en", data=f"WEBVTT\n\n00:01.000 --> 00:02.000\n{canary()} whispers\n".encode())
    paid_id = episodes[-1]
    unlock = create_product(
        title=f"{canary()} unlock",
        slug=f"{place}-unlock",
        ships=False,
        actor=ACTOR,
        variants=[VariantDraft(sku=f"UNLOCK-{place}", price_minor=99, grants=f"episode:{paid_id}", is_limited=False)],
    )
    edit_episode(actor=ACTOR, episode_id=paid_id, changes={"access": "paid", "unlock_variant_id": unlock.variants[0].id})
    if film is None:
        report_ready(paid_id, is_encrypted=True)
    else:
        import_source_file(episode_id=paid_id, path=film, actor=ACTOR)
    upload = start_upload(episode_id=episodes[1], filename=f"{canary()}.mp4", size_bytes=10, fingerprint="", actor=ACTOR)
    approve(season_id, User.objects.get(pk=shop.people[Role.REVIEWER]))
    draft_id = create_season(actor=ACTOR, title=f"{canary()} draft", slug=f"{place}-draft", profile="short")
    shop.values |= {
        "season_id": season_id,
        "season_slug": f"{place}-tide",
        "draft_slug": f"{place}-draft",
        "draft_id": draft_id,
        "episode_id": episodes[0],
        "episode_order": ",".join(map(str, episodes)),
        "paid_id": paid_id,
        "cue_id": cues[0],
        "upload_id": upload.pk,
        "language": "en",
        "unlock_variant_id": unlock.variants[0].id,
    }
    save_position(viewer_id=shop.buyer_id, season_id=season_id, episode_id=episodes[0], position_ms=7_000)


def _open_rooms(shop: Shopfront, place: str) -> None:
    season_id, host = shop.values["season_id"], f"{canary()} Lin"
    ended_at = clock.now() - timedelta(hours=2)
    with clock.frozen(ended_at - timedelta(minutes=1)):
        past_id = create_room(slug=f"{place}-past", title=f"{canary()} yesterday", season_id=season_id, host_name=host, actor=ACTOR)
        start_show(room_id=past_id, actor=ACTOR)
    with clock.frozen(ended_at):
        end_show(room_id=past_id, actor=ACTOR)
    airing_id = get_room_by_id(past_id).airing_id
    direct(room_id=past_id)
    assert airing_id is not None
    shop.values["recording_id"] = _record(airing_id)
    create_room(slug=f"{place}-soon", title=f"{canary()} tomorrow", season_id=season_id, scheduled_at=clock.now() + timedelta(days=1), actor=ACTOR)
    room_id = create_room(slug=place, title=f"{canary()} pier", season_id=season_id, host_name=host, is_looping=True, actor=ACTOR)
    with clock.frozen(clock.now() - timedelta(seconds=15)):  # too long ago for an undo, whenever a test looks
        start_show(room_id=room_id, actor=ACTOR)
    said = {"viewer_id": shop.buyer_id, "nickname": canary()[:24], "role": "", "program_seq": 1, "position_ms": 500}
    comment = post_comment(room_id=room_id, text=f"{canary()} says hello", **said)
    pin_comment(room_id=room_id, comment_id=comment.id, actor=ACTOR)
    airing_id = get_room_by_id(room_id).airing_id
    line = Danmaku.objects.create(
        id=new_id(),
        room_id=room_id,
        airing_id=airing_id,
        episode_id=shop.values["episode_id"],
        text=f"{canary()} line",
        created_at=clock.now(),
        **said,
    )
    mute(room_id=room_id, viewer_id=str(new_id()), nickname=canary()[:24], for_s=3600, actor=ACTOR)
    shop.values["restriction_id"] = Restriction.objects.get(room_id=room_id).pk
    shop.values["word_id"] = RefusedWord.objects.create(text=f"{canary()} curse {place}").pk
    shop.values |= {
        "room_id": room_id,
        "slug": place,
        "past_slug": f"{place}-past",
        "comment_id": comment.id,
        "danmaku_id": line.pk,
        "airing_id": airing_id,
    }


def _experiment(shop: Shopfront, place: str) -> None:
    """One that runs in the room, was met by the buyer, and was judged; and what the season cost."""
    experiment_id = create_experiment(
        key=f"{place}-later",
        title=f"{canary()} later?",
        kind="cue_time",
        room_ids=[shop.values["room_id"]],
        variants=[VariantOfExperiment(title=canary()), VariantOfExperiment(title=f"{canary()} later", shift_ms=2_000)],
        goals=[GoalDraft("buyers")],
        actor=ACTOR,
    )
    start_experiment(experiment_id=experiment_id, actor=ACTOR)
    record_exposure(experiment_id=experiment_id, room_id=shop.values["room_id"], viewer_id=shop.buyer_id)
    with clock.frozen(clock.now() + SETTLED):
        request_verdict(experiment_id=experiment_id)
    note_cost(season_id=shop.values["season_id"], kind="production", amount_minor=500_000, note=canary(), actor=ACTOR)
    run = ReportRun.objects.create(room_id=shop.values["room_id"], asked_by=canary(), asked_at=clock.now())
    letter = InsightLetter.objects.create(
        kind="week", subject=f"{place}-week", person_id=shop.people["owner"], since=clock.now().date(), until=clock.now().date(), due_at=clock.now()
    )
    shop.values |= {"experiment_id": experiment_id, "letter_id": letter.pk, "run_id": run.pk}


def _record(airing_id: UUID) -> UUID:
    """A live part as a worker leaves it."""
    at = clock.now() - timedelta(hours=2, seconds=30)
    kept = Recording.objects.create(
        airing_id=airing_id, folder=f"{airing_id}~{clock.to_ms(at)}", state="done", pieces=[[clock.to_ms(at), 0, 2_000]],
        width=160, height=96, duration_ms=2_000, size_bytes=99, created_at=at, heartbeat_at=at, finished_at=at,
    )  # fmt: skip
    for name in ("index.m3u8", "init0.mp4", "s00000.m4s"):
        Shelf().put(f"recordings/{kept.pk}/{name}", f"{canary()} {name}".encode())
    return kept.pk


def _sell(shop: Shopfront, place: str) -> None:
    """One order that waits for its payment, one that is paid with its postings, one that is being paid back."""
    open_order, paid_order, back_order = (_place(shop, f"{place}-{name}-key") for name in ("open", "paid", "back"))
    open_attempt = _attempt(open_order, f"{place}-open", state=Attempt.State.OPEN)
    _pay(paid_order, _attempt(paid_order, f"{place}-paid"))
    back_attempt = _attempt(back_order, f"{place}-back")
    _pay(back_order, back_attempt)
    refund = Refund.objects.create(
        attempt=back_attempt,
        order_id=back_order.id,
        amount_minor=back_order.total.amount_minor,
        currency=back_order.total.currency,
        reason=Refund.Reason.OWNER,
        idempotency_key=f"{place}-refund",
        actor=ACTOR,
        requested_at=clock.now(),
    )
    put_in_bag(viewer_id=shop.buyer_id, variant_id=shop.values["variant_id"], quantity=2)
    shop.values |= {
        "order_id": paid_order.id,
        "open_order_id": open_order.id,
        "attempt_id": open_attempt.pk,
        "refund_id": refund.pk,
        "order_mail_id": OrderMail.objects.filter(order_id=paid_order.id).values_list("pk", flat=True).get(),
    }


def _place(shop: Shopfront, client_key: str) -> OrderView:
    buyer = Buyer(viewer_id=shop.buyer_id, email=f"buyer@{canary()}.test", ship_name=canary(), ship_address=f"{canary()} street 1")
    return orders.place_order(buyer=buyer, client_key=client_key, lines=[LineWish(shop.values["variant_id"], 1)])


def _attempt(order: OrderView, name: str, *, state: str = Attempt.State.SUCCEEDED) -> Attempt:
    """The row that a real checkout leaves; the processor itself is out of reach in these tests."""
    is_paid = state == Attempt.State.SUCCEEDED
    return Attempt.objects.create(
        order_id=order.id,
        number=1,
        state=state,
        idempotency_key=name,
        account="",
        amount_minor=order.total.amount_minor,
        captured_minor=order.total.amount_minor if is_paid else 0,
        currency=order.total.currency,
        session_id=f"cs_{name}",
        payment_intent=f"pi_{name}",
        charge=f"ch_{name}",
        balance_transaction=f"txn_{name}" if is_paid else "",
        created_at=clock.now(),
        captured_at=clock.now() if is_paid else None,
    )


def _pay(order: OrderView, attempt: Attempt) -> None:
    trace = ledger.OrderTrace(order_id=order.id, order_no=order.number, cue_id=canary())
    processor = ledger.ProcessorTrace(payment_intent=attempt.payment_intent, charge=attempt.charge, balance_transaction=attempt.balance_transaction)
    sales = [ledger.Sale(line.sku, line.quantity, line.total) for line in order.lines]
    settlement = ledger.Settlement(gross=order.total, stripe_fee=FEE, platform_fee=FEE)
    with transaction.atomic():
        orders.begin_paying(order_id=order.id)
        orders.pay_order(order_id=order.id, paid=order.total, at=clock.now())
        ledger.post_capture(order=trace, processor=processor, sales=sales, at=clock.now())
        ledger.post_fees(order=trace, processor=processor, presentment=order.total, settlement=settlement, at=clock.now())
