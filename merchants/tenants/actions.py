"""Stories about merchants: create by clone, suspend, resume, set the clock."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_tenants.utils import schema_context

from merchants.foundation.errors import InvalidInput
from merchants.foundation.facts import emit
from merchants.foundation.tenancy import current_schema, in_schema
from merchants.tenants import schemas
from merchants.tenants.errors import SubdomainInvalid, SubdomainTaken
from merchants.tenants.facts import TimeZoneChanged
from merchants.tenants.models import Domain, Merchant
from merchants.tenants.queries import MerchantView, get_merchant
from merchants.tenants.zones import validate_time_zone

log = structlog.get_logger(__name__)

SUBDOMAIN = re.compile(r"^[a-z][a-z0-9-]{1,28}[a-z0-9]$")
RESERVED = frozenset("admin api app cdn console demo live mail media platform public root static status support template test www".split())


def create_merchant(
    *,
    name: str,
    subdomain: str,
    currency: str = "USD",
    time_zone: str = "UTC",
    accent: str = "#E5394B",
    furnish: Callable[[], None] | None = None,
) -> MerchantView:
    """Open a shop: reserve the address, clone the template, list the shop.

    `furnish` is called in the shop's schema before anybody can come in. Raises: SubdomainInvalid, SubdomainTaken, what `furnish` raises.
    A crash between the steps leaves a suspended shop without customers that the next attempt with the same address replaces.
    """
    subdomain = subdomain.strip().lower()
    if not SUBDOMAIN.match(subdomain) or subdomain in RESERVED or "--" in subdomain:
        raise SubdomainInvalid
    schema = subdomain.replace("-", "_")
    with schema_context("public"), _the_only_attempt(schema, subdomain):
        _reserve(schema=schema, name=name, subdomain=subdomain, currency=currency, time_zone=time_zone, accent=accent)
        schemas.clone_template(schema)
        if furnish is not None:
            with in_schema(schema):
                furnish()
        Merchant.objects.filter(schema_name=schema).update(status=Merchant.Status.OPEN, suspended_reason="")
    log.info("merchant_created", tenant=schema)
    return get_merchant(schema)


OPENING = "opening"


def _reserve(*, schema: str, name: str, subdomain: str, currency: str, time_zone: str, accent: str) -> None:
    _clear_unfinished(schema)
    try:
        with transaction.atomic(durable=True):
            merchant = Merchant.objects.create(
                schema_name=schema,
                name=name.strip(),
                currency=currency,
                time_zone=time_zone,
                accent=accent,
                status=Merchant.Status.SUSPENDED,
                suspended_reason=OPENING,
            )
            Domain.objects.create(domain=f"{subdomain}.{settings.ALLOWED_DOMAIN}", tenant=merchant, is_primary=True)
    except (IntegrityError, ValidationError) as error:
        raise SubdomainTaken(subdomain=subdomain) from error


@contextmanager
def _the_only_attempt(schema: str, subdomain: str) -> Iterator[None]:
    """Raises: SubdomainTaken while another process is at it. The lock ends with the connection, so with a process that was killed."""
    with schemas.owner_connection() as connection:
        found = connection.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"opening:{schema}"]).fetchone()
        if found is None or not found[0]:
            raise SubdomainTaken(subdomain=subdomain)
        yield


def _clear_unfinished(schema: str) -> None:
    """Remove what an attempt left that did not come to its end: a reservation that never opened."""
    left = Merchant.objects.filter(schema_name=schema, status=Merchant.Status.SUSPENDED, suspended_reason=OPENING)
    if left.exists():
        schemas.drop_schema(schema)
        left.delete()


def suspend_merchant(*, schema: str, reason: str) -> MerchantView:
    """Close a shop to everybody; nothing is deleted. Takes effect within the host cache's 5 s."""
    reason = "" if reason == OPENING else reason[:200]  # a sign-up may drop what bears that mark
    with schema_context("public"):
        Merchant.objects.filter(schema_name=schema).update(status=Merchant.Status.SUSPENDED, suspended_reason=reason)
    return get_merchant(schema)


def resume_merchant(*, schema: str) -> MerchantView:
    with schema_context("public"):
        Merchant.objects.filter(schema_name=schema).update(status=Merchant.Status.OPEN, suspended_reason="")
    return get_merchant(schema)


def set_time_zone(*, schema: str, time_zone: str) -> None:
    """Let the shop's days begin by another clock. Raises: InvalidInput. After commit: emits TimeZoneChanged in the shop."""
    try:
        validate_time_zone(time_zone)
    except ValidationError as error:
        raise InvalidInput(field="time_zone", reason=error.messages[0]) from error
    with in_schema(schema), transaction.atomic():
        with schema_context("public"):
            changed = Merchant.objects.filter(schema_name=schema).exclude(time_zone=time_zone).update(time_zone=time_zone)
        if changed:
            emit(TimeZoneChanged(time_zone=time_zone))


def connect_stripe_account(*, stripe_account: str) -> None:
    """Remember the current shop's connected account."""
    schema = current_schema()
    with schema_context("public"):
        Merchant.objects.filter(schema_name=schema).update(stripe_account=stripe_account)
