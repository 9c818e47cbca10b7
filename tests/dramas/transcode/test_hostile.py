"""Uploads that want to read other files, call other machines, or take the worker down are refused: all of them."""

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dramas.transcode.confined_probe import probe_confined
from dramas.transcode.ffmpeg import Ffmpeg
from dramas.transcode.limits import ProcessLimits, limits_for
from dramas.transcode.probe import Probe, probe_file
from dramas.transcode.process import ProcessFailed, ProcessTimedOut, run_confined
from dramas.transcode.refusal import Refusal
from tests.dramas.transcode.films import HOSTILE, Films


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A web server that only counts who comes."""
    hits: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                caller, _address = server.accept()
            except TimeoutError:
                continue
            hits.append(caller.recv(200))
            caller.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield server.getsockname()[1], hits
    done.set()
    thread.join()
    server.close()


def _aimed(path: Path, port: int) -> Path:
    """The file with the listener's port in it."""
    aimed = path.with_name(f"aimed-{path.name}")
    aimed.write_bytes(path.read_bytes().replace(b"PORT", str(port).encode()))
    return aimed


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != "external_track"])
def test_a_hostile_file_is_refused(films: Films, listener: tuple[int, list[bytes]], name: str) -> None:
    """Neither the probe nor ffmpeg opens what the file points to."""
    port, hits = listener
    path = _aimed(films.get(name), port)
    with pytest.raises(Refusal):
        probe_confined(path)
    assert hits == []


@pytest.mark.parametrize("name", ["hls_file", "hls_http", "concat", "dash", "sdp"])
@pytest.mark.parametrize("container", ["mov", "matroska"])
def test_ffmpeg_refuses_it_too(films: Films, settings: object, listener: tuple[int, list[bytes]], name: str, container: str) -> None:
    """Were the probe fooled, the forced demuxer would still not follow a playlist."""
    port, hits = listener
    path = _aimed(films.get(name), port)
    known = probe_file(films.get("portrait")).as_json() | {"container": container}
    ffmpeg = Ffmpeg(settings.FFMPEG_BIN, path, Probe(**known))  # type: ignore[attr-defined]
    with pytest.raises(ProcessFailed):
        ffmpeg.run(["-v", "error", *ffmpeg.input(), "-f", "null", "-"], limits_for(2))
    assert hits == []


def test_a_track_in_another_file_is_not_read(films: Films) -> None:
    """A MOV may say that a track lies elsewhere; we never look there."""
    try:
        probe = probe_confined(films.get("external_track"))
    except Refusal:
        return
    assert probe.duration_ms > 0  # only the tracks inside this file were read


def test_a_confined_program_has_no_network(listener: tuple[int, list[bytes]]) -> None:
    """Where the kernel allows a network of its own, not even 127.0.0.1 answers."""
    port, hits = listener
    code = f"import socket; socket.create_connection(('127.0.0.1', {port}), timeout=2)"
    try:
        run_confined([sys.executable, "-c", code], ProcessLimits(wall_s=10, cpu_s=5))
    except ProcessFailed:
        assert hits == []
    else:
        pytest.xfail("this kernel gives no network name space; the forced demuxer and the protocol list still hold")


def test_memory_time_and_file_size_are_bounded(tmp_path: Path) -> None:
    """A program that takes too much is stopped; the worker goes on."""
    small = ProcessLimits(wall_s=20, cpu_s=20, max_memory_bytes=400 * 1024 * 1024, max_file_bytes=1_000_000)
    with pytest.raises(ProcessFailed):
        run_confined([sys.executable, "-c", "x = bytearray(2_000_000_000)"], small)
    with pytest.raises(ProcessFailed):
        run_confined([sys.executable, "-c", f"open({str(tmp_path / 'big')!r}, 'wb').write(bytes(5_000_000))"], small)
    with pytest.raises(ProcessTimedOut):
        run_confined([sys.executable, "-c", "import time; time.sleep(30)"], ProcessLimits(wall_s=1, cpu_s=20))


def test_a_confined_program_sees_none_of_our_settings() -> None:
    """No key and no address of ours is in its environment."""
    lines: list[str] = []
    run_confined([sys.executable, "-c", "import os; print(sorted(os.environ))"], ProcessLimits(10, 5), on_line=lambda line: lines.append(line.text))
    assert "SECRET" not in "".join(lines)
    assert "DATABASE" not in "".join(lines)
