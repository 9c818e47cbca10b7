"""One worker at a time, signs of life, and no way for a job to get lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connections, transaction

from dramas.seasons.actions import add_episode, create_season, remove_episode
from dramas.seasons.queries import get_episode
from dramas.transcode import actions
from dramas.transcode.actions import jobs
from dramas.transcode.actions.jobs import ClaimLost, beat, claim_job, fail_job
from dramas.transcode.errors import NothingToRetry
from dramas.transcode.models import Edition, TranscodeJob, TranscodeUnit
from dramas.transcode.process import ProcessFailed
from dramas.transcode.queries import get_work
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.transcode.films import Films

ROOT = Path(__file__).resolve().parents[3]
QueueFilm = Callable[..., tuple[UUID, UUID]]


@pytest.fixture
def queue_film(films: Films, settings: Any, tmp_path: Path) -> QueueFilm:
    """`queue_film(shop, "portrait")`: an episode with a queued job; nothing works on it yet. Needs the shop's schema."""
    settings.DATA_DIR = tmp_path

    def queue(name: str = "portrait", episode_id: UUID | None = None) -> tuple[UUID, UUID]:
        if episode_id is None:
            season_id = create_season(actor="x", title="Low Tide", profile="demo")
            episode_id = add_episode(actor="x", season_id=season_id, title="One")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(jobs, "enqueue", lambda *args, **kwargs: None)
            actions.import_source_file(episode_id=episode_id, path=films.get(name), actor="x")
        return episode_id, TranscodeJob.objects.filter(episode_id=episode_id).latest("created_at").pk

    return queue


def test_a_message_that_comes_twice_is_worked_on_once(aurora: Shop, queue_film: QueueFilm) -> None:
    """The second delivery finds the job claimed, the third finds it done."""
    with in_schema(aurora.schema):
        _episode_id, job_id = queue_film()
        assert claim_job(job_id=job_id) is not None
        actions.run_job(job_id=job_id)
        assert TranscodeUnit.objects.count() == 0
        with clock.frozen(clock.now() + timedelta(seconds=31)):
            actions.run_job(job_id=job_id)
        made = TranscodeUnit.objects.count()
        actions.run_job(job_id=job_id)
        assert (TranscodeUnit.objects.count(), TranscodeJob.objects.get().state) == (made, "done")


def test_a_worker_without_its_claim_changes_nothing(aurora: Shop, queue_film: QueueFilm) -> None:
    """After a take-over the old worker's beats, failures and publications are refused."""
    with in_schema(aurora.schema):
        episode_id, job_id = queue_film()
        old = claim_job(job_id=job_id)
        assert old is not None
        with clock.frozen(clock.now() + timedelta(seconds=31)):
            new = claim_job(job_id=job_id)
        assert new is not None
        for act in (
            lambda: beat(old, state="transcoding", step="ladder", permille=900),
            lambda: fail_job(old, code="transcode_failed", params={}),
        ):
            with pytest.raises(ClaimLost):
                act()
        job = TranscodeJob.objects.get()
        assert (job.state, job.claim, job.runs, job.progress_permille) == ("running", new.claim, 2, 0)
        assert get_episode(episode_id).state == "waiting"


def test_silent_workers_are_replaced_and_give_up_in_the_end(aurora: Shop, queue_film: QueueFilm) -> None:
    """The sweeper queues a job again after thirty silent seconds; after five runs it fails with a reason."""
    with in_schema(aurora.schema):
        episode_id, job_id = queue_film()
        now = clock.now()
        with pytest.MonkeyPatch.context() as patch:
            sent: list[str] = []
            patch.setattr(jobs, "enqueue", lambda name, **kwargs: sent.append(kwargs["job_id"]))
            assert jobs.sweep_jobs() == 0
            for run in range(5):
                with clock.frozen(now + timedelta(minutes=run)):
                    assert claim_job(job_id=job_id) is not None
                    assert jobs.sweep_jobs() == 0
                with clock.frozen(now + timedelta(minutes=run, seconds=31)):
                    assert jobs.sweep_jobs() == 1
            assert sent == [str(job_id)] * 4
        job = TranscodeJob.objects.get()
        assert (job.state, job.error_code) == ("failed", "transcode_interrupted")
        assert get_episode(episode_id).state == "failed"
        assert "Retry" in get_work(episode_id).error


