"""`expand[]`: ids become the objects they name, up to four levels deep, in single objects and in lists (`data.customer`)."""

from typing import Any

from commerce.sandbox.context import Context
from commerce.sandbox.wire.errors import Json, invalid_param

MAX_DEPTH = 4
MAX_PATHS = 20

_HIDDEN_LISTS = {("checkout.session", "line_items"): ("item", "checkout_session"), ("charge", "refunds"): ("refund", "charge")}
"""Lists that an object carries only when asked: (object, key) to (kind of the entries, their pointer back)."""

_OF_THE_PLATFORM = ("application_fee", "account")
"""Kinds that a connected account's object points at but the platform owns."""


def expand(ctx: Context, body: Json, paths: list[str]) -> Json:
    """Expand every path in place. Raises: ApiError 400 for what cannot be expanded."""
    if len(paths) > MAX_PATHS:
        raise invalid_param(f"You cannot expand more than {MAX_PATHS} properties.", "expand")
    for path in paths:
        parts = path.split(".")
        if len(parts) > MAX_DEPTH:
            raise invalid_param(f"You cannot expand more than {MAX_DEPTH} levels of a property (requested: {path}).", "expand")
        _expand(ctx, body, parts, path)
    return body


def _expand(ctx: Context, target: Json, parts: list[str], path: str) -> None:
    head, rest = parts[0], parts[1:]
    if target.get("object") == "list":
        if head != "data":
            raise _cannot(path)
        for item in target["data"]:
            if rest:
                _expand(ctx, item, rest, path)
        return
    value = target.get(head)
    hidden = _HIDDEN_LISTS.get((target.get("object", ""), head))
    if value is None and hidden:
        value = target[head] = _hidden_list(ctx, target, *hidden)
    elif isinstance(value, str):
        value = target[head] = _lookup(ctx, value, path)
    elif value is None and head in target:
        return
    elif not isinstance(value, dict) or (not rest and "object" not in value):
        raise _cannot(path)
    if rest:
        _expand(ctx, value, rest, path)


def _lookup(ctx: Context, identifier: str, path: str) -> Json:
    found = ctx.store.find(ctx.account, identifier)
    if found is None:
        found = ctx.store.find(ctx.platform, identifier)
        if found is None or found["object"] not in _OF_THE_PLATFORM:
            raise _cannot(path)
    return found


def _hidden_list(ctx: Context, target: Json, kind: str, pointer: str) -> Json:
    return children(ctx, target, kind, pointer, {"limit": 10})


def children(ctx: Context, parent: Json, kind: str, pointer: str, params: dict[str, Any]) -> Json:
    """The list object of what belongs to a parent."""
    collection = {"item": f"/v1/checkout/sessions/{parent['id']}/line_items", "refund": f"/v1/charges/{parent['id']}/refunds"}[kind]
    if kind != "item":
        return ctx.listing(kind, params, collection, {f"$.{pointer}": parent["id"]})
    items = ctx.store.hidden(parent["id"])["line_items"]
    return slice_items(items, params, collection)


def slice_items(items: list[Json], params: dict[str, Any], url: str) -> Json:
    """A page of a short list kept inside its parent, in its own order."""
    start = 0
    if params.get("starting_after"):
        ids = [item["id"] for item in items]
        if params["starting_after"] not in ids:
            raise invalid_param(f"No such line item: '{params['starting_after']}'", "starting_after", "resource_missing")
        start = ids.index(params["starting_after"]) + 1
    end = start + int(params.get("limit", 10))
    return {"object": "list", "data": items[start:end], "has_more": end < len(items), "url": url}


def _cannot(path: str) -> Exception:
    return invalid_param(f"This property cannot be expanded ({path}).", "expand")
