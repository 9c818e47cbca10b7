"""Folders of recordings of this test's own."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _fresh_recordings(settings: Any, tmp_path: Path) -> None:
    settings.RECORDINGS_DIR = tmp_path / "recordings"
    settings.DATA_DIR = tmp_path
