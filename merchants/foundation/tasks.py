"""Delivery of facts."""

from merchants.foundation import facts
from merchants.foundation.tenancy import tenant_task


@tenant_task(ignore_result=True)
def deliver_fact(*, fact_id: str) -> None:
    facts.deliver(fact_id=fact_id)


@tenant_task(ignore_result=True)
def deliver_facts(*, fact_ids: list[str]) -> None:
    for fact_id in fact_ids:
        facts.deliver(fact_id=fact_id)


@tenant_task(ignore_result=True)
def deliver_due_facts() -> None:
    facts.deliver_due()
