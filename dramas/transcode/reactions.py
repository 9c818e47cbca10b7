"""What this slice does after facts of the floor's ground. Handlers may run twice."""

from dramas.seasons.facts import EpisodeAccessChanged, EpisodeRemoved
from dramas.transcode.actions.editions import RESEAL_TASK, remove_media_of
from merchants.foundation.tenancy import enqueue


def on_access_changed(fact: EpisodeAccessChanged) -> None:
    """Encrypt, or make readable, what is published."""
    enqueue(RESEAL_TASK, episode_id=str(fact.episode_id))


def on_episode_removed(fact: EpisodeRemoved) -> None:
    remove_media_of(episode_id=fact.episode_id)
