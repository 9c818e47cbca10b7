"""Programs that tests run beside the product, from Debian's packages: unpacked under `.cache/debian`, never installed.

So no service of theirs starts with the machine, and root is not needed. Uses the standard library alone.
"""

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "debian"
# Package and program: the media server that can stand in our node's place, and the relay for viewers behind strict firewalls.
PACKAGES = {"janus": "janus", "coturn": "turnserver"}
TIMEOUT_S = 300


@dataclass(frozen=True)
class Program:
    """`libraries`: a folder with what the machine lacks, or None. `folder`: below which the package's own files stand."""

    path: Path
    libraries: Path | None
    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | ({"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {})

    def find(self, pattern: str) -> Path:
        """One of the package's files. Raises: FileNotFoundError."""
        found = next(self.folder.glob(pattern), None)
        if found is None:
            raise FileNotFoundError(f"no {pattern} below {self.folder}")
        return found


def find_program(name: str) -> Program | None:
    """The machine's, or the unpacked one."""
    installed = shutil.which(name)
    if installed:
        return Program(Path(installed), None, Path("/"))
    unpacked = FOLDER / "usr" / "bin" / name
    return Program(unpacked, next((FOLDER / "usr" / "lib").glob("*-linux-gnu*"), None), FOLDER) if unpacked.exists() else None


def missing_packages() -> list[str]:
    return [package for package, program in PACKAGES.items() if find_program(program) is None]


def unpack(packages: list[str]) -> None:
    """Raises: OSError with a sentence about what failed."""
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise OSError("this machine has no apt-get")
    if os.geteuid() == 0 and not _is_known(packages):
        _run(["apt-get", "update", "-qq"])
    with tempfile.TemporaryDirectory() as folder:
        _run(["apt-get", "download", "-qq", *_with_libraries(packages)], cwd=folder)
        for found in sorted(Path(folder).glob("*.deb")):
            FOLDER.mkdir(parents=True, exist_ok=True)
            _run(["dpkg", "-x", str(found), str(FOLDER)])
    if left := missing_packages():
        raise OSError(f"{', '.join(left)} had no program in it")


def _is_known(packages: list[str]) -> bool:
    return subprocess.run(["apt-cache", "show", "-q=2", *packages], capture_output=True, check=False).returncode == 0  # noqa: S603, S607


def _with_libraries(packages: list[str]) -> list[str]:
    """These packages and what of theirs the machine lacks."""
    told = _run(["apt-get", "install", "--simulate", "-qq", "--no-install-recommends", *packages])
    return [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")]


def _run(command: list[str], *, cwd: str | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)  # noqa: S603
    if done.returncode:
        raise OSError((done.stderr.strip().splitlines() or ["no message"])[-1][:300])
    return done.stdout
