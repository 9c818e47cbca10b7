"""What is on disk after the show, after a crash, and after the disk was full."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from realtime.rtc.errors import RtcError
from realtime.rtc.hls import manifest as manifests
from realtime.rtc.hls.errors import RecordingDiskFull, RecordingFailed, RecordingTooLarge
from realtime.rtc.hls.manifest import Manifest
from realtime.rtc.hls.recording import Limits, Recorder, Writer
from realtime.rtc.hls.segmenter import Part, Piece
from tests.realtime.rtc.hls.material import depacketized, pictures, sounds
from tests.realtime.rtc.hls.test_segmenter import BEGAN, FILM, run, steady
from tests.realtime.rtc.hls.watching import decode
from tests.realtime.rtc.peers import until

ROOT = Path(__file__).resolve().parents[4]
SMALL = Limits(least_free_bytes=0)
HEAD_AND_MORE = 4_000  # bytes


def record(folder: Path, pieces: list[Piece], *, limits: Limits = SMALL) -> tuple[Recorder, Manifest]:
    recorder = Recorder(folder, room="aurora:{room:r1}", limits=limits)
    recorder.start()
    recorder.add(pieces)
    recorder.close()
    return recorder, manifests.read(folder)


def assert_in_step(folder: Path, told: Manifest) -> list[float]:
    """Every film decodes whole, with sound and picture together. Returns the skews in ms."""
    skews = []
    for film in told.films:
        decoded = decode((folder / film.name).read_bytes())
        assert len(decoded.pictures) == film.pictures > 0
        assert set(decoded.sizes) == {(film.width, film.height)}
        assert decoded.pictures[0][0] < 0.06
        assert decoded.pictures[-1][0] + 1 / 30 == pytest.approx(film.duration_s, abs=0.01)
        assert decoded.longest_hole_s("video") < 0.05
        assert decoded.longest_hole_s("audio") < 0.045
        skews += decoded.skews_ms()
    assert max(map(abs, skews)) <= 40, skews
    return skews


def test_each_picture_size_has_a_film_and_the_manifest_dates_them(tmp_path: Path) -> None:
    takes = [depacketized(pictures(*size, count=count)) for size, count in (((160, 96), 60), ((320, 192), 90))]
    pieces = run([picture for take in takes for picture in take], steady(150), sounds(5))
    recorder, told = record(tmp_path / "r", pieces)
    assert recorder.failure is None
    assert told.is_finished
    assert [(film.name, film.width, film.height, film.pictures) for film in told.films] == [("0001.mp4", 160, 96, 60), ("0002.mp4", 320, 192, 90)]
    assert told.films[0].started_at == pytest.approx(BEGAN, abs=0.05)
    assert told.films[1].started_at == pytest.approx(BEGAN + 2, abs=0.06)
    assert told.films[1].started_at == pytest.approx(told.films[0].ended_at, abs=0.06)
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == ["0001.mp4", "0002.mp4", "lock", "manifest.json"]
    assert len(assert_in_step(tmp_path / "r", told)) == 3
    assert told.size_bytes == sum(path.stat().st_size for path in (tmp_path / "r").glob("*.mp4"))


def test_a_pause_and_a_long_show_begin_new_films(tmp_path: Path) -> None:
    dates = steady(90) + [at + 7 for at in steady(150)[90:]]
    heard = [sound if sound.at < BEGAN + 3 else sound._replace(at=sound.at + 7) for sound in sounds(5)]
    _, told = record(tmp_path / "r", run(FILM, dates, heard), limits=Limits(least_free_bytes=0, longest_film_s=1.5))
    assert [film.pictures for film in told.films] == [60, 30, 60]
    assert [round(film.started_at - BEGAN, 1) for film in told.films] == [0.0, 2.0, 10.0]
    assert_in_step(tmp_path / "r", told)


async def test_a_killed_process_leaves_films_that_play(tmp_path: Path) -> None:
    """What was closed is whole; what was open is so up to its last fragment, and can be closed by another process, which may as soon as
    the first one is dead."""
    folder = tmp_path / "r"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.realtime.rtc.hls.record", str(folder), stdout=asyncio.subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout is not None
    async with asyncio.timeout(40):
        for _ in range(3):
            await process.stdout.readline()
        assert manifests.seize(folder) is None
        # between two films none is open
        await until(lambda: any(part.stat().st_size > HEAD_AND_MORE for part in folder.glob("*.part")), what="an open film")
        process.send_signal(signal.SIGKILL)
        await process.wait()
    hold = manifests.seize(folder)
    assert hold is not None
    hold.close()
    before = manifests.read(folder)
    closed = [film for film in before.films if film.is_closed]
    assert len(closed) >= 3
    assert not before.is_finished
    assert_in_step(folder, Manifest("", tuple(closed)))
    assert len(list(folder.glob("*.part"))) == 1

    with next(folder.glob("*.part")).open("ab") as torn:
        torn.write(b"\x00\x00\x02\x00moof torn")  # power fails in the middle of a write
    told = manifests.recover(folder)
    assert told.is_finished
    assert not list(folder.glob("*.part"))
    assert len(told.films) == len(before.films)
    assert_in_step(folder, told)
    assert manifests.recover(folder) == told


def test_what_was_killed_between_two_steps_is_put_in_order(tmp_path: Path) -> None:
    """A film without a picture goes; one that was renamed but not told of is told of."""
    _, told = record(tmp_path / "r", run(FILM, steady(150), sounds(5)))
    folder = tmp_path / "r"
    film = told.films[0]
    torn = Manifest(told.room, (film.__class__(film.name, film.started_at, 160, 96), film.__class__("0002.mp4", 1.0, 160, 96)))
    manifests.write(folder, torn)
    (folder / "0002.mp4.part").write_bytes((folder / film.name).read_bytes()[:300])
    again = manifests.recover(folder)
    assert again.films == told.films
    assert not (folder / "0002.mp4").exists()


def test_a_recording_may_not_outgrow_its_limit(tmp_path: Path) -> None:
    """What fits is kept and plays; the reason is told by name."""
    pieces = run(FILM, steady(150), sounds(5))
    told: list[RtcError] = []
    recorder = Recorder(tmp_path / "r", room="r", limits=Limits(most_bytes=100_000, least_free_bytes=0), on_failure=told.append)
    recorder.start()
    recorder.add(pieces)
    assert not recorder.close()
    assert isinstance(recorder.failure, RecordingTooLarge)
    assert told == [recorder.failure]
    kept = manifests.read(tmp_path / "r")
    assert kept.failure == {"code": "recording_too_large", "params": {"most_bytes": 100_000}}
    assert 0 < kept.films[0].pictures < 150
    assert kept.size_bytes <= 100_000
    decoded = decode((tmp_path / "r" / "0001.mp4").read_bytes())
    assert len(decoded.pictures) == kept.films[0].pictures


def test_a_full_disk_has_a_name(tmp_path: Path) -> None:
    recorder, told = record(tmp_path / "r", run(FILM, steady(150), []), limits=Limits(least_free_bytes=1 << 60))
    assert isinstance(recorder.failure, RecordingDiskFull)
    assert recorder.failure.params["least_bytes"] == 1 << 60
    assert told.failure["code"] == "recording_disk_full"
    assert told.films == ()


def test_a_write_that_the_disk_refuses_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's own ENOSPC, in the middle of a film."""
    real_open = Writer._open_film

    def open_on_full_disk(writer: Writer, part: Part) -> None:
        real_open(writer, part)
        writer._file = Path("/dev/full").open("wb", buffering=0)

    monkeypatch.setattr(Writer, "_open_film", open_on_full_disk)
    recorder, _ = record(tmp_path / "r", run(FILM, steady(150), []))
    assert isinstance(recorder.failure, RecordingDiskFull)
    assert manifests.recover(tmp_path / "r").films == ()


