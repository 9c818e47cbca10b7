"""Child processes that never outlive their parent, and ports."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
POLL_S = 0.03


class ServiceFailed(RuntimeError):
    """A service did not come up; the text says which and why, in one sentence."""


def die_with_parent(death_signal: int = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn`: own process group, and `death_signal` from the kernel when the parent is killed (Linux)."""
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def prepare() -> None:
        os.setsid()
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def start(command: list[str], *, log: Path, death_signal: int = signal.SIGTERM, **options: Any) -> subprocess.Popen[bytes]:
    """Start `command` with its output appended to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603  our own commands
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, preexec_fn=die_with_parent(death_signal), **options
        )


def stop(process: subprocess.Popen[bytes], *, with_signal: int = signal.SIGTERM, patience_s: float = 8.0) -> None:
    """Ask, wait, then kill the whole group."""
    if process.poll() is None:
        process.send_signal(with_signal)
        try:
            process.wait(patience_s)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_port_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.5).close()
    except OSError:
        return False
    return True


def wait_for_port(port: int, process: subprocess.Popen[bytes], *, name: str, log: Path, timeout_s: float = 20.0) -> None:
    """Raises: ServiceFailed with the last line of the log."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if is_port_open(port):
            return
        if process.poll() is not None:
            break
        time.sleep(POLL_S)
    raise ServiceFailed(f"{name} did not start: {last_line(log)}")


def last_line(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1] if lines else "it left no message"
