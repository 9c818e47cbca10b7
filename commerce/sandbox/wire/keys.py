"""Whose key is it: `sk_test_NAME` and `pk_test_NAME` open the same platform account, derived from NAME."""

import base64
import binascii
import re
from dataclasses import dataclass

from commerce.sandbox.wire.errors import forbidden, unauthorised
from commerce.sandbox.wire.ids import derived_id

_TEST_KEY = re.compile(r"^(sk|pk)_test_([A-Za-z0-9_]{3,200})$")


@dataclass(frozen=True)
class Key:
    """A parsed key: `is_secret` tells the server's key from the browser's."""

    platform: str
    is_secret: bool


def read_key(authorization: str) -> Key:
    """Parse `Bearer KEY` or Basic with the key as user name.

    Raises: ApiError 401 without a key, for a live key, and for anything that is no test key.
    """
    text = _credentials(authorization)
    if not text:
        raise unauthorised(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
            "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if text.startswith(("sk_live_", "pk_live_", "rk_live_")):
        raise unauthorised("A live key was sent to the payment sandbox and refused. Roll that key, and use a sk_test_ key here.")
    match = _TEST_KEY.match(text)
    if not match:
        raise unauthorised(f"Invalid API Key provided: {text[:8]}{'*' * 8}")
    return Key(platform=platform_of(match.group(2)), is_secret=match.group(1) == "sk")


def platform_of(name: str) -> str:
    """The platform account's id for the part of the key behind `sk_test_`."""
    return derived_id("acct", f"platform:{name}")


def require_secret(key: Key) -> None:
    """Raises: ApiError 403 for a publishable key."""
    if not key.is_secret:
        raise forbidden("This API call cannot be made with a publishable API key. Please use a secret API key.", "secret_key_required")


def _credentials(authorization: str) -> str:
    scheme, _, rest = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""
