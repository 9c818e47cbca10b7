"""The life of a job: queued, claimed by one worker at a time, alive while it beats, finished once.

A claim is a compare-and-set with a token. A second delivery of the task, or a worker that everybody thought dead, holds no valid
token and can change nothing.
"""

from datetime import timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F, Q

from dramas.seasons.actions import record_transcode
from dramas.seasons.errors import EpisodeNotFound
from dramas.seasons.media import MediaFailure
from dramas.transcode.errors import NothingToRetry, TranscodeCancelled
from dramas.transcode.messages import EpisodeProgress
from dramas.transcode.models import Edition, Source, TranscodeJob
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.errors import DomainError
from merchants.foundation.tenancy import current_schema, enqueue
from realtime.publish import Topic, publish, publish_on_commit

log = structlog.get_logger(__name__)

TASK = "dramas.transcode.tasks.transcode_episode"
SILENT_AFTER = timedelta(seconds=30)  # a worker that beats every second and is silent this long is gone
UNHEARD_AFTER = timedelta(minutes=2)  # a queued job whose message may have died with the worker that had fetched it
MAX_RUNS = 5


class ClaimLost(Exception):
    """Somebody cancelled the job or took it over: stop, and change nothing more."""


def queue_job(*, source: Source) -> TranscodeJob:
    """Queue the transcode of an episode's newest source; what is under way for an older one is cancelled.

    Needs: an open transaction.
    After commit: the task is sent; the office hears `waiting`.
    """
    episode_id = source.episode_id
    _cancel_unfinished(episode_id)
    now = clock.now()
    has_full = Edition.objects.filter(episode_id=episode_id, retired_at=None, manifest__kind="full").exists()
    job = TranscodeJob.objects.create(source=source, episode_id=episode_id, created_at=now, heartbeat_at=now, with_preview=not has_full)
    record_transcode(episode_id=episode_id, state="waiting", progress_permille=0, step="")
    announce(episode_id, state="waiting")
    enqueue(TASK, job_id=str(job.pk))
    return job


def _cancel_unfinished(episode_id: UUID, code: str = "") -> int:
    jobs = TranscodeJob.objects.filter(episode_id=episode_id, state__in=TranscodeJob.UNFINISHED)
    return jobs.update(state=TranscodeJob.State.CANCELLED, finished_at=clock.now(), claim=None, error_code=code)


def announce(episode_id: UUID, *, state: str, step: str = "", percent: int = 0, error: str = "") -> None:
    """Tell the office's pages, with the change.

    Needs: an open transaction.
    """
    publish_on_commit(Topic.office(current_schema()), _progress(episode_id, state, step, percent, error))


def _progress(episode_id: UUID, state: str, step: str, percent: int, error: str = "") -> EpisodeProgress:
    return EpisodeProgress(episode_id=episode_id, percent=percent, step=step, state=state, error=error)


def claim_job(*, job_id: UUID) -> TranscodeJob | None:
    """Take a queued job, or one whose worker fell silent. None: it is finished, or in good hands (a message that came twice)."""
    free = Q(state=TranscodeJob.State.QUEUED) | Q(state=TranscodeJob.State.RUNNING, heartbeat_at__lt=clock.now() - SILENT_AFTER)
    with transaction.atomic(durable=True):
        taken = TranscodeJob.objects.filter(free, pk=job_id, runs__lt=MAX_RUNS).update(
            state=TranscodeJob.State.RUNNING, claim=uuid4(), heartbeat_at=clock.now(), runs=F("runs") + 1
        )
    return TranscodeJob.objects.select_related("source").get(pk=job_id) if taken else None


