"""Short-lived signed tokens, bound to a shop and a purpose: a token of one shop or purpose is void for every other."""

import time
from typing import Any

from django.core import signing
from django.utils.translation import gettext_lazy as _

from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import current_schema


class TokenInvalid(DomainError):
    code = "token_invalid"
    http_status = 403
    text = _("This link is not valid here. Open the page again.")


class TokenExpired(DomainError):
    code = "token_expired"
    http_status = 403
    text = _("This link has expired. Open the page again.")


def sign_for(schema: str, purpose: str, payload: dict[str, Any], ttl_s: int) -> str:
    """Sign `payload` (JSON values) for `ttl_s` seconds. Needs no database."""
    return signing.dumps({"p": payload, "x": int(time.time()) + ttl_s}, salt=f"{schema}/{purpose}", compress=True)


def read_for(schema: str, purpose: str, token: str) -> dict[str, Any]:
    """Give the payload back.

    Raises: TokenInvalid (forged, other shop, other purpose), TokenExpired.
    """
    if len(token) > 4096:
        raise TokenInvalid
    try:
        body = signing.loads(token, salt=f"{schema}/{purpose}")
    except signing.BadSignature as error:
        raise TokenInvalid from error
    if body["x"] < time.time():
        raise TokenExpired
    payload: dict[str, Any] = body["p"]
    return payload


def sign(purpose: str, payload: dict[str, Any], ttl_s: int) -> str:
    return sign_for(current_schema(), purpose, payload, ttl_s)


def read(purpose: str, token: str) -> dict[str, Any]:
    return read_for(current_schema(), purpose, token)
