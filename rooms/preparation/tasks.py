"""Tasks of preparing."""

from merchants.foundation.tenancy import tenant_task
from rooms.preparation import actions


@tenant_task(ignore_result=True, time_limit=60)
def count_what_came() -> None:
    actions.count_what_came()
