"""The life of a recording's row: waiting, claimed by one worker at a time, alive while it beats, finished once.

A claim is a compare-and-set with a token: a second delivery of the task, or a worker that everybody thought dead, changes nothing.
"""

import shutil
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F, Q

from dramas.transcode.shelf import Shelf
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.tenancy import enqueue
from rooms.recordings.errors import NothingToRetry, RecordingInterrupted, RecordingNotFound
from rooms.recordings.models import Recording
from rooms.recordings.places import node_folder, shelf_folder

log = structlog.get_logger(__name__)

TASK = "rooms.recordings.tasks.take_in_recording"
SILENT_AFTER = timedelta(seconds=60)  # one segment into a slow object store takes less
UNHEARD_AFTER = timedelta(minutes=2)  # a message may have died with the worker that had fetched it
MAX_RUNS = 5


class ClaimLost(Exception):
    """Somebody removed the recording or took it over: stop, and change nothing more."""


def queue_recording(*, folder: str, airing_id: UUID) -> None:
    """A folder that a node has left is to be taken in. Safe to repeat. After commit: the task is sent."""
    now = clock.now()
    with transaction.atomic(durable=True):
        recording, is_new = Recording.objects.get_or_create(folder=folder, defaults={"airing_id": airing_id, "created_at": now, "heartbeat_at": now})
        if is_new:
            enqueue(TASK, recording_id=str(recording.pk))


def claim_recording(*, recording_id: UUID) -> Recording | None:
    """None: it is finished, or in good hands (a message that came twice)."""
    free = Q(state=Recording.State.WAITING) | Q(state=Recording.State.WORKING, heartbeat_at__lt=clock.now() - SILENT_AFTER)
    with transaction.atomic(durable=True):
        taken = Recording.objects.filter(free, pk=recording_id, runs__lt=MAX_RUNS).update(
            state=Recording.State.WORKING, claim=uuid4(), heartbeat_at=clock.now(), runs=F("runs") + 1
        )
    return Recording.objects.get(pk=recording_id) if taken else None


def beat(recording: Recording, *, permille: int) -> None:
    """A sign of life with the progress. Raises: ClaimLost."""
    mine = Recording.objects.filter(pk=recording.pk, claim=recording.claim, state=Recording.State.WORKING)
    if not mine.update(heartbeat_at=clock.now(), progress_permille=permille):
        raise ClaimLost


def finish(recording: Recording, state: Recording.State, **fields: object) -> None:
    """Done, empty or failed. Raises: ClaimLost."""
    with transaction.atomic(durable=True):
        mine = Recording.objects.select_for_update(of=("self",), no_key=True).filter(pk=recording.pk, claim=recording.claim).first()
        if mine is None:
            raise ClaimLost
        mine.state, mine.claim, mine.finished_at = state, None, clock.now()
        for name, value in fields.items():
            setattr(mine, name, value)
        mine.save()
    log.info("recording_taken_in", recording=str(recording.pk), state=str(state), code=fields.get("error_code", ""))


def hand_back(recording: Recording) -> None:
    """For another run by the sweeper, after a cause that may pass. Raises: ClaimLost."""
    mine = Recording.objects.filter(pk=recording.pk, claim=recording.claim)
    if not mine.update(state=Recording.State.WAITING, claim=None, heartbeat_at=clock.now()):
        raise ClaimLost


def send_again() -> None:
    """What a killed worker left, or what was handed back; given up after `MAX_RUNS`."""
    now = clock.now()
    due = Q(state=Recording.State.WORKING, heartbeat_at__lt=now - SILENT_AFTER) | Q(
        state=Recording.State.WAITING, heartbeat_at__lt=now - UNHEARD_AFTER
    )
    for recording_id in Recording.objects.filter(due).values_list("pk", flat=True)[:100]:
        with transaction.atomic(durable=True):
            rows = Recording.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            recording = rows.filter(due, pk=recording_id).first()
            if recording is None:
                continue
            recording.claim, recording.heartbeat_at = None, now
            if recording.runs >= MAX_RUNS:
                recording.state, recording.finished_at = Recording.State.FAILED, now
                recording.error_code = recording.error_code or RecordingInterrupted.code
            else:
                recording.state = Recording.State.WAITING
                enqueue(TASK, recording_id=str(recording.pk))
            recording.save()


def retry_recording(*, recording_id: UUID, actor: str) -> None:
    """After a failure. What has been stored is used again. Raises: RecordingNotFound, NothingToRetry."""
    with transaction.atomic(durable=True):
        recording = _lock(recording_id)
        if recording.state != Recording.State.FAILED:
            raise NothingToRetry
        recording.state, recording.runs, recording.finished_at, recording.heartbeat_at = Recording.State.WAITING, 0, None, clock.now()
        recording.error_code, recording.error_params, recording.detail = "", {}, ""
        recording.save()
        record_action(actor=actor, action="recording.retry", subject=f"airing:{recording.airing_id}")
        enqueue(TASK, recording_id=str(recording.pk))


def remove_recording(*, recording_id: UUID, actor: str) -> None:
    """For good: the replay leaves this part out. Raises: RecordingNotFound."""
    with transaction.atomic(durable=True):
        recording = _lock(recording_id)
        folder, shelf = recording.folder, shelf_folder(recording.pk)
        record_action(actor=actor, action="recording.remove", subject=f"airing:{recording.airing_id}")
        recording.delete()
        transaction.on_commit(lambda: _remove_files(folder, shelf))


def _remove_files(folder: str, shelf: str) -> None:
    """What stays after a crash has no row: the sweeper finds the media, and takes the node's folder in again."""
    with suppress(FileNotFoundError):
        shutil.rmtree(node_folder(folder))
    Shelf().remove_tree(shelf)


def _lock(recording_id: UUID) -> Recording:
    recording = Recording.objects.select_for_update(of=("self",), no_key=True).filter(pk=recording_id).first()
    if recording is None:
        raise RecordingNotFound
    return recording
