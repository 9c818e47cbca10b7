"""Prices: one-time amounts in a currency. Recurring and tiered prices are not sold in a room and are refused."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.money.currencies import MAXIMUM_AMOUNT
from commerce.sandbox.objects import products
from commerce.sandbox.wire.errors import Json, invalid_param
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import (
    PAGING,
    Parser,
    boolean,
    choice,
    currency,
    integer,
    listing,
    merge_metadata,
    metadata,
    span,
    struct,
    text,
)

_BEHAVIOUR = choice("exclusive", "inclusive", "unspecified")
_AMOUNT: dict[str, Parser] = {"currency": currency(), "unit_amount": integer(0, MAXIMUM_AMOUNT), "tax_behavior": _BEHAVIOUR}
_PRODUCT: dict[str, Parser] = {"active": boolean(), "id": text(), "metadata": metadata(), "name": text(), "tax_code": text(), "unit_label": text(12)}
_PRODUCT_DATA = struct({**_PRODUCT, "statement_descriptor": text(22)}, required=("name",))
_FIELDS: dict[str, Parser] = {"active": boolean(), "lookup_key": text(200, can_clear=True), "metadata": metadata(), "nickname": text(can_clear=True)}
CREATE = struct({**_FIELDS, **_AMOUNT, "product": text(), "product_data": _PRODUCT_DATA}, required=("currency", "unit_amount"))
UPDATE = struct({**_FIELDS, "tax_behavior": _BEHAVIOUR})
LIST = struct(
    {**PAGING, "active": boolean(), "created": span(), "currency": currency(), "lookup_keys": listing(text(), 10), "product": text(), "type": text()}
)


def create(ctx: Context, params: Json) -> Json:
    """A new price of an existing product, or of one described in place."""
    if ("product" in params) == ("product_data" in params):
        raise invalid_param("You must specify exactly one of `product` or `product_data`.", "product")
    if "product" in params:
        product = ctx.get("product", params["product"], "product")["id"]
    else:
        product = products.create(ctx, params["product_data"])["id"]
    price = shape(ctx, params, product)
    ctx.add(price)
    ctx.emit("price.created", price)
    return price


def shape(ctx: Context, params: Json, product: str) -> Json:
    """A price object, not yet stored: line items with `price_data` carry one that no list shows."""
    return {
        "id": new_id("price"),
        "object": "price",
        "active": params.get("active", True),
        "billing_scheme": "per_unit",
        "created": ctx.now,
        "currency": params["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": params.get("lookup_key"),
        "metadata": merge_metadata({}, params.get("metadata")),
        "nickname": params.get("nickname"),
        "product": product,
        "recurring": None,
        "tax_behavior": params.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": params["unit_amount"],
        "unit_amount_decimal": str(params["unit_amount"]),
    }


def retrieve(ctx: Context, params: Json, price: str) -> Json:
    """One price."""
    return ctx.get("price", price)


def update(ctx: Context, params: Json, price: str) -> Json:
    """Change what may change: the amount never does."""
    before = ctx.get("price", price)
    plain = {key: value for key, value in params.items() if key != "metadata"}
    after = {**before, **plain, "metadata": merge_metadata(before["metadata"], params.get("metadata"))}
    ctx.save(after)
    ctx.emit("price.updated", after, changed(before, after))
    return after


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {f"$.{key}": params[key] for key in ("active", "currency", "product", "type") if key in params}
    if "lookup_keys" in params:
        where["$.lookup_key"] = params["lookup_keys"]
    return ctx.listing("price", params, "/v1/prices", where)
