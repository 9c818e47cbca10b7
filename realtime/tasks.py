"""Periodic work of the realtime floor."""

from merchants.foundation.tenancy import tenant_task
from realtime import outbox


@tenant_task(ignore_result=True)
def sweep_outbox() -> None:
    outbox.sweep()
