"""Beat knows no tenant: it fans out one task a shop."""

from celery import shared_task

from merchants.foundation.tenancy import send_task
from merchants.tenants.queries import list_open_schemas


@shared_task(ignore_result=True, time_limit=60, soft_time_limit=50)
def run_in_every_shop(*, name: str) -> None:
    for schema in list_open_schemas():
        send_task(schema, name)
