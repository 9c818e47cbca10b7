"""A Python process of the platform that runs what tests have to do behind the pages. Django starts once in it, not for each piece of code."""

import contextlib
import io
import json
import select
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TextIO

from config.embedded.processes import die_with_parent, stop
from config.install import ROOT


class Interpreter:
    """Needs: the platform's environment. `log` gets what is written to stderr."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.interpreter"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                preexec_fn=die_with_parent(),
            )

    def run(self, code: str, *, timeout_s: float) -> str:
        """What `code` prints. Its names are its own. Fails with the trace when it raises; ends with the process when it takes too long."""
        into, out = self._process.stdin, self._process.stdout
        assert into is not None
        assert out is not None
        into.write(json.dumps(code).encode() + b"\n")
        into.flush()
        if not select.select([out], [], [], timeout_s)[0]:
            self.stop()
        line = out.readline()
        assert line, f"no answer within {timeout_s} s"
        printed, trace = json.loads(line)
        assert not trace, trace[-4000:]
        return str(printed)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        stop(self._process, patience_s=1)


def answer(pieces: TextIO, answers: TextIO) -> None:
    """One line of JSON for each: what was printed, and the trace of what was raised."""
    from django.db import close_old_connections

    for piece in pieces:
        printed, trace = io.StringIO(), ""
        with contextlib.redirect_stdout(printed):
            try:
                exec(compile(json.loads(piece), "<what a test does>", "exec"), {"__name__": "tests.browser.piece"})  # noqa: S102  our own code
            except Exception:  # whatever the test's own code raises is the test's failure, told there
                trace = traceback.format_exc()
            finally:
                close_old_connections()
        answers.write(json.dumps([printed.getvalue(), trace]) + "\n")
        answers.flush()


if __name__ == "__main__":
    import django

    django.setup()
    answer(sys.stdin, sys.stdout)
