"""A season as its pages show it: which episodes this viewer may open, and where they left."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from dramas.playback.gates import Gate, Watcher, list_gates
from dramas.seasons.errors import SeasonNotFound
from dramas.seasons.queries import SeasonView, get_season


@dataclass(frozen=True)
class SeasonPage:
    """A season and its gates for one viewer, in order."""

    season: SeasonView
    gates: tuple[Gate, ...]

    @property
    def url(self) -> str:
        """The drama floor's own page."""
        return reverse("season", args=[self.season.slug])


def find_season(season_id: UUID | None, watcher: Watcher) -> SeasonPage | None:
    """The season as `watcher` may see it; None while there is none, or while it is not published."""
    if season_id is None:
        return None
    try:
        season = get_season(season_id)
        return SeasonPage(season, tuple(list_gates(season, watcher)))
    except SeasonNotFound:
        return None


def season_state(page: SeasonPage | None) -> dict[str, Any] | None:
    """Shape: `SeasonCard` in rooms/frontend/show/page.ts."""
    if page is None:
        return None
    season = page.season
    return {
        "id": str(season.id),
        "slug": season.slug,
        "title": season.title,
        "synopsis": season.synopsis,
        "url": page.url,
        "episodes": [episode_state(gate) for gate in page.gates],
    }


def episode_state(gate: Gate) -> dict[str, Any]:
    """Shape: `EpisodeCard` in rooms/frontend/show/page.ts."""
    episode = gate.episode
    return {
        "id": str(episode.id),
        "number": episode.number,
        "title": episode.title,
        "synopsis": episode.synopsis,
        "duration_ms": episode.duration_ms,
        "poster_url": episode.poster_url,
        "is_playable": episode.is_playable,
        "access": episode.access,
        "is_open": not gate.is_locked,
        "price_text": gate.unlock.price["text"] if gate.unlock else "",
    }
