"""Taking a file in: the tus protocol's creation, append, finish and cancel, and files that lie on this machine already."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from dramas.seasons.actions import record_transcode
from dramas.seasons.media import MediaFailure
from dramas.seasons.queries import get_episode
from dramas.transcode.actions.jobs import announce, queue_job
from dramas.transcode.confined_probe import probe_confined
from dramas.transcode.errors import (
    DiskFull,
    QuotaExceeded,
    SourceEmpty,
    SourceRefused,
    SourceTooLarge,
    TooManyUploads,
    UploadClosed,
    UploadNotFound,
    UploadOffsetWrong,
    UploadTooMuch,
    refused,
)
from dramas.transcode.limits import MEBIBYTE, SourceLimits
from dramas.transcode.models import Source, TranscodeJob, Upload
from dramas.transcode.places import new_source_name, source_path
from dramas.transcode.probe import Probe
from dramas.transcode.refusal import Refusal
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.ids import new_id
from merchants.tenants.queries import get_current_merchant
from merchants.tenants.space import count_media_bytes

UPLOAD_LIFETIME = timedelta(days=2)
MAX_OPEN_UPLOADS = 20
DISK_RESERVE_BYTES = 512 * MEBIBYTE
COPY_BYTES = MEBIBYTE


def start_upload(*, episode_id: UUID, filename: str, size_bytes: int, fingerprint: str, actor: str) -> Upload:
    """Open an upload. The same file (`fingerprint`) for the same episode continues the one that is open.

    Raises: EpisodeNotFound, SourceEmpty, SourceTooLarge, QuotaExceeded, DiskFull, TooManyUploads.
    """
    get_episode(episode_id)
    limits = SourceLimits()
    if size_bytes <= 0:
        raise SourceEmpty
    if size_bytes > limits.max_bytes:
        raise SourceTooLarge(limit_mb=limits.max_bytes // MEBIBYTE)
    if (known := _open_twin(episode_id, fingerprint, size_bytes)) is not None:
        return known
    check_space(size_bytes)
    now = clock.now()
    with transaction.atomic(durable=True):
        if Upload.objects.filter(state=Upload.State.OPEN, expires_at__gt=now).count() >= MAX_OPEN_UPLOADS:
            raise TooManyUploads(limit=MAX_OPEN_UPLOADS)
        upload = Upload.objects.create(
            episode_id=episode_id,
            filename=filename[:200],
            fingerprint=fingerprint[:64],
            size_bytes=size_bytes,
            started_by=actor,
            created_at=now,
            expires_at=now + UPLOAD_LIFETIME,
        )
        record_action(actor=actor, action="upload.start", subject=f"episode:{episode_id}", filename=upload.filename, size_bytes=size_bytes)
    path = source_path(new_source_name(upload.pk))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return upload


def _open_twin(episode_id: UUID, fingerprint: str, size_bytes: int) -> Upload | None:
    if not fingerprint:
        return None
    open_uploads = Upload.objects.filter(episode_id=episode_id, state=Upload.State.OPEN, expires_at__gt=clock.now())
    return open_uploads.filter(fingerprint=fingerprint[:64], size_bytes=size_bytes).first()


def check_space(size_bytes: int) -> None:
    """Whether the shop's quota and the disk take `size_bytes` more.

    Raises: QuotaExceeded, DiskFull.
    """
    quota_bytes = get_current_merchant().media_quota_bytes
    if count_media_bytes() + size_bytes > quota_bytes:
        raise QuotaExceeded(quota_mb=quota_bytes // MEBIBYTE)
    root = source_path("")
    root.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(root).free < size_bytes + DISK_RESERVE_BYTES:
        raise DiskFull


def append_piece(*, upload_id: UUID, offset_bytes: int, piece: IO[bytes], length_bytes: int) -> Upload:
    """Write a piece at `offset_bytes`, straight to disk; what arrived before a broken connection counts.

    Two windows that send the same piece write the same bytes to the same place; the second is told the new offset.

    Raises: UploadNotFound, UploadClosed, UploadOffsetWrong, UploadTooMuch, DiskFull.
    """
    upload = get_open_upload(upload_id)
    if upload.offset_bytes != offset_bytes:
        raise UploadOffsetWrong(offset=upload.offset_bytes)
    if offset_bytes + length_bytes > upload.size_bytes:
        raise UploadTooMuch
    written = _write_at(source_path(new_source_name(upload.pk)), offset_bytes, piece, length_bytes)
    moved = Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN, offset_bytes=offset_bytes).update(
        offset_bytes=offset_bytes + written, expires_at=clock.now() + UPLOAD_LIFETIME
    )
    upload.refresh_from_db()
    if not moved:
        raise UploadOffsetWrong(offset=upload.offset_bytes)
    return upload


def _write_at(path: Path, offset_bytes: int, piece: IO[bytes], length_bytes: int) -> int:
    written = 0
    try:
        with path.open("r+b") as file:
            file.seek(offset_bytes)
            for block in _blocks(piece, length_bytes):
                file.write(block)
                written += len(block)
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError as error:
        raise UploadNotFound from error
    except OSError as error:
        raise DiskFull from error
    return written


def _blocks(piece: IO[bytes], length_bytes: int) -> Iterator[bytes]:
    """At most `length_bytes` of the stream. A connection that breaks ends it: what came is kept."""
    left = length_bytes
    while left > 0:
        try:
            block = piece.read(min(COPY_BYTES, left))
        except OSError:  # Django's UnreadablePostError: the sender is gone
            return
        if not block:
            return
        left -= len(block)
        yield block


def get_open_upload(upload_id: UUID) -> Upload:
    """Raises: UploadNotFound, UploadClosed."""
    upload = Upload.objects.filter(pk=upload_id).first()
    if upload is None or (upload.state == Upload.State.OPEN and upload.expires_at <= clock.now()):
        raise UploadNotFound
    if upload.state != Upload.State.OPEN:
        raise UploadClosed
    return upload


def finish_upload(*, upload_id: UUID, actor: str) -> None:
    """Probe a complete upload; make it the episode's source and queue its transcode. Safe to repeat.

    Raises: UploadNotFound, UploadClosed, UploadOffsetWrong (not complete), SourceRefused (the upload is then closed and its file gone).
    """
    upload = get_open_upload(upload_id)
    if upload.offset_bytes != upload.size_bytes:
        raise UploadOffsetWrong(offset=upload.offset_bytes)
    name = new_source_name(upload.pk)
    try:
        probe = probe_confined(source_path(name))
    except Refusal as refusal:
        reason = refused(refusal)
        _refuse(upload, reason)
        raise reason from refusal
    with transaction.atomic(durable=True):
        upload = Upload.objects.select_for_update(of=("self",), no_key=True).get(pk=upload.pk)
        if upload.state != Upload.State.OPEN:
            return
        upload.state = Upload.State.FINISHED
        upload.save(update_fields=["state"])
        _take(upload.episode_id, upload.filename, name, probe, actor)


def _refuse(upload: Upload, reason: SourceRefused) -> None:
    """Note why, remove the file. The episode itself shows the failure only when it has nothing to play and nothing under way."""
    with transaction.atomic(durable=True):
        closed = Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(
            state=Upload.State.REFUSED, refusal_code=reason.code, refusal_params=reason.params
        )
        if closed:
            if get_episode(upload.episode_id).state in {"empty", "failed"}:
                record_transcode(episode_id=upload.episode_id, state="failed", step="probe", failure=MediaFailure(reason.code, reason.params))
            record_action(actor=upload.started_by, action="upload.refused", subject=f"episode:{upload.episode_id}", code=reason.code)
            announce(upload.episode_id, state="failed", step="probe", error=reason.code)
    remove_source_file(new_source_name(upload.pk))


def _take(episode_id: UUID, filename: str, name: str, probe: Probe, actor: str) -> Source:
    """Make a probed file the episode's newest source and queue it.

    Needs: an open transaction.
    """
    source = Source.objects.create(
        episode_id=episode_id,
        filename=filename[:200],
        name=name,
        sha256=probe.sha256,
        size_bytes=probe.size_bytes,
        probe=probe.as_json(),
        created_at=clock.now(),
    )
    record_action(actor=actor, action="source.add", subject=f"episode:{episode_id}", filename=source.filename, sha256=probe.sha256)
    queue_job(source=source)
    return source


def cancel_upload(*, upload_id: UUID, actor: str) -> None:
    """Forget an upload and its bytes. Cancelling again, or a finished one, changes nothing.

    Raises: UploadNotFound.
    """
    with transaction.atomic(durable=True):
        upload = Upload.objects.select_for_update(of=("self",), no_key=True).filter(pk=upload_id).first()
        if upload is None:
            raise UploadNotFound
        if upload.state != Upload.State.OPEN:
            return
        upload.state = Upload.State.CANCELLED
        upload.save(update_fields=["state"])
        record_action(actor=actor, action="upload.cancel", subject=f"episode:{upload.episode_id}", filename=upload.filename)
    remove_source_file(new_source_name(upload.pk))


def import_source_file(*, episode_id: UUID, path: Path, actor: str) -> UUID:
    """Take a video file that lies on this machine: the same probe, store and queue as an upload. The source's id.

    Raises: EpisodeNotFound, SourceRefused, QuotaExceeded, DiskFull.
    """
    get_episode(episode_id)
    try:
        probe = probe_confined(path)
    except Refusal as refusal:
        raise refused(refusal) from refusal
    check_space(probe.size_bytes)
    name = new_source_name(new_id())
    target = source_path(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        remove_source_file(name)
        raise DiskFull from error
    with transaction.atomic(durable=True):
        return _take(episode_id, path.name, name, probe, actor).pk


def remove_source_file(name: str) -> None:
    shutil.rmtree(source_path(name).parent, ignore_errors=True)


def sweep_uploads() -> int:
    """Close uploads that nobody continued, and remove their bytes. How many went."""
    removed = 0
    for upload in Upload.objects.filter(state=Upload.State.OPEN, expires_at__lte=clock.now())[:100]:
        if Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(state=Upload.State.CANCELLED):
            remove_source_file(new_source_name(upload.pk))
            removed += 1
    return removed


def sweep_sources() -> int:
    """Remove masters that a newer, finished one replaced, and files whose episode was deleted with their rows. How many went."""
    newer = Source.objects.filter(episode_id=OuterRef("episode_id"), created_at__gt=OuterRef("created_at"), jobs__state=TranscodeJob.State.DONE)
    replaced = Source.objects.filter(Exists(newer)).exclude(jobs__state__in=TranscodeJob.UNFINISHED)
    removed = 0
    for source in replaced[:100]:
        source.delete()
        remove_source_file(source.name)
        removed += 1
    return removed + _sweep_strays()


def _sweep_strays() -> int:
    root = source_path("")
    if not root.exists():
        return 0
    known = {name.split("/")[0] for name in Source.objects.values_list("name", flat=True)}
    known |= {str(pk) for pk in Upload.objects.filter(state=Upload.State.OPEN).values_list("pk", flat=True)}
    settled_s = clock.now().timestamp() - 3600  # an import copies its file before its row exists
    strays = [folder for folder in root.iterdir() if folder.name not in known and folder.stat().st_mtime < settled_s]
    for folder in strays:
        shutil.rmtree(folder, ignore_errors=True)
    return len(strays)
