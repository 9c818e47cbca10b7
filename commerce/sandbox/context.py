"""What a handler works with: the acting account, the store, the clock, and the way events leave."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from commerce.sandbox.state.clock import Clock
from commerce.sandbox.state.store import Page, Store
from commerce.sandbox.webhooks.knobs import Knobs
from commerce.sandbox.webhooks.queue import enqueue
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.ids import new_id

API_VERSION = "2026-10-28.endive"
"""The version whose shapes this server speaks: the pin of stripe-python 16.1."""


@dataclass(frozen=True)
class Context:
    """One call, or one piece of work that time started.

    `account` owns what is read and written: the platform itself or, with `Stripe-Account`, one of its connected accounts.
    `origin` is the page that called, if a browser did.
    """

    store: Store
    clock: Clock
    knobs: Knobs
    base_url: str
    account: str
    platform: str
    request_id: str | None = None
    idempotency_key: str | None = None
    origin: str = ""

    @property
    def now(self) -> int:
        return self.clock.now()

    @property
    def is_connected(self) -> bool:
        """Is the acting account a connected one?"""
        return self.account != self.platform

    def acting_as(self, account: str) -> "Context":
        """The same call on another account of the same platform."""
        return replace(self, account=account)

    def get(self, kind: str, identifier: str, param: str = "id") -> Json:
        """The acting account's object. Raises: ApiError 404."""
        return self.store.get(self.account, kind, identifier, param)

    def add(self, body: Json, **hidden: Any) -> Json:
        """Store a new object of the acting account and give it back."""
        self.store.insert(self.account, body, hidden)
        return body

    def save(self, body: Json) -> Json:
        """Store a changed object and give it back."""
        self.store.save(body)
        return body

    def listing(self, kind: str, params: Json, url: str, where: Mapping[str, Any] | None = None) -> Json:
        """A Stripe list object; `params` carries limit, cursors and `created`."""
        page = Page(params.get("limit", 10), params.get("starting_after"), params.get("ending_before"))
        data, has_more = self.store.page(self.account, kind, page, where, params.get("created"))
        return {"object": "list", "data": data, "has_more": has_more, "url": url}

    def emit(self, kind: str, body: Json, previous: Json | None = None) -> None:
        """Record an event of the acting account and queue it for every endpoint that listens.

        Needs: the transaction of the change itself, so that an event exists exactly when its change does.
        """
        data: Json = {"object": body}
        if previous:
            data["previous_attributes"] = previous
        event: Json = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": {"id": self.request_id, "idempotency_key": self.idempotency_key},
            "type": kind,
        }
        if self.is_connected:
            event["account"] = self.account
        self.store.insert(self.account, event)
        enqueue(self.store, event, account=self.account, platform=self.platform, knobs=self.knobs, now_ms=self.clock.now_ms())


def changed(before: Json, after: Json) -> Json:
    """`previous_attributes` of an update: the old values of the top-level keys that differ."""
    return {key: value for key, value in before.items() if after.get(key) != value}
