"""The `Stripe-Signature` header: HMAC-SHA256 over `timestamp.body`, https://docs.stripe.com/webhooks#verify-manually."""

import hashlib
import hmac


def sign(body: bytes, secret: str, timestamp: int) -> str:
    """`t=…,v1=…` for a body sent at an epoch second."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
