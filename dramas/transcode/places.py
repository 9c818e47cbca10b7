"""Where this slice keeps files that nobody may fetch: uploaded masters and the intermediate results of jobs.

Both lie outside the media folder, one folder a shop, under names of our own making: an uploader's file name never touches the disk.
Web and worker processes share these folders; only published media may be on an object store.
"""

from pathlib import Path
from uuid import UUID

from django.conf import settings

from merchants.foundation.tenancy import current_schema


def source_path(name: str) -> Path:
    """The file of an upload or source; `name` as stored in its row."""
    return _root("sources") / name


def new_source_name(upload_id: UUID) -> str:
    """One folder an upload: a demuxer that looks for neighbours finds none."""
    return f"{upload_id}/source"


def work_folder(plan_key: str, job_id: UUID) -> Path:
    """Intermediate results of a job. A retry finds them again, unless the plan has changed meanwhile."""
    return work_root() / str(job_id) / plan_key


def work_root() -> Path:
    return _root("work")


def _root(kind: str) -> Path:
    return Path(settings.DATA_DIR) / kind / current_schema()
