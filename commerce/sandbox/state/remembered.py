"""Idempotency keys: the first answer of a POST is kept for a day and given again to whoever repeats the request.

Source: https://docs.stripe.com/api/idempotent_requests. A key belongs to an account; the same key with another
method, path or body is an error; answers that failed validation are not kept.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from commerce.sandbox.state.store import Store
from commerce.sandbox.wire.errors import ApiError, Json, invalid_param

KEPT_S = 24 * 3600
MAX_KEY_LENGTH = 255


@dataclass(frozen=True)
class Remembered:
    """The first answer: status, body, and the id of the request that produced it."""

    status: int
    body: Json
    request_id: str


def fingerprint(method: str, path: str, params: Any) -> str:
    """What must be equal for two requests to be the same one."""
    return hashlib.sha256(json.dumps([method, path, params], sort_keys=True).encode()).hexdigest()


def check_key(key: str) -> None:
    """Raises: ApiError 400 for an over-long key."""
    if len(key) > MAX_KEY_LENGTH:
        raise invalid_param(f"Idempotency-Key is too long: at most {MAX_KEY_LENGTH} characters.")


def recall(store: Store, *, account: str, key: str, print_: str, path: str, now: int) -> Remembered | None:
    """The kept answer, or None when this is the first such request.

    Raises: ApiError 400 `idempotency_error` when the key was used for another request.
    """
    row = store.connection.execute(
        "SELECT fingerprint, status, body, request_id FROM requests WHERE account = ? AND key = ? AND created > ?", (account, key, now - KEPT_S)
    ).fetchone()
    if row is None:
        return None
    if row[0] != print_:
        raise ApiError(
            400,
            "idempotency_error",
            f"Keys for idempotent requests can only be used with the same parameters they were first used with. "
            f"Try using a key other than '{key}' if you meant to execute a different request. (path: {path})",
            is_remembered=False,
        )
    return Remembered(row[1], json.loads(row[2]), row[3])


def remember(store: Store, *, account: str, key: str, print_: str, answer: Remembered, now: int) -> None:
    """Keep an answer. Needs: the transaction of the work itself, so that neither exists without the other."""
    store.connection.execute(
        "INSERT OR REPLACE INTO requests (account, key, fingerprint, status, body, request_id, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (account, key, print_, answer.status, json.dumps(answer.body), answer.request_id, now),
    )


def forget_old(store: Store, now: int) -> None:
    """Drop keys older than a day."""
    store.connection.execute("DELETE FROM requests WHERE created <= ?", (now - KEPT_S,))
