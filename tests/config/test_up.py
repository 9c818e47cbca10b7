"""`make run`'s supervisor says in one sentence why it cannot start, and leaves nothing behind; `test_demo_alive.py` has it killed and stopped."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.processes import free_port
from config.install import ROOT
from tests.config.supervised import Run, processes_of

pytestmark = pytest.mark.slow


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    for pid in processes_of(folder):
        os.kill(pid, signal.SIGKILL)


def test_a_port_in_use_is_named(data):
    """A port that another program holds is said in one sentence, and nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        run = Run(data, other.getsockname()[1])
        assert run.process.wait(20) == 1
        assert f"Port {other.getsockname()[1]} is in use" in run.output
    assert processes_of(data) == {}


def test_a_full_disk_is_named(data):
    """Without room for the data it does not begin."""
    code = (
        "import shutil, sys; from collections import namedtuple; usage = namedtuple('usage', 'total used free');"
        "shutil.disk_usage = lambda path: usage(1, 1, 0); from config import up; sys.exit(up.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"DATA": str(data)}, capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 1
    assert "less than 600 MB free" in done.stderr


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path):
    """A file where the folder should be is said in one sentence."""
    (tmp_path / "data").write_text("")
    run = Run(tmp_path / "data", free_port())
    assert run.process.wait(20) == 1
    assert "cannot be written" in run.output


def test_missing_network_is_named(tmp_path):
    """An installation without a package index ends with one sentence, not a trace."""
    code = f"import config.install as i, sys, pathlib; i.VENV = pathlib.Path({str(tmp_path / 'venv')!r}); sys.argv = ['install']; sys.exit(i.main())"
    environment = os.environ | {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_EXTRA_INDEX_URL": "", "PIP_NO_CACHE_DIR": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 1
    assert "is there a network" in done.stderr
    assert "Traceback" not in done.stderr
