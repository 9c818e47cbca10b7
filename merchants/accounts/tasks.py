"""Mail of the accounts slice."""

from smtplib import SMTPException

from merchants.accounts import actions
from merchants.foundation.tenancy import tenant_task


@tenant_task(autoretry_for=(SMTPException, OSError), max_retries=5, retry_backoff=10)
def send_invitation(*, person_id: str, inviter_id: str) -> None:
    actions.send_invitation(person_id=person_id, inviter_id=inviter_id)
