"""Finished segments of a paid episode become ciphertext: AES-128-CBC over the whole segment, as HLS asks (RFC 8216, 4.3.2.4).

Ciphertext is immutable and may lie in any public cache; who gets the key is decided once per episode and viewer, by the key endpoint.
This keeps strangers out. It is no DRM: somebody who paid can copy the key.
"""

import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

KEY_BYTES = 16
TEASER_MS = 4_000  # the beginning that everybody may see: what the player shows behind the price


def make_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def encrypt_segment(data: bytes, key: bytes, number: int) -> bytes:
    """The segment's number is its initialisation vector; players derive it from the playlist."""
    padder = PKCS7(128).padder()
    encryptor = Cipher(AES(key), CBC(number.to_bytes(16, "big"))).encryptor()
    return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()


def decrypt_segment(data: bytes, key: bytes, number: int) -> bytes:
    """The reverse, for publishing an episode again under another protection without encoding it again."""
    decryptor = Cipher(AES(key), CBC(number.to_bytes(16, "big"))).decryptor()
    unpadder = PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(data) + decryptor.finalize()) + unpadder.finalize()


def clear_segment_count(segment_ms: int) -> int:
    """Leading segments that stay readable: about the teaser, at least one."""
    return max(1, round(TEASER_MS / segment_ms))
