"""One run from a source to a published edition, judged by what lies on the shelf."""

import io
import json
import re
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image

from dramas.transcode.encrypt import decrypt_segment
from dramas.transcode.pipeline import run_pipeline
from dramas.transcode.publish import Lock, PublishFailed
from dramas.transcode.refusal import Refusal
from tests.dramas.transcode.conftest import Bench
from tests.dramas.transcode.films import GOOD, Films


def decode(folder: Path) -> tuple[list[Any], float]:
    """All pictures of a rendition, and the seconds of its sound."""
    data = (folder / "init.mp4").read_bytes() + b"".join(path.read_bytes() for path in sorted(folder.glob("*.m4s")))
    with av.open(io.BytesIO(data)) as film:
        pictures = [frame.to_image() for frame in film.decode(video=0)]
    with av.open(io.BytesIO(data)) as film:
        samples = sum(frame.samples for frame in film.decode(audio=0))
    return pictures, samples / 48_000


def boxes(data: bytes, *path: bytes) -> list[bytes]:
    """Contents of the MP4 boxes at `path`."""
    found, at = [], 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind == path[0]:
            body = data[at + 8 : at + size]
            found += boxes(body, *path[1:]) if len(path) > 1 else [body]
        at += size
    return found


@pytest.mark.parametrize("name", [name for name in GOOD if name not in {"portrait", "landscape"}])
def test_every_kind_of_source_becomes_an_edition(films: Films, bench: Bench, name: str) -> None:
    """The planned frames at the planned size in every rendition, with stereo sound as long as the picture."""
    place = bench.place(films.get(name))
    run_pipeline(place)
    for rung in place.plan.rungs:
        pictures, sound_s = decode(bench.path(place.plan) / rung.name)
        assert len(pictures) == place.plan.frames
        assert pictures[0].size == (rung.width, rung.height)
        assert abs(sound_s - place.plan.duration_ms / 1000) < 0.05


def test_an_edition_holds_what_a_player_needs(films: Films, bench: Bench) -> None:
    """Master and media playlists, aligned two-second segments that begin at exactly 0, poster, storyboard, manifest."""
    place = bench.place(films.get("landscape"), with_preview=True)
    manifest = run_pipeline(place)
    folder = bench.path(place.plan)
    master = (folder / "master.m3u8").read_text()
    assert re.findall(r"RESOLUTION=(\S+?),", master) == ["640x360"]
    assert re.search(r'CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2"', master)
    media = (folder / "360p/index.m3u8").read_text()
    assert media.startswith("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n")
    assert media.endswith("#EXT-X-ENDLIST\n")
    assert sum(map(float, re.findall(r"#EXTINF:([\d.]+)", media))) == pytest.approx(2.0, abs=0.05)
    first = (folder / "360p/s00000.m4s").read_bytes()
    assert [int.from_bytes(box[4:12], "big") for box in boxes(first, b"moof", b"traf", b"tfdt")] == [0, 0]
    with Image.open(folder / "poster.jpg") as poster:
        assert poster.size == (640, 360)
    with Image.open(folder / "storyboard.jpg") as board:
        assert board.size == (160, 90)
    assert "storyboard.jpg#xywh=0,0,160,90" in (folder / "storyboard.vtt").read_text()
    assert json.loads((folder / "manifest.json").read_text()) == json.loads(json.dumps(manifest))


def test_segments_of_all_renditions_and_chunks_are_aligned(films: Films, bench: Bench) -> None:
    """Renditions made by different runs of ffmpeg, in several chunks, are cut at the same frames; stamps go on without a gap."""
    place = bench.place(films.get("two_steps"), chunk_gops=1)
    assert [(unit.name, len(unit.rungs)) for unit in place.plan.units] == [("preview-0000", 1), ("ladder-0000", 1), ("ladder-0001", 1)]
    run_pipeline(place)
    for rung in place.plan.rungs:
        folder = bench.path(place.plan) / rung.name
        init = (folder / "init.mp4").read_bytes()
        scale = int.from_bytes(boxes(init, b"moov", b"trak", b"mdia", b"mdhd")[0][12:16], "big")
        starts = []
        for segment in sorted(folder.glob("*.m4s")):
            video, sound = boxes(segment.read_bytes(), b"moof", b"traf", b"tfdt")
            starts.append(Fraction(int.from_bytes(video[4:12], "big"), scale))
            assert abs(int.from_bytes(sound[4:12], "big") / 48_000 - float(starts[-1])) < 0.15
        assert starts == [0, 2, 4]


