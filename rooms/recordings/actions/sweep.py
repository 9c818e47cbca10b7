"""What nodes and workers leave behind: finished folders, folders of killed nodes, files without a row."""

import shutil
import time
from datetime import timedelta
from pathlib import Path

import structlog
from django.core.files.storage import default_storage

from dramas.transcode.shelf import Shelf
from merchants.foundation import clock
from realtime.rtc.hls import manifest as manifests
from rooms.program.models import Airing
from rooms.recordings.actions.jobs import queue_recording, send_again
from rooms.recordings.models import Recording
from rooms.recordings.places import SHELF, airing_of, list_folders

log = structlog.get_logger(__name__)

# A folder that a node has just made gets its manifest a moment later.
UNBORN_S = 60.0
FAILED_KEPT = timedelta(days=7)


def sweep_recordings() -> None:
    """Take in what nobody records into any more, whether its node finished it or died; send again what a worker left.

    Safe to run at the same time as others.
    """
    folders = list_folders()
    rows = {row.folder: row for row in Recording.objects.filter(folder__in=[folder.name for folder in folders])}
    known = set(Airing.objects.filter(pk__in={airing_of(folder) for folder in folders}).values_list("pk", flat=True))
    for folder in folders:
        row = rows.get(folder.name)
        if row is not None:
            _forget_finished(folder, row)
        elif _is_left(folder):
            if airing_of(folder) in known:
                queue_recording(folder=folder.name, airing_id=airing_of(folder))
            else:
                log.info("recording_of_nobody", folder=folder.name)
                shutil.rmtree(folder, ignore_errors=True)
    send_again()


def sweep_files() -> None:
    """Remove the media of recordings whose show was deleted."""
    if not default_storage.exists(SHELF):
        return
    found, _ = default_storage.listdir(SHELF)
    kept = {str(pk) for pk in Recording.objects.values_list("pk", flat=True)}
    for name in found:
        if name not in kept:
            Shelf().remove_tree(f"{SHELF}/{name}")


def _forget_finished(folder: Path, row: Recording) -> None:
    """Its films are in the media, or nobody wants them; what failed waits a week for another try."""
    is_over = row.state in {Recording.State.DONE, Recording.State.EMPTY}
    is_given_up = row.state == Recording.State.FAILED and row.finished_at is not None and row.finished_at < clock.now() - FAILED_KEPT
    if is_over or is_given_up:
        shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether no process records there. One that records holds the folder, and lets go when it dies."""
    try:
        if not (folder / manifests.NAME).exists():
            return time.time() - folder.stat().st_mtime > UNBORN_S
        lock = manifests.seize(folder)
    except FileNotFoundError:
        return False  # another sweeper was faster
    if lock is None:
        return False
    lock.close()
    return True
