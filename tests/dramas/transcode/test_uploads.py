"""A file comes in by the tus protocol, in pieces, by those who may, and becomes an episode."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from dramas.seasons.actions import add_episode, create_season
from dramas.seasons.queries import get_episode
from dramas.transcode import actions
from dramas.transcode.errors import SourceTruncated
from dramas.transcode.models import Source, TranscodeJob, Upload
from dramas.transcode.places import source_path
from merchants.foundation import clock
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from merchants.tenants.models import Merchant
from tests.conftest import Shop
from tests.dramas.transcode.films import Films

TUS = {"Tus-Resumable": "1.0.0"}
UPLOADS = "/api/v1/transcode/uploads/"


@pytest.fixture
def make_episode(settings: Any, tmp_path: Path) -> Callable[[Shop], UUID]:
    settings.DATA_DIR = tmp_path

    def make(shop: Shop) -> UUID:
        with in_schema(shop.schema):
            season_id = create_season(actor="x", title="Low Tide", profile="demo")
            return add_episode(actor="x", season_id=season_id, title="One")

    return make


def metadata(**values: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in values.items())


def begin(client: Any, episode_id: UUID, size: int, **more: str) -> Any:
    described = metadata(episode=str(episode_id), filename="one.mp4", **more)
    return client.post(UPLOADS, headers=TUS | {"Upload-Length": str(size), "Upload-Metadata": described})


def send(client: Any, address: str, data: bytes, offset: int) -> Any:
    return client.patch(address, data=data, content_type="application/offset+octet-stream", headers=TUS | {"Upload-Offset": str(offset)})


def test_a_file_sent_in_pieces_becomes_a_playable_episode(
    aurora: Shop, enter: Any, films: Films, make_episode: Any, django_capture_on_commit_callbacks: Any
) -> None:
    """Creation, two pieces with a break between them, the probe, the queue, the transcode, the published edition."""
    client, episode_id, data = enter(aurora, "editor"), make_episode(aurora), films.get("portrait").read_bytes()
    begun = begin(client, episode_id, len(data))
    assert begun.status_code == 201
    address, half = begun["Location"], len(data) // 2
    assert send(client, address, data[:half], 0)["Upload-Offset"] == str(half)
    asked = client.head(address, headers=TUS)
    assert (asked["Upload-Offset"], asked["Upload-Length"], asked["Cache-Control"]) == (str(half), str(len(data)), "no-store")
    with django_capture_on_commit_callbacks() as sent:
        assert send(client, address, data[half:], half).status_code == 204
    with in_schema(aurora.schema):
        with django_capture_on_commit_callbacks(execute=True):
            for after_commit in sent:
                after_commit()
        episode = get_episode(episode_id)
        assert (episode.state, episode.duration_ms, episode.width, episode.height) == ("ready", 2000, 202, 360)
        assert TranscodeJob.objects.get().state == "done"
        assert Source.objects.get().filename == "one.mp4"
        assert [entry.action for entry in AuditEntry.objects.filter(subject=f"episode:{episode_id}").order_by("at")] == ["upload.start", "source.add"]
    work = client.get(f"/api/v1/transcode/episodes/{episode_id}/").json()
    assert (work["state"], work["percent"], work["error"], work["upload"]) == ("ready", 100, "", None)


def test_the_same_file_continues_its_upload(aurora: Shop, enter: Any, make_episode: Any) -> None:
    """After a reload the browser asks again with the file's fingerprint and gets the open upload with its offset."""
    client, episode_id = enter(aurora, "editor"), make_episode(aurora)
    first = begin(client, episode_id, 1000, fingerprint="f1")
    send(client, first["Location"], b"x" * 300, 0)
    again = begin(client, episode_id, 1000, fingerprint="f1")
    assert (again["Location"], again["Upload-Offset"]) == (first["Location"], "300")
    assert begin(client, episode_id, 1000, fingerprint="f2")["Location"] != first["Location"]
    work = client.get(f"/api/v1/transcode/episodes/{episode_id}/").json()
    assert work["upload"]["filename"] == "one.mp4"


