"""Publishing: which version of an episode's media is current, and under which key."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from dramas.seasons.actions import record_transcode
from dramas.seasons.errors import EpisodeNotFound
from dramas.seasons.media import PublishedMedia
from dramas.seasons.queries import EpisodeView, get_episode
from dramas.transcode.actions.jobs import announce, hold_claim
from dramas.transcode.encrypt import make_key
from dramas.transcode.models import Edition, EpisodeKey, Source, TranscodeJob
from dramas.transcode.publish import EditionWriter, Kind, Lock, Outline, version_name
from dramas.transcode.queries import get_episode_key
from dramas.transcode.reseal import copy_edition
from dramas.transcode.shelf import Shelf
from dramas.transcode.vault import seal
from merchants.foundation import clock
from merchants.foundation.tenancy import enqueue

RETIRED_FOR = timedelta(hours=24)  # longer than anybody watches one episode
READABLE_RETIRED_FOR = timedelta(minutes=10)  # the readable version of an episode that is paid by now
RESEAL_TASK = "dramas.transcode.tasks.reseal_episode"


def open_writer(*, episode_id: UUID, outline: Outline, kind: Kind) -> EditionWriter:
    """A writer for a version of the episode, encrypted when the episode is not free now.

    Raises: EpisodeNotFound.
    """
    key = None if get_episode(episode_id).is_free else ensure_key(episode_id)
    return _writer(episode_id, outline, kind, key)


def _writer(episode_id: UUID, outline: Outline, kind: Kind, key: bytes | None) -> EditionWriter:
    version = version_name(outline.content_key, kind, Lock(key, "").fingerprint if key else "")
    lock = Lock(key, f"/api/v1/playback/keys/{episode_id}/{version}") if key else None
    return EditionWriter(Shelf(), f"episodes/{episode_id}/{version}", outline, kind, lock)


def ensure_key(episode_id: UUID) -> bytes:
    """The episode's key, made when it is first needed."""
    key = make_key()
    EpisodeKey.objects.get_or_create(episode_id=episode_id, defaults={"sealed": seal(key, episode_id), "created_at": clock.now()})
    return get_episode_key(episode_id)


def publish_edition(*, job: TranscodeJob, writer: EditionWriter, manifest: dict[str, Any], permille: int) -> None:
    """Make what was written the episode's current version: one transaction, only by the worker that holds the job.

    Raises: ClaimLost, EpisodeNotFound.
    After commit: the office hears `preview` or `ready`; with the full edition EpisodeReady is emitted and the job is done.
    """
    is_full = manifest["kind"] == "full"
    state = "ready" if is_full else "preview"
    with transaction.atomic(durable=True):
        mine = hold_claim(job)
        _make_current(job.episode_id, job.source, writer, manifest)
        mine.heartbeat_at, mine.progress_permille, mine.step = clock.now(), 1000 if is_full else permille, "publish" if is_full else "preview"
        if is_full:
            mine.state, mine.claim, mine.finished_at = TranscodeJob.State.DONE, None, clock.now()
        mine.save()
        media = published_media(writer, manifest, job.source.sha256)
        record_transcode(episode_id=job.episode_id, state=state, progress_permille=mine.progress_permille, step=mine.step, media=media)
        announce(job.episode_id, state=state, step=mine.step, percent=mine.progress_permille // 10)
        if is_full:
            enqueue(RESEAL_TASK, episode_id=str(job.episode_id))  # its access may have changed while we worked


def _make_current(episode_id: UUID, source: Source | None, writer: EditionWriter, manifest: dict[str, Any]) -> None:
    version = writer.folder.rsplit("/", 1)[1]
    current, _created = Edition.objects.update_or_create(
        episode_id=episode_id,
        version=version,
        defaults={
            "source": source,
            "folder": writer.folder,
            "manifest": manifest,
            "size_bytes": sum(sum(entry["sizes"]) for entry in manifest["renditions"]),
            "published_at": clock.now(),
            "retired_at": None,
        },
    )
    Edition.objects.filter(episode_id=episode_id, retired_at=None).exclude(pk=current.pk).update(retired_at=clock.now())


def published_media(writer: EditionWriter, manifest: dict[str, Any], source_sha256: str) -> PublishedMedia:
    return PublishedMedia(
        version=writer.folder.rsplit("/", 1)[1],
        folder=writer.folder,
        source_sha256=source_sha256,
        duration_ms=manifest["duration_ms"],
        width=manifest["width"],
        height=manifest["height"],
        frame_rate=manifest["frame_rate"],
        renditions=tuple(entry["name"] for entry in manifest["renditions"]),
        is_complete=manifest["kind"] == "full",
        is_encrypted=manifest["is_encrypted"],
        poster=manifest["poster"],
        storyboard="" if manifest["is_growing"] else manifest["storyboard"]["vtt"],
    )


def reseal_episode(*, episode_id: UUID) -> bool:
    """Publish the current full version again where its protection no longer fits the episode's access. True when it did.

    Safe to repeat; a version that is still being made is left alone, its job ends with this.
    """
    episode = _find(episode_id)
    current = Edition.objects.filter(episode_id=episode_id, retired_at=None, manifest__kind="full").first()
    if episode is None or current is None or current.manifest["is_encrypted"] is not episode.is_free:
        return False
    old_key = get_episode_key(episode_id) if current.manifest["is_encrypted"] else None
    writer = open_writer(episode_id=episode_id, outline=Outline.of_manifest(current.manifest), kind="full")
    manifest = copy_edition(Shelf(), current.folder, current.manifest, old_key, writer)
    with transaction.atomic(durable=True):
        still = Edition.objects.select_for_update(of=("self",), no_key=True).filter(pk=current.pk, retired_at=None).first()
        if still is None:
            return False
        _make_current(episode_id, current.source, writer, manifest)
        record_transcode(episode_id=episode_id, state="ready", media=published_media(writer, manifest, _sha256(current)))
        announce(episode_id, state="ready", step="publish", percent=100)
    return True


def _sha256(edition: Edition) -> str:
    return edition.source.sha256 if edition.source is not None else ""


def _find(episode_id: UUID) -> EpisodeView | None:
    try:
        return get_episode(episode_id)
    except EpisodeNotFound:
        return None


def sweep_editions() -> int:
    """Remove versions nobody can be watching any more, readable ones of paid episodes sooner. How many went."""
    now = clock.now()
    removed = 0
    for edition in Edition.objects.filter(retired_at__lt=now - READABLE_RETIRED_FOR).order_by("retired_at")[:500]:
        is_old = edition.retired_at is not None and edition.retired_at < now - RETIRED_FOR
        if is_old or _is_exposed(edition):
            remove_edition(edition)
            removed += 1
    return removed


def _is_exposed(edition: Edition) -> bool:
    """Readable by everybody, though its episode is paid by now; or without an episode."""
    episode = _find(edition.episode_id)
    return episode is None or (not edition.manifest["is_encrypted"] and not episode.is_free)


def remove_edition(edition: Edition) -> None:
    """Files first: a row without files is found again, files without a row never."""
    Shelf().remove_tree(edition.folder)
    edition.delete()


def remove_media_of(*, episode_id: UUID) -> None:
    """An episode is gone: retire all its versions at once and forget its key."""
    for edition in Edition.objects.filter(episode_id=episode_id):
        remove_edition(edition)
    EpisodeKey.objects.filter(episode_id=episode_id).delete()
