"""Tasks of the payments."""

from typing import Any
from uuid import UUID

from commerce.payments import actions
from commerce.payments.actions import settlement
from commerce.payments.errors import PaymentsBroken, PaymentsUnreachable
from merchants.foundation.tenancy import tenant_task

LIMITS: dict[str, Any] = {"ignore_result": True, "time_limit": 90, "soft_time_limit": 75}
OUTAGES = (PaymentsUnreachable, PaymentsBroken)
AGAIN: dict[str, Any] = {**LIMITS, "autoretry_for": OUTAGES, "max_retries": 6, "retry_backoff": 2, "retry_backoff_max": 120}


@tenant_task(**LIMITS)
def process_event(*, account: str, event_id: str) -> None:
    try:
        actions.process_event(account=account, event_id=event_id)
    except OUTAGES:
        return  # the row is due again: retry_events


@tenant_task(**LIMITS)
def retry_events() -> None:
    actions.retry_events()


@tenant_task(**LIMITS)
def sweep_events() -> None:
    actions.sweep_events()


@tenant_task(**AGAIN)
def settle_attempt(*, attempt_id: str) -> None:
    actions.settle_attempt(attempt_id=UUID(attempt_id))


@tenant_task(**AGAIN)
def close_attempt(*, attempt_id: str) -> None:
    settlement.close_attempt(attempt_id=UUID(attempt_id))


@tenant_task(**AGAIN)
def run_refund(*, refund_id: str) -> None:
    actions.run_refund(refund_id=UUID(refund_id))


@tenant_task(**LIMITS)
def tend_payments() -> None:
    """Expiry, unknown outcomes, refunds that were left behind."""
    actions.expire_due_orders()
    actions.settle_overdue()
    actions.resume_refunds()
