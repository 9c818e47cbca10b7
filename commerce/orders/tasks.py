"""Tasks of the orders."""

from commerce.orders import mail
from merchants.foundation.tenancy import tenant_task


@tenant_task(ignore_result=True, time_limit=60, soft_time_limit=45)
def send_order_mail(*, mail_id: str) -> None:
    mail.send_mail(mail_id=mail_id)


@tenant_task(ignore_result=True, time_limit=60, soft_time_limit=45)
def send_owed_order_mail() -> None:
    mail.send_owed_mail()
