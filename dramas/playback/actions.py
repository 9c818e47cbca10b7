"""Writes of the playback slice."""

from uuid import UUID

from django.db import transaction

from dramas.playback.models import WatchPosition
from dramas.seasons.errors import EpisodeNotFound
from dramas.seasons.queries import get_episode
from merchants.foundation import clock


def save_position(*, viewer_id: str, season_id: UUID, episode_id: UUID, position_ms: int) -> None:
    """Note where the viewer is. The last call wins.

    Raises: EpisodeNotFound (also when the episode belongs to another season).
    """
    episode = get_episode(episode_id)
    if episode.season_id != season_id:
        raise EpisodeNotFound
    place = {"episode_id": episode_id, "position_ms": min(max(0, position_ms), episode.duration_ms), "updated_at": clock.now()}
    with transaction.atomic(durable=True):
        WatchPosition.objects.update_or_create(viewer_id=viewer_id, season_id=season_id, defaults=place)
