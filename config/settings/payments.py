"""Stripe, always through its real SDK; the embedded sandbox answers when STRIPE_API_BASE names it."""

from urllib.parse import urlsplit

from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from config.settings import base, env

STRIPE_SECRET_KEY = env.STRIPE_SECRET_KEY
STRIPE_PUBLISHABLE_KEY = env.STRIPE_PUBLISHABLE_KEY
# Two endpoints, two secrets: the platform's own events and those of connected accounts. Separated by commas.
STRIPE_WEBHOOK_SECRETS = [secret.strip() for secret in env.STRIPE_WEBHOOK_SECRET.split(",") if secret.strip()]
STRIPE_API_BASE = env.STRIPE_API_BASE
IS_STRIPE_SANDBOX = bool(STRIPE_API_BASE)

# Where the buyer's browser reaches the payment sheet: Stripe's script, or the sandbox under the shop's own domain and port.
STRIPE_BROWSER_BASE = f"http://{env.ALLOWED_DOMAIN}:{urlsplit(STRIPE_API_BASE).port or 80}" if IS_STRIPE_SANDBOX else "https://js.stripe.com"
STRIPE_BROWSER_SOURCES = (
    {"connect-src": [STRIPE_BROWSER_BASE], "frame-src": [STRIPE_BROWSER_BASE]}
    if IS_STRIPE_SANDBOX
    else {
        # docs.stripe.com/security/guide#content-security-policy
        "script-src": ["https://*.js.stripe.com", "https://js.stripe.com"],
        "connect-src": ["https://api.stripe.com"],
        "frame-src": ["https://*.js.stripe.com", "https://js.stripe.com", "https://hooks.stripe.com"],
    }
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": base.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    | {name: [*base.CONTENT_SECURITY_POLICY["DIRECTIVES"].get(name, [SELF]), *sources] for name, sources in STRIPE_BROWSER_SOURCES.items()}
}
# How long the goods of an unpaid order are held, and what the platform takes of a payment in a shop's own account.
HOLD_TTL_S = 300
PLATFORM_FEE_PERMILLE = 20

if IS_STRIPE_SANDBOX and STRIPE_SECRET_KEY.startswith("sk_live_"):
    raise ImproperlyConfigured("STRIPE_API_BASE names a sandbox but STRIPE_SECRET_KEY is a live key: unset one of them.")
