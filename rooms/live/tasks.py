"""Periodic work of the live slice."""

from merchants.foundation.tenancy import tenant_task
from rooms.live import samples


@tenant_task(ignore_result=True)
def drain_figures() -> None:
    samples.waiting.drain()


@tenant_task(ignore_result=True)
def sweep_figures() -> None:
    samples.sweep()