def test_a_folder_that_cannot_be_made_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    recorder = Recorder(tmp_path / "file" / "r", room="r", limits=SMALL)
    recorder.start()
    for _ in range(3):
        recorder.add(run(FILM, steady(150), []))
    assert not recorder.close()
    assert isinstance(recorder.failure, RecordingFailed)


def test_a_recording_is_never_written_over(tmp_path: Path) -> None:
    record(tmp_path / "r", run(FILM, steady(150), []))
    before = (tmp_path / "r" / "0001.mp4").read_bytes()
    recorder = Recorder(tmp_path / "r", room="r", limits=SMALL)
    recorder.start()
    recorder.add(run(FILM, steady(150), []))
    assert not recorder.close()
    assert (tmp_path / "r" / "0001.mp4").read_bytes() == before


def test_a_disk_that_stands_still_costs_parts_not_memory(tmp_path: Path) -> None:
    """Parts that cannot wait are counted; what follows begins a film of its own."""
    pieces = run(FILM, steady(150), [])
    recorder = Recorder(tmp_path / "r", room="r", limits=SMALL)
    for _ in range(40):
        recorder.add(pieces)  # nobody writes yet
    assert recorder._waiting.qsize() <= 512
    recorder.start()
    recorder.close()
    assert recorder._missed > 0
    assert json.loads((tmp_path / "r" / "manifest.json").read_text())["films"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version": 1}', '{"version": 1, "room": "r", "films": [{}]}'])
def test_a_broken_manifest_has_a_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match=r".*"):
        manifests.read(tmp_path)
