"""The two shops of this suite and everybody who knocks at them, built once for all of its tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client
from django_tenants.utils import schema_context

from commerce.catalog.queries import get_card
from commerce.orders.queries import get_order
from commerce.payments.inbox.models import StripeEvent
from dramas.transcode.models import EpisodeKey, TranscodeJob
from dramas.transcode.queries import get_episode_key, get_media
from dramas.transcode.vault import seal
from merchants.accounts.models import KeptMail, User
from merchants.accounts.roles import Role
from merchants.foundation import clock
from merchants.foundation.ids import new_id
from merchants.foundation.models import FactRecord
from merchants.foundation.tenancy import in_schema
from merchants.tenants.models import Merchant
from tests.leaks import audiences
from tests.leaks.audiences import Key, client_of
from tests.leaks.mirror import mirror_files, mirror_rows
from tests.leaks.shopfront import Shopfront, build_shopfront

OURS, THEIRS = "aurora", "borealis"
OURS_HOST, THEIRS_HOST, PLATFORM_HOST = "aurora.localhost", "borealis.localhost", "localhost"


@dataclass
class Twins:
    """`shop` stands in both schemas under equal keys; `stranger` in borealis alone."""

    shop: Shopfront
    stranger: Shopfront
    media_root: Path
    data_root: Path
    keys: dict[str, Key]
    other_keys: dict[str, Key]
    operator: Key
    operator_id: Any

    def __post_init__(self) -> None:
        self._addresses = count(1)
        self.of_shop = audiences.audiences_of_shop(self.keys, self.other_keys, self.operator)
        self.of_platform = audiences.audiences_of_platform(self.keys, self.operator)

    def browse(self, audience: str, *, host: str = OURS_HOST, **options: Any) -> Client:
        """`audience` on aurora's host (or the platform's), each time from another address, so that no throttle mixes in."""
        number = next(self._addresses)
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        known = self.of_platform if host == PLATFORM_HOST else self.of_shop
        return client_of(host, known[audience], address=address, **options)


def build_twins(film: Path) -> Twins:
    """Tell aurora's story, mirror it to borealis, then add to borealis what aurora does not have. Everything commits."""
    with in_schema(OURS):
        shop = build_shopfront(place="harbour", film=film)
    mirror_rows(OURS, THEIRS)
    media_root, data_root = Path(settings.MEDIA_ROOT), Path(settings.DATA_DIR)
    for root in (media_root, data_root / "sources"):
        mirror_files(root, OURS, THEIRS)
    _lock_again(shop)
    _name_what_is_signed(shop, OURS)
    with in_schema(THEIRS):
        stranger = build_shopfront(place="island")
    _name_what_is_signed(stranger, THEIRS)
    with schema_context("public"):
        operator = User.objects.create_user(email="operator@platform.test", password="correct horse battery", name="Operator", is_operator=True)
        operator_key = audiences.sign_in(operator)
        _keep_events()
        shop.values["platform_mail_id"] = KeptMail.objects.create(
            sent_at=clock.now(), sender="a@b.test", recipient="c@d.test", subject="Welcome", body="To the platform"
        ).pk
    return Twins(
        shop=shop,
        stranger=stranger,
        media_root=media_root,
        data_root=data_root,
        keys=audiences.keys_of_shop(OURS, shop),
        other_keys=audiences.keys_of_shop(THEIRS, shop),
        operator=operator_key,
        operator_id=operator.pk,
    )


def _lock_again(shop: Shopfront) -> None:
    """A sealed key opens in its own shop alone (that is tested elsewhere): the twin gets the same key under its own seal."""
    episode_id = shop.values["paid_id"]
    with in_schema(OURS):
        key = get_episode_key(episode_id)
    with in_schema(THEIRS):
        EpisodeKey.objects.filter(pk=episode_id).update(sealed=seal(key, episode_id))


def _name_what_is_signed(shop: Shopfront, schema: str) -> None:
    """Parameters of addresses that only exist once the shop does."""
    with in_schema(schema):
        media = get_media(shop.values["paid_id"])
        picture = get_card(shop.values["product_id"]).image_url
        shop.values |= {
            "token": get_order(shop.values["order_id"]).receipt_path.split("/")[2],
            "version": media.version if media else "none",
            "path": picture.removeprefix(settings.MEDIA_URL),
            "content_type_id": 1,
            "object_id": "1",
            "owner_id": shop.people[Role.OWNER],
            "fact_id": FactRecord.objects.values_list("pk", flat=True).latest("created_at"),
            "job_id": TranscodeJob.objects.values_list("pk", flat=True).order_by("created_at").last() or new_id(),
            "account": f"acct_{schema}",
            "event_id": f"evt_{schema}",
        }
    with schema_context("public"):
        shop.values["merchant_pk"] = Merchant.objects.get(schema_name=schema).pk


def _keep_events() -> None:
    for schema in (OURS, THEIRS):
        StripeEvent.objects.create(
            account=f"acct_{schema}",
            event_id=f"evt_{schema}",
            event_type="payment_intent.succeeded",
            schema=schema,
            payload={"data": {"object": {"id": "pi_nobody"}}},
            created_at=clock.now(),
            received_at=clock.now(),
            next_attempt_at=clock.now(),
        )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block writes to the database is taken back; stories may open their own transactions in it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # as Django's TestCase does: `durable=True` is about the outermost block of production
    with atomic:
        try:
            yield
        finally:
            transaction.set_rollback(True)
