"""The supervisor as a test starts it, and the processes that stem from it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from config.install import ROOT
from tests.browser.pictures import ARE_KEPT

START_TIMEOUT_S = 240
# A third of the films' size is a tenth of the drawing and converting; kept pictures show the real ones.
FILM_DENSITY = "1" if ARE_KEPT else "0.34"


class Run:
    """One start of the supervisor on a data folder."""

    def __init__(self, data: Path, port: int, **environment: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "VALKEY_", "TEST_", "STRIPE_", "PYTEST_"))}
        self.data, self.port = data, port
        self.log = data.parent / f"{data.name}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.up"],
                cwd=ROOT,
                env=clean | {"DATA": str(data), "PORT": str(port), "DEMO_DENSITY": FILM_DENSITY} | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_until(self, word: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while word not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)


def processes_of(data: Path) -> dict[int, str]:
    """Processes that were told this data folder, the supervisor excepted."""
    mark, found = f"DATA={data}".encode(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def wait_until_gone(data: Path, timeout_s: float = 30) -> dict[int, str]:
    deadline = time.monotonic() + timeout_s
    while (left := processes_of(data)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


def fetch(port: int, host: str, path: str) -> int:
    """The status of a page."""
    with socket.create_connection(("127.0.0.1", port), 20) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        return int(line.makefile("rb").readline().split()[1])
