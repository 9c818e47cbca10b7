"""Where the media servers of the tests come from, and what is said where they cannot come from anywhere."""

from pathlib import Path

import pytest

from config import debian, install


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without them, and without apt."""
    monkeypatch.setattr(debian, "FOLDER", tmp_path / "debian")
    monkeypatch.setattr(debian.shutil, "which", lambda name: None)
    return tmp_path


def test_what_is_missing_is_named_with_what_to_do(bare: Path) -> None:
    """Nothing is skipped silently: the command ends with the packages' names."""
    assert debian.missing_packages() == ["janus", "coturn"]
    with pytest.raises(install.StepFailed, match="sudo apt-get install janus coturn.*no apt-get"):
        install._ensure_media_servers()
    assert debian.find_program("janus") is None


def test_an_unpacked_program_brings_its_libraries(bare: Path) -> None:
    """It is found below its folder and told where they are; nothing is unpacked twice."""
    for name in debian.PACKAGES.values():
        path = debian.FOLDER / "usr" / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    libraries = debian.FOLDER / "usr" / "lib" / "x86_64-linux-gnu"
    libraries.mkdir(parents=True)
    program = debian.find_program("janus")
    assert program is not None
    assert program.environment["LD_LIBRARY_PATH"] == str(libraries)
    assert program.find("usr/bin/jan*").name == "janus"
    with pytest.raises(FileNotFoundError):
        program.find("usr/lib/*/nothing")
    install._ensure_media_servers()


def test_the_machines_own_program_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed by the operating system, with libraries of its own."""
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}")
    program = debian.find_program("turnserver")
    assert program is not None
    assert (program.path, program.libraries) == (Path("/usr/bin/turnserver"), None)
    assert debian.missing_packages() == []


def test_a_failing_apt_is_quoted(monkeypatch: pytest.MonkeyPatch, bare: Path) -> None:
    """Its last line says why, in one sentence."""
    monkeypatch.setattr(debian.shutil, "which", lambda name: f"/usr/bin/{name}" if name in {"apt-get", "dpkg"} else None)
    monkeypatch.setattr(debian, "_is_known", lambda packages: True)

    def fail(command: list[str], *, cwd: str | None = None) -> str:
        raise OSError("E: Unable to locate package janus")

    monkeypatch.setattr(debian, "_run", fail)
    with pytest.raises(install.StepFailed, match="Unable to locate package janus"):
        install._ensure_media_servers()
