"""Protection follows access, old versions go, keys stay closed."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from dramas.seasons.actions import add_episode, create_season, edit_episode, remove_episode
from dramas.seasons.queries import get_episode
from dramas.transcode import actions
from dramas.transcode.encrypt import decrypt_segment
from dramas.transcode.models import Edition, EpisodeKey
from dramas.transcode.queries import get_episode_key, get_media, has_version, list_media
from dramas.transcode.vault import KeyUnreadable
from merchants.foundation import clock
from merchants.foundation.errors import NotFound
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.transcode.films import Films


@pytest.fixture
def make_ready(films: Films, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any) -> Callable[..., UUID]:
    """`make_ready(access)`: an episode with a complete edition. Needs the shop's schema."""
    settings.DATA_DIR = tmp_path

    def make(access: str = "free", film: str = "two_steps") -> UUID:
        season_id = create_season(actor="x", title="Low Tide", profile="demo")
        episode_id = add_episode(actor="x", season_id=season_id, title="One", access=access)
        with django_capture_on_commit_callbacks(execute=True):
            actions.import_source_file(episode_id=episode_id, path=films.get(film), actor="x")
        return episode_id

    return make


def segments(settings: Any, shop: Shop, folder: str) -> list[bytes]:
    root = Path(settings.MEDIA_ROOT) / shop.schema / folder / "360p"
    return [path.read_bytes() for path in sorted(root.glob("*.m4s"))]


def test_a_paid_episode_is_published_encrypted(aurora: Shop, make_ready: Any, settings: Any) -> None:
    """Its playlist asks our key address for the key; the key opens its segments."""
    with in_schema(aurora.schema):
        episode_id = make_ready("paid")
        media = get_media(episode_id)
        assert media is not None
        assert (media.is_encrypted, media.clear_segments, media.kind, media.is_growing) == (True, 2, "full", False)
        playlist = (Path(settings.MEDIA_ROOT) / aurora.schema / media.folder / "360p/index.m3u8").read_text()
        assert f'URI="/api/v1/playback/keys/{episode_id}/{media.version}"' in playlist
        third = segments(settings, aurora, media.folder)[2]
        assert b"moof" not in third
        assert b"moof" in decrypt_segment(third, get_episode_key(episode_id), 2)
        assert has_version(episode_id, media.version)
        assert list_media([episode_id]) == {episode_id: media}


def test_a_change_of_access_publishes_the_other_form(aurora: Shop, make_ready: Any, settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    """Free to paid encrypts without encoding again, paid to free makes readable; the pictures stay the same."""
    with in_schema(aurora.schema):
        episode_id = make_ready("free")
        clear = get_media(episode_id)
        assert clear is not None
        original = segments(settings, aurora, clear.folder)
        with django_capture_on_commit_callbacks(execute=True):
            edit_episode(actor="x", episode_id=episode_id, changes={"access": "paid"})
            actions.reseal_episode(episode_id=episode_id)
        sealed = get_media(episode_id)
        assert sealed is not None
        assert sealed.is_encrypted
        assert get_episode(episode_id).is_encrypted
        assert segments(settings, aurora, sealed.folder)[2] != original[2]
        assert actions.reseal_episode(episode_id=episode_id) is False
        edit_episode(actor="x", episode_id=episode_id, changes={"access": "free"})
        assert actions.reseal_episode(episode_id=episode_id) is True
        assert segments(settings, aurora, get_media(episode_id).folder) == original  # type: ignore[union-attr]


def test_old_versions_go_when_nobody_can_be_watching_them(aurora: Shop, make_ready: Any, settings: Any) -> None:
    """A preview stays a day for those who watch it; the readable version of a paid episode only ten minutes."""
    with in_schema(aurora.schema):
        episode_id = make_ready("free")
        preview = Edition.objects.get(manifest__kind="preview")
        assert actions.sweep_editions() == 0
        edit_episode(actor="x", episode_id=episode_id, changes={"access": "paid"})
        actions.reseal_episode(episode_id=episode_id)
        folder = Path(settings.MEDIA_ROOT) / aurora.schema / preview.folder
        assert folder.exists()
        with clock.frozen(clock.now() + timedelta(minutes=11)):
            assert actions.sweep_editions() == 2
        assert not folder.exists()
        assert Edition.objects.get().manifest["is_encrypted"]


def test_an_old_version_of_a_free_episode_stays_a_day(aurora: Shop, make_ready: Any) -> None:
    """Whoever watches the preview is not cut off."""
    with in_schema(aurora.schema):
        make_ready("free")
        with clock.frozen(clock.now() + timedelta(hours=23)):
            assert actions.sweep_editions() == 0
        with clock.frozen(clock.now() + timedelta(hours=25)):
            assert actions.sweep_editions() == 1


def test_keys_are_closed_to_other_shops_and_other_secrets(aurora: Shop, borealis: Shop, make_ready: Any, settings: Any) -> None:
    """A stored key opens in its shop, for its episode, with our secret; a rotated secret still opens it as a fallback."""
    with in_schema(aurora.schema):
        episode_id = make_ready("paid")
        key = get_episode_key(episode_id)
        row = EpisodeKey.objects.get()
        assert key not in bytes(row.sealed)
        stolen = bytes(row.sealed), row.created_at
        old = settings.SECRET_KEY
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new" * 20, [old]
        assert get_episode_key(episode_id) == key
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(KeyUnreadable):
            get_episode_key(episode_id)
        settings.SECRET_KEY = old
    with in_schema(borealis.schema):
        with pytest.raises(NotFound):
            get_episode_key(episode_id)
        EpisodeKey.objects.create(episode_id=episode_id, sealed=stolen[0], created_at=stolen[1])
        with pytest.raises(KeyUnreadable):
            get_episode_key(episode_id)


def test_two_shops_with_the_same_file_share_nothing(aurora: Shop, borealis: Shop, make_ready: Any, settings: Any) -> None:
    """The same source in two shops lies in two folders, with two keys."""
    found = []
    for shop in (aurora, borealis):
        with in_schema(shop.schema):
            episode_id = make_ready("paid")
            found.append((get_episode_key(episode_id), get_media(episode_id)))
            assert (Path(settings.MEDIA_ROOT) / shop.schema / found[-1][1].folder / "master.m3u8").exists()
    assert found[0][0] != found[1][0]
    assert found[0][1].version != found[1][1].version


def test_a_removed_episode_takes_its_files_along(aurora: Shop, make_ready: Any, settings: Any, django_capture_on_commit_callbacks: Any) -> None:
    """Editions, key and master go; an hour later nothing of it is on the disk."""
    with in_schema(aurora.schema):
        episode_id = make_ready("paid")
        folder = Path(settings.MEDIA_ROOT) / aurora.schema / "episodes" / str(episode_id)
        remove_episode(actor="x", episode_id=episode_id)
        actions.remove_media_of(episode_id=episode_id)
        assert not [path for path in folder.rglob("*") if path.is_file()]
        assert (Edition.objects.count(), EpisodeKey.objects.count()) == (0, 0)
        with clock.frozen(clock.now() + timedelta(hours=2)):
            assert actions.sweep_sources() == 1
