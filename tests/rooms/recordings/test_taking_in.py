"""From a node's folder into the replay's media: what was on air and nothing else, once, whatever dies on the way."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.db import connections

from dramas.transcode.actions.uploads import check_space
from dramas.transcode.errors import QuotaExceeded
from dramas.transcode.shelf import Shelf
from merchants.foundation import clock
from merchants.foundation.tenancy import in_schema
from merchants.tenants.models import Merchant
from realtime.rtc.hls import manifest as manifests
from realtime.rtc.hls.recording import Limits
from rooms.program.models import Airing
from rooms.recordings import actions
from rooms.recordings.actions import jobs, work
from rooms.recordings.errors import NothingToRetry, RecordingNotFound, failure_text
from rooms.recordings.models import Recording
from rooms.recordings.queries import list_recordings, used_bytes
from tests.conftest import Shop
from tests.realtime.rtc.hls.watching import Decoded, decode
from tests.rooms.building import HOST, Stage
from tests.rooms.recordings.evening import LIVE_S, Evening, have_evening, record

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def evening(aurora: Shop, set_up: Callable[..., Stage]) -> Any:
    with in_schema(aurora.schema):
        yield have_evening(set_up(aurora))


def stored(recording: Recording) -> str:
    return f"recordings/{recording.pk}"


def play(recording: Recording) -> list[Decoded]:
    """What a player gets by the playlist: a film for each head."""
    films: list[bytes] = []
    for line in Shelf().read(f"{stored(recording)}/index.m3u8").decode().splitlines():
        if line.startswith("#EXT-X-MAP"):
            films.append(Shelf().read(f"{stored(recording)}/{line.split(chr(34))[1]}"))
        elif line and not line.startswith("#"):
            films[-1] += Shelf().read(f"{stored(recording)}/{line}")
    return [decode(film) for film in films]


def test_what_was_on_air_is_in_the_media_and_nothing_else(evening: Evening) -> None:
    """From the first keyframe on air to the picture where the drama returned, sound and picture within 40 ms; the node's folder is
    gone; once more changes nothing."""
    actions.sweep_recordings()
    recording = Recording.objects.get()
    assert (recording.state, recording.error_code, recording.progress_permille) == ("done", "", 1000)
    (view,) = list_recordings(evening.airing_id)
    (piece,) = view.pieces
    assert piece.at_ms == pytest.approx(evening.live_s * 1000 + 700, abs=2)  # keyframes came 0.3 s before and 0.7 s after the cut
    assert piece.at_ms + piece.length_ms == pytest.approx((evening.live_s + LIVE_S) * 1000, abs=34)
    (film,) = play(recording)
    assert len(film.pictures) == pytest.approx(view.duration_ms * 30 / 1000, abs=1)
    assert film.longest_hole_s("video") < 0.05
    assert film.skews_ms()
    assert max(map(abs, film.skews_ms())) <= 40
    assert used_bytes() == sum(default_storage.size(f"{stored(recording)}/{name}") for name in default_storage.listdir(stored(recording))[1])
    assert not evening.folder.exists()
    before = Recording.objects.values().get()
    actions.take_in(recording_id=recording.pk)
    actions.sweep_recordings()
    assert Recording.objects.values().get() == before


def test_a_size_that_changes_on_air_is_played_over(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Two heads, no discontinuity, times that run on."""
    with in_schema(aurora.schema):
        have_evening(set_up(aurora), sizes=((160, 96), (320, 192)))
        actions.sweep_recordings()
        recording = Recording.objects.get()
        text = Shelf().read(f"{stored(recording)}/index.m3u8").decode()
        small, large = play(recording)
    assert text.count("#EXT-X-MAP") == 2
    assert "DISCONTINUITY" not in text
    assert (set(small.sizes), set(large.sizes)) == ({(160, 96)}, {(320, 192)})
    assert large.pictures[0][0] - small.pictures[-1][0] == pytest.approx(1 / 30, abs=0.003)
    assert max(map(abs, large.skews_ms()), default=0) <= 40


