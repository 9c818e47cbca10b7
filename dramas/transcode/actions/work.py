"""What a worker does with a job: claim it, run the pipeline, publish what becomes playable, say how it ended."""

import errno
import shutil
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import Q

from dramas.seasons.errors import EpisodeNotFound
from dramas.transcode.actions.editions import open_writer, publish_edition
from dramas.transcode.actions.jobs import MAX_RUNS, ClaimLost, beat, claim_job, fail_job, requeue_job
from dramas.transcode.cmaf import MuxFailed
from dramas.transcode.errors import refused
from dramas.transcode.ffmpeg import Ffmpeg
from dramas.transcode.models import TranscodeJob, TranscodeUnit
from dramas.transcode.pipeline import FolderBusy, Workplace, run_pipeline
from dramas.transcode.places import source_path, work_folder, work_root
from dramas.transcode.plan import CHUNK_GOPS, make_plan
from dramas.transcode.probe import Probe
from dramas.transcode.process import ProcessFailed, ProcessTimedOut
from dramas.transcode.publish import EditionWriter, Outline, PublishFailed
from dramas.transcode.refusal import Refusal
from merchants.foundation import clock

log = structlog.get_logger(__name__)

BEAT_EVERY_S = 1.0
FAILED_WORK_KEPT = timedelta(days=2)


class JobWatcher:
    """Carries the pipeline's news into the database, and a lost claim back into the pipeline."""

    def __init__(self, job: TranscodeJob) -> None:
        self._job = job
        self._permille = job.progress_permille
        self._state = "transcoding"
        self._step = ""
        self._beaten_at = 0.0

    def on_progress(self, step: str, share: float) -> None:
        self._permille = max(self._permille, min(999, round(share * 1000)))
        is_due = time.monotonic() - self._beaten_at >= BEAT_EVERY_S
        if step != self._step or is_due:
            self._step, self._beaten_at = step, time.monotonic()
            beat(self._job, state=self._state, step=step, permille=self._permille)

    def on_unit(self, name: str, elapsed_ms: int) -> None:
        TranscodeUnit.objects.create(job=self._job, name=name, run=self._job.runs, elapsed_ms=elapsed_ms, finished_at=clock.now())

    def on_edition(self, edition: EditionWriter, manifest: dict[str, Any]) -> None:
        publish_edition(job=self._job, writer=edition, manifest=manifest, permille=self._permille)
        self._state = "preview"


def run_job(*, job_id: UUID) -> None:
    """Work on a job to its end, whatever that is. A message that came twice, or too late, does nothing."""
    job = claim_job(job_id=job_id)
    if job is None:
        log.info("transcode_not_claimed", job=str(job_id))
        return
    try:
        _run(job)
    except (ClaimLost, EpisodeNotFound, FolderBusy) as error:
        log.info("transcode_left", job=str(job.pk), reason=type(error).__name__)
    except Refusal as refusal:
        reason = refused(refusal)
        _end(job, code=reason.code, params=reason.params)
    except (ProcessTimedOut, SoftTimeLimitExceeded) as error:
        _end(job, code="transcode_timed_out", detail=str(error))
    except (ProcessFailed, MuxFailed, PublishFailed) as error:
        _end_or_again(job, error)
    except OSError as error:
        _end(job, code="transcode_out_of_space" if error.errno == errno.ENOSPC else "transcode_failed", detail=str(error))


def _run(job: TranscodeJob) -> None:
    source = source_path(job.source.name)
    if not source.exists():
        _end(job, code="transcode_source_lost")
        return
    probe = Probe(**job.source.probe)
    plan = make_plan(probe, with_preview=job.with_preview, chunk_gops=getattr(settings, "TRANSCODE_CHUNK_GOPS", CHUNK_GOPS))
    folder = work_folder(plan.key, job.pk)
    run_pipeline(
        Workplace(
            ffmpeg=Ffmpeg(settings.FFMPEG_BIN, source, probe),
            plan=plan,
            folder=folder,
            open_edition=lambda kind: open_writer(episode_id=job.episode_id, outline=Outline.of_plan(plan, kind), kind=kind),
            watcher=JobWatcher(job),
        )
    )
    shutil.rmtree(folder.parent, ignore_errors=True)


def _end_or_again(job: TranscodeJob, error: Exception) -> None:
    """A program that was killed (memory pressure) is worth another run; one that refused is not."""
    detail = str(error)
    if "No space left on device" in detail:
        _end(job, code="transcode_out_of_space", detail=detail)
    elif isinstance(error, ProcessFailed) and error.exit_code < 0 and job.runs < MAX_RUNS:
        _quietly(requeue_job, job)
    else:
        _end(job, code="transcode_failed", detail=detail)


def _end(job: TranscodeJob, *, code: str, params: dict[str, object] | None = None, detail: str = "") -> None:
    _quietly(fail_job, job, code=code, params=params or {}, detail=detail)


def _quietly(action: Any, job: TranscodeJob, **arguments: Any) -> None:
    try:
        action(job, **arguments)
    except ClaimLost:
        log.info("transcode_left", job=str(job.pk), reason="ClaimLost")


def sweep_work() -> int:
    """Remove intermediate results nobody will continue: of jobs that are done, cancelled or gone, and of failures two days old."""
    root = work_root()
    if not root.exists():
        return 0
    kept = Q(state__in=TranscodeJob.UNFINISHED) | Q(finished_at__gt=clock.now() - FAILED_WORK_KEPT)
    wanted = {str(pk) for pk in TranscodeJob.objects.filter(kept).exclude(state=TranscodeJob.State.DONE).values_list("pk", flat=True)}
    old = [folder for folder in root.iterdir() if folder.name not in wanted]
    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
