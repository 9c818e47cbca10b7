"""`/v1/webhook_endpoints`: where events go. With `connect=true` an endpoint hears the platform's connected accounts."""

import re
from typing import Any
from urllib.parse import urlsplit

from commerce.sandbox.context import API_VERSION, Context
from commerce.sandbox.payments.parties import application_of
from commerce.sandbox.webhooks.queue import delete_endpoint_deliveries
from commerce.sandbox.wire.errors import Json, invalid_param, refused
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.origins import is_loopback
from commerce.sandbox.wire.shapes import PAGING, Parser, boolean, choice, listing, merge_metadata, metadata, struct, text, url

MOST_ENDPOINTS = 16
_EVENT = re.compile(r"\*|[a-z0-9_]+(\.[a-z0-9_]+)+")


def _event_name(raw: Any, name: str) -> str:
    value = str(text(100)(raw, name))
    if not _EVENT.fullmatch(value):
        raise invalid_param(f"Invalid {name}: {value} is not a valid event type", name)
    return value


_FIELDS: dict[str, Parser] = {"description": text(can_clear=True), "enabled_events": listing(_event_name), "metadata": metadata(), "url": url()}
CREATE = struct({**_FIELDS, "api_version": choice(API_VERSION), "connect": boolean()}, required=("enabled_events", "url"))
UPDATE = struct({**_FIELDS, "disabled": boolean()})
LIST = struct({**PAGING})
NOTHING = struct({})


def create(ctx: Context, params: Json) -> Json:
    """Register an address; the answer alone carries the signing secret."""
    return register(ctx, params, secret=new_id("whsec", 32))


def register(ctx: Context, params: Json, *, secret: str) -> Json:
    """Register an address with a given secret, as the command line does for the embedded set-up."""
    _check_target(ctx, params["url"])
    if not params["enabled_events"]:
        raise invalid_param("Invalid array", "enabled_events")
    count = ctx.store.connection.execute("SELECT count(*) FROM objects WHERE kind = 'webhook_endpoint' AND account = ?", (ctx.account,)).fetchone()[0]
    if count >= MOST_ENDPOINTS:
        raise refused(f"You have reached the maximum of {MOST_ENDPOINTS} test webhook endpoints.")
    is_connect = params.get("connect", False)
    if is_connect and ctx.is_connected:
        raise invalid_param("Connected accounts cannot listen to connected accounts.", "connect")
    endpoint: Json = {
        "id": new_id("we"),
        "object": "webhook_endpoint",
        "api_version": params.get("api_version"),
        "application": application_of(ctx.platform) if is_connect else None,
        "created": ctx.now,
        "description": params.get("description"),
        "enabled_events": params["enabled_events"],
        "livemode": False,
        "metadata": merge_metadata({}, params.get("metadata")),
        "status": "enabled",
        "url": params["url"],
    }
    ctx.add(endpoint, secret=secret, connect=is_connect)
    return {**endpoint, "secret": secret}


def ensure(ctx: Context, *, address: str, secret: str, connect: bool) -> Json:
    """Have exactly this endpoint with exactly this secret, however often the server starts."""
    rows = ctx.store.connection.execute(
        "SELECT id FROM objects WHERE kind = 'webhook_endpoint' AND account = ?"
        " AND json_extract(body, '$.url') = ? AND json_extract(hidden, '$.connect') = ?",
        (ctx.account, address, connect),
    ).fetchall()
    if rows:
        ctx.store.hide(rows[0][0], secret=secret)
        return ctx.get("webhook_endpoint", rows[0][0])
    return register(ctx, {"url": address, "enabled_events": ["*"], "connect": connect}, secret=secret)


def retrieve(ctx: Context, params: Json, endpoint: str) -> Json:
    """One endpoint, without its secret."""
    return ctx.get("webhook_endpoint", endpoint)


def update(ctx: Context, params: Json, endpoint: str) -> Json:
    """Change address or events, or switch it off."""
    before = ctx.get("webhook_endpoint", endpoint)
    if "url" in params:
        _check_target(ctx, params["url"])
    if "disabled" in params:
        before["status"] = "disabled" if params.pop("disabled") else "enabled"
    pairs = merge_metadata(before["metadata"], params.pop("metadata", None))
    return ctx.save({**before, **params, "metadata": pairs})


def delete(ctx: Context, params: Json, endpoint: str) -> Json:
    """Remove an endpoint; what was still to be sent there is given up."""
    ctx.get("webhook_endpoint", endpoint)
    ctx.store.connection.execute("DELETE FROM objects WHERE id = ?", (endpoint,))
    delete_endpoint_deliveries(ctx.store, endpoint)
    return {"id": endpoint, "object": "webhook_endpoint", "deleted": True}


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    return ctx.listing("webhook_endpoint", params, "/v1/webhook_endpoints")


def _check_target(ctx: Context, address: str) -> None:
    """A sandbox sends nothing off the machine unless it was started with `--allow-network`."""
    host = urlsplit(address).hostname or ""
    if not is_loopback(host) and ctx.store.setting("allow_network", "no") != "yes":
        raise invalid_param(
            f"The sandbox sends webhooks to this machine only; {host} is not on it. Start it with --allow-network to change that.",
            "url",
            "url_invalid",
        )
