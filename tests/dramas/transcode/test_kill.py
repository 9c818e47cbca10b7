"""kill -9 in the middle: no orphan, nothing lost, at most one unit made twice, and the same bytes in the end."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from dramas.transcode.pipeline import FolderBusy, run_pipeline
from tests.dramas.transcode.conftest import Bench
from tests.dramas.transcode.films import Films

ROOT = Path(__file__).resolve().parents[3]
WORKER = """
import sys
from pathlib import Path
import django
django.setup()
from dramas.transcode.pipeline import run_pipeline
from tests.dramas.transcode.conftest import Bench

class Speaker:
    def on_progress(self, step, share): print("progress", step, flush=True)
    def on_unit(self, name, elapsed_ms): print("unit", name, flush=True)
    def on_edition(self, edition, manifest): print("edition", manifest["kind"], flush=True)

root, source, program = sys.argv[1:]
run_pipeline(Bench(Path(root), program).place(Path(source), watcher=Speaker(), chunk_gops=1, with_preview=False))
"""


def start_worker(bench: Bench, source: Path) -> "subprocess.Popen[str]":
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(bench.root), str(source), bench.ffmpeg_bin], stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    )


def children_of(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] not in {"Z", "X"}


def read_until(worker: "subprocess.Popen[str]", wanted: str) -> list[str]:
    """Its lines up to the first that begins so."""
    lines: list[str] = []
    assert worker.stdout is not None
    for line in worker.stdout:
        lines.append(line.strip())
        if line.startswith(wanted):
            return lines
    raise AssertionError(f"the worker ended without {wanted!r}: {lines[-3:]}")


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_worker_loses_nothing(films: Films, bench: Bench, tmp_path: Path) -> None:
    """Killed twice while a unit was being made; the third run finishes. The result is that of an undisturbed run, byte for byte."""
    source = films.get("ten_seconds")
    calm = Bench(tmp_path / "calm", bench.ffmpeg_bin)
    undisturbed = calm.place(source, chunk_gops=1, with_preview=False)
    run_pipeline(undisturbed)

    made: list[str] = []
    for _ in range(2):
        worker = start_worker(bench, source)
        made += [line for line in read_until(worker, "unit") if line.startswith("unit")]
        read_until(worker, "progress ladder")
        time.sleep(0.15)
        programs = children_of(worker.pid)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert worker.stdout is not None
        made += [line.strip() for line in worker.stdout if line.startswith("unit")]  # a fast machine finished another one meanwhile
        deadline = time.monotonic() + 3
        while any(is_running(pid) for pid in programs) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not any(is_running(pid) for pid in programs), "ffmpeg outlived its worker"

    place = bench.place(source, chunk_gops=1, with_preview=False)
    run_pipeline(place)
    made += [f"unit {name}" for name in bench.notes.units]
    assert set(made) == {f"unit {unit.name}" for unit in place.plan.units}
    assert max(Counter(made).values()) == 1, "a finished unit was made again"
    assert digests(bench.path(place.plan)) == digests(calm.path(undisturbed.plan))
    assert not list(place.folder.glob("*.part"))


def test_a_finished_job_run_again_makes_nothing(films: Films, bench: Bench) -> None:
    """The same work delivered again finds everything done."""
    run_pipeline(bench.place(films.get("landscape")))
    first = digests(bench.root / "shelf")
    bench.notes.units.clear()
    run_pipeline(bench.place(films.get("landscape")))
    assert bench.notes.units == []
    assert digests(bench.root / "shelf") == first


def test_two_workers_never_share_a_folder(films: Films, bench: Bench) -> None:
    """A second delivery while the first is at work is turned away at once."""
    source = films.get("ten_seconds")
    worker = start_worker(bench, source)
    try:
        read_until(worker, "progress")
        with pytest.raises(FolderBusy):
            run_pipeline(bench.place(source, chunk_gops=1, with_preview=False))
    finally:
        worker.kill()
        worker.wait()


def test_whatever_the_watcher_raises_stops_ffmpeg(films: Films, bench: Bench) -> None:
    """A cancelled job's program is gone when the exception arrives."""

    class Cancelled(Exception):
        pass

    class Stopper:
        def on_progress(self, step: str, share: float) -> None:
            if step == "ladder":
                raise Cancelled

        def on_unit(self, name: str, elapsed_ms: int) -> None: ...

        def on_edition(self, edition: object, manifest: object) -> None: ...

    before = set(children_of(os.getpid()))
    with pytest.raises(Cancelled):
        run_pipeline(bench.place(films.get("ten_seconds"), chunk_gops=1, with_preview=False, watcher=Stopper()))
    assert set(children_of(os.getpid())) <= before
