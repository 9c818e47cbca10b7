"""`/v1/charges`: read only; charges are made by PaymentIntents."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.objects.expand import children
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.shapes import PAGING, merge_metadata, metadata, span, struct, text

UPDATE = struct({"description": text(can_clear=True), "metadata": metadata(), "receipt_email": text(512)})
LIST = struct({**PAGING, "created": span(), "customer": text(), "payment_intent": text(), "transfer_group": text()})
REFUNDS = struct({**PAGING})


def retrieve(ctx: Context, params: Json, charge: str) -> Json:
    """One charge."""
    return ctx.get("charge", charge)


def update(ctx: Context, params: Json, charge: str) -> Json:
    """Change what is said about a charge, never the charge."""
    before = ctx.get("charge", charge)
    pairs = merge_metadata(before["metadata"], params.pop("metadata", None))
    after = ctx.save({**before, **params, "metadata": pairs})
    ctx.emit("charge.updated", after, changed(before, after))
    return after


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first, failed attempts included."""
    where = {f"$.{key}": params[key] for key in ("customer", "payment_intent", "transfer_group") if key in params}
    return ctx.listing("charge", params, "/v1/charges", where)


def list_refunds(ctx: Context, params: Json, charge: str) -> Json:
    """`GET /v1/charges/{id}/refunds`."""
    return children(ctx, ctx.get("charge", charge), "refund", "charge", params)
