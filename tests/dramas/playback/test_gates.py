"""Free, paid, refunded: the server decides, whatever address is guessed."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db import transaction

from commerce.wallet.actions import grant_entitlements, revoke_entitlements
from dramas.playback.errors import EpisodeLocked
from dramas.playback.gates import Watcher, require_open
from dramas.playback.queries import cut_to_teaser, get_playback
from dramas.seasons.actions import edit_season, mark_aired, put_captions, remove_episode
from dramas.seasons.errors import SeasonNotFound
from dramas.seasons.queries import SeasonView
from dramas.transcode.encrypt import decrypt_segment
from dramas.transcode.queries import get_episode_key
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import ACTOR, approve, make_short_season, transcode
from tests.dramas.keeping import kept

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


@pytest.fixture(scope="module")
def media_aside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of the first test's season are kept for the others."""
    return tmp_path_factory.mktemp("gates") / "media"


@pytest.fixture
def season(aurora: Shop, borealis: Shop, hire: Any, stamped_film: Callable[[int, float], Path], media_aside: Path) -> Any:
    """Two really transcoded episodes of eight seconds, the second one paid; approved. Transcoded once: rows and files stand again as they were."""
    cache.clear()
    with in_schema(aurora.schema):
        made = kept("one free, one paid", lambda: make_two([stamped_film(1, 8.0), stamped_film(2, 8.0)]))
        here, there = (Path(settings.MEDIA_ROOT), media_aside) if not media_aside.exists() else (media_aside, Path(settings.MEDIA_ROOT))
        shutil.copytree(here, there, dirs_exist_ok=True)
        approve(made.id, hire(aurora, "reviewer", email="r@aurora.test"))
        return made


def make_two(films: list[Path]) -> SeasonView:
    made = make_short_season(films, paid=[2], cues={1: [1_000], 2: [1_000]})
    put_captions(actor=ACTOR, episode_id=made.episodes[1].id, language="en", data=VTT)
    return made


def viewer_id(client: Any) -> str:
    """The guest behind a client that has asked once."""
    from merchants.foundation import signing

    with in_schema("aurora"):
        return str(signing.read("viewer", client.cookies[settings.VIEWER_COOKIE_NAME].value)["id"])


def buy(viewer: str, grants: str) -> Any:
    order_id = new_id()
    with in_schema("aurora"), transaction.atomic():
        grant_entitlements(viewer_id=viewer, grants=[grants], order_id=order_id)
    return order_id


def key_url(episode: Any) -> str:
    return f"/api/v1/playback/keys/{episode.id}/{episode.media_version}"


def test_a_free_episode_comes_whole(browse: Any, aurora: Shop, season: Any) -> None:
    """Inlined playlists, first files, cues; nothing is locked."""
    free = season.episodes[0]
    playback = browse(aurora).get(f"/api/v1/playback/episodes/{free.id}/").json()
    assert (playback["is_locked"], playback["unlock"], playback["duration_ms"]) == (False, None, 8_000)
    assert playback["master_url"] in playback["playlists"]
    assert playback["init_url"].startswith(f"/media/aurora/episodes/{free.id}/")
    assert [cue["at_ms"] for cue in playback["cues"]] == [1_000]
    for url in (playback["master_url"], playback["init_url"], playback["first_segment_url"], playback["poster_url"]):
        answer = browse(aurora).get(url)
        assert answer.status_code == 200
        assert "immutable" in answer["Cache-Control"]
    index = next(text for url, text in playback["playlists"].items() if url.endswith("360p/index.m3u8"))
    assert index.count("#EXTINF") == 4


def test_a_locked_episode_shows_its_price_and_teaser_alone(browse: Any, aurora: Shop, season: Any) -> None:
    """No cues, no captions, no storyboard, and playlists that end with the clear segments."""
    playback = browse(aurora).get(f"/api/v1/playback/episodes/{season.episodes[1].id}/").json()
    assert playback["is_locked"]
    assert playback["unlock"]["price"]["text"] == "$0.99"
    assert (playback["cues"], playback["captions"], playback["storyboard"]) == ([], [], None)
    for url, text in playback["playlists"].items():
        assert "#EXT-X-KEY" not in text
        if not url.endswith("master.m3u8"):
            assert text.count("#EXTINF") == 2
            assert text.endswith("#EXT-X-ENDLIST\n")


def test_the_key_goes_to_those_who_own_the_episode(browse: Any, aurora: Shop, season: Any) -> None:
    """Refused before; given after, once, to nobody's cache; and it opens the published ciphertext."""
    client, paid = browse(aurora), season.episodes[1]
    refused = client.get(key_url(paid))
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "episode_locked")
    assert refused.json()["error"]["params"]["price"] == "$0.99"
    buy(viewer_id(client), paid.grants)
    given = client.get(key_url(paid))
    assert (given.status_code, len(given.content), given["Cache-Control"]) == (200, 16, "no-store")
    with in_schema(aurora.schema):
        with default_storage.open(f"{paid.media_folder}/360p/s00003.m4s", "rb") as file:
            ciphertext = file.read()
    assert b"moof" not in ciphertext[:64]
    assert decrypt_segment(ciphertext, given.content, 3)[4:8] in {b"moof", b"styp", b"sidx"}
    playback = client.get(f"/api/v1/playback/episodes/{paid.id}/").json()
    assert (playback["is_locked"], len(playback["cues"]), len(playback["captions"])) == (False, 1, 1)
    assert client.get(playback["captions"][0]["url"]).status_code == 200


