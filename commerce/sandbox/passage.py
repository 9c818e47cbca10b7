"""What the passing of time brings: sessions expire, authorisations lapse, payouts arrive, refunds fail, old events go."""

from collections.abc import Callable, Iterator

from commerce.sandbox.context import Context
from commerce.sandbox.objects import payouts, refunds
from commerce.sandbox.objects.events import KEPT_S
from commerce.sandbox.payments import checkout, intents
from commerce.sandbox.payments.balance import mature
from commerce.sandbox.state.remembered import forget_old
from commerce.sandbox.state.store import Store
from commerce.sandbox.wire.errors import Json

AUTHORISATION_LASTS_S = 7 * 24 * 3600

Contexts = Callable[[str, str], Context]
"""`contexts(platform, account)`: a context for work without a call."""

_OVER = (
    "SELECT id, account FROM objects WHERE kind = 'checkout.session' AND json_extract(body, '$.status') = 'open'"
    " AND json_extract(body, '$.expires_at') <= ? LIMIT 200"
)
_LAPSED = (
    "SELECT id, account FROM objects WHERE kind = 'payment_intent' AND json_extract(body, '$.status') = 'requires_capture' AND created <= ? LIMIT 200"
)
_ARRIVING = "SELECT id, account FROM objects WHERE kind = 'payout' AND json_extract(body, '$.status') = 'pending' AND created < ? LIMIT 200"
_FAILING = "SELECT id, account FROM objects WHERE json_extract(hidden, '$.fails_at') <= ? LIMIT 200"


def sweep(store: Store, contexts: Contexts, now: int) -> None:
    """One round of what is due, at most 200 of each kind. Needs: an open transaction."""
    for ctx, session in _due(store, contexts, _OVER, now):
        checkout.expire(ctx, session)
    for ctx, intent in _due(store, contexts, _LAPSED, now - AUTHORISATION_LASTS_S):
        intents.cancel(ctx, intent, "automatic")
    for ctx, payout in _due(store, contexts, _ARRIVING, now):
        payouts.arrive(ctx, payout)
    for ctx, refund in _due(store, contexts, _FAILING, now):
        ctx.store.hide(refund["id"], fails_at=None)
        refunds.fail(ctx, refund)


def tidy(store: Store, now: int) -> None:
    """The slower round: pending money becomes available, old keys, events and deliveries go. Needs: an open transaction."""
    mature(store, now)
    forget_old(store, now)
    store.connection.execute("DELETE FROM objects WHERE kind = 'event' AND created < ?", (now - KEPT_S,))
    store.connection.execute("DELETE FROM deliveries WHERE state <> 'pending' AND first_at_ms < ?", ((now - KEPT_S) * 1000,))


def _due(store: Store, contexts: Contexts, sql: str, bound: int) -> Iterator[tuple[Context, Json]]:
    for identifier, account in store.connection.execute(sql, (bound,)).fetchall():
        platform = store.owner_of(account)
        body = store.find(account, identifier)
        if platform and body:
            yield contexts(platform, account), body
