"""Reports that are computed aside, on the queue of insights."""

from uuid import UUID

from merchants.foundation.tenancy import enqueue, tenant_task
from rooms.insights.reports import actions, runs


@tenant_task(queue="insights", ignore_result=True, time_limit=120)
def compute_reports() -> None:
    runs.resume_runs()
    for room_id in actions.list_measured_rooms():
        enqueue("rooms.insights.reports.tasks.compute_room", room_id=str(room_id))


@tenant_task(queue="insights", ignore_result=True, time_limit=120)
def compute_room(*, room_id: str) -> None:
    for kind in actions.KEPT:
        actions.compute_report(kind=kind, room_id=UUID(room_id))


@tenant_task(queue="insights", ignore_result=True, time_limit=120)
def compute_run(*, run_id: str) -> None:
    runs.work_on_run(run_id=UUID(run_id))
