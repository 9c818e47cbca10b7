"""Disputes: the bank takes a charge back, with a fee; evidence wins or loses, decided by its text as in Stripe's test mode."""

from commerce.sandbox.context import Context, changed
from commerce.sandbox.money.currencies import exponent_of
from commerce.sandbox.money.fees import DISPUTE_FEE
from commerce.sandbox.payments.balance import available_on, fee_detail, record
from commerce.sandbox.wire.errors import Json, refused
from commerce.sandbox.wire.ids import new_id

ANSWER_WITHIN_S = 9 * 24 * 3600
EVIDENCE = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal",
    "customer_communication", "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt",
    "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip
_NETWORK_REASON = {"fraudulent": "10.4", "product_not_received": "13.1"}


def open_dispute(ctx: Context, charge: Json, reason: str) -> Json:
    """Take the whole charge back and keep a dispute fee."""
    identifier = new_id("du")
    currency = charge["currency"]
    fee = fee_detail(DISPUTE_FEE[exponent_of(currency)], currency, "stripe_fee", "Dispute fee")
    movement = _adjust(ctx, identifier, charge, -charge["amount_captured"], "dispute", [fee])
    dispute: Json = {
        "id": identifier,
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [movement],
        "charge": charge["id"],
        "created": ctx.now,
        "currency": currency,
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": ctx.now + ANSWER_WITHIN_S,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "network_reason_code": _NETWORK_REASON.get(reason),
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {"brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": _NETWORK_REASON.get(reason)},
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }
    ctx.add(dispute)
    charge["disputed"] = True
    ctx.save(charge)
    ctx.emit("charge.dispute.created", dispute)
    ctx.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def submit(ctx: Context, dispute: Json) -> Json:
    """Hand the evidence in: `winning_evidence` and `losing_evidence` in `uncategorized_text` decide at once."""
    _require_open(dispute)
    details = dispute["evidence_details"]
    details |= {"submission_count": details["submission_count"] + 1, "submission_method": "manual"}
    words = dispute["evidence"]["uncategorized_text"]
    if words == "winning_evidence":
        return _win(ctx, dispute)
    if words == "losing_evidence":
        return lose(ctx, dispute)
    dispute["status"] = "under_review"
    ctx.save(dispute)
    return dispute


def lose(ctx: Context, dispute: Json) -> Json:
    """Accept the dispute; the money stays with the customer."""
    _require_open(dispute)
    before = {**dispute}
    dispute["status"] = "lost"
    ctx.save(dispute)
    ctx.emit("charge.dispute.closed", dispute, changed(before, dispute))
    return dispute


def _win(ctx: Context, dispute: Json) -> Json:
    charge = ctx.get("charge", dispute["charge"])
    movement = _adjust(ctx, dispute["id"], charge, dispute["amount"], "dispute_reversal", [])
    dispute |= {"status": "won", "balance_transactions": [*dispute["balance_transactions"], movement]}
    ctx.save(dispute)
    ctx.emit("charge.dispute.funds_reinstated", dispute)
    ctx.emit("charge.dispute.closed", dispute)
    return dispute


def _adjust(ctx: Context, dispute: str, charge: Json, amount: int, category: str, fees: list[Json]) -> Json:
    label = "Chargeback withdrawal" if amount < 0 else "Chargeback reversal"
    return record(
        ctx,
        kind="adjustment",
        amount=amount,
        currency=charge["currency"],
        source=dispute,
        description=f"{label} for {charge['id']}",
        available_on=available_on(ctx, charge),
        fees=fees,
        category=category,
    )


def _require_open(dispute: Json) -> None:
    if dispute["status"] not in ("needs_response", "under_review"):
        raise refused(f"This dispute is already closed with a status of {dispute['status']}.")
