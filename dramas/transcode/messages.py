"""What the office's pages hear while an episode is worked on."""

from uuid import UUID

from realtime.messages import Lossless


class EpisodeProgress(Lossless, tag="episode.progress"):
    """Where an episode's video stands.

    `state`: waiting, transcoding, preview (can be watched, the rest goes on), ready, failed, cancelled, or back to
    empty. `step`: sound, preview, ladder, publish. `error` is a refusal's code, empty otherwise; its sentence
    comes with the episode's status from the API, in the reader's language.
    """

    episode_id: UUID
    percent: int
    step: str
    state: str
    error: str
