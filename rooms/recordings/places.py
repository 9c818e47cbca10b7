"""Where recordings lie: in the nodes' folders on their way here, and in the shop's media.

Nodes and workers share the first (`RECORDINGS`): a folder of one machine, or one that is mounted on all of them. Its locks tell who
is at work in it, and go with who dies.
"""

import re
from pathlib import Path
from uuid import UUID

from django.conf import settings

from merchants.foundation.tenancy import current_schema

INDEX = "index.m3u8"
SHELF = "recordings"
_NAME = re.compile(r"(?P<take>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})~\d{1,15}", re.ASCII)
MOST_FOLDERS = 500


def list_folders() -> list[Path]:
    """The shop's, the oldest first; none where nothing is recorded."""
    if settings.RECORDINGS_DIR is None:
        return []
    root = Path(settings.RECORDINGS_DIR) / current_schema()
    if not root.is_dir():
        return []
    found = [folder for folder in root.iterdir() if _NAME.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()]
    return sorted(found, key=lambda folder: folder.name.partition("~")[2].zfill(15))[:MOST_FOLDERS]


def node_folder(name: str) -> Path:
    """Raises: FileNotFoundError when nothing is recorded here."""
    if settings.RECORDINGS_DIR is None or not _NAME.fullmatch(name):
        raise FileNotFoundError(name)
    return Path(settings.RECORDINGS_DIR) / current_schema() / name


def airing_of(folder: Path) -> UUID:
    return UUID(folder.name.partition("~")[0])


def shelf_folder(recording_id: UUID) -> str:
    return f"{SHELF}/{recording_id}"


def head_name(number: int) -> str:
    return f"init{number}.mp4"


def segment_name(number: int) -> str:
    return f"s{number:05d}.m4s"
