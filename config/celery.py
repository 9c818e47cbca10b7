"""The Celery application."""

import os
from typing import Any

from celery import Celery
from celery.signals import task_postrun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Django's checks load every page of the office: half a second and fifty megabytes for each worker. `make check` has them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("cliffhanger")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "merchants.foundation",
        "merchants.accounts",
        "merchants.tenants",
        "realtime",
        "commerce.stock",
        "commerce.orders",
        "commerce.payments",
        "commerce.finance",
        "dramas.seasons",
        "dramas.transcode",
        "rooms.preparation",
        "rooms.program",
        "rooms.engagement",
        "rooms.live",
        "rooms.insights.experiments",
        "rooms.insights.letters",
        "rooms.insights.reports",
        "rooms.recordings",
    ]
)


@task_postrun.connect
def _give_connections_back(sender: Any, **_: Any) -> None:
    """To the process's pool, which goes on to the next task; Celery by itself would end the whole pool after each one."""
    if not sender.request.is_eager:
        close_old_connections()
