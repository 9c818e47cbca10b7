"""`python -m tests [paths]`: every test on all cores, then the few that failed once more, with the machine to themselves.

Beside another worker a browser, an encoder or a killed process can be starved of the processor for seconds, and a test in real time
calls that a failure. What fails alone too is red. The end of both runs names what was tried again. The exit status is pytest's.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
MOST_BY_CHANCE = 12  # more failures than these have a cause: no second run hides it
TESTS_FAILED = 1  # pytest's exit status; others tell of an interruption or of a run that never began


def main(arguments: list[str]) -> int:
    status = _pytest("--cache-clear", "-n", os.environ.get("WORKERS") or "auto", "--dist", "loadscope", *arguments)
    if status != TESTS_FAILED or not FAILED.exists():
        return status
    failed = sorted(json.loads(FAILED.read_text()))
    if not 0 < len(failed) <= MOST_BY_CHANCE:
        return status
    print(f"\nOnce more, alone: {len(failed)} that failed beside others.", *failed, sep="\n  ", flush=True)
    return _pytest("-n", "0", *failed)


def _pytest(*arguments: str) -> int:
    """Whoever stops this stops pytest, which then ends what the tests have started."""
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal tells pytest itself; it hears it although a shell in the background ignores it
    signal.signal(signal.SIGTERM, lambda *_: running.send_signal(signal.SIGINT))
    running = subprocess.Popen([sys.executable, "-m", "pytest", "-q", "-rfER", *arguments])
    return running.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
