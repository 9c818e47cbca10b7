"""`make check`: everything a machine can judge without running the product, two at a time."""

import os
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from config.install import ROOT, node_environment

BIN = Path(sys.executable).parent
FLOORS = ["config", "merchants", "realtime", "commerce", "dramas", "rooms"]
TIMEOUT_S = 900
PRODUCTION = {"PUBLIC_SCHEME": "https", "ALLOWED_DOMAIN": "shops.example", "SECRET_KEY": "production-like-" + "x7Gq" * 20, "PORT": "443"}


@dataclass(frozen=True)
class Check:
    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)


def checks() -> list[Check]:
    manage = [sys.executable, "manage.py"]
    wanted = [
        Check("types of Python", [str(BIN / "mypy")]),
        Check("lint", [str(BIN / "ruff"), "check", "."]),
        Check("format", [str(BIN / "ruff"), "format", "--check", "."]),
        Check("import contracts", [str(BIN / "lint-imports"), "--no-cache"]),
        Check("file length", [sys.executable, "-m", "config.lengths"]),
        Check("templates", [str(BIN / "djlint"), *[floor for floor in FLOORS if (ROOT / floor / "templates").exists()], "--lint", "--quiet"]),
        Check("deployment settings", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Check("migrations are complete", [*manage, "makemigrations", "--check", "--dry-run"]),
        Check("migrations are safe", [sys.executable, "-m", "tests.lint_migrations"]),
        Check("message types are current", [*manage, "generate_types", "--check"]),
        Check("API schema", [*manage, "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull]),
        Check("dependencies", [str(BIN / "deptry"), "."]),
        Check("types of TypeScript", ["npx", "--no-install", "tsc", "--noEmit"], node_environment()),
    ]
    return wanted + _deployment_checks()


def _deployment_checks() -> list[Check]:
    """The deployment's files, where the machine has the programs that read them."""
    found = []
    if shutil.which("nginx"):
        found.append(Check("nginx configuration", [sys.executable, "deploy/check_nginx.py"]))
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:  # noqa: S607
        found.append(
            Check(
                "compose file",
                ["docker", "compose", "-f", "deploy/compose.yaml", "config", "--quiet"],
                {"SECRET_KEY": "x", "DATABASE_PASSWORD": "x", "OWNER_PASSWORD": "x", "ALLOWED_DOMAIN": "x"},
            )
        )
    return found


def run(check: Check) -> bool:
    started = time.monotonic()
    done = subprocess.run(  # noqa: S603  our own commands
        check.command,
        cwd=ROOT,
        env=os.environ | {"LOG_LEVEL": "ERROR"} | check.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{verdict:>6}  {check.name} ({time.monotonic() - started:.1f} s)", flush=True)
    if done.returncode:
        print((done.stdout + done.stderr).strip()[-6000:], flush=True)
    return done.returncode == 0


def main() -> int:
    with ThreadPoolExecutor(max_workers=2) as pool:
        verdicts = list(pool.map(run, checks()))
    print(f"{verdicts.count(True)} checks passed, {verdicts.count(False)} failed", flush=True)
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
