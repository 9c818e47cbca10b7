"""PostgreSQL and Valkey for a test run: started once, on free ports, with a migrated database that each worker copies.

The migrated data folder is kept under `.cache/` and reused while the migrations are unchanged. Several runs at a time each
take a folder of their own.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from config.embedded import postgres, valkey
from config.embedded.processes import free_port, stop

ROOT = Path(__file__).resolve().parents[1]
SHOPS = ("aurora", "borealis")
MIGRATED = "cliffhanger_migrated"
MOST_RUNS_AT_ONCE = 12


@dataclass
class Services:
    database: postgres.Postgres
    cache: valkey.Valkey
    lock: IO[str]

    def stop(self) -> None:
        stop(self.cache.process)
        stop(self.database.process, with_signal=2)
        self.lock.close()


def start_services(*, is_durable: bool = False) -> Services:
    """`is_durable` writes as production does, for benchmarks; tests need no fsync."""
    folder, lock = _claim_folder(_digest_of_migrations())
    database = postgres.start_postgres(folder, free_port(), is_durable=is_durable, max_connections=300)
    cache = valkey.start_valkey(folder, free_port(), is_durable=is_durable)
    services = Services(database, cache, lock)
    try:
        if not (folder / "migrated").exists():
            _migrate(services)
            (folder / "migrated").touch()
    except BaseException:
        services.stop()
        raise
    return services


def _digest_of_migrations() -> str:
    digest = hashlib.sha256()
    for path in sorted(
        [
            *ROOT.glob("*/migrations/*.py"),
            *ROOT.glob("*/*/migrations/*.py"),
            *ROOT.glob("*/*/*/migrations/*.py"),
            ROOT / "requirements.txt",
            ROOT / "merchants/tenants/schemas.py",
        ]
    ):
        if ".venv" not in path.parts and "node_modules" not in path.parts:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _claim_folder(digest: str) -> tuple[Path, IO[str]]:
    for number in range(MOST_RUNS_AT_ONCE):
        folder = ROOT / ".cache" / f"tests-{number}-{digest}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        return folder, lock
    raise RuntimeError(f"{MOST_RUNS_AT_ONCE} test runs are under way; wait for one to end")


def _migrate(services: Services) -> None:
    recreate_database(services.database, MIGRATED, template=None)
    environment = os.environ | {
        "DATABASE_URL": services.database.url(postgres.OWNER, MIGRATED),
        "DATABASE_OWNER_URL": services.database.url(postgres.OWNER, MIGRATED),
        "VALKEY_URL": services.cache.url(),
        "APPLICATION_ROLE": postgres.APPLICATION,
        "LOG_LEVEL": "WARNING",
    }
    subprocess.run([sys.executable, "manage.py", "migrate_all", "-v0"], cwd=ROOT, env=environment, check=True, timeout=300)
    environment["DATABASE_URL"] = services.database.url(postgres.APPLICATION, MIGRATED)
    code = "import django; django.setup(); from merchants.tenants.actions import create_merchant\n"
    code += "".join(f"create_merchant(name='{shop.title()}', subdomain='{shop}')\n" for shop in SHOPS)
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment | {"DJANGO_SETTINGS_MODULE": "config.settings"}, check=True, timeout=120)


def recreate_database(server: postgres.Postgres, name: str, *, template: str | None) -> None:
    with psycopg.connect(server.url(postgres.OWNER, "postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))


def remove_data_folders(run: str) -> None:
    for folder in (ROOT / ".cache").glob(f"data-{run}-*"):
        shutil.rmtree(folder, ignore_errors=True)