def test_a_season_pass_opens_each_episode(browse: Any, aurora: Shop, season: Any) -> None:
    """What grants the season grants its parts."""
    client, paid = browse(aurora), season.episodes[1]
    client.get(key_url(paid))
    buy(viewer_id(client), f"season:{season.id}")
    assert client.get(key_url(paid)).status_code == 200


def test_a_refund_closes_the_gate_again(browse: Any, aurora: Shop, season: Any) -> None:
    """The same viewer, the same addresses: refused after the refund."""
    client, paid = browse(aurora), season.episodes[1]
    client.get(key_url(paid))
    order_id = buy(viewer_id(client), paid.grants)
    captions = client.get(f"/api/v1/playback/episodes/{paid.id}/").json()["captions"][0]["url"]
    with in_schema(aurora.schema), transaction.atomic():
        revoke_entitlements(order_id=order_id)
    assert client.get(key_url(paid)).status_code == 403
    assert client.get(captions).status_code == 403
    assert client.get(f"/api/v1/playback/episodes/{paid.id}/").json()["is_locked"]


def test_somebody_elses_purchase_opens_nothing(browse: Any, aurora: Shop, season: Any) -> None:
    """Entitlements belong to a viewer, not to an address."""
    paid = season.episodes[1]
    owner, other = browse(aurora), browse(aurora)
    owner.get(key_url(paid))
    buy(viewer_id(owner), paid.grants)
    assert other.get(key_url(paid)).status_code == 403


def test_another_shop_knows_nothing(browse: Any, enter: Any, aurora: Shop, borealis: Shop, season: Any) -> None:
    """404 for its guests and for its owner, on every address."""
    paid = season.episodes[1]
    for client in (browse(borealis), enter(borealis, "owner")):
        for url in (
            key_url(paid),
            f"/api/v1/playback/episodes/{paid.id}/",
            f"/api/v1/playback/captions/{paid.id}/en.vtt",
            paid.poster_url,
            f"/media/aurora/{season.episodes[0].media_folder}/master.m3u8",
            f"/media/borealis/{season.episodes[0].media_folder}/master.m3u8",
            f"/seasons/{season.slug}/",
        ):
            assert client.get(url).status_code == 404, url


def test_a_viewer_cookie_of_another_shop_is_no_viewer(browse: Any, aurora: Shop, borealis: Shop, season: Any) -> None:
    """Carried over to a shop where it was not signed, it makes a new guest."""
    client, thief = browse(aurora), browse(borealis)
    client.get(key_url(season.episodes[1]))
    buy(viewer_id(client), season.episodes[1].grants)
    thief.cookies = client.cookies
    assert thief.get(key_url(season.episodes[1])).status_code == 404


def test_keys_of_other_versions_do_not_exist(browse: Any, enter: Any, aurora: Shop, season: Any) -> None:
    """An invented version is refused even to staff."""
    url = f"/api/v1/playback/keys/{season.episodes[1].id}/f000000000000000"
    assert enter(aurora, "owner").get(url).status_code == 404


def test_staff_see_what_is_locked_and_what_is_draft(enter: Any, browse: Any, aurora: Shop, season: Any) -> None:
    """Those who may look at seasons need no unlock; a moderator or finance does."""
    paid = season.episodes[1]
    assert enter(aurora, "editor").get(key_url(paid)).status_code == 200
    assert enter(aurora, "finance").get(key_url(paid)).status_code == 403


def test_a_draft_is_hidden_until_it_is_approved_and_stays_after_it_aired(enter: Any, browse: Any, aurora: Shop, season: Any) -> None:
    """An edit before the first airing hides it again; after it, replays go on."""
    free = season.episodes[0]
    urls = (f"/api/v1/playback/episodes/{free.id}/", f"/media/aurora/{free.media_folder}/master.m3u8", f"/seasons/{season.slug}/")
    with in_schema(aurora.schema), transaction.atomic():
        pass
    with in_schema(aurora.schema):
        edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Edited"})
    for url in urls:
        assert browse(aurora).get(url).status_code == 404
    staff = enter(aurora, "editor")
    assert [staff.get(url).status_code for url in urls] == [200, 200, 200]
    assert staff.get(urls[1])["Cache-Control"].startswith("private")


def test_what_aired_stays_watchable(browse: Any, hire: Any, aurora: Shop, season: Any) -> None:
    """The room that showed it keeps its replay."""
    with in_schema(aurora.schema):
        with transaction.atomic():
            mark_aired(season_id=season.id)
        edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Edited"})
    assert browse(aurora).get(f"/api/v1/playback/episodes/{season.episodes[0].id}/").status_code == 200