def test_a_piece_at_the_wrong_place_is_refused_with_the_right_one(aurora: Shop, enter: Any, make_episode: Any) -> None:
    """409 carries the offset to go on from; nothing was written."""
    client, episode_id = enter(aurora, "editor"), make_episode(aurora)
    address = begin(client, episode_id, 1000)["Location"]
    send(client, address, b"x" * 10, 0)
    answer = send(client, address, b"y" * 10, 0)
    assert (answer.status_code, answer["Upload-Offset"], answer.json()["error"]["code"]) == (409, "10", "upload_offset_wrong")
    assert send(client, address, b"y" * 991, 10).json()["error"]["code"] == "upload_too_much"
    with in_schema(aurora.schema):
        assert source_path(f"{Upload.objects.get().pk}/source").read_bytes() == b"x" * 10


def test_a_truncated_file_is_refused_at_its_end(aurora: Shop, enter: Any, films: Films, make_episode: Any) -> None:
    """The last piece answers with the reason; the file is gone, the episode says why, nothing is queued."""
    client, episode_id, data = enter(aurora, "editor"), make_episode(aurora), films.get("cut_off").read_bytes()
    answer = send(client, begin(client, episode_id, len(data))["Location"], data, 0)
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "source_truncated")
    assert "cut off" in answer.json()["error"]["message"]
    with in_schema(aurora.schema):
        assert (get_episode(episode_id).state, TranscodeJob.objects.count(), Upload.objects.get().state) == ("failed", 0, "refused")
        assert not source_path(f"{Upload.objects.get().pk}/source").exists()
    work = client.get(f"/api/v1/transcode/episodes/{episode_id}/").json()
    assert (work["error_code"], work["can_retry"]) == ("source_truncated", False)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 412, "upload_protocol"),
        (TUS | {"Upload-Length": "x"}, 422, "invalid_input"),
        (TUS | {"Upload-Length": "0"}, 422, "source_empty"),
        (TUS | {"Upload-Length": str(5 * 1024**3)}, 413, "source_too_large"),
    ],
)
def test_a_bad_beginning_is_refused(aurora: Shop, enter: Any, make_episode: Any, headers: dict[str, str], status: int, code: str) -> None:
    """Protocol and limits are checked before a byte is taken."""
    episode_id = make_episode(aurora)
    answer = enter(aurora, "owner").post(UPLOADS, headers=headers | {"Upload-Metadata": metadata(episode=str(episode_id))})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    with in_schema(aurora.schema):
        assert not Upload.objects.exists()


def test_the_quota_of_the_shop_holds(aurora: Shop, enter: Any, make_episode: Any) -> None:
    """What is open, stored and published counts; one byte too many is refused."""
    client, episode_id = enter(aurora, "owner"), make_episode(aurora)
    Merchant.objects.filter(schema_name=aurora.schema).update(media_quota_bytes=1000)
    assert begin(client, episode_id, 600).status_code == 201
    assert begin(client, episode_id, 401).json()["error"]["code"] == "media_quota_exceeded"
    assert begin(client, episode_id, 400).status_code == 201


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 201), ("editor", 201), ("host", 403), ("moderator", 403), ("reviewer", 403), ("finance", 403)]
)
def test_only_owner_and_editor_upload(aurora: Shop, enter: Any, make_episode: Any, role: str, status: int) -> None:
    """Every other role is refused, and nothing is left behind."""
    episode_id = make_episode(aurora)
    assert begin(enter(aurora, role), episode_id, 10).status_code == status
    with in_schema(aurora.schema):
        assert Upload.objects.count() == (1 if status == 201 else 0)


