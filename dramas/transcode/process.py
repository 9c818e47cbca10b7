"""Runs one confined program: bounded in time, watched while it runs, gone when we are gone."""

import os
import selectors
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dramas.transcode.limits import ProcessLimits

CONFINE = Path(__file__).with_name("confine.py")
STDERR_LINES_KEPT = 40
POLL_S = 0.5


class ProcessFailed(Exception):
    """A confined program ended badly. `exit_code` is negative for a signal; `tail` is the end of what it wrote to stderr."""

    def __init__(self, name: str, exit_code: int, tail: str) -> None:
        super().__init__(f"{name} ended with {exit_code}: {tail}")
        self.exit_code = exit_code
        self.tail = tail


class ProcessTimedOut(ProcessFailed):
    """The wall clock limit was reached and the program was killed."""


@dataclass(frozen=True)
class Line:
    """A line of output; `stream` is "out" or "err"."""

    stream: str
    text: str


def confined_command(command: Sequence[str], limits: ProcessLimits) -> list[str]:
    options = {
        "parent": os.getpid(),
        "memory": limits.max_memory_bytes,
        "cpu": limits.cpu_s,
        "file": limits.max_file_bytes,
        "nice": limits.nice,
    }
    flags = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return [sys.executable, "-I", "-S", str(CONFINE), *flags, "--", *command]


def run_confined(
    command: Sequence[str], limits: ProcessLimits, *, on_line: Callable[[Line], None] | None = None, on_tick: Callable[[], None] | None = None
) -> str:
    """Run to the end; the program's stderr (its last lines) is returned.

    Args:
        on_line: gets each line of output as it comes.
        on_tick: called at least every half second; whatever it raises kills the program and goes on to the caller.

    Raises: ProcessFailed, ProcessTimedOut.
    """
    name = Path(command[0]).name
    tail: deque[str] = deque(maxlen=STDERR_LINES_KEPT)
    process = subprocess.Popen(  # noqa: S603  a list we built, no shell
        confined_command(command, limits), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment()
    )
    try:
        for line in _lines(process, limits.wall_s, name, tail):
            if line is None:
                if on_tick is not None:
                    on_tick()
            elif on_line is not None:
                on_line(line)
        exit_code = process.wait(timeout=10)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    if exit_code:
        raise ProcessFailed(name, exit_code, "\n".join(tail))
    return "\n".join(tail)


def _environment() -> dict[str, str]:
    """Nothing of ours: a media process needs no address and no key."""
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "TZ": "UTC"}


def _lines(process: "subprocess.Popen[bytes]", wall_s: float, name: str, tail: deque[str]) -> Iterator[Line | None]:
    """Lines as they come, and None at least every half second."""
    deadline = time.monotonic() + wall_s
    last_tick = 0.0
    rests = {"out": b"", "err": b""}
    with selectors.DefaultSelector() as selector:
        for label, pipe in (("out", process.stdout), ("err", process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, label)
        while selector.get_map():
            for key, _events in selector.select(timeout=POLL_S):
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    selector.unregister(key.fileobj)
                yield from _split(key.data, chunk, rests, tail)
            if time.monotonic() > deadline:
                raise ProcessTimedOut(name, -9, "\n".join(tail))
            if time.monotonic() - last_tick >= POLL_S:
                last_tick = time.monotonic()
                yield None


def _split(label: str, chunk: bytes, rests: dict[str, bytes], tail: deque[str]) -> Iterator[Line]:
    *whole, rests[label] = (rests[label] + chunk).split(b"\n")
    if not chunk and rests[label]:
        whole, rests[label] = [rests[label]], b""
    if len(rests[label]) > 1_000_000:
        rests[label] = b""  # no program of ours writes such a line; keep memory bounded
    for raw in whole:
        text = raw.decode("utf-8", "replace").rstrip("\r")
        if label == "err":
            tail.append(text)
        yield Line(label, text)