def test_an_episode_that_became_paid_is_closed_at_once(browse: Any, aurora: Shop, season: Any, hire: Any) -> None:
    """Its readable segments are refused until the encrypted version has taken their place."""
    from dramas.seasons.actions import edit_episode
    from dramas.transcode.actions import reseal_episode

    free = season.episodes[0]
    client = browse(aurora)
    with in_schema(aurora.schema):
        with transaction.atomic():
            mark_aired(season_id=season.id)
        edit_episode(actor=ACTOR, episode_id=free.id, changes={"access": "paid"})
    segment = f"/media/aurora/{free.media_folder}/360p/s00003.m4s"
    assert client.get(segment).status_code == 403
    assert client.get(segment.replace("360p/s00003.m4s", "storyboard.jpg")).status_code == 403
    assert client.get(free.poster_url).status_code == 200
    playback = client.get(f"/api/v1/playback/episodes/{free.id}/").json()
    assert (playback["is_locked"], playback["master_url"], playback["playlists"]) == (True, "", {})
    with in_schema(aurora.schema):
        assert reseal_episode(episode_id=free.id)
    assert client.get(segment).status_code == 403
    assert client.get(f"/api/v1/playback/episodes/{free.id}/").json()["playlists"]


def test_the_key_door_is_throttled(browse: Any, aurora: Shop, season: Any) -> None:
    """The 61st question of a minute is told to wait."""
    client, paid = browse(aurora), season.episodes[1]
    answers = [client.get(key_url(paid)) for _ in range(61)]
    assert [answer.status_code for answer in answers[:60]] == [403] * 60
    assert (answers[60].status_code, answers[60].json()["error"]["code"]) == (429, "too_many_requests")
    assert int(answers[60]["Retry-After"]) > 0
    assert browse(aurora).get(key_url(paid)).status_code == 403


def test_a_removed_episode_is_gone(browse: Any, aurora: Shop, season: Any) -> None:
    """404 on its media and its API."""
    free = season.episodes[0]
    with in_schema(aurora.schema):
        remove_episode(actor=ACTOR, episode_id=free.id)
    assert browse(aurora).get(f"/media/aurora/{free.media_folder}/master.m3u8").status_code == 404
    assert browse(aurora).get(f"/api/v1/playback/episodes/{free.id}/").status_code == 404


def test_a_playback_asks_few_questions_of_the_database(aurora: Shop, season: Any) -> None:
    """For a viewer who owns nothing, locked or not."""
    from functools import partial

    from tests.dramas.building import count_queries

    with in_schema(aurora.schema):
        counts = [count_queries(partial(get_playback, episode.id, "somebody")) for episode in season.episodes]
    assert counts == [8, 6]


def test_the_gate_is_the_same_for_actions(aurora: Shop, season: Any) -> None:
    """Raised with what would unlock it; unpublished seasons do not exist for shoppers."""
    with in_schema(aurora.schema):
        with pytest.raises(EpisodeLocked) as refusal:
            require_open(season.episodes[1], Watcher("somebody"))
        assert refusal.value.params["variant_id"] == str(season.episodes[1].variant_id)
        edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Edited"})
        with pytest.raises(SeasonNotFound):
            get_playback(season.episodes[0].id, "somebody")
        assert len(get_episode_key(season.episodes[1].id)) == 16


def test_a_teaser_is_the_beginning_and_nothing_more() -> None:
    """Keys and what follows them go, in whole and in growing playlists."""
    head = '#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-MAP:URI="init.mp4"\n'
    segments = [f"#EXTINF:2.000000,\ns{number:05d}.m4s\n" for number in range(4)]
    key = '#EXT-X-KEY:METHOD=AES-128,URI="/k"\n'
    whole = head + "".join(segments[:2]) + key + "".join(segments[2:]) + "#EXT-X-ENDLIST\n"
    expected = head.replace("EVENT", "VOD") + "".join(segments[:2]) + "#EXT-X-ENDLIST\n"
    assert cut_to_teaser(whole, 2) == expected
    assert cut_to_teaser(head + segments[0], 2) == head.replace("EVENT", "VOD") + segments[0] + "#EXT-X-ENDLIST\n"
    assert "EXTINF" not in cut_to_teaser(head + key + "".join(segments), 2)


def test_a_second_cut_replaces_the_first_for_new_viewers(browse: Any, aurora: Shop, season: Any, stamped_film: Callable[[int, float], Path]) -> None:
    """The old version stays for those who are watching it; new playbacks name the new one."""
    free = season.episodes[0]
    with in_schema(aurora.schema):
        with transaction.atomic():
            mark_aired(season_id=season.id)
        transcode(free.id, stamped_film(3, 6.0))
    playback = browse(aurora).get(f"/api/v1/playback/episodes/{free.id}/").json()
    assert (free.media_version in playback["master_url"], playback["duration_ms"]) == (False, 6_000)
    assert browse(aurora).get(f"/media/aurora/{free.media_folder}/360p/s00001.m4s").status_code == 200