def test_strangers_and_other_shops_reach_nothing(aurora: Shop, borealis: Shop, enter: Any, browse: Any, make_episode: Any) -> None:
    """A guest is asked to sign in; the owner of another shop finds neither the upload nor the episode."""
    episode_id = make_episode(aurora)
    address = begin(enter(aurora, "owner"), episode_id, 10)["Location"]
    assert begin(browse(aurora), episode_id, 10).status_code == 401
    assert browse(aurora).get(f"/api/v1/transcode/episodes/{episode_id}/").status_code == 401
    stranger = enter(borealis, "owner")
    assert stranger.head(address, headers=TUS).status_code == 404
    assert send(stranger, address, b"0123456789", 0).status_code == 404
    assert stranger.delete(address, headers=TUS).status_code == 404
    assert begin(stranger, episode_id, 10).status_code == 404
    assert stranger.post(f"/api/v1/transcode/episodes/{episode_id}/cancel/").json().get("error", {}).get("code") == "episode_not_found"
    with in_schema(aurora.schema):
        assert (Upload.objects.get().state, Upload.objects.get().offset_bytes) == ("open", 0)


def test_a_cancelled_upload_leaves_no_bytes(aurora: Shop, enter: Any, make_episode: Any) -> None:
    """Afterwards its address is gone (410), and cancelling again changes nothing."""
    client = enter(aurora, "editor")
    address = begin(client, make_episode(aurora), 10)["Location"]
    assert client.delete(address, headers=TUS).status_code == 204
    assert client.head(address, headers=TUS).status_code == 410
    assert client.delete(address, headers=TUS).status_code == 204
    with in_schema(aurora.schema):
        assert not source_path(f"{Upload.objects.get().pk}/source").exists()


def test_the_server_says_what_it_can(aurora: Shop, browse: Any) -> None:
    """OPTIONS names version, extensions and the largest file."""
    answer = browse(aurora).options(UPLOADS)
    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Extension"]) == (204, "1.0.0", "creation,expiration,termination")
    assert answer["Tus-Max-Size"] == str(4 * 1024**3)


def test_forgotten_uploads_are_swept(aurora: Shop, make_episode: Any) -> None:
    """Two days without a byte close an upload and free its space; a live one stays."""
    episode_id = make_episode(aurora)
    with in_schema(aurora.schema):
        old = actions.start_upload(episode_id=episode_id, filename="a", size_bytes=10, fingerprint="a", actor="x")
        with clock.frozen(clock.now() + timedelta(days=2, seconds=1)):
            fresh = actions.start_upload(episode_id=episode_id, filename="b", size_bytes=10, fingerprint="b", actor="x")
            assert actions.sweep_uploads() == 1
            assert actions.sweep_uploads() == 0
        old.refresh_from_db()
        fresh.refresh_from_db()
        assert (old.state, fresh.state) == ("cancelled", "open")
        assert not source_path(f"{old.pk}/source").exists()


def test_a_file_on_this_machine_takes_the_same_way(aurora: Shop, films: Films, make_episode: Any, django_capture_on_commit_callbacks: Any) -> None:
    """Importing probes, stores, queues and publishes; a bad file is refused with its reason and leaves nothing."""
    episode_id = make_episode(aurora)
    with in_schema(aurora.schema):
        with pytest.raises(SourceTruncated):
            actions.import_source_file(episode_id=episode_id, path=films.get("no_moov"), actor="x")
        assert (Source.objects.count(), get_episode(episode_id).state) == (0, "empty")
        with django_capture_on_commit_callbacks(execute=True):
            source_id = actions.import_source_file(episode_id=episode_id, path=films.get("rotated"), actor="x")
        assert Source.objects.get().pk == source_id
        assert get_episode(episode_id).state == "ready"


def test_an_unknown_episode_takes_no_upload(aurora: Shop, enter: Any, make_episode: Any) -> None:
    """404, whether the id is well formed or not."""
    make_episode(aurora)
    client = enter(aurora, "owner")
    assert begin(client, uuid4(), 10).status_code == 404
    answer = client.post(UPLOADS, headers=TUS | {"Upload-Length": "10", "Upload-Metadata": metadata(episode="x")})
    assert answer.status_code == 422
