"""Films, and what a pipeline needs without a database."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage

from config.reactions import REACTIONS
from dramas.transcode.ffmpeg import Ffmpeg
from dramas.transcode.pipeline import Workplace
from dramas.transcode.plan import Plan, make_plan
from dramas.transcode.probe import probe_file
from dramas.transcode.publish import EditionWriter, Kind, Lock, Outline, version_name
from dramas.transcode.shelf import Shelf
from merchants.foundation import facts


@pytest.fixture(autouse=True)
def _only_our_reactions(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other floors do about our facts is tested there."""
    ours = {kind: paths for kind, paths in REACTIONS.items() if all(path.startswith("dramas.transcode.") for path in paths)}
    monkeypatch.setattr(facts, "_reactions", lambda: ours)


@dataclass
class Notes:
    """A watcher that only listens."""

    steps: list[tuple[str, float]] = field(default_factory=list)
    units: list[str] = field(default_factory=list)
    editions: list[dict[str, Any]] = field(default_factory=list)

    def on_progress(self, step: str, share: float) -> None:
        self.steps.append((step, share))

    def on_unit(self, name: str, elapsed_ms: int) -> None:
        self.units.append(name)

    def on_edition(self, edition: EditionWriter, manifest: dict[str, Any]) -> None:
        self.editions.append(manifest)


@dataclass
class Bench:
    """A workplace in a folder of its own."""

    root: Path
    ffmpeg_bin: str
    notes: Notes = field(default_factory=Notes)

    def place(self, source: Path, *, lock: Lock | None = None, watcher: Any = None, **plan_options: Any) -> Workplace:
        probe = probe_file(source)
        plan = make_plan(probe, **plan_options)

        def open_edition(kind: Kind) -> EditionWriter:
            return EditionWriter(Shelf(self.storage), self.folder(plan, kind, lock), Outline.of_plan(plan, kind), kind, lock)

        return Workplace(Ffmpeg(self.ffmpeg_bin, source, probe), plan, self.root / "work" / plan.key, open_edition, watcher or self.notes)

    @property
    def storage(self) -> FileSystemStorage:
        return FileSystemStorage(location=self.root / "shelf", base_url="/media/")

    def folder(self, plan: Plan, kind: Kind, lock: Lock | None = None) -> str:
        return f"episodes/e/{version_name(plan.key, kind, lock.fingerprint if lock else '')}"

    def path(self, plan: Plan, kind: Kind = "full", lock: Lock | None = None) -> Path:
        return self.root / "shelf" / self.folder(plan, kind, lock)


@pytest.fixture
def bench(tmp_path: Path, settings: Any) -> Bench:
    return Bench(tmp_path, settings.FFMPEG_BIN)
