"""Reads about merchants. They run in the public schema whatever the caller's is."""

from dataclasses import dataclass

from django.conf import settings
from django_tenants.utils import schema_context

from merchants.foundation.errors import NotFound
from merchants.foundation.tenancy import current_schema
from merchants.tenants.models import Domain, Merchant

PLATFORM_SCHEMA = "public"
_UNLISTED = ("public", "template")


@dataclass(frozen=True)
class MerchantView:
    """What other slices may know of a shop. `host` has no port; `origin` has scheme and port."""

    schema: str
    name: str
    host: str
    accent: str
    currency: str
    time_zone: str
    stripe_account: str
    media_quota_bytes: int
    is_suspended: bool

    @property
    def origin(self) -> str:
        default_port = {"http": 80, "https": 443}[settings.PUBLIC_SCHEME]
        port = "" if default_port == settings.PUBLIC_PORT else f":{settings.PUBLIC_PORT}"
        return f"{settings.PUBLIC_SCHEME}://{self.host}{port}"


def _view(merchant: Merchant) -> MerchantView:
    primary = merchant.domains.filter(is_primary=True).first()
    return MerchantView(
        schema=merchant.schema_name,
        name=merchant.name,
        host=primary.domain if primary else "",
        accent=merchant.accent,
        currency=merchant.currency,
        time_zone=merchant.time_zone,
        stripe_account=merchant.stripe_account,
        media_quota_bytes=merchant.media_quota_bytes,
        is_suspended=merchant.is_suspended,
    )


def get_merchant(schema: str) -> MerchantView:
    """Raises: NotFound."""
    with schema_context(PLATFORM_SCHEMA):
        merchant = Merchant.objects.filter(schema_name=schema).first()
        if merchant is None:
            raise NotFound
        return _view(merchant)


def get_current_merchant() -> MerchantView:
    return get_merchant(current_schema())


def get_time_zone() -> str:
    """The IANA name of the current shop's zone: where its days begin. One query. Raises: NotFound."""
    schema = current_schema()
    with schema_context(PLATFORM_SCHEMA):
        zone = Merchant.objects.filter(schema_name=schema).values_list("time_zone", flat=True).first()
    if zone is None:
        raise NotFound
    return zone


def get_merchant_of_account(stripe_account: str) -> MerchantView:
    """The shop behind a connected Stripe account. Raises: NotFound."""
    with schema_context(PLATFORM_SCHEMA):
        merchant = Merchant.objects.filter(stripe_account=stripe_account).exclude(stripe_account="").first()
        if merchant is None:
            raise NotFound
        return _view(merchant)


def list_open_schemas() -> list[str]:
    """Schemas of the shops that are not suspended."""
    with schema_context(PLATFORM_SCHEMA):
        shops = Merchant.objects.exclude(schema_name__in=_UNLISTED).filter(status=Merchant.Status.OPEN)
        return list(shops.order_by("schema_name").values_list("schema_name", flat=True))


def list_schemas() -> list[str]:
    """Schemas of all shops, suspended ones among them."""
    with schema_context(PLATFORM_SCHEMA):
        return list(Merchant.objects.exclude(schema_name__in=_UNLISTED).order_by("schema_name").values_list("schema_name", flat=True))


def find_schema_of_host(host: str) -> str | None:
    """The schema of the open shop at `host` (no port), or None. One query; callers cache it."""
    with schema_context(PLATFORM_SCHEMA):
        domain = Domain.objects.select_related("tenant").filter(domain=host.lower()).first()
        if domain is None or domain.tenant.is_suspended or domain.tenant.schema_name in _UNLISTED:
            return None
        return str(domain.tenant.schema_name)
