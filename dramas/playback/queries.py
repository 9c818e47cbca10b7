"""An episode ready for a player: addresses, inlined playlists, captions, cues; or its teaser and price when it is locked."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.urls import reverse

from dramas.playback.gates import Gate, Unlock, Watcher, get_gate, list_gates
from dramas.playback.models import WatchPosition
from dramas.seasons.queries import CueView, EpisodeView, SeasonView, get_episode, list_captions, list_cues, media_url
from dramas.transcode.queries import MediaView, get_media
from merchants.foundation import clock
from merchants.foundation.tenancy import current_schema

START_SHORT_SIDE = 480  # the rendition to begin with: sharp enough on a phone, 1.1 Mbit/s
MASTER, INDEX, INIT = "master.m3u8", "index.m3u8", "init.mp4"


@dataclass(frozen=True)
class CaptionSource:
    lang: str
    label: str
    url: str


@dataclass(frozen=True)
class Storyboard:
    """Small pictures in one image, row by row, one every `tile_ms`."""

    image_url: str
    tile_width: int
    tile_height: int
    tile_ms: int
    tiles: int
    columns: int


@dataclass(frozen=True)
class Playback:
    """What `dramas/frontend/player/playback.ts` reads.

    `playlists`: text by address; empty while the episode still grows, then the player asks the network. When it is locked they name
    the teaser alone, and `captions` and `cues` are empty. `master_url` is empty when there is nothing to show.
    """

    episode_id: UUID
    season_id: UUID
    number: int
    title: str
    duration_ms: int
    is_locked: bool
    grants: str
    unlock: Unlock | None
    unlock_variant_id: UUID | None
    poster_url: str
    width: int
    height: int
    master_url: str = ""
    playlists: dict[str, str] = field(default_factory=dict)
    start_rendition: str = ""
    init_url: str = ""
    first_segment_url: str = ""
    storyboard: Storyboard | None = None
    captions: tuple[CaptionSource, ...] = ()
    cues: tuple[CueView, ...] = ()


@dataclass(frozen=True)
class LastPosition:
    """Where a viewer left a season."""

    episode_id: UUID
    position_ms: int
    saved_at_ms: int


def get_playback(episode_id: UUID, viewer_id: str, *, sees_drafts: bool = False) -> Playback:
    """An episode for one viewer. At most eight queries.

    Args:
        sees_drafts: the viewer is staff with `seasons.view`: unapproved seasons too, and nothing is locked.

    Raises: EpisodeNotFound, SeasonNotFound (not published).
    """
    gate = get_gate(get_episode(episode_id), Watcher(viewer_id, sees_drafts))
    return _playback(gate)


def list_playbacks(season: SeasonView, viewer_id: str, *, sees_drafts: bool = False) -> list[Playback]:
    """All episodes of a season that can be played, in order. Raises: SeasonNotFound."""
    gates = list_gates(season, Watcher(viewer_id, sees_drafts))
    return [_playback(gate) for gate in gates if gate.episode.is_playable]


def find_storyboard(episode_id: UUID) -> Storyboard | None:
    """Stills of an episode for the shop's staff, once its ladder is complete. One query."""
    media = get_media(episode_id)
    return _storyboard(media) if media else None


def get_last_position(season_id: UUID, viewer_id: str) -> LastPosition | None:
    """Where the viewer left the season, on whatever device."""
    row = WatchPosition.objects.filter(viewer_id=viewer_id, season_id=season_id).first()
    return LastPosition(row.episode_id, row.position_ms, clock.to_ms(row.updated_at)) if row else None


def _playback(gate: Gate) -> Playback:
    episode = gate.episode
    base: dict[str, Any] = {
        "episode_id": episode.id,
        "season_id": episode.season_id,
        "number": episode.number,
        "title": episode.title,
        "duration_ms": episode.duration_ms,
        "is_locked": gate.is_locked,
        "grants": "" if episode.is_free else episode.grants,
        "unlock": gate.unlock,
        "unlock_variant_id": gate.unlock.variant_id if gate.unlock else None,
        "poster_url": episode.poster_url,
        "width": episode.width,
        "height": episode.height,
    }
    media = get_media(episode.id)
    if media is None or (gate.is_locked and not media.is_encrypted):
        return Playback(**base)  # nothing yet; or paid a moment ago, and its readable version is being replaced
    base |= _addresses(media, teaser_only=gate.is_locked)
    if not gate.is_locked:
        base |= {"captions": _captions(episode), "cues": tuple(list_cues(episode.id)), "storyboard": _storyboard(media)}
    return Playback(**base)


def _addresses(media: MediaView, *, teaser_only: bool) -> dict[str, Any]:
    start = _start_rendition(media)
    playlists = {} if media.is_growing and not teaser_only else _inline(media, teaser_only=teaser_only)
    return {
        "master_url": media_url(media.folder, MASTER),
        "playlists": playlists,
        "start_rendition": start,
        "init_url": media_url(media.folder, f"{start}/{INIT}"),
        "first_segment_url": media_url(media.folder, f"{start}/s00000.m4s"),
    }


def _start_rendition(media: MediaView) -> str:
    """The largest one whose short side is at most 480, else the smallest."""
    fitting = [entry for entry in media.renditions if min(entry["width"], entry["height"]) <= START_SHORT_SIDE]
    return str((fitting[0] if fitting else media.renditions[-1])["name"])


def _inline(media: MediaView, *, teaser_only: bool) -> dict[str, str]:
    names = [MASTER, *(f"{entry['name']}/{INDEX}" for entry in media.renditions)]
    read = _read_growing if media.is_growing else _read
    texts = {name: read(current_schema(), f"{media.folder}/{name}") for name in names}
    if teaser_only:
        texts = {name: text if name == MASTER else cut_to_teaser(text, media.clear_segments) for name, text in texts.items()}
    return {media_url(media.folder, name): text for name, text in texts.items()}


@lru_cache(maxsize=512)
def _read(_schema: str, name: str) -> str:
    """A finished playlist never changes under its name, so each process reads it once. Needs: the shop's schema."""
    return _read_growing(_schema, name)


def _read_growing(_schema: str, name: str) -> str:
    with default_storage.open(name, "rb") as file:
        return bytes(file.read()).decode()


_SEGMENT = re.compile(r"#EXTINF:[^\n]*\n[^\n#]+\n")


def cut_to_teaser(playlist: str, clear_segments: int) -> str:
    """The part of a media playlist that everybody may see: its first `clear_segments`, then the end. Pure."""
    head = playlist.split("#EXTINF", 1)[0].replace("PLAYLIST-TYPE:EVENT", "PLAYLIST-TYPE:VOD")
    segments = _SEGMENT.findall(playlist.split("#EXT-X-KEY", 1)[0])[:clear_segments]
    return f"{head.split('#EXT-X-KEY', 1)[0]}{''.join(segments)}#EXT-X-ENDLIST\n"


def _storyboard(media: MediaView) -> Storyboard | None:
    board = media.storyboard
    if media.is_growing or not board:
        return None
    fields = {name: board[name] for name in ("tile_width", "tile_height", "tile_ms", "tiles", "columns")}
    return Storyboard(image_url=media_url(media.folder, board["image"]), **fields)


def _captions(episode: EpisodeView) -> tuple[CaptionSource, ...]:
    return tuple(
        CaptionSource(track.language, track.label, f"{reverse('playback-captions', args=[episode.id, track.language])}?v={track.sha256[:12]}")
        for track in list_captions(episode.id)
    )