def test_a_rehearsal_leaves_nothing(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """Recorded before the cut, or of a show whose start was taken back: no file, no folder, and the office is told."""
    with in_schema(aurora.schema):
        evening = have_evening(set_up(aurora), is_recorded=False)
        record(evening.folder, began_at=evening.live_s - 20)
        actions.sweep_recordings()
        assert Recording.objects.get().state == "empty"
        assert list_recordings(evening.airing_id) == []
        Recording.objects.all().delete()
        record(evening.folder, began_at=evening.live_s)
        Airing.objects.filter(pk=evening.airing_id).update(withdrawn_at=clock.now())
        actions.sweep_recordings()
        assert Recording.objects.get().state == "empty"
        assert not evening.folder.exists()
        assert not default_storage.exists("recordings")


def test_what_a_node_still_records_is_left_alone(evening: Evening) -> None:
    """The hold is the node's until it lets go or dies. A folder without a manifest was made a moment ago."""
    lock = manifests.seize(evening.folder)
    assert lock is not None
    unborn = evening.folder.with_name(f"{evening.airing_id}~1")
    unborn.mkdir()
    actions.sweep_recordings()
    assert not Recording.objects.exists()
    lock.close()
    actions.sweep_recordings()
    assert Recording.objects.get().state == "done"
    assert unborn.exists()
    os.utime(unborn, (0, 0))
    actions.sweep_recordings()
    assert Recording.objects.get(folder=unborn.name).error_code == "recording_unreadable"


def test_a_killed_nodes_film_is_recovered(evening: Evening) -> None:
    """Open, torn in the middle of a write, and never told of in the manifest as closed."""
    told = manifests.read(evening.folder)
    film = evening.folder / told.films[0].name
    manifests.write(evening.folder, manifests.Manifest(told.room, (manifests.Film("0001.mp4", told.films[0].started_at, 160, 96),)))
    film.rename(film.with_name("0001.mp4.part"))
    with film.with_name("0001.mp4.part").open("ab") as torn:
        torn.write(b"\x00\x00\x02\x00moof torn")
    actions.sweep_recordings()
    recording = Recording.objects.get()
    assert (recording.state, recording.duration_ms) == ("done", pytest.approx((LIVE_S - 0.7) * 1000, abs=34))


WORKER = """
import os, sys, time, uuid
import config.celery, django; django.setup()
from pathlib import Path
from django.conf import settings
settings.MEDIA_ROOT, settings.RECORDINGS_DIR = Path(sys.argv[2]), Path(sys.argv[3])
from merchants.foundation.tenancy import in_schema
from dramas.transcode.shelf import Shelf
from rooms.recordings import actions
real_put = Shelf.put
def put_slowly(shelf, name, data):
    real_put(shelf, name, data)
    time.sleep(60 if name.endswith("s00000.m4s") else 0)
Shelf.put = put_slowly
with in_schema("aurora"):
    actions.take_in(recording_id=uuid.UUID(sys.argv[1]))
"""


@pytest.mark.slow
def test_kill_9_of_the_worker_loses_nothing(evening: Evening, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between two segments: its hold goes with it, and the next run stores only what is missing."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    monkeypatch.setattr(jobs, "enqueue", lambda name, **arguments: None)
    actions.sweep_recordings()
    recording = Recording.objects.get()
    connections.close_all()
    command = [sys.executable, "-c", WORKER, str(recording.pk), str(settings.MEDIA_ROOT), str(settings.RECORDINGS_DIR)]
    config = connections["default"].settings_dict
    address = f"postgresql://{config['USER']}:{config['PASSWORD']}@{config['HOST']}:{config['PORT']}/{config['NAME']}"
    worker = subprocess.Popen(command, env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": address}, cwd=ROOT)
    try:
        deadline = time.monotonic() + 60
        first = f"{stored(recording)}/s00000.m4s"
        while not default_storage.exists(first) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert default_storage.exists(first)
        actions.take_in(recording_id=recording.pk)  # a second delivery meanwhile
        recording.refresh_from_db()
        assert (recording.state, recording.runs) == ("working", 1)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    put: list[str] = []
    real_put = Shelf.put
    monkeypatch.setattr(Shelf, "put", lambda shelf, name, data: (put.append(name), real_put(shelf, name, data)))
    with clock.frozen(clock.now() + jobs.SILENT_AFTER + timedelta(seconds=1)):
        actions.sweep_recordings()
        actions.take_in(recording_id=recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.runs) == ("done", 2)
    assert first not in put
    assert f"{stored(recording)}/index.m3u8" in put


def test_a_storage_that_fails_is_tried_again_and_then_given_up(evening: Evening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five runs, two minutes apart; the office reads why, and a retry by hand goes on."""
    real_put = Shelf.put

    def refuse(_shelf: Shelf, _name: str, _data: bytes) -> None:
        raise ConnectionResetError("the store is away")

    monkeypatch.setattr(Shelf, "put", refuse)
    now = clock.now()
    for turn in range(jobs.MAX_RUNS + 1):
        with clock.frozen(now + turn * (jobs.UNHEARD_AFTER + timedelta(seconds=1))):
            actions.sweep_recordings()
    recording = Recording.objects.get()
    assert (recording.state, recording.runs, recording.error_code) == ("failed", jobs.MAX_RUNS, "recording_not_stored")
    assert "did not take it" in failure_text(recording.error_code, recording.error_params)
    assert evening.folder.exists()
    monkeypatch.setattr(Shelf, "put", real_put)
    actions.retry_recording(recording_id=recording.pk, actor=HOST)
    recording.refresh_from_db()
    assert (recording.state, recording.error_code) == ("done", "")
    with pytest.raises(NothingToRetry):
        actions.retry_recording(recording_id=recording.pk, actor=HOST)


def test_a_worker_that_does_not_see_the_folder_says_so(evening: Evening, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "enqueue", lambda name, **arguments: None)
    actions.sweep_recordings()
    shutil.move(evening.folder, evening.folder.with_name("elsewhere"))
    recording = Recording.objects.get()
    actions.take_in(recording_id=recording.pk)
    recording.refresh_from_db()
    assert (recording.state, recording.error_code) == ("failed", "recording_lost")


def test_what_failed_waits_a_week_for_another_try(evening: Evening) -> None:
    """Then its folder goes; the row stays and says why."""
    (evening.folder / "0001.mp4").write_bytes(b"\x00\x00\x00\x08free")
    actions.sweep_recordings()
    assert Recording.objects.get().error_code == "recording_unreadable"
    for days, is_there in ((6, True), (8, False)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            actions.sweep_recordings()
        assert evening.folder.exists() == is_there
    assert Recording.objects.get().state == "failed"


def test_a_disk_that_was_full_is_told_beside_what_there_is(aurora: Shop, set_up: Callable[..., Stage]) -> None:
    """The manifest's own reason reaches the office."""
    with in_schema(aurora.schema):
        evening = have_evening(set_up(aurora), is_recorded=False)
        record(evening.folder, began_at=evening.live_s, limits=Limits(least_free_bytes=1 << 60))
        actions.sweep_recordings()
        recording = Recording.objects.get()
        assert (recording.state, recording.error_code) == ("empty", "recording_disk_full")
        assert "disk of the recordings is full" in failure_text(recording.error_code, recording.error_params)


def test_the_quota_counts_recordings(aurora: Shop, evening: Evening) -> None:
    """One that does not fit waits for space, and one that is there leaves less for uploads."""

    def limit(quota_bytes: int) -> None:
        Merchant.objects.filter(schema_name=aurora.schema).update(media_quota_bytes=quota_bytes)

    with in_schema("public"):
        before = Merchant.objects.get(schema_name=aurora.schema).media_quota_bytes
        limit(1_000)
    try:
        actions.sweep_recordings()
        recording = Recording.objects.get()
        assert (recording.state, recording.error_code, used_bytes()) == ("failed", "recording_over_quota", 0)
        with in_schema("public"):
            limit(before)
        actions.retry_recording(recording_id=recording.pk, actor=HOST)
        assert used_bytes() > 10_000
        with in_schema("public"):
            limit(used_bytes_in(aurora) + 999)
        with pytest.raises(QuotaExceeded):
            check_space(1_000)
    finally:
        with in_schema("public"):
            limit(before)


def used_bytes_in(shop: Shop) -> int:
    with in_schema(shop.schema):
        return work.count_media_bytes()


def test_recordings_go_with_their_show(evening: Evening) -> None:
    """Removed by hand, or deleted with the show (which only the schema's owner may): no file stays, and a folder of a show that is
    gone goes too."""
    actions.sweep_recordings()
    recording = Recording.objects.get()
    actions.remove_recording(recording_id=recording.pk, actor=HOST)
    assert not default_storage.exists(stored(recording))
    with pytest.raises(RecordingNotFound):
        actions.remove_recording(recording_id=recording.pk, actor=HOST)
    record(evening.folder, began_at=evening.live_s)
    actions.sweep_recordings()
    recording = Recording.objects.get()
    record(evening.folder, began_at=evening.live_s)
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("TRUNCATE aurora.airing CASCADE")
    assert not Recording.objects.exists()
    actions.sweep_recordings()
    actions.sweep_files()
    assert not default_storage.exists(stored(recording))
    assert not evening.folder.exists()


def test_two_shops_take_in_their_own(aurora: Shop, borealis: Shop, set_up: Callable[..., Stage]) -> None:
    """Equal folders in two shops; one shop's sweep, task and clean-up leave the other's rows, folders and files alone."""
    with in_schema(borealis.schema):
        theirs = have_evening(set_up(borealis))
    with in_schema(aurora.schema):
        ours = have_evening(set_up(aurora))
        shutil.copytree(theirs.folder, ours.folder.with_name(theirs.folder.name))  # a show that is not aurora's
        actions.sweep_recordings()
        actions.sweep_files()
        assert [row.airing_id for row in Recording.objects.all()] == [ours.airing_id]
        our_id = Recording.objects.get().pk
        assert not ours.folder.with_name(theirs.folder.name).exists()
    assert theirs.folder.exists()
    with in_schema(borealis.schema):
        assert not Recording.objects.exists()
        actions.take_in(recording_id=our_id)
        with pytest.raises(RecordingNotFound):
            actions.remove_recording(recording_id=our_id, actor=HOST)
        actions.sweep_recordings()
        actions.sweep_files()
        assert Recording.objects.get().state == "done"
    with in_schema(aurora.schema):
        assert default_storage.exists(f"recordings/{our_id}/index.m3u8")
