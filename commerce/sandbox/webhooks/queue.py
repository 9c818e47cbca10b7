"""The delivery queue: rows written in the transaction of the event they carry, so that a kill loses none."""

from dataclasses import dataclass

from commerce.sandbox.state.store import Store
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.wire.errors import Json

GIVE_UP_MS = 3 * 24 * 3600 * 1000
"""Stripe retries for three days; so do we."""

LONGEST_PAUSE_MS = 3600 * 1000
FORGED_COPY = -1


@dataclass(frozen=True)
class Delivery:
    """One copy of one event on its way to one endpoint; copy -1 is the forged one."""

    id: int
    event: str
    endpoint: str
    copy: int
    attempts: int
    first_at_ms: int


def enqueue(store: Store, event: Json, *, account: str, platform: str, knobs: Knobs, now_ms: int) -> None:
    """Add a row per listening endpoint and copy. Needs: an open transaction."""
    for endpoint in listeners(store, event["type"], account=account, platform=platform):
        if knobs.chance.randrange(1000) < knobs.drop_permille:
            _add(store, event["id"], endpoint, 0, "dropped", now_ms)
            continue
        for copy in range(1 + knobs.duplicate):
            _add(store, event["id"], endpoint, copy, "pending", now_ms + _wait_ms(knobs))
        if knobs.chance.randrange(1000) < knobs.forged_permille:
            _add(store, event["id"], endpoint, FORGED_COPY, "pending", now_ms + _wait_ms(knobs))


def listeners(store: Store, event_type: str, *, account: str, platform: str) -> list[str]:
    """Endpoints of the account itself, and the platform's `connect` endpoints for its connected accounts."""
    rows = store.connection.execute(
        "SELECT id FROM objects WHERE kind = 'webhook_endpoint' AND json_extract(body, '$.status') = 'enabled'"
        " AND ((account = ?1 AND NOT json_extract(hidden, '$.connect')) OR (account = ?2 AND ?1 <> ?2 AND json_extract(hidden, '$.connect')))"
        " AND EXISTS (SELECT 1 FROM json_each(body, '$.enabled_events') AS wanted WHERE wanted.value IN ('*', ?3)) ORDER BY seq",
        (account, platform, event_type),
    )
    return [row[0] for row in rows]


def _wait_ms(knobs: Knobs) -> int:
    return knobs.delay_ms + (knobs.chance.randrange(knobs.shuffle_window_ms + 1) if knobs.shuffle else 0)


def _add(store: Store, event: str, endpoint: str, copy: int, state: str, due_at_ms: int) -> None:
    store.connection.execute(
        "INSERT INTO deliveries (event, endpoint, copy, state, attempts, due_at_ms, first_at_ms) VALUES (?, ?, ?, ?, 0, ?, ?)",
        (event, endpoint, copy, state, due_at_ms, due_at_ms),
    )


def take_due(store: Store, now_ms: int, limit: int, busy: set[int]) -> list[Delivery]:
    """Deliveries whose time has come, oldest first, without those already being sent."""
    rows = store.connection.execute(
        "SELECT id, event, endpoint, copy, attempts, first_at_ms FROM deliveries"
        " WHERE state = 'pending' AND due_at_ms <= ? ORDER BY due_at_ms, id LIMIT ?",
        (now_ms, limit + len(busy)),
    )
    return [Delivery(*row) for row in rows if row[0] not in busy][:limit]


def next_due_ms(store: Store, busy: set[int]) -> int | None:
    """When the earliest pending delivery that is not being sent is due, or None."""
    rows = store.connection.execute("SELECT id, due_at_ms FROM deliveries WHERE state = 'pending' ORDER BY due_at_ms LIMIT ?", (len(busy) + 1,))
    return next((row[1] for row in rows if row[0] not in busy), None)


def settle(store: Store, delivery: Delivery, *, status: int | None, error: str, now_ms: int, knobs: Knobs) -> None:
    """Write down how an attempt went: delivered, to be repeated later, or given up.

    A forged copy is sent once, whatever the answer.
    """
    attempts = delivery.attempts + 1
    is_ok = status is not None and 200 <= status < 300
    is_over = now_ms - delivery.first_at_ms >= GIVE_UP_MS
    state = "delivered" if is_ok else "pending"
    if not is_ok and (is_over or delivery.copy == FORGED_COPY):
        state = "refused" if delivery.copy == FORGED_COPY else "failed"
    store.connection.execute(
        "UPDATE deliveries SET state = ?, attempts = ?, due_at_ms = ?, last_status = ?, last_error = ? WHERE id = ?",
        (state, attempts, now_ms + pause_ms(attempts, knobs), status, error[:300] or None, delivery.id),
    )


def pause_ms(attempts: int, knobs: Knobs) -> int:
    """Doubling pause of at most an hour, spread by a fifth so that retries do not march in step."""
    base = min(knobs.retry_base_ms * 2 ** min(attempts - 1, 20), LONGEST_PAUSE_MS)
    return base + knobs.chance.randrange(base // 5 + 1)


def retry_now(store: Store, now_ms: int, event: str | None = None) -> int:
    """Make pending deliveries (of one event) due at once; gives how many."""
    sql = "UPDATE deliveries SET due_at_ms = ? WHERE state = 'pending' AND (? IS NULL OR event = ?)"
    return store.connection.execute(sql, (now_ms, event, event)).rowcount


def send_again(store: Store, event: Json, *, account: str, platform: str, now_ms: int) -> int:
    """Queue one more copy of an event for every listening endpoint, the way the Dashboard's "Resend" does."""
    endpoints = listeners(store, event["type"], account=account, platform=platform)
    for endpoint in endpoints:
        _add(store, event["id"], endpoint, 0, "pending", now_ms)
    return len(endpoints)


def count_by_state(store: Store, event: str | None = None) -> dict[str, int]:
    """How many deliveries are in each state, for all events or for one."""
    rows = store.connection.execute("SELECT state, count(*) FROM deliveries WHERE (? IS NULL OR event = ?) GROUP BY state", (event, event))
    return {row[0]: row[1] for row in rows}


def delete_endpoint_deliveries(store: Store, endpoint: str) -> None:
    """Nothing is sent to an endpoint that is gone."""
    store.connection.execute(
        "UPDATE deliveries SET state = 'failed', last_error = 'endpoint deleted' WHERE endpoint = ? AND state = 'pending'", (endpoint,)
    )
