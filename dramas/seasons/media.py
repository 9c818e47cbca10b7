"""What the transcode tells a season about an episode's media."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class PublishedMedia:
    """One version directory, verified and switched to.

    Args:
        version: name of the directory; new bytes always have a new version.
        folder: its path below the shop's own folder of the media storage: `episodes/<episode id>/<version>`. Served at
            `/media/<schema>/<folder>/…`; holds `master.m3u8`, one directory a rendition (`index.m3u8`, `init.mp4`, segments).
        source_sha256: of the uploaded file; part of the content digest, so the same source published again keeps an approval.
        frame_rate: a fraction, `30000/1001`.
        renditions: names, the largest first.
        is_complete: False for the preview (its playlists still grow).
        is_encrypted: segments after the teaser are AES-128 ciphertext.
        poster, storyboard: file names in the folder; empty when not made yet.
    """

    version: str
    folder: str
    source_sha256: str
    duration_ms: int
    width: int
    height: int
    frame_rate: str
    renditions: tuple[str, ...]
    is_complete: bool
    is_encrypted: bool
    poster: str = ""
    storyboard: str = ""


@dataclass(frozen=True)
class MediaFailure:
    """Why there is no media: the refusal's stable code and the figures of its sentence."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
