"""`python -m tests [paths]`: every test on all cores; then, with the machine to themselves, those marked `alone` and the few that failed.

Beside another worker a browser, an encoder or a killed process can be starved of the processor for seconds, and a test in real time
calls that a failure. What fails alone too is red. The end of each run names what was tried again. The exit status is pytest's.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

FAILED = Path(".pytest_cache/v/cache/lastfailed")
MOST_BY_CHANCE = 12  # more failures than these have a cause: no second run hides it
# Exit statuses of pytest. Others tell of an interruption or of a run that never began.
ALL_PASSED, TESTS_FAILED, NOTHING_CHOSEN = 0, 1, 5


def main(arguments: list[str]) -> int:
    together = _pytest("--cache-clear", "-m", "not alone", "-n", os.environ.get("WORKERS") or "auto", "--dist", "loadscope", *arguments)
    failed = sorted(json.loads(FAILED.read_text())) if together == TESTS_FAILED and FAILED.exists() else []
    if together not in {ALL_PASSED, NOTHING_CHOSEN} and not 0 < len(failed) <= MOST_BY_CHANCE:
        return together
    if failed:
        print(f"\nOnce more, alone: {len(failed)} that failed beside others.", *failed, sep="\n  ", flush=True)
        if (again := _pytest("-n", "0", *failed)) != ALL_PASSED:
            return again
    print("\nThose that need the machine to themselves.", flush=True)
    alone = _pytest("-n", "0", "-m", "alone", *arguments)
    return ALL_PASSED if alone == NOTHING_CHOSEN and together != NOTHING_CHOSEN else alone


def _pytest(*arguments: str) -> int:
    """Whoever stops this stops pytest, which then ends what the tests have started."""
    signal.signal(signal.SIGINT, lambda *_: None)  # a terminal tells pytest itself; it hears it although a shell in the background ignores it
    signal.signal(signal.SIGTERM, lambda *_: running.send_signal(signal.SIGINT))
    running = subprocess.Popen([sys.executable, "-m", "pytest", "-q", "-rfER", *arguments])
    return running.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
