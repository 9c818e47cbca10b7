"""Tasks of the transcode slice. Each calls one action and may run twice."""

from uuid import UUID

from dramas.transcode import actions
from merchants.foundation.tenancy import tenant_task

LONGEST_S = 4 * 3600  # fifteen minutes of 4K on a slow core; each ffmpeg has its own, narrower limit


@tenant_task(queue="transcode", soft_time_limit=LONGEST_S, time_limit=LONGEST_S + 120)
def transcode_episode(*, job_id: str) -> None:
    actions.run_job(job_id=UUID(job_id))


@tenant_task(queue="transcode", soft_time_limit=1800, time_limit=1900)
def reseal_episode(*, episode_id: str) -> None:
    actions.reseal_episode(episode_id=UUID(episode_id))


@tenant_task(soft_time_limit=60, time_limit=90)
def sweep_jobs() -> None:
    actions.sweep_jobs()


@tenant_task(soft_time_limit=300, time_limit=360)
def sweep_files() -> None:
    actions.sweep_uploads()
    actions.sweep_sources()
    actions.sweep_work()
    actions.sweep_editions()
