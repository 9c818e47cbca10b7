"""Products: names for what prices are asked for."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.state.store import Page
from commerce.sandbox.wire.errors import Json, invalid_param, refused
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import PAGING, Parser, boolean, choice, listing, merge_metadata, metadata, span, struct, text, url

_FIELDS: dict[str, Parser] = {
    "active": boolean(),
    "description": text(40000, can_clear=True),
    "images": listing(url(), 8),
    "metadata": metadata(),
    "name": text(),
    "shippable": boolean(),
    "statement_descriptor": text(22, can_clear=True),
    "tax_code": text(can_clear=True),
    "unit_label": text(12, can_clear=True),
    "url": url(),
}
CREATE = struct({**_FIELDS, "id": text(), "type": choice("good", "service")}, required=("name",))
UPDATE = struct({**_FIELDS, "default_price": text(can_clear=True)})
LIST = struct({**PAGING, "active": boolean(), "created": span(), "ids": listing(text()), "shippable": boolean(), "type": text(), "url": text()})


def create(ctx: Context, params: Json) -> Json:
    """A new product."""
    identifier = params.get("id") or new_id("prod", 14)
    if ctx.store.owner_of(identifier):
        raise invalid_param(f"Product already exists: {identifier}", "id", "resource_already_exists")
    product: Json = {
        "id": identifier,
        "object": "product",
        "active": True,
        "created": ctx.now,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "type": params.get("type", "service"),
        "unit_label": None,
        "updated": ctx.now,
        "url": None,
    }
    ctx.add(_apply(product, params))
    ctx.emit("product.created", product)
    return product


def retrieve(ctx: Context, params: Json, product: str) -> Json:
    """One product."""
    return ctx.get("product", product)


def update(ctx: Context, params: Json, product: str) -> Json:
    """Change given fields."""
    before = ctx.get("product", product)
    if params.get("default_price"):
        ctx.get("price", params["default_price"], "default_price")
    after = _apply({**before, "updated": ctx.now}, params)
    ctx.save(after)
    ctx.emit("product.updated", after, changed(before, after))
    return after


def delete(ctx: Context, params: Json, product: str) -> Json:
    """Remove a product without prices."""
    before = ctx.get("product", product)
    if ctx.store.page(ctx.account, "price", Page(limit=1), {"$.product": product})[0]:
        raise refused("This product cannot be deleted because it has one or more user-created prices.")
    ctx.store.connection.execute("DELETE FROM objects WHERE id = ?", (product,))
    ctx.emit("product.deleted", before)
    return {"id": product, "object": "product", "deleted": True}


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {f"$.{key}": params[key] for key in ("active", "shippable", "type", "url") if key in params}
    if "ids" in params:
        where["$.id"] = params["ids"]
    return ctx.listing("product", params, "/v1/products", where)


def _apply(product: Json, params: Json) -> Json:
    plain = {key: value for key, value in params.items() if key not in ("metadata", "id")}
    product.update(plain)
    product["metadata"] = merge_metadata(product["metadata"], params.get("metadata"))
    return product
