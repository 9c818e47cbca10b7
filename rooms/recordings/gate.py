"""Whether a recording's file may be fetched: the live part of a show is free for everybody who may see its replay."""

import re
from collections.abc import Callable
from uuid import UUID

from dramas.playback.errors import MediaNotFound
from dramas.playback.gates import Watcher
from rooms.program.queries import has_replay
from rooms.recordings.models import Recording

_FILE = re.compile(r"recordings/(?P<recording>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?:index\.m3u8|init\d{1,4}\.mp4|s\d{5,7}\.m4s)", re.ASCII)
# A recording that was removed is gone from caches the next day.
FOR_A_DAY = "public, max-age=86400"


def admit(name: str, ask_watcher: Callable[[], Watcher]) -> str:
    """The `Cache-Control` of the file. Nobody is asked who they are. Raises: MediaNotFound."""
    found = _FILE.fullmatch(name)
    if found is None:
        raise MediaNotFound
    recording = Recording.objects.filter(pk=UUID(found["recording"]), state=Recording.State.DONE).values("airing_id").first()
    if recording is None or not has_replay(recording["airing_id"]):
        raise MediaNotFound
    return FOR_A_DAY
