"""Tasks of experiments. Each calls one action and may run twice."""

from uuid import UUID

from merchants.foundation.tenancy import tenant_task
from rooms.insights.experiments import judging
from rooms.insights.experiments.queries import list_running


@tenant_task(queue="insights", soft_time_limit=600, time_limit=660)
def compute_verdict(*, experiment_id: str) -> None:
    judging.compute_verdict(experiment_id=UUID(experiment_id))


@tenant_task(queue="insights", soft_time_limit=50, time_limit=60)
def judge_running() -> None:
    for experiment_id in list_running():
        judging.request_verdict(experiment_id=experiment_id)
