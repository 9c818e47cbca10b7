"""What a room may play: its season's episodes in order, and which of them can be shown now."""

from dataclasses import dataclass
from uuid import UUID

from dramas.seasons import queries as seasons
from dramas.seasons.errors import SeasonNotFound
from rooms.program.clock import Entry, Source
from rooms.program.errors import NoSuchEpisode
from rooms.program.states import SourceKind


@dataclass(frozen=True)
class Slot:
    """An episode's place in the lineup."""

    episode_id: UUID
    number: int
    title: str
    duration_ms: int
    is_ready: bool


@dataclass(frozen=True)
class Lineup:
    """`is_airable`: the season, as it stands, is approved. Without that nothing new goes on air."""

    slots: tuple[Slot, ...]
    is_airable: bool

    def find(self, episode_id: UUID | None) -> Slot | None:
        return next((slot for slot in self.slots if slot.episode_id == episode_id), None)

    def beside(self, episode_id: UUID | None, step: int, *, is_looping: bool = False) -> Slot:
        """The slot `step` places on from `episode_id`; from nothing, or from an episode that was removed, the first.

        Raises: NoSuchEpisode.
        """
        here = self.find(episode_id)
        place = self.slots.index(here) + step if here else 0
        if self.slots and is_looping:
            place %= len(self.slots)
        if not 0 <= place < len(self.slots):
            raise NoSuchEpisode
        return self.slots[place]

    def can_show(self, slot: Slot) -> bool:
        return self.is_airable and slot.is_ready


EMPTY = Lineup(slots=(), is_airable=False)


def get_lineup(season_id: UUID | None) -> Lineup:
    """Two queries."""
    if season_id is None:
        return EMPTY
    try:
        season = seasons.get_season(season_id)
    except SeasonNotFound:
        return EMPTY
    slots = [
        Slot(
            episode_id=episode.id,
            number=episode.number,
            title=episode.title,
            duration_ms=episode.duration_ms,
            is_ready=episode.is_playable and episode.duration_ms > 0,
        )
        for episode in season.episodes
    ]
    return Lineup(slots=tuple(slots), is_airable=season.is_airable)


def source_for(lineup: Lineup, slot: Slot) -> tuple[Source, int | None]:
    """The episode and its length if it can be shown now, otherwise the scene that waits for it."""
    if lineup.can_show(slot):
        return Source(SourceKind.EPISODE, slot.episode_id), slot.duration_ms
    return Source(SourceKind.WAITING, slot.episode_id), None


def episode_of(entry: Entry | None) -> UUID | None:
    return entry.source.id if entry else None
