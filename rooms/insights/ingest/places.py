"""Where an episode stands in its season, for the second of the story: asked of the shop's own seasons, never of the browser."""

import time
from uuid import UUID

from dramas.seasons.queries import EpisodePlace, list_episode_places
from merchants.foundation.tenancy import current_schema

# An episode may be given another number; half a minute later that holds for new events.
KEPT_S = 30.0
KEPT = 20_000


class Places:
    """The places of one process, by shop and episode. An episode that the shop does not have has none."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, UUID], EpisodePlace] = {}
        self._until = 0.0

    def find(self, episode_ids: set[UUID]) -> dict[UUID, EpisodePlace]:
        """One query for those not seen before. Needs: the shop's schema."""
        if time.monotonic() > self._until or len(self._kept) > KEPT:
            self._kept, self._until = {}, time.monotonic() + KEPT_S
        schema = current_schema()
        missing = [episode_id for episode_id in episode_ids if (schema, episode_id) not in self._kept]
        if missing:
            self._kept |= {(schema, episode_id): place for episode_id, place in list_episode_places(missing).items()}
        return {episode_id: self._kept[schema, episode_id] for episode_id in episode_ids if (schema, episode_id) in self._kept}
