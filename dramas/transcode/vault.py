"""Keys of encrypted episodes at rest: AES-256-GCM under a key derived from SECRET_KEY, bound to shop and episode.

A database dump alone opens no episode. After a change of SECRET_KEY, old keys open with SECRET_KEY_FALLBACKS.
"""

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

from merchants.foundation.tenancy import current_schema

NONCE_BYTES = 12


class KeyUnreadable(Exception):
    """A stored episode key opens with no SECRET_KEY we know: it was changed without keeping the old one as a fallback."""


def seal(key: bytes, episode_id: UUID) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_derived(settings.SECRET_KEY)).encrypt(nonce, key, _place(episode_id))


def unseal(sealed: bytes, episode_id: UUID) -> bytes:
    """Raises: KeyUnreadable."""
    nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return AESGCM(_derived(secret)).decrypt(nonce, body, _place(episode_id))
        except InvalidTag:
            continue
    raise KeyUnreadable(str(episode_id))


def _derived(secret: str | bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"episode keys").derive(force_bytes(secret))


def _place(episode_id: UUID) -> bytes:
    return f"{current_schema()}/{episode_id}".encode()
