"""Tasks of the stock."""

from uuid import UUID

from commerce.stock import actions
from merchants.foundation.tenancy import tenant_task


@tenant_task(ignore_result=True, time_limit=20, soft_time_limit=15)
def announce_stock(*, variant_ids: list[str]) -> None:
    actions.announce(variant_ids=[UUID(variant_id) for variant_id in variant_ids])


@tenant_task(ignore_result=True, time_limit=20, soft_time_limit=15)
def sweep_stock() -> None:
    actions.sweep()
