"""`python -m tests.lint_migrations`: the migration linter on the embedded PostgreSQL, since it asks the database for the SQL."""

import os
import subprocess
import sys

from config.embedded import postgres
from tests import services as embedded

OURS = ("accounts", "commerce", "dramas", "insights", "merchants", "payments_inbox", "realtime", "rooms", "tenants")


def main() -> int:
    services = embedded.start_services()
    try:
        environment = os.environ | {
            "LOG_LEVEL": "ERROR",
            "DATABASE_URL": services.database.url(postgres.OWNER, embedded.MIGRATED),
            "VALKEY_URL": services.cache.url(),
        }
        command = [sys.executable, "manage.py", "lintmigrations", "--settings", "config.settings.checking", "--sql-analyser", "postgresql"]
        command += ["--no-cache", "--quiet", "ok", "ignore", "warning", "--include-apps", *OURS]
        return subprocess.run(command, cwd=embedded.ROOT, env=environment, check=False, timeout=300).returncode
    finally:
        services.stop()


if __name__ == "__main__":
    sys.exit(main())
