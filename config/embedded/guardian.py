"""The guardian: a process of its own that outlives a killed supervisor just long enough to end what it left.

It waits on a pipe. When the pipe closes without a word, the supervisor was killed; the guardian then finds every process
that carries the run's mark in its environment, asks it to end, and kills what is still there after the patience.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

PATIENCE_S = 2.0
DATABASE_PATIENCE_S = 20.0


def start_guardian(environment: dict[str, str], mark: str) -> subprocess.Popen[bytes]:
    """Put a fresh mark into `environment` (which all children inherit) and start the guardian of that mark."""
    environment[mark] = uuid.uuid4().hex
    clean = {name: value for name, value in os.environ.items() if name != mark}
    return subprocess.Popen(  # noqa: S603  our own file
        [sys.executable, __file__, f"{mark}={environment[mark]}"], stdin=subprocess.PIPE, start_new_session=True, env=clean
    )


def _marked(mark: str) -> dict[int, str]:
    """Process id to command line of the run's processes (Linux: /proc)."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # ended meanwhile, or not ours to read
    return found


def _send(processes: dict[int, str], number: int) -> None:
    for pid in processes:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def _is_database(command: str) -> bool:
    return "postgres" in command.split(" ")[0] or command.startswith("postgres") or "/postgres " in command


def end_run(mark: str) -> None:
    """Databases end by their own fast shutdown (the kernel has told them already); the rest by SIGTERM, then SIGKILL."""
    started = time.monotonic()
    _send({pid: command for pid, command in _marked(mark).items() if not _is_database(command)}, signal.SIGTERM)
    while (left := _marked(mark)) and time.monotonic() - started < DATABASE_PATIENCE_S:
        if time.monotonic() - started > PATIENCE_S:
            _send({pid: command for pid, command in left.items() if not _is_database(command)}, signal.SIGKILL)
        time.sleep(0.1)
    _send(_marked(mark), signal.SIGKILL)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    end_run(sys.argv[1])