def test_a_queued_job_whose_message_is_lost_is_sent_again(aurora: Shop, queue_film: QueueFilm, django_capture_on_commit_callbacks: Any) -> None:
    """Two minutes after nobody took it."""
    with in_schema(aurora.schema):
        episode_id, _job_id = queue_film()
        with clock.frozen(clock.now() + timedelta(minutes=2, seconds=1)), django_capture_on_commit_callbacks(execute=True):
            assert actions.sweep_jobs() == 1
        assert get_episode(episode_id).state == "ready"


def test_a_failure_says_why_and_a_retry_goes_on(
    aurora: Shop, queue_film: QueueFilm, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """What was made before the failure is not made again."""
    from dramas.transcode.ffmpeg import Ffmpeg

    run = Ffmpeg.run

    def break_the_ladder(self: Ffmpeg, arguments: Any, limits: Any, on_frames: Any = None) -> str:
        if sum("libx264" in part for part in arguments) and "ladder" in str(arguments):
            raise ProcessFailed("ffmpeg", 1, "boom")
        return run(self, arguments, limits, on_frames)

    with in_schema(aurora.schema):
        episode_id, job_id = queue_film("two_steps")
        monkeypatch.setattr(Ffmpeg, "run", break_the_ladder)
        actions.run_job(job_id=job_id)
        work = get_work(episode_id)
        assert (work.state, work.error_code, work.can_retry) == ("failed", "transcode_failed", True)
        assert get_episode(episode_id).is_playable  # the preview stays
        assert "boom" in TranscodeJob.objects.get().detail
        monkeypatch.setattr(Ffmpeg, "run", run)
        with django_capture_on_commit_callbacks(execute=True):
            actions.retry_transcode(episode_id=episode_id, actor="editor@aurora")
        assert get_episode(episode_id).state == "ready"
        assert list(TranscodeUnit.objects.values_list("name", "run")) == [("preview-0000", 1), ("ladder-0000", 1)]
        with pytest.raises(NothingToRetry):
            actions.retry_transcode(episode_id=episode_id, actor="editor@aurora")


def test_a_program_that_was_killed_is_tried_again(aurora: Shop, queue_film: QueueFilm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory pressure kills ffmpeg, not the job."""
    from dramas.transcode.ffmpeg import Ffmpeg

    def killed(*args: Any, **kwargs: Any) -> str:
        raise ProcessFailed("ffmpeg", -9, "")

    with in_schema(aurora.schema):
        _episode_id, job_id = queue_film()
        monkeypatch.setattr(Ffmpeg, "run", killed)
        monkeypatch.setattr(jobs, "enqueue", lambda *args, **kwargs: None)
        for run in range(1, 5):
            actions.run_job(job_id=job_id)
            assert (TranscodeJob.objects.get().state, TranscodeJob.objects.get().runs) == ("queued", run)
        actions.run_job(job_id=job_id)
        assert TranscodeJob.objects.get().state == "failed"


def test_a_cancelled_job_stops_at_its_next_beat(aurora: Shop, queue_film: QueueFilm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker notices, publishes nothing more, and the office says that it was cancelled."""
    from dramas.transcode.actions import work

    with in_schema(aurora.schema):
        episode_id, job_id = queue_film()
        first = work.beat

        def cancel_then_beat(job: TranscodeJob, **news: Any) -> None:
            actions.cancel_transcode(episode_id=episode_id, actor="x")
            first(job, **news)

        monkeypatch.setattr(work, "beat", cancel_then_beat)
        actions.run_job(job_id=job_id)
        assert (TranscodeJob.objects.get().state, Edition.objects.count()) == ("cancelled", 0)
        assert (get_work(episode_id).error_code, get_work(episode_id).can_retry) == ("transcode_cancelled", True)
        assert actions.cancel_transcode(episode_id=episode_id, actor="x") is False


def test_a_newer_upload_takes_the_place_of_the_one_under_way(aurora: Shop, queue_film: QueueFilm) -> None:
    """The older job is cancelled; the published version stays until the newer one is complete."""
    with in_schema(aurora.schema):
        episode_id, first = queue_film()
        actions.run_job(job_id=first)
        before = get_episode(episode_id)
        _same, second = queue_film("rotated", episode_id)
        _same, third = queue_film("landscape", episode_id)
        assert list(TranscodeJob.objects.order_by("created_at").values_list("state", flat=True)) == ["done", "cancelled", "queued"]
        assert get_episode(episode_id).media_version == before.media_version
        actions.run_job(job_id=second)
        actions.run_job(job_id=third)
        after = get_episode(episode_id)
        assert (after.width, after.state) == (640, "ready")
        assert after.media_version != before.media_version
        assert [edition.retired_at is None for edition in Edition.objects.order_by("published_at")].count(True) == 1
        assert actions.sweep_sources() == 2


def test_a_damaged_source_fails_without_another_try(aurora: Shop, queue_film: QueueFilm) -> None:
    """The reason is the file's; trying again would not help, and it says so."""
    with in_schema(aurora.schema):
        episode_id, job_id = queue_film("bit_flips")
        actions.run_job(job_id=job_id)
        assert (TranscodeJob.objects.get().state, get_work(episode_id).error_code) == ("failed", "source_damaged")
        assert get_episode(episode_id).state == "failed"


def test_a_removed_episode_ends_its_job_quietly(aurora: Shop, queue_film: QueueFilm, django_capture_on_commit_callbacks: Any) -> None:
    """Its rows are gone; the message that still comes does nothing."""
    with in_schema(aurora.schema):
        episode_id, job_id = queue_film()
        with django_capture_on_commit_callbacks(execute=True):
            remove_episode(actor="x", episode_id=episode_id)
        actions.run_job(job_id=job_id)
        assert not TranscodeJob.objects.exists()


WORKER = """
import sys, uuid, django
django.setup()
from pathlib import Path
from django.conf import settings
settings.MEDIA_ROOT, settings.DATA_DIR, settings.TRANSCODE_CHUNK_GOPS = Path(sys.argv[2]), Path(sys.argv[3]), 1
from merchants.foundation.tenancy import in_schema
from dramas.transcode.actions import run_job
with in_schema("aurora"):
    run_job(job_id=uuid.UUID(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_kill_9_of_the_worker_loses_nothing(aurora: Shop, queue_film: QueueFilm, settings: Any) -> None:
    """Killed in the middle of a unit: the next worker goes on behind the finished units, and the episode gets ready."""
    settings.TRANSCODE_CHUNK_GOPS = 1
    with in_schema(aurora.schema):
        episode_id, job_id = queue_film("two_steps")
        connections.close_all()
        command = [sys.executable, "-c", WORKER, str(job_id), str(settings.MEDIA_ROOT), str(settings.DATA_DIR)]
        worker = subprocess.Popen(command, env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": _database_url()}, cwd=ROOT)
        deadline = time.monotonic() + 60
        while not TranscodeUnit.objects.filter(name="ladder-0000").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        job = TranscodeJob.objects.get()
        assert job.state == "running"
        assert get_episode(episode_id).is_playable
        assert claim_job(job_id=job_id) is None
        with clock.frozen(clock.now() + timedelta(seconds=31)):
            actions.sweep_jobs()
        job.refresh_from_db()
        assert (job.state, job.runs) == ("done", 2)
        assert get_episode(episode_id).state == "ready"
        made = list(TranscodeUnit.objects.values_list("name", flat=True))
        assert sorted(made) == ["ladder-0000", "ladder-0001", "preview-0000"]


def _database_url() -> str:
    config = connections["default"].settings_dict
    return f"postgresql://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"


def test_progress_reaches_the_office(aurora: Shop, queue_film: QueueFilm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Percent rises to 100, states go waiting, transcoding, preview, ready; the episode's row says the same."""
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(jobs, "publish", lambda topic, message: heard.append((message.state, message.percent)))
    monkeypatch.setattr(jobs, "publish_on_commit", lambda topic, message: heard.append((message.state, message.percent)))
    with in_schema(aurora.schema):
        _episode_id, job_id = queue_film("two_steps")
        actions.run_job(job_id=job_id)
    assert list(dict.fromkeys(state for state, _percent in heard)) == ["waiting", "transcoding", "preview", "ready"]
    percents = [percent for _state, percent in heard]
    assert percents == sorted(percents)
    assert percents[-1] == 100


def test_a_beat_needs_no_transaction_of_its_caller(aurora: Shop, queue_film: QueueFilm) -> None:
    """A beat commits by itself; nothing holds a transaction open for the minutes of a transcode."""
    with in_schema(aurora.schema):
        _episode_id, job_id = queue_film()
        job = claim_job(job_id=job_id)
        assert job is not None
        beat(job, state="transcoding", step="ladder", permille=500)
        with transaction.atomic():
            assert TranscodeJob.objects.get().progress_permille == 500
