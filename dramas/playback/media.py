"""Which files of the media folder may be fetched, by whom, and how long they may be kept. Pure but for the gate.

A name is accepted by what it is, not refused by what it contains: everything that is not exactly one of the published kinds
does not exist. Folders that a floor above fills have a gate of their own up there (`MEDIA_GATES`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from dramas.playback.errors import MediaNotFound
from dramas.playback.gates import Watcher, require_open, require_published
from dramas.seasons.queries import EpisodeView, get_episode, get_season
from dramas.transcode.queries import get_media, has_version
from merchants.foundation.tenancy import current_schema

_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_EPISODE_FILE = re.compile(
    rf"(?P<name>episodes/(?P<episode>{_UUID})/(?P<version>[a-z0-9]{{1,64}})/"
    r"(?:(?P<still>poster\.jpg|storyboard\.jpg|storyboard\.vtt)|(?P<playlist>master\.m3u8|[0-9]{1,5}p/index\.m3u8)|[0-9]{1,5}p/(?:init\.mp4|s[0-9]{5}\.m4s)))"
)
_PICTURE = re.compile(r"(?P<name>(?!episodes/)[a-z_]{1,40}/(?:[A-Za-z0-9_-]{1,80}/){0,3}[A-Za-z0-9_-]{1,80}\.(?:webp|jpg|jpeg|png))")

CONTENT_TYPES = {
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".mp4": "video/mp4",
    ".vtt": "text/vtt; charset=utf-8",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}
FOR_EVERYBODY = "public, max-age=31536000, immutable"
GROWING = "public, no-cache"
FOR_THIS_VIEWER = "private, no-store"
FOR_STAFF = "private, max-age=60"
FOR_A_DAY = "public, max-age=86400"


@dataclass(frozen=True)
class MediaFile:
    """`name` is relative to the shop's media, as the storage takes it."""

    name: str
    content_type: str
    cache_control: str


def find_media(path: str, ask_watcher: Callable[[], Watcher]) -> MediaFile:
    """The file behind `/media/<path>`.

    Args:
        ask_watcher: who asks; only called where it matters. A shared cache must never keep an answer that carries a guest's cookie.

    Raises: MediaNotFound (another shop, another kind of file, an unpublished season); EpisodeLocked (a paid episode whose
    readable segments have not been replaced yet).
    """
    schema, _slash, name = path.partition("/")
    if schema != current_schema():
        raise MediaNotFound
    if (found := _EPISODE_FILE.fullmatch(name)) is not None:
        return MediaFile(name, _content_type(name), _cache_control(found, ask_watcher))
    if (gate := settings.MEDIA_GATES.get(name.partition("/")[0])) is not None:
        cache_control: str = import_string(gate)(name, ask_watcher)
        return MediaFile(name, _content_type(name), cache_control)
    if _PICTURE.fullmatch(name) is not None:
        return MediaFile(name, _content_type(name), FOR_A_DAY)
    raise MediaNotFound


def _content_type(name: str) -> str:
    return CONTENT_TYPES[name[name.rindex(".") :]]


def _cache_control(found: re.Match[str], ask_watcher: Callable[[], Watcher]) -> str:
    episode = get_episode(UUID(found["episode"]))
    season = get_season(episode.season_id)
    if not season.is_published:
        require_published(season, ask_watcher())
    if not has_version(episode.id, found["version"]):
        raise MediaNotFound
    if not season.is_published:
        return FOR_STAFF
    if found["still"] != "poster.jpg" and _is_exposed(episode, found):
        require_open(episode, ask_watcher())
        return FOR_THIS_VIEWER
    return GROWING if found["playlist"] and _is_growing(episode.id) else FOR_EVERYBODY


def _is_exposed(episode: EpisodeView, found: re.Match[str]) -> bool:
    """A paid episode's readable files: its storyboard, and every version but the current encrypted one."""
    if episode.is_free:
        return False
    return bool(found["still"]) or not (episode.is_encrypted and episode.media_version == found["version"])


def _is_growing(episode_id: UUID) -> bool:
    media = get_media(episode_id)
    return media is not None and media.is_growing
