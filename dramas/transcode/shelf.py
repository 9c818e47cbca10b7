"""Where published media lies: one place for a folder and for an object store, reached through Django's storage interface.

Names are relative to the shop (`episodes/<episode>/<version>/360p/s00000.m4s`); the storage puts the shop's schema in front.
"""

import os
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage


class Shelf:
    """Puts, reads and removes published files. A put is atomic: readers see the old file, or the whole new one."""

    def __init__(self, storage: Storage | None = None) -> None:
        self._storage: Storage = storage or default_storage

    def put(self, name: str, data: bytes) -> None:
        path = self._local_path(name)
        if path is None:
            self._storage.save(name, ContentFile(data))  # an object appears whole or not at all; file_overwrite is on
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_bytes(data)
        os.replace(part, path)

    def read(self, name: str) -> bytes:
        with self._storage.open(name, "rb") as file:
            return bytes(file.read())

    def size(self, name: str) -> int:
        """In bytes; -1 when there is no such file."""
        return self._storage.size(name) if self._storage.exists(name) else -1

    def url(self, name: str) -> str:
        return self._storage.url(name)

    def remove_tree(self, name: str) -> None:
        """Remove everything below `name`. What is already gone is fine."""
        if not self._storage.exists(name):
            return
        folders, files = self._storage.listdir(name)
        for file in files:
            self._storage.delete(f"{name}/{file}")
        for folder in folders:
            self.remove_tree(f"{name}/{folder}")
        self._storage.delete(name)

    def _local_path(self, name: str) -> Path | None:
        try:
            return Path(self._storage.path(name))
        except NotImplementedError:
            return None