def test_chunks_show_the_same_pictures_as_one_piece(films: Films, bench: Bench, tmp_path: Path) -> None:
    """Cutting the work into chunks neither drops, doubles nor moves a picture."""
    source = films.get("ten_seconds")
    whole, parts = Bench(tmp_path / "a", bench.ffmpeg_bin), Bench(tmp_path / "b", bench.ffmpeg_bin)
    one = whole.place(source, chunk_gops=100, with_preview=False)
    many = parts.place(source, chunk_gops=1, with_preview=False)
    run_pipeline(one)
    run_pipeline(many)
    name = one.plan.rungs[-1].name
    left, right = decode(whole.path(one.plan) / name)[0], decode(parts.path(many.plan) / name)[0]
    assert len(left) == len(right) == one.plan.frames
    differences = [_difference(a, b) for a, b in zip(left, right, strict=True)]
    assert max(differences) < 12  # two encodings of one picture; a neighbouring picture at a cut of this clip differs more
    assert sum(differences) / len(differences) < 3


def _difference(left: Image.Image, right: Image.Image) -> float:
    small = [list(picture.convert("L").resize((32, 56)).tobytes()) for picture in (left, right)]
    return sum(abs(a - b) for a, b in zip(*small, strict=True)) / len(small[0])


@pytest.mark.parametrize("name", ["ten_seconds", "quiet_with_peaks", "loud"])
def test_loudness_is_brought_to_the_standard(films: Films, bench: Bench, name: str) -> None:
    """-16 LUFS within 1 LU, true peak below -1 dBTP, at 48 kHz; also where peaks have to be pressed down on the way."""
    place = bench.place(films.get(name))
    run_pipeline(place)
    playlist = bench.path(place.plan) / place.plan.rungs[0].name / "index.m3u8"
    command = [bench.ffmpeg_bin, "-nostdin", "-i", str(playlist), "-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"]
    report = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    summary = report[report.rindex("Summary:") :]
    assert float(re.search(r"I:\s+(\S+) LUFS", summary)[1]) == pytest.approx(-16, abs=1)  # type: ignore[index]
    assert float(re.search(r"Peak:\s+(\S+) dBFS", summary)[1]) < -1.0  # type: ignore[index]
    assert "48000 Hz, stereo" in report


