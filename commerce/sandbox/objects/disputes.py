"""`/v1/disputes`: opened by the cards that do so; answered, accepted or lost here."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.payments import disputes
from commerce.sandbox.wire.errors import Json
from commerce.sandbox.wire.shapes import PAGING, boolean, merge_metadata, metadata, span, struct, text

UPDATE = struct({"evidence": struct({name: text(20000, can_clear=True) for name in disputes.EVIDENCE}), "metadata": metadata(), "submit": boolean()})
LIST = struct({**PAGING, "charge": text(), "created": span(), "payment_intent": text()})
NOTHING = struct({})


def retrieve(ctx: Context, params: Json, dispute: str) -> Json:
    """One dispute."""
    return ctx.get("dispute", dispute)


def update(ctx: Context, params: Json, dispute: str) -> Json:
    """Gather evidence and, unless `submit=false`, hand it in."""
    before = ctx.get("dispute", dispute)
    after = {**before, "metadata": merge_metadata(before["metadata"], params.get("metadata"))}
    after["evidence"] = {**before["evidence"], **params.get("evidence", {})}
    has_evidence = any(after["evidence"][name] for name in disputes.EVIDENCE)
    after["evidence_details"] = {**before["evidence_details"], "has_evidence": has_evidence}
    ctx.save(after)
    ctx.emit("charge.dispute.updated", after, changed(before, after))
    return disputes.submit(ctx, after) if "evidence" in params and params.get("submit", True) else after


def close(ctx: Context, params: Json, dispute: str) -> Json:
    """Accept the loss."""
    return disputes.lose(ctx, ctx.get("dispute", dispute))


def list_all(ctx: Context, params: Json) -> Json:
    """Newest first."""
    where = {f"$.{key}": params[key] for key in ("charge", "payment_intent") if key in params}
    return ctx.listing("dispute", params, "/v1/disputes", where)
