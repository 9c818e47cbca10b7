"""Stories of the payments."""

from commerce.payments.actions.accounts import ensure_account
from commerce.payments.actions.checkout import Checkout, abandon_checkout, open_payment, start_checkout
from commerce.payments.actions.events import process_event, retry_events, sweep_events, take_event
from commerce.payments.actions.expiry import expire_due_orders
from commerce.payments.actions.refunds import refund_order, resume_refunds, run_refund
from commerce.payments.actions.settlement import settle_attempt, settle_order, settle_overdue

__all__ = [
    "Checkout",
    "abandon_checkout",
    "ensure_account",
    "expire_due_orders",
    "open_payment",
    "process_event",
    "refund_order",
    "resume_refunds",
    "retry_events",
    "run_refund",
    "settle_attempt",
    "settle_order",
    "settle_overdue",
    "start_checkout",
    "sweep_events",
    "take_event",
]
