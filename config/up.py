"""`make run`: the whole platform on one machine, embedded services and all, under one supervisor.

Whatever ends the supervisor (Ctrl-C, SIGTERM, kill -9), no process stays: every child dies with its parent, and a guardian
ends what a child left behind. Processes of the platform that fall are started again.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config.embedded import postgres, valkey
from config.embedded.guardian import start_guardian
from config.embedded.processes import ServiceFailed, die_with_parent, free_port, is_port_open, last_line, start, stop, wait_for_port
from config.embedded.secrets import load_secrets
from config.settings import env

RUN_MARK = "CLIFFHANGER_RUN"
LEAST_FREE_BYTES = 600_000_000
READY_TIMEOUT_S = 120.0
MOST_RESTARTS_A_MINUTE = 6
# Without these no room opens; on two cores the start of the others would only stand in their way.
NEEDED_FIRST = ("web", "transcoder")


class CannotStart(Exception):
    """The text says why in one sentence."""


@dataclass
class Service:
    """One line of the Procfile while it runs. `restarts` holds the monotonic times of its restarts."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes]
    restarts: list[float] = field(default_factory=list)


class Supervisor:
    """Starts everything in order, waits, restarts what falls, stops everything in the opposite order."""

    def __init__(self, *, data: Path, port: int, season: str) -> None:
        self.data, self.port, self.season = data, port, season
        self.logs = data / "logs"
        self.environment = dict(os.environ)
        self.services: list[Service] = []
        self.embedded: list[tuple[subprocess.Popen[bytes], int]] = []
        self.films: subprocess.Popen[bytes] | None = None
        self.demo: subprocess.Popen[bytes] | None = None
        self.is_stopping = False
        self.lock: IO[str] | None = None

    # -- start

    def run(self) -> int:
        started = time.monotonic()
        self._claim()
        guardian = start_guardian(self.environment, RUN_MARK)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            self._start_films()
            self._start_embedded()
            self._migrate()
            self._start_services(lambda name: name in NEEDED_FIRST)
            self._seed()
            self._start_services(lambda name: name not in NEEDED_FIRST)
            print(self._welcome(time.monotonic() - started), flush=True)
            self._watch()
        except _Stopping:
            pass
        finally:
            self._stop_all()
            guardian.stdin.close() if guardian.stdin else None
            guardian.wait(10)
        return 0

    def _ask_to_stop(self, number: int, _frame: object) -> None:
        if self.is_stopping:
            return
        self.is_stopping = True
        raise _Stopping

    def _claim(self) -> None:
        """Raises: CannotStart (second start, port in use, disk full)."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.lock = (self.data / "lock").open("w")
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(f"Cliffhanger is already running with the data in {self.data}; stop it first or set DATA= to another folder.") from None
        except OSError as error:
            raise CannotStart(f"The data folder {self.data} cannot be written: {error.strerror}.") from error
        if shutil.disk_usage(self.data).free < LEAST_FREE_BYTES:
            raise CannotStart(f"The disk of {self.data} has less than 600 MB free; make room and start again.")
        if is_port_open(self.port):
            raise CannotStart(f"Port {self.port} is in use by another program; stop it or choose another with PORT=.")

    def _start_embedded(self) -> None:
        secrets = load_secrets(self.data)
        self.environment |= {RUN_MARK: self.environment[RUN_MARK], "DATA": str(self.data), "PORT": str(self.port), "DEMO": "1", **secrets}
        if not env.text("DATABASE_URL"):
            server = postgres.start_postgres(self.data, free_port())
            self.embedded.append((server.process, signal.SIGINT))
            self.environment["DATABASE_URL"] = server.url(postgres.APPLICATION)
            self.environment["DATABASE_OWNER_URL"] = server.url(postgres.OWNER)
        if not env.text("VALKEY_URL"):
            cache = valkey.start_valkey(self.data, free_port())
            self.embedded.append((cache.process, signal.SIGTERM))
            self.environment["VALKEY_URL"] = cache.url()
        if not env.MEDIA_NODE_ADDRESSES and env.ALLOWED_DOMAIN == "localhost":
            self.environment["MEDIA_NODE_ADDRESSES"] = "127.0.0.1"  # browsers of this machine, which may have no network
        if not env.text("STRIPE_API_BASE") and not env.text("STRIPE_SECRET_KEY"):
            self._start_sandbox()

    def _start_sandbox(self) -> None:
        port = self._kept_port("sandbox")
        log = self.logs / "stripe-sandbox.log"
        webhook, secret = f"http://{env.ALLOWED_DOMAIN}:{self.port}/stripe/webhooks/", self.environment["STRIPE_WEBHOOK_SECRET"]
        command = [
            sys.executable, "-m", "commerce.sandbox", "--port", str(port), "--state", str(self.data / "stripe-sandbox.sqlite3"),
            "--key", "sk_test_embedded", "--webhook", webhook, "--webhook-secret", secret,
            "--connect-webhook", webhook, "--connect-webhook-secret", secret, "--public-url", f"http://{env.ALLOWED_DOMAIN}:{port}",
        ]  # fmt: skip
        process = start(command, log=log, env=self.environment, cwd=env.BASE_DIR)
        self.embedded.append((process, signal.SIGTERM))
        wait_for_port(port, process, name="The Stripe sandbox", log=log)
        self.environment["STRIPE_API_BASE"] = f"http://127.0.0.1:{port}"

    def _kept_port(self, name: str) -> int:
        """The same port at every start while it is free, so that webhook endpoints and pages stay valid."""
        path = self.data / f"{name}.port"
        kept = int(path.read_text()) if path.exists() else 0
        port = kept if kept and not is_port_open(kept) else free_port()
        path.write_text(str(port))
        return port

    def _migrate(self) -> None:
        stamp, digest = self.data / "migrated", digest_of_migrations()
        if stamp.exists() and stamp.read_text() == digest:
            return
        print("Preparing the database …", flush=True)
        # Migrations run as the owner; grants name the application's role, so the command is told both.
        environment = self.environment | {"DATABASE_URL": self.environment["DATABASE_OWNER_URL"], "APPLICATION_ROLE": postgres.APPLICATION}
        self._command("migrate", [sys.executable, "manage.py", "migrate_all", "-v0"], environment)
        stamp.write_text(digest)

    def _start_services(self, is_wanted: Callable[[str], bool]) -> None:
        for name, command in read_procfile(env.BASE_DIR / "Procfile"):
            if is_wanted(name):
                self.services.append(Service(name, command, self._spawn(name, command)))

    def _start_films(self) -> None:
        """The first film needs no database: it is drawn while the services come up."""
        wanted = ["--only", "aurora/1", "--density", str(env.DEMO_DENSITY)]
        command = [sys.executable, "-m", "config.demo.film", "--out", str(self.data / "films"), *wanted]
        self.films = start(command, log=self.logs / "films.log", env=self.environment, cwd=env.BASE_DIR)

    def _seed(self) -> None:
        """The demo shops, and the season of SEASON=folder. Returns once a room with a playable episode opens; the rest goes on behind."""
        playable, log = self.data / "playable", self.logs / "demo.log"
        playable.unlink(missing_ok=True)
        options = ["--season", self.season, "--profile", env.text("SEASON_PROFILE")] if self.season else []
        command = [sys.executable, "-m", "config.demo", *options]
        if self.season:
            self.demo = subprocess.Popen(command, env=self.environment, cwd=env.BASE_DIR, preexec_fn=die_with_parent())  # noqa: S603, PLW1509
        else:
            self.demo = start(command, log=log, env=self.environment, cwd=env.BASE_DIR)
        web = next(service for service in self.services if service.name == "web")
        wait_for_port(self.port, web.process, name="The web process", log=self.logs / "web.log", timeout_s=READY_TIMEOUT_S)
        while not playable.exists():
            if self.demo.poll():
                raise CannotStart(f"The demo could not be built: {last_line(log)} (see {log}).")
            time.sleep(0.1)

    def _command(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        log = self.logs / f"{name}.log"
        process = start(command, log=log, env=environment, cwd=env.BASE_DIR)
        try:
            if process.wait():
                raise CannotStart(f"The step “{name}” failed: {last_line(log)} (see {log}).")
        finally:
            if process.poll() is None:
                stop(process)

    def _spawn(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        program = [sys.executable, *command[1:]] if command[0] == "python" else [str(Path(sys.executable).parent / command[0]), *command[1:]]
        return start(program, log=self.logs / f"{name}.log", env=self.environment, cwd=env.BASE_DIR)

    # -- watch

    def _watch(self) -> None:
        while True:
            time.sleep(0.3)
            for service in self.services:
                if service.process.poll() is not None:
                    self._start_again(service)
            for process, _ in self.embedded:
                if process.poll() is not None:
                    raise CannotStart(f"An embedded service ended by itself (exit {process.returncode}); see {self.data}/*.log and start again.")

    def _start_again(self, service: Service) -> None:
        now = time.monotonic()
        service.restarts = [at for at in service.restarts if now - at < 60] + [now]
        if len(service.restarts) > MOST_RESTARTS_A_MINUTE:
            raise CannotStart(f"{service.name} keeps ending: {last_line(self.logs / f'{service.name}.log')} (see {self.logs}/{service.name}.log).")
        print(f"{service.name} ended (exit {service.process.returncode}); starting it again.", flush=True)
        service.process = self._spawn(service.name, service.command)

    # -- stop

    def _stop_all(self) -> None:
        self.is_stopping = True
        for service in self.services:
            if service.process.poll() is None:
                service.process.terminate()
        for service in self.services:
            stop(service.process, patience_s=6)
        for helper in (self.demo, self.films):
            if helper is not None:
                stop(helper, patience_s=2)
        for process, number in reversed(self.embedded):
            stop(process, with_signal=number, patience_s=20)

    def _welcome(self, took_s: float) -> str:
        notes = self.data / "welcome.txt"
        return f"READY in {took_s:.1f} s\n{notes.read_text() if notes.exists() else ''}"


class _Stopping(Exception):
    """Raised by the signal handler to leave whatever is waiting."""


def read_procfile(path: Path) -> list[tuple[str, list[str]]]:
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return [(name.strip(), command.split()) for name, command in (line.split(":", 1) for line in lines)]


def digest_of_migrations() -> str:
    """Changes whenever a migration or a pinned package does."""
    import hashlib

    digest = hashlib.sha256((env.BASE_DIR / "requirements.txt").read_bytes())
    for floor in ("merchants", "realtime", "commerce", "dramas", "rooms"):
        for path in sorted((env.BASE_DIR / floor).rglob("migrations/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def main(arguments: Callable[[str, str], str] = env.text) -> int:
    try:
        return Supervisor(data=env.DATA_DIR, port=env.PUBLIC_PORT, season=arguments("SEASON", "")).run()
    except (CannotStart, ServiceFailed) as reason:
        print(f"cliffhanger: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
