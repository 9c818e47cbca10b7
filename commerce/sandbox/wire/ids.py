"""Identifiers as Stripe writes them: a prefix, an underscore, random letters and digits."""

import hashlib
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    """`new_id("pi")` gives `pi_` and 24 random characters (142 bits)."""
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(length))}"


def derived_id(prefix: str, seed: str, length: int = 16) -> str:
    """The same id for the same seed in every run and on every machine."""
    digest = hashlib.sha256(seed.encode()).digest()
    return f"{prefix}_{''.join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:length])}"
