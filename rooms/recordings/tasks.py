"""Tasks of recordings. Each calls one action and may run twice."""

from uuid import UUID

from merchants.foundation.tenancy import tenant_task
from rooms.recordings import actions

LONGEST_S = 3600  # eight gigabytes into a slow object store


@tenant_task(queue="transcode", soft_time_limit=LONGEST_S, time_limit=LONGEST_S + 60)
def take_in_recording(*, recording_id: str) -> None:
    actions.take_in(recording_id=UUID(recording_id))


@tenant_task(soft_time_limit=60, time_limit=90)
def sweep_recordings() -> None:
    actions.sweep_recordings()


@tenant_task(soft_time_limit=300, time_limit=360)
def sweep_recording_files() -> None:
    actions.sweep_files()
