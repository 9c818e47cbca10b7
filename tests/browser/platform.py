"""The whole platform for browser tests: web, worker, transcoder, director, media node, payment sandbox: real processes, an own database."""

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from config.embedded.processes import free_port, start, stop, wait_for_port
from config.install import ROOT
from tests import services as embedded
from tests.browser.interpreter import Interpreter

VALKEY_DATABASE = 15
PASSWORD = "correct horse battery"
WEBHOOK_SECRET = "whsec_of_the_browser_tests"


@dataclass
class Platform:
    """Addresses and processes. `run(code)` runs Python inside the platform's environment (seeding through actions)."""

    port: int
    sandbox_port: int
    data: Path
    environment: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _interpreter: Interpreter | None = None

    def url(self, path: str = "/", shop: str = "") -> str:
        return f"http://{shop + '.' if shop else ''}localhost:{self.port}{path}"

    def log(self, name: str) -> Path:
        return self.data / "logs" / f"{name}.log"

    def spawn(self, name: str, command: list[str]) -> None:
        self.processes[name] = start(command, log=self.log(name), env=self.environment, cwd=ROOT)

    def kill(self, name: str) -> None:
        """kill -9 of the process and its group, as a crash would."""
        self.processes[name].kill()
        stop(self.processes[name])

    def start_web(self) -> None:
        self.spawn("web", [sys.executable, "-m", "config.serve"])
        wait_for_port(self.port, self.processes["web"], name="web", log=self.log("web"), timeout_s=60)

    def start_director(self) -> None:
        self.spawn("director", [sys.executable, "manage.py", "director"])

    def start_media_node(self) -> None:
        """Offers the loopback alone: what a browser on this machine surely reaches."""
        self.spawn("media", [sys.executable, "manage.py", "media_node", "--address", "127.0.0.1"])

    def run(self, code: str, *, timeout_s: float = 180) -> str:
        """Run `code` in a process of the platform's; what it prints is returned. Fails with the trace when it raises."""
        if self._interpreter is None or not self._interpreter.is_alive:
            self._interpreter = Interpreter(self.environment, self.log("interpreter"))
        return self._interpreter.run(code, timeout_s=timeout_s)

    def stop(self) -> None:
        if self._interpreter is not None:
            self._interpreter.stop()
        for process in reversed(self.processes.values()):
            stop(process, patience_s=6)


def start_platform(data: Path, name: str) -> Platform:
    """Needs: the run's services (`tests.early`). `name` tells databases of several workers apart."""
    _copy_database(name)
    platform = Platform(port=free_port(), sandbox_port=free_port(), data=data, environment={})
    webhook = platform.url("/stripe/webhooks/")
    platform.environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")} | {
        "DATABASE_URL": os.environ["TEST_APPLICATION_URL"].format(name=name),
        "DATABASE_OWNER_URL": os.environ["TEST_OWNER_URL"].format(name=name),
        "VALKEY_URL": os.environ["TEST_VALKEY_URL"].format(number=VALKEY_DATABASE),
        "DATA": str(data),
        "PORT": str(platform.port),
        "DEMO": "1",
        "DEMO_PASSWORD": PASSWORD,
        "STRIPE_API_BASE": f"http://127.0.0.1:{platform.sandbox_port}",
        "STRIPE_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "WARNING",
    }
    python, celery = sys.executable, str(Path(sys.executable).parent / "celery")
    sandbox = [
        python,
        "-m",
        "commerce.sandbox",
        "--port",
        str(platform.sandbox_port),
        "--state",
        str(data / "sandbox.sqlite3"),
        "--key",
        "sk_test_embedded",
    ]
    sandbox += ["--webhook", webhook, "--webhook-secret", WEBHOOK_SECRET, "--connect-webhook", webhook, "--connect-webhook-secret", WEBHOOK_SECRET]
    sandbox += ["--public-url", f"http://localhost:{platform.sandbox_port}"]
    worker = [celery, "-A", "config.celery", "worker", "--queues", "default,insights,transcode", "--concurrency", "2", "--loglevel", "WARNING"]
    try:
        platform.spawn("sandbox", sandbox)
        wait_for_port(platform.sandbox_port, platform.processes["sandbox"], name="sandbox", log=platform.log("sandbox"), timeout_s=60)
        platform.start_web()
        platform.spawn("worker", [*worker, "--without-gossip", "--without-mingle"])
        platform.spawn("beat", [celery, "-A", "config.celery", "beat", "--loglevel", "WARNING", "--pidfile="])
        platform.start_director()
        platform.start_media_node()
    except BaseException:
        platform.stop()
        raise
    return platform


def _copy_database(name: str) -> None:
    import psycopg

    with psycopg.connect(os.environ["TEST_OWNER_URL"].format(name="postgres"), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7)")  # one copy at a time: a template must have no other user
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{embedded.MIGRATED}"')
