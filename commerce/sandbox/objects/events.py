"""`/v1/events`: what happened in the last 30 days, for those who missed the webhook."""

from commerce.sandbox.context import Context
from commerce.sandbox.webhooks.queue import count_by_state
from commerce.sandbox.wire.errors import Json, invalid_param, missing
from commerce.sandbox.wire.shapes import PAGING, boolean, listing, span, struct, text

KEPT_S = 30 * 24 * 3600
LIST = struct({**PAGING, "created": span(), "delivery_success": boolean(), "type": text(), "types": listing(text(), 20)})
NOTHING = struct({})


def retrieve(ctx: Context, params: Json, event: str) -> Json:
    """One event."""
    found = ctx.get("event", event)
    if found["created"] < ctx.now - KEPT_S:
        raise missing("event", event)
    return _with_pending(ctx, found)


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first; `type` may end in `*`."""
    if "type" in params and "types" in params:
        raise invalid_param("You may only specify one of these parameters: type, types.", "type")
    wanted = params.get("types") or ([params["type"]] if "type" in params else None)
    bounds = params.get("created", {})
    params["created"] = {**bounds, "gte": max(bounds.get("gte", 0), ctx.now - KEPT_S)}
    where = {"$.type": _known(ctx, wanted)} if wanted else None
    listed = ctx.listing("event", params, "/v1/events", where)
    listed["data"] = [_with_pending(ctx, event) for event in listed["data"]]
    if "delivery_success" in params:
        wish = params["delivery_success"]
        listed["data"] = [event for event in listed["data"] if (event["pending_webhooks"] == 0) == wish]
    return listed


def _known(ctx: Context, wanted: list[str]) -> list[str]:
    """Resolve `charge.*` to the types that occur; an exact type stays as it is."""
    rows = ctx.store.connection.execute(
        "SELECT DISTINCT json_extract(body, '$.type') FROM objects WHERE account = ? AND kind = 'event'", (ctx.account,)
    )
    seen = [row[0] for row in rows]
    exact = [name for name in wanted if not name.endswith("*")]
    prefixes = tuple(name[:-1] for name in wanted if name.endswith("*"))
    return exact + [name for name in seen if prefixes and name.startswith(prefixes)]


def _with_pending(ctx: Context, event: Json) -> Json:
    states = count_by_state(ctx.store, event["id"])
    return {**event, "pending_webhooks": states.get("pending", 0) + states.get("failed", 0) + states.get("dropped", 0)}
