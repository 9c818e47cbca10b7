"""What the transcode reports about an episode."""

from uuid import UUID

from dramas.seasons.actions.change import lock_episode, note_change
from dramas.seasons.facts import EpisodeFailed, EpisodeReady
from dramas.seasons.media import MediaFailure, PublishedMedia
from dramas.seasons.models import Episode
from merchants.foundation.audit import record_action
from merchants.foundation.facts import emit


def record_transcode(
    *,
    episode_id: UUID,
    state: str,
    progress_permille: int | None = None,
    step: str | None = None,
    media: PublishedMedia | None = None,
    failure: MediaFailure | None = None,
) -> None:
    """Note where the work on an episode stands: the step of the pipeline, a playable version, or the failure.

    Needs: an open transaction. Called for the newest upload of the episode only.

    Args:
        state: `waiting`, `transcoding`, `preview` (with `media`), `ready` (with a complete `media`), `failed` (with `failure`).
        progress_permille: 0 to 1000 of the whole job; None leaves it.
        step: stable name of the step (`probe`, `preview`, `ladder`, `publish`); None leaves it.

    The published version stays playable through `waiting`, `transcoding` and `failed`.

    Raises: EpisodeNotFound.
    After commit: emits EpisodeReady or EpisodeFailed; SeasonChanged when another source took the old one's place.
    """
    episode = lock_episode(episode_id)
    has_new_content = media is not None and (media.source_sha256, media.is_complete) != (episode.source_sha256, episode.is_media_complete)
    episode.state = state
    if progress_permille is not None:
        episode.progress_permille = progress_permille
    if step is not None:
        episode.step = step
    if media is not None:
        _place(episode, media)
    episode.failure_code, episode.failure_params = (failure.code, failure.params) if failure else ("", {})
    episode.save()
    _report(episode, state)
    if has_new_content:
        note_change(season_id=episode.season_id, actor="system")


def _place(episode: Episode, media: PublishedMedia) -> None:
    episode.media_version = media.version
    episode.media_folder = media.folder
    episode.source_sha256 = media.source_sha256
    episode.duration_ms = media.duration_ms
    episode.width = media.width
    episode.height = media.height
    episode.frame_rate = media.frame_rate
    episode.renditions = list(media.renditions)
    episode.is_media_complete = media.is_complete
    episode.is_encrypted = media.is_encrypted
    episode.poster = media.poster
    episode.storyboard = media.storyboard


def _report(episode: Episode, state: str) -> None:
    subject = f"season:{episode.season_id}"
    if state == Episode.State.READY:
        emit(EpisodeReady(episode_id=episode.pk, season_id=episode.season_id, media_version=episode.media_version))
        record_action(actor="system", action="episode.ready", subject=subject, number=episode.number)
    elif state == Episode.State.FAILED:
        emit(EpisodeFailed(episode_id=episode.pk, season_id=episode.season_id, code=episode.failure_code))
        record_action(actor="system", action="episode.failed", subject=subject, number=episode.number, code=episode.failure_code)