def beat(job: TranscodeJob, *, state: str, step: str, permille: int) -> None:
    """A sign of life with the progress, for the sweeper, the episode's row and the office's pages.

    Raises: ClaimLost.
    """
    with transaction.atomic(durable=True):
        hold_claim(job)
        TranscodeJob.objects.filter(pk=job.pk).update(heartbeat_at=clock.now(), step=step, progress_permille=permille)
        record_transcode(episode_id=job.episode_id, state=state, progress_permille=permille, step=step)
    try:
        publish(Topic.office(current_schema()), _progress(job.episode_id, state, step, permille // 10))
    except DomainError as error:  # the next beat tells more; a silent Valkey must not stop the work
        log.warning("progress_unheard", job=str(job.pk), reason=error.code)


def hold_claim(job: TranscodeJob) -> TranscodeJob:
    """Lock the job's row and make sure that it is still ours.

    Needs: an open transaction. Raises: ClaimLost.
    """
    rows = TranscodeJob.objects.select_for_update(of=("self",), no_key=True)
    mine = rows.filter(pk=job.pk, claim=job.claim, state=TranscodeJob.State.RUNNING).first()
    if mine is None:
        raise ClaimLost(str(job.pk))
    return mine


def fail_job(job: TranscodeJob, *, code: str, params: dict[str, object], detail: str = "") -> None:
    """Give the job up; the episode says why and offers a retry.

    Raises: ClaimLost.
    """
    with transaction.atomic(durable=True):
        _fail(hold_claim(job), code, params, detail)


def _fail(job: TranscodeJob, code: str, params: dict[str, object], detail: str) -> None:
    job.state, job.claim, job.finished_at = TranscodeJob.State.FAILED, None, clock.now()
    job.error_code, job.error_params, job.detail = code, params, detail[-4000:]
    job.save()
    log.warning("transcode_failed", job=str(job.pk), episode=str(job.episode_id), code=code, detail=detail[-400:])
    try:
        record_transcode(episode_id=job.episode_id, state="failed", step=job.step, failure=MediaFailure(code, params))
    except EpisodeNotFound:
        return
    announce(job.episode_id, state="failed", step=job.step, percent=job.progress_permille // 10, error=code)


def requeue_job(job: TranscodeJob) -> None:
    """Hand the job back for another run: a cause that may pass.

    Raises: ClaimLost.
    """
    with transaction.atomic(durable=True):
        mine = hold_claim(job)
        mine.state, mine.claim, mine.heartbeat_at = TranscodeJob.State.QUEUED, None, clock.now()
        mine.save(update_fields=["state", "claim", "heartbeat_at"])
        enqueue(TASK, job_id=str(job.pk))


def retry_transcode(*, episode_id: UUID, actor: str) -> None:
    """Try the newest source again after a failure or a cancellation. Results that exist are used again.

    Raises: NothingToRetry.
    """
    with transaction.atomic(durable=True):
        job = TranscodeJob.objects.select_for_update(of=("self",), no_key=True).filter(episode_id=episode_id).order_by("-created_at").first()
        if job is None or job.state not in {TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED}:
            raise NothingToRetry
        job.state, job.runs, job.finished_at, job.heartbeat_at = TranscodeJob.State.QUEUED, 0, None, clock.now()
        job.error_code, job.error_params, job.detail = "", {}, ""
        job.save()
        record_action(actor=actor, action="transcode.retry", subject=f"episode:{episode_id}")
        record_transcode(episode_id=episode_id, state="waiting", progress_permille=job.progress_permille, step="")
        announce(episode_id, state="waiting", percent=job.progress_permille // 10)
        enqueue(TASK, job_id=str(job.pk))


def cancel_transcode(*, episode_id: UUID, actor: str) -> bool:
    """Stop the work on an episode; what is published stays. False when nothing was under way.

    The worker notices with its next beat, within about a second, and its ffmpeg goes with it.
    """
    with transaction.atomic(durable=True):
        code = TranscodeCancelled.code
        if not _cancel_unfinished(episode_id, code):
            return False
        record_action(actor=actor, action="transcode.cancel", subject=f"episode:{episode_id}")
        record_transcode(episode_id=episode_id, state="failed", step="", failure=MediaFailure(code))
        announce(episode_id, state="failed", error=code)
        return True


def sweep_jobs() -> int:
    """Send again what a killed worker left behind; give up what killed its worker too often. How many were touched."""
    now = clock.now()
    silent = Q(state=TranscodeJob.State.RUNNING, heartbeat_at__lt=now - SILENT_AFTER)
    unheard = Q(state=TranscodeJob.State.QUEUED, heartbeat_at__lt=now - UNHEARD_AFTER)
    ids = list(TranscodeJob.objects.filter(silent | unheard).values_list("pk", flat=True)[:100])
    for job_id in ids:
        with transaction.atomic(durable=True):
            rows = TranscodeJob.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
            job = rows.filter(silent | unheard, pk=job_id).first()
            if job is None:
                continue
            if job.runs >= MAX_RUNS:
                _fail(job, "transcode_interrupted", {}, f"{job.runs} runs ended without a word")
                continue
            job.state, job.claim, job.heartbeat_at = TranscodeJob.State.QUEUED, None, now
            job.save(update_fields=["state", "claim", "heartbeat_at"])
            enqueue(TASK, job_id=str(job.pk))
    return len(ids)
