"""The lobby: what is on air, what comes, what can be seen again, the seasons and the products."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from commerce.catalog.queries import ProductCard, search
from dramas.playback.gates import Gate, Watcher, list_gates
from dramas.seasons.queries import EpisodeView, SeasonView, list_seasons
from merchants.foundation import clock
from rooms.pages.audience import count_online
from rooms.program.clock import Entry, current_entry, position
from rooms.program.queries import ReplayView, RoomView, list_last_entries, list_replays, list_rooms_on_air, list_rooms_upcoming
from rooms.program.states import SourceKind

PRODUCTS_SHOWN = 12
REPLAYS_SHOWN = 8
UPCOMING_SHOWN = 6


@dataclass(frozen=True)
class OnAir:
    """A room that plays now. `episode` is None during a break; `progress_permille` is how far it has come."""

    room: RoomView
    season: SeasonView | None
    episode: EpisodeView | None
    position_ms: int
    online: int

    @property
    def poster_url(self) -> str:
        return (self.episode.poster_url if self.episode else "") or _poster_of(self.season)

    @property
    def duration_ms(self) -> int:
        return self.episode.duration_ms if self.episode else 0

    @property
    def left_ms(self) -> int:
        return max(0, self.duration_ms - self.position_ms)

    @property
    def progress_percent(self) -> int:
        return min(100, self.position_ms * 100 // self.duration_ms) if self.duration_ms else 0


@dataclass(frozen=True)
class Upcoming:
    room: RoomView
    season: SeasonView | None

    @property
    def poster_url(self) -> str:
        return _poster_of(self.season)


@dataclass(frozen=True)
class Replay:
    replay: ReplayView
    season: SeasonView | None

    @property
    def poster_url(self) -> str:
        return _poster_of(self.season)


@dataclass(frozen=True)
class SeasonShelf:
    """A published season with what this viewer may open. `on_air_id`: its episode that a room plays now."""

    season: SeasonView
    gates: tuple[Gate, ...]
    on_air_id: UUID | None


@dataclass(frozen=True)
class Lobby:
    on_air: tuple[OnAir, ...]
    upcoming: tuple[Upcoming, ...]
    replays: tuple[Replay, ...]
    shelves: tuple[SeasonShelf, ...]
    products: tuple[ProductCard, ...]
    at: datetime

    @property
    def is_empty(self) -> bool:
        return not (self.on_air or self.upcoming or self.replays or self.shelves or self.products)


def get_lobby(watcher: Watcher) -> Lobby:
    """Everything the lobby shows to this viewer. Two queries a published season beside a constant number."""
    seasons = {season.id: season for season in list_seasons()}
    published = [season for season in seasons.values() if season.is_published]
    rooms = list_rooms_on_air()
    online = count_online([room.id for room in rooms])
    on_air = tuple(_on_air(room, seasons, online[room.id]) for room in rooms)
    playing = {shown.episode.id for shown in on_air if shown.episode}
    products, _count = search(limit=PRODUCTS_SHOWN)
    return Lobby(
        on_air=on_air,
        upcoming=tuple(Upcoming(room, _find(seasons, room.season_id)) for room in list_rooms_upcoming()[:UPCOMING_SHOWN]),
        replays=tuple(Replay(replay, _find(seasons, replay.season_id)) for replay in list_replays()[:REPLAYS_SHOWN]),
        shelves=tuple(_shelf(season, watcher, playing) for season in published),
        products=tuple(products),
        at=clock.now(),
    )


def _on_air(room: RoomView, seasons: dict[UUID, SeasonView], online: int) -> OnAir:
    season = _find(seasons, room.season_id)
    now_ms = clock.now_ms()
    entry = current_entry(list_last_entries(room.airing_id), now_ms)
    episode = _episode_of(entry, season)
    return OnAir(room, season, episode, position(entry, now_ms) if entry and episode else 0, online)


def _episode_of(entry: Entry | None, season: SeasonView | None) -> EpisodeView | None:
    if entry is None or season is None or entry.source.kind != SourceKind.EPISODE:
        return None
    return next((episode for episode in season.episodes if episode.id == entry.source.id), None)


def _shelf(season: SeasonView, watcher: Watcher, playing: set[UUID]) -> SeasonShelf:
    on_air_id = next((episode.id for episode in season.episodes if episode.id in playing), None)
    return SeasonShelf(season, tuple(list_gates(season, watcher)), on_air_id)


def _find(seasons: dict[UUID, SeasonView], season_id: UUID | None) -> SeasonView | None:
    return seasons.get(season_id) if season_id else None


def _poster_of(season: SeasonView | None) -> str:
    return next((episode.poster_url for episode in season.episodes if episode.poster_url), "") if season else ""
