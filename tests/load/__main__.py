"""`python -m tests.load [NAME[/ROW] …]`: run benchmarks one after the other, each in a process of its own on fresh embedded services.

Exits non-zero when a benchmark could not measure, never because it was slow.
"""

import os
import signal
import subprocess
import sys

from config.embedded import postgres
from tests import services as embedded

NAMES = ("tenants", "fanout", "rtc", "transcode", "playback", "ingest", "funnel", "verdicts", "forecast", "stock", "prewarm")
# Not a row beside a peer: a report of its own, `make load`.
REPORTS = ("capacity",)
TIMEOUT_S = 3_600

_interrupted: list[str] = []


def main(names: list[str]) -> int:
    unknown = [name for name in names if name.split("/")[0] not in (*NAMES, *REPORTS)]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    failed = [name for name in names or NAMES if not _interrupted and not _run(name)]
    if failed:
        print(f"could not measure: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str) -> bool:
    """Ctrl-C is heard by the benchmark, which ends as it likes; this process waits for that and stops the services."""
    signal.signal(signal.SIGINT, lambda *_: _interrupted.append(name))
    services = embedded.start_services(is_durable=True)
    try:
        embedded.recreate_database(services.database, "bench", template=embedded.MIGRATED)
        environment = os.environ | {
            "DATABASE_OWNER_URL": services.database.url(postgres.OWNER, "bench"),
            "DATABASE_URL": services.database.url(postgres.APPLICATION, "bench"),
            "VALKEY_URL": services.cache.url(),
            # For a whole platform of real processes, as browser tests start it.
            "TEST_OWNER_URL": services.database.url(postgres.OWNER, "{name}"),
            "TEST_APPLICATION_URL": services.database.url(postgres.APPLICATION, "{name}"),
            "TEST_VALKEY_URL": f"redis://127.0.0.1:{services.cache.port}/{{number}}",
            "SECRET_KEY": "a key of the benchmarks, long enough to be accepted by every signer 01234567",
            "DATA": str(embedded.ROOT / ".cache" / f"bench-{name.split('/')[0]}"),
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        done = subprocess.run(
            [sys.executable, "-m", f"tests.load.{name.split('/')[0]}", *name.split("/")[1:]],
            cwd=embedded.ROOT,
            env=environment,
            check=False,
            timeout=TIMEOUT_S,
        )
        return done.returncode == 0
    finally:
        services.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
