"""What a worker does with a recording: put a killed node's films in order, cut them to what was on air, store, say how it ended."""

import errno
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import structlog
from botocore.exceptions import BotoCoreError, ClientError
from celery.exceptions import SoftTimeLimitExceeded

from dramas.transcode.shelf import Shelf
from merchants.foundation import clock
from merchants.foundation.errors import DomainError
from merchants.tenants.queries import get_current_merchant
from merchants.tenants.space import count_media_bytes
from realtime.rtc.hls import manifest as manifests
from realtime.rtc.hls.audio import silence
from realtime.rtc.hls.cut import Cutter, Head, Moment, Segment
from realtime.rtc.hls.manifest import Film, Manifest
from rooms.program.models import Airing
from rooms.recordings.actions.jobs import MAX_RUNS, ClaimLost, beat, claim_recording, finish, hand_back
from rooms.recordings.errors import RecordingInterrupted, RecordingLost, RecordingNotStored, RecordingOverQuota, RecordingUnreadable
from rooms.recordings.models import Recording
from rooms.recordings.places import INDEX, head_name, node_folder, segment_name, shelf_folder
from rooms.recordings.playlist import render
from rooms.recordings.queries import list_moments

log = structlog.get_logger(__name__)

BEAT_EVERY_S = 1.0
MEBIBYTE = 1 << 20


class FolderBusy(Exception):
    """Another worker is still at it, or a node."""


def take_in(*, recording_id: UUID) -> None:
    """Work on a recording to its end, whatever that is. A message that came twice, or too late, does nothing."""
    recording = claim_recording(recording_id=recording_id)
    if recording is None:
        log.info("recording_not_claimed", recording=str(recording_id))
        return
    try:
        _work(recording)
    except ClaimLost:
        log.info("recording_left", recording=str(recording_id))
    except FolderBusy:
        _quietly(recording)
    except DomainError as error:
        _fail(recording, error, "")
    except (OSError, BotoCoreError, ClientError, SoftTimeLimitExceeded) as error:
        _fail_or_again(recording, error)


def _work(recording: Recording) -> None:
    folder = _find_folder(recording)
    lock = manifests.seize(folder)
    if lock is None:
        raise FolderBusy
    with lock:
        told = _read(folder)
        is_withdrawn = Airing.objects.filter(pk=recording.airing_id, withdrawn_at__isnull=False).exists()
        moments = [] if is_withdrawn else list_moments(recording.airing_id, clock.now_ms())
        _require_space(told, moments)
        _Taking(recording, folder, told, moments).run()
    shutil.rmtree(folder, ignore_errors=True)  # or the sweeper does


def _find_folder(recording: Recording) -> Path:
    try:
        folder = node_folder(recording.folder)
    except FileNotFoundError:
        raise RecordingLost from None
    if not folder.is_dir():
        raise RecordingLost
    return folder


def _read(folder: Path) -> Manifest:
    """Raises: RecordingUnreadable."""
    try:
        told = manifests.read(folder)
        return told if told.is_finished else manifests.recover(folder)
    except (ValueError, FileNotFoundError) as error:
        raise RecordingUnreadable from error


def _require_space(told: Manifest, moments: list[Moment]) -> None:
    """Raises: RecordingOverQuota."""
    needed = sum(round(film.size_bytes * _share(film, moments)) for film in told.films)
    quota_bytes = get_current_merchant().media_quota_bytes
    if needed and count_media_bytes() + needed > quota_bytes:
        raise RecordingOverQuota(quota_mb=quota_bytes // MEBIBYTE)


def _share(film: Film, moments: list[Moment]) -> float:
    """How much of a film was on air."""
    seconds = sum(max(0.0, min(film.ended_at, moment.ends_at) - max(film.started_at, moment.begins_at)) for moment in moments)
    return seconds / film.duration_s if film.duration_s > 0 else 0.0


class _Taking:
    """One run. Names and bytes of a recording's files are always the same: what a killed run has stored is not stored again."""

    def __init__(self, recording: Recording, folder: Path, told: Manifest, moments: list[Moment]) -> None:
        self._recording = recording
        self._told = told
        self._shelf = Shelf()
        self._place = shelf_folder(recording.pk)
        self._cutter = Cutter(folder, told, moments, silence=silence()[1])
        self._expected_s = sum(film.duration_s * _share(film, moments) for film in told.films)
        self._size_bytes = 0
        self._beaten_at = 0.0

    def run(self) -> None:
        """Raises: ClaimLost, RecordingUnreadable, and errors of the disk and the storage."""
        segments = list(self._store())
        code, params = self._told.failure.get("code", ""), self._told.failure.get("params", {})
        if not segments:
            finish(self._recording, Recording.State.EMPTY, progress_permille=1000, error_code=code, error_params=params)
            return
        self._put(INDEX, render(segments).encode())
        first = next(film for film in self._told.films if film.ended_at > self._cutter.pieces[0].at)
        finish(
            self._recording,
            Recording.State.DONE,
            progress_permille=1000,
            error_code=code,
            error_params=params,
            pieces=[[round(part * 1000) for part in piece] for piece in self._cutter.pieces],
            width=first.width,
            height=first.height,
            duration_ms=round(self._cutter.duration_s * 1000),
            size_bytes=self._size_bytes,
        )

    def _store(self) -> Iterator[Segment]:
        """The segments as the playlist needs them: without their bytes."""
        try:
            for piece in self._cutter.cut():
                if isinstance(piece, Head):
                    self._put(head_name(piece.number), piece.data)
                else:
                    self._put(segment_name(piece.number), piece.data)
                    yield piece._replace(data=b"")
                self._beat()
        except ValueError as error:
            raise RecordingUnreadable from error

    def _put(self, name: str, data: bytes) -> None:
        path = f"{self._place}/{name}"
        if self._shelf.size(path) != len(data):
            self._shelf.put(path, data)
        self._size_bytes += len(data)

    def _beat(self) -> None:
        if time.monotonic() - self._beaten_at < BEAT_EVERY_S:
            return
        self._beaten_at = time.monotonic()
        beat(self._recording, permille=min(999, round(1000 * self._cutter.duration_s / max(self._expected_s, 0.001))))


def _fail_or_again(recording: Recording, error: Exception) -> None:
    """A full disk stays full; everything else of a storage may pass."""
    is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    if recording.runs < MAX_RUNS and not is_full:
        log.warning("recording_tried_again", recording=str(recording.pk), reason=str(error)[:400])
        _quietly(recording)
    else:
        _fail(recording, RecordingInterrupted() if isinstance(error, SoftTimeLimitExceeded) else RecordingNotStored(), str(error))


def _quietly(recording: Recording) -> None:
    try:
        hand_back(recording)
    except ClaimLost:
        log.info("recording_left", recording=str(recording.pk))


def _fail(recording: Recording, error: DomainError, detail: str) -> None:
    try:
        finish(recording, Recording.State.FAILED, error_code=error.code, error_params=error.params, detail=detail[-4000:])
    except ClaimLost:
        log.info("recording_left", recording=str(recording.pk))
