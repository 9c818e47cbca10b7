"""Letters go out on the queue of insights."""

from uuid import UUID

from merchants.foundation.tenancy import tenant_task
from rooms.insights.letters import actions


@tenant_task(queue="insights", ignore_result=True, time_limit=60)
def tend_letters() -> None:
    actions.owe_week_letters()
    actions.send_due_letters()


@tenant_task(queue="insights", ignore_result=True, time_limit=60)
def send_letter(*, letter_id: str) -> None:
    actions.send_letter(letter_id=UUID(letter_id))