def test_the_preview_can_be_watched_while_it_grows(films: Films, bench: Bench) -> None:
    """It is announced after its first chunk, its playlist only ever grows, and what it named stays as it was."""
    seen: list[tuple[bool, int]] = []
    place = bench.place(films.get("ten_seconds"), chunk_gops=1)
    preview = bench.path(place.plan, "preview")
    name = place.plan.rungs[-1].name

    class Viewer:
        def on_progress(self, step: str, share: float) -> None: ...

        def on_unit(self, unit: str, elapsed_ms: int) -> None: ...

        def on_edition(self, edition: Any, manifest: dict[str, Any]) -> None:
            text = (edition._shelf.read(f"{edition.folder}/{name}/index.m3u8")).decode()
            seen.append((manifest["is_growing"], text.count("#EXTINF")))
            assert ("#EXT-X-ENDLIST" in text) is not manifest["is_growing"]
            assert (preview / "poster.jpg").exists()

    place = bench.place(films.get("ten_seconds"), chunk_gops=1, watcher=Viewer())
    run_pipeline(place)
    growing = [count for is_growing, count in seen if is_growing]
    assert growing
    assert growing == sorted(growing)
    whole = -(-place.plan.frames // place.plan.gop_frames)
    assert seen[len(growing) :] == [(False, whole), (False, whole)]


def test_progress_never_falls_and_ends_near_the_whole(films: Films, bench: Bench) -> None:
    """The bar in the office moves forward only."""
    place = bench.place(films.get("landscape"), chunk_gops=1)
    run_pipeline(place)
    shares = [share for _step, share in bench.notes.steps]
    assert shares == sorted(shares)
    assert 0.95 < shares[-1] <= 1
    assert {step for step, _share in bench.notes.steps} >= {"sound", "preview", "publish"}


def test_a_damaged_source_is_named_so(films: Films, bench: Bench) -> None:
    """ffmpeg ends with code 0 on such files; counting frames and decode errors does not."""
    place = bench.place(films.get("bit_flips"))
    with pytest.raises(Refusal) as caught:
        run_pipeline(place)
    assert caught.value.code == "damaged"
    assert not list(bench.path(place.plan).glob("manifest.json"))


def test_a_paid_episode_is_ciphertext_after_its_teaser(films: Films, bench: Bench) -> None:
    """The first four seconds are readable; the rest opens with the episode's key and nothing else."""
    lock = Lock(bytes(range(16)), "/api/v1/playback/keys/e/v")
    clear, sealed = bench.place(films.get("ten_seconds")), bench.place(films.get("ten_seconds"), lock=lock)
    run_pipeline(clear)
    manifest = run_pipeline(sealed)
    assert (manifest["is_encrypted"], manifest["clear_segments"]) == (True, 2)
    name = clear.plan.rungs[0].name
    readable, locked = bench.path(clear.plan) / name, bench.path(sealed.plan, lock=lock) / name
    assert readable.parent.name != locked.parent.name
    lines = (locked / "index.m3u8").read_text().splitlines()
    assert lines.index('#EXT-X-KEY:METHOD=AES-128,URI="/api/v1/playback/keys/e/v"') == lines.index("s00001.m4s") + 1
    for number in range(5):
        left, right = ((folder / f"s{number:05d}.m4s").read_bytes() for folder in (readable, locked))
        assert (left == right) is (number < 2)
        assert number < 2 or decrypt_segment(right, lock.key, number) == left
    (locked / "key").write_bytes(lock.key)
    playlist = (locked / "index.m3u8").read_text().replace(lock.uri, "key")
    (locked / "local.m3u8").write_text(playlist)
    with av.open(str(locked / "local.m3u8"), format="hls", options={"allowed_extensions": "ALL", "extension_picky": "0"}) as film:
        assert sum(1 for _frame in film.decode(video=0)) == sealed.plan.frames


def test_an_edition_with_a_missing_segment_is_not_published(films: Films, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last look before the switch finds what is not there."""
    place = bench.place(films.get("landscape"))
    from dramas.transcode.shelf import Shelf

    put = Shelf.put
    monkeypatch.setattr(Shelf, "put", lambda self, name, data: None if name.endswith("s00000.m4s") else put(self, name, data))
    with pytest.raises(PublishFailed, match="segment 0 is missing"):
        run_pipeline(place)


@pytest.mark.slow
def test_four_minutes_come_out_whole(films: Films, bench: Bench) -> None:
    """A full-length episode: every frame, 120 segments, a preview from its first seconds on, a small storyboard."""
    place = bench.place(films.get("four_minutes"))
    assert place.plan.units[0].chunk.frames <= 4 * place.plan.frame_rate
    manifest = run_pipeline(place)
    assert abs(manifest["duration_ms"] - 240_000) < 500
    frames = manifest["renditions"][0]["frames"]
    assert len(frames) in {120, 121}
    assert sum(frames) == place.plan.frames
    assert manifest["storyboard"]["tiles"] <= 120
    assert bench.notes.editions[0]["is_growing"]
    assert len(bench.notes.editions[0]["renditions"][0]["frames"]) <= 2
