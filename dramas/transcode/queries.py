"""Reads of the transcode slice."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Sum

from dramas.seasons.queries import get_episode
from dramas.transcode.errors import failure_text
from dramas.transcode.models import Edition, EpisodeKey, Source, TranscodeJob, Upload
from dramas.transcode.vault import unseal
from merchants.foundation import clock
from merchants.foundation.errors import NotFound


@dataclass(frozen=True)
class OpenUpload:
    """An upload that can be continued."""

    id: UUID
    filename: str
    fingerprint: str
    size_bytes: int
    offset_bytes: int


@dataclass(frozen=True)
class EpisodeWork:
    """Where the work on an episode's video stands.

    `state`: empty, waiting, transcoding, preview, ready, failed. `error` is a sentence in the reader's language, empty without one.
    """

    episode_id: UUID
    state: str
    step: str
    percent: int
    duration_ms: int
    poster_url: str
    error_code: str
    error: str
    can_retry: bool
    can_cancel: bool
    warnings: tuple[str, ...]
    upload: OpenUpload | None


@dataclass(frozen=True)
class MediaView:
    """An episode's current version.

    `folder` is relative to the shop's media. `is_growing`: its playlists end without EXT-X-ENDLIST and will be longer soon.
    `renditions`: JSON objects as in the manifest (name, width, height, codecs, peak_bits, average_bits, frames, sizes), large to small.
    """

    episode_id: UUID
    version: str
    folder: str
    kind: str
    is_growing: bool
    is_encrypted: bool
    clear_segments: int
    duration_ms: int
    frame_rate: str
    renditions: tuple[dict[str, Any], ...] = field(default_factory=tuple)
    storyboard: dict[str, Any] = field(default_factory=dict)


def get_media(episode_id: UUID) -> MediaView | None:
    """What is published now; None while there is nothing to play. One query."""
    edition = Edition.objects.filter(episode_id=episode_id, retired_at=None).order_by("-published_at").first()
    return _media_view(edition) if edition is not None else None


def list_media(episode_ids: list[UUID]) -> dict[UUID, MediaView]:
    """The same for several episodes with one query."""
    editions = Edition.objects.filter(episode_id__in=episode_ids, retired_at=None).order_by("published_at")
    return {edition.episode_id: _media_view(edition) for edition in editions}


def _media_view(edition: Edition) -> MediaView:
    manifest = edition.manifest
    return MediaView(
        episode_id=edition.episode_id,
        version=edition.version,
        folder=edition.folder,
        kind=manifest["kind"],
        is_growing=manifest["is_growing"],
        is_encrypted=manifest["is_encrypted"],
        clear_segments=manifest["clear_segments"],
        duration_ms=manifest["duration_ms"],
        frame_rate=manifest["frame_rate"],
        renditions=tuple(manifest["renditions"]),
        storyboard=manifest["storyboard"],
    )


def get_episode_key(episode_id: UUID) -> bytes:
    """The 16 bytes that open the episode's encrypted segments. Whoever calls has checked who may have them.

    Raises: NotFound (the episode was never encrypted), KeyUnreadable.
    """
    row = EpisodeKey.objects.filter(pk=episode_id).first()
    if row is None:
        raise NotFound
    return unseal(bytes(row.sealed), episode_id)


def has_version(episode_id: UUID, version: str) -> bool:
    """Whether such a version of the episode is on the shelf, current or retired."""
    return Edition.objects.filter(episode_id=episode_id, version=version).exists()


def get_work(episode_id: UUID) -> EpisodeWork:
    """Raises: EpisodeNotFound."""
    episode = get_episode(episode_id)
    job = TranscodeJob.objects.filter(episode_id=episode_id).select_related("source").order_by("-created_at").first()
    refused = _newer_refusal(episode_id, job)
    code, params = (refused.refusal_code, refused.refusal_params) if refused else (job.error_code, job.error_params) if job else ("", {})
    return EpisodeWork(
        episode_id=episode_id,
        state=episode.state,
        step=job.step if job else "",
        percent=job.progress_permille // 10 if job else 0,
        duration_ms=episode.duration_ms,
        poster_url=episode.poster_url,
        error_code=code,
        error=failure_text(code, params) if code else "",
        can_retry=job is not None and refused is None and job.state in {TranscodeJob.State.FAILED, TranscodeJob.State.CANCELLED},
        can_cancel=job is not None and job.state in TranscodeJob.UNFINISHED,
        warnings=tuple(job.source.probe.get("warnings", [])) if job else (),
        upload=_open_upload(episode_id),
    )


def _newer_refusal(episode_id: UUID, job: TranscodeJob | None) -> Upload | None:
    """A file that was refused after the last one that was taken."""
    refused = Upload.objects.filter(episode_id=episode_id, state=Upload.State.REFUSED)
    return (refused.filter(created_at__gt=job.created_at) if job else refused).first()


def _open_upload(episode_id: UUID) -> OpenUpload | None:
    row = Upload.objects.filter(episode_id=episode_id, state=Upload.State.OPEN, expires_at__gt=clock.now()).first()
    return OpenUpload(row.pk, row.filename, row.fingerprint, row.size_bytes, row.offset_bytes) if row else None


def used_bytes() -> int:
    """What the shop's masters, published editions and uploads under way take."""
    sums = (
        Source.objects.aggregate(total=Sum("size_bytes"))["total"],
        Edition.objects.aggregate(total=Sum("size_bytes"))["total"],
        Upload.objects.filter(state=Upload.State.OPEN).aggregate(total=Sum("size_bytes"))["total"],
    )
    return sum(total or 0 for total in sums)
