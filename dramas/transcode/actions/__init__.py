"""Writes of the transcode slice."""

from dramas.transcode.actions.editions import remove_media_of, reseal_episode, sweep_editions
from dramas.transcode.actions.jobs import cancel_transcode, retry_transcode, sweep_jobs
from dramas.transcode.actions.uploads import (
    append_piece,
    cancel_upload,
    finish_upload,
    get_open_upload,
    import_source_file,
    start_upload,
    sweep_sources,
    sweep_uploads,
)
from dramas.transcode.actions.work import run_job, sweep_work

__all__ = [
    "append_piece",
    "cancel_transcode",
    "cancel_upload",
    "finish_upload",
    "get_open_upload",
    "import_source_file",
    "remove_media_of",
    "reseal_episode",
    "retry_transcode",
    "run_job",
    "start_upload",
    "sweep_editions",
    "sweep_jobs",
    "sweep_sources",
    "sweep_uploads",
    "sweep_work",
]
