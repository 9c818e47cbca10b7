"""The shop's own account at Stripe: direct charges, so the merchant is the seller and one shop never sees another's money."""

from commerce.payments import gateway
from merchants.foundation.tenancy import current_schema
from merchants.tenants.actions import connect_stripe_account
from merchants.tenants.queries import get_current_merchant

# Where Stripe opens an account for a shop that sells in this currency; the owner can move it in Stripe's onboarding.
COUNTRIES = {
    "USD": "US", "EUR": "DE", "GBP": "GB", "CNY": "CN", "HKD": "HK", "JPY": "JP", "SGD": "SG",
    "AUD": "AU", "CAD": "CA", "CHF": "CH", "KRW": "KR",
}  # fmt: skip


def ensure_account() -> str:
    """The shop's `acct_…`, connected at its first checkout. Two first buyers at once share the idempotency key.

    Raises: PaymentsUnreachable, PaymentsRefused.
    """
    shop = get_current_merchant()
    if shop.stripe_account:
        return shop.stripe_account
    schema = current_schema()
    account = gateway.create_account(
        name=shop.name,
        email=f"owner@{shop.host}",
        currency=shop.currency,
        country=COUNTRIES.get(shop.currency, "US"),
        tenant=schema,
        key=f"t:{schema}:account:{shop.currency}",
    )
    connect_stripe_account(stripe_account=account)
    return account
