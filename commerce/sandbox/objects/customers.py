"""Customers."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.wire.errors import Json, missing
from commerce.sandbox.wire.ids import new_id
from commerce.sandbox.wire.shapes import ADDRESS, PAGING, Parser, listing, merge_metadata, metadata, span, struct, text

_FIELDS: dict[str, Parser] = {
    "address": ADDRESS,
    "description": text(can_clear=True),
    "email": text(512, can_clear=True),
    "metadata": metadata(),
    "name": text(256, can_clear=True),
    "phone": text(20, can_clear=True),
    "preferred_locales": listing(text(20), 10),
    "shipping": struct({"address": ADDRESS, "name": text(), "phone": text(20)}, required=("address", "name"), can_clear=True),
}
CREATE = struct(_FIELDS)
LIST = struct({**PAGING, "created": span(), "email": text(512)})


def create(ctx: Context, params: Json) -> Json:
    """A new customer."""
    customer: Json = {
        "id": new_id("cus", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": ctx.now,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("x", 8)[2:].upper(),
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    ctx.add(_apply(customer, params))
    ctx.emit("customer.created", customer)
    return customer


def retrieve(ctx: Context, params: Json, customer: str) -> Json:
    """The customer; a deleted one says so."""
    return ctx.get("customer", customer)


def update(ctx: Context, params: Json, customer: str) -> Json:
    """Change given fields."""
    before = get_living(ctx, customer)
    after = _apply({**before}, params)
    ctx.save(after)
    ctx.emit("customer.updated", after, changed(before, after))
    return after


def delete(ctx: Context, params: Json, customer: str) -> Json:
    """Forget a customer; the id stays known as deleted."""
    before = get_living(ctx, customer)
    ctx.save({"id": customer, "object": "customer", "deleted": True})
    ctx.emit("customer.deleted", before)
    return {"id": customer, "object": "customer", "deleted": True}


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first, by exact e-mail if asked; deleted ones are left out."""
    where: Json = {"$.livemode": 0}
    if "email" in params:
        where["$.email"] = params["email"]
    return ctx.listing("customer", params, "/v1/customers", where)


def get_living(ctx: Context, customer: str, param: str = "customer") -> Json:
    """Raises: ApiError 404 also for a deleted customer."""
    found = ctx.get("customer", customer, param)
    if found.get("deleted"):
        raise missing("customer", customer, param)
    return found


def _apply(customer: Json, params: Json) -> Json:
    plain = {key: value for key, value in params.items() if key != "metadata"}
    customer.update(plain)
    customer["metadata"] = merge_metadata(customer["metadata"], params.get("metadata"))
    return customer
