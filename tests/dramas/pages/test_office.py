"""The season in the office: who may do what, what a refusal looks like, and that nothing of another shop answers."""

from typing import Any

import pytest

from dramas.seasons.actions import add_episode
from dramas.seasons.digest import digest_of
from dramas.seasons.models import Cue, Episode, Season
from dramas.seasons.queries import get_season, is_airable
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import ACTOR, make_product, make_season


@pytest.fixture
def season(aurora: Shop, borealis: Shop) -> Any:
    with in_schema(aurora.schema):
        return make_season()


def page(season: Any, name: str = "change") -> str:
    return f"/admin/dramas/season/{season.id}/{name}/"


def test_the_page_says_what_is_open_and_where(enter: Any, aurora: Shop, season: Any) -> None:
    """The list, the page and an episode answer in one piece."""
    client = enter(aurora, "owner")
    assert "Low Tide" in client.get("/admin/dramas/season/").content.decode()
    html = client.get(page(season)).content.decode()
    assert "6 episodes, 3:00 in all, 6 cues. Pacing Demo" in html
    assert "Approve and seal" in html
    with in_schema(aurora.schema):
        digest = digest_of(season.id)
    assert digest[:8] in html
    assert "No video yet" not in html


def test_an_empty_office_says_how_to_begin(enter: Any, aurora: Shop) -> None:
    """No season yet: the list offers the first one."""
    html = enter(aurora, "editor").get("/admin/dramas/season/").content.decode()
    assert "No seasons yet" in html
    assert "/admin/dramas/season/add/" in html


def test_a_season_is_begun_edited_and_deleted(enter: Any, aurora: Shop) -> None:
    """The forms write through the stories; a taken address is told at its field."""
    client = enter(aurora, "editor")
    assert client.post("/admin/dramas/season/add/", {"title": "Low Tide", "profile": "demo"}).status_code == 302
    with in_schema(aurora.schema):
        season = get_season("low-tide")
    again = client.post("/admin/dramas/season/add/", {"title": "Other", "slug": "low-tide", "profile": "demo"})
    assert again.status_code == 422
    assert "belongs to another season" in again.content.decode()
    client.post(page(season, "details"), {"title": "High Tide", "slug": "", "profile": "micro", "synopsis": "A ferry."})
    with in_schema(aurora.schema):
        edited = get_season(season.id)
    assert (edited.title, edited.slug, edited.profile) == ("High Tide", "low-tide", "micro")
    assert "cannot be undone" in client.get(page(season, "remove")).content.decode()
    assert client.post(page(season, "remove")).status_code == 302
    with in_schema(aurora.schema):
        assert not Season.objects.exists()


def test_episodes_are_put_in_another_order(enter: Any, aurora: Shop, season: Any) -> None:
    """The script gets the living part back; an outdated order is refused and changes nothing."""
    client = enter(aurora, "editor")
    ids = [str(episode.id) for episode in season.episodes]
    answer = client.post(page(season, "order"), {"order": ",".join(reversed(ids))}, headers={"X-Fragment": "1"})
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    refused = client.post(page(season, "order"), {"order": ",".join(ids[:-1])}, headers={"X-Fragment": "1"})
    assert refused.status_code == 409
    assert refused.json()["error"]["code"] == "episode_order_outdated"
    with in_schema(aurora.schema):
        assert [str(episode.id) for episode in get_season(season.id).episodes] == ids[::-1]


def test_the_seal_is_made_and_taken_back(enter: Any, aurora: Shop, season: Any) -> None:
    """By the owner, for the digest the page showed."""
    client = enter(aurora, "owner")
    client.post(page(season, "approve"), {"digest": "0" * 64})
    with in_schema(aurora.schema):
        assert not is_airable(season.id)
        digest = digest_of(season.id)
    client.post(page(season, "approve"), {"digest": digest})
    with in_schema(aurora.schema):
        assert is_airable(season.id)
    assert "Sealed" in client.get(page(season)).content.decode()
    client.post(page(season, "take_back"))
    with in_schema(aurora.schema):
        assert not is_airable(season.id)


DENIED = {
    "editor": ["approve", "take_back"],
    "host": ["details", "episodes", "order", "submit", "approve", "take_back", "remove"],
    "reviewer": ["details", "episodes", "order", "submit", "remove"],
    "moderator": ["change", "details", "episodes", "order", "submit", "approve", "take_back", "remove"],
    "finance": ["change", "details", "episodes", "order", "submit", "approve", "take_back", "remove"],
}


@pytest.mark.parametrize("role", DENIED)
def test_roles_are_kept_out_of_what_is_not_theirs(role: str, enter: Any, aurora: Shop, season: Any) -> None:
    """403, and nothing has changed."""
    client = enter(aurora, role)
    with in_schema(aurora.schema):
        before = digest_of(season.id)
    for name in DENIED[role]:
        answer = client.get(page(season)) if name == "change" else client.post(page(season, name), {"digest": before, "order": "", "title": "X"})
        assert answer.status_code == 403, name
    with in_schema(aurora.schema):
        assert (digest_of(season.id), is_airable(season.id), Season.objects.count()) == (before, False, 1)


def test_another_shop_has_no_such_season(enter: Any, borealis: Shop, season: Any) -> None:
    """404 on every address, whatever the role there."""
    client = enter(borealis, "owner")
    for name in ("change", "details", "remove"):
        assert client.get(page(season, name)).status_code == 404
    for name in ("order", "submit", "episodes"):
        assert client.post(page(season, name), {"order": str(season.episodes[0].id)}).status_code == 404
    assert client.get(f"/admin/dramas/episode/{season.episodes[0].id}/change/").status_code == 404
    assert client.get(f"/api/v1/office/episodes/{season.episodes[0].id}/cues/").status_code == 404


def test_strangers_are_sent_to_the_sign_in(browse: Any, aurora: Shop, season: Any) -> None:
    """The office is closed without a role."""
    assert browse(aurora).get(page(season)).status_code == 302
    assert browse(aurora).get(f"/api/v1/office/episodes/{season.episodes[0].id}/cues/").status_code == 401


class TestCueEditor:
    """The REST door behind the timeline."""

    def url(self, season: Any) -> str:
        return f"/api/v1/office/episodes/{season.episodes[0].id}/cues/"

    def test_a_cue_is_put_moved_and_removed(self, enter: Any, aurora: Shop, season: Any) -> None:
        """Times go in as `mm:ss.mmm`; every answer holds all cues in order."""
        client = enter(aurora, "editor")
        with in_schema(aurora.schema):
            product = make_product("Cup")
        body = {"at": "00:20.040", "duration_ms": 5000, "product_id": str(product.id), "payload": {"line": "Hers."}}
        made = client.post(self.url(season), body, content_type="application/json")
        assert made.status_code == 201
        assert [cue["at_ms"] for cue in made.json()["cues"]] == [5000, 20_040]
        cue_id = made.json()["id"]
        moved = client.put(f"/api/v1/office/cues/{cue_id}/", body | {"at": "0:01"}, content_type="application/json")
        assert [cue["at_ms"] for cue in moved.json()["cues"]] == [1000, 5000]
        gone = client.delete(f"/api/v1/office/cues/{cue_id}/")
        assert [cue["at_ms"] for cue in gone.json()["cues"]] == [5000]

    @pytest.mark.parametrize(
        ("change", "code"),
        [({"at": "soon"}, "time_invalid"), ({"at": "01:00"}, "cue_invalid"), ({"product_id": None}, "cue_invalid"), ({"kind": "x"}, "cue_invalid")],
    )
    def test_a_broken_cue_says_why(self, change: dict[str, Any], code: str, enter: Any, aurora: Shop, season: Any) -> None:
        """422 with a stable code and a sentence; nothing is kept."""
        with in_schema(aurora.schema):
            product_id = str(Cue.objects.filter(episode_id=season.episodes[0].id).get().product_id)
        body = {"at": "00:20", "duration_ms": 5000, "product_id": product_id} | change
        answer = enter(aurora, "editor").post(self.url(season), body, content_type="application/json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        assert answer.json()["error"]["message"]
        with in_schema(aurora.schema):
            assert Cue.objects.filter(episode_id=season.episodes[0].id).count() == 1

    def test_a_host_looks_and_does_not_touch(self, enter: Any, aurora: Shop, season: Any) -> None:
        """Reading is theirs, writing is not."""
        client = enter(aurora, "host")
        assert client.get(self.url(season)).status_code == 200
        assert client.post(self.url(season), {"at": "0:01"}, content_type="application/json").status_code == 403


def test_an_episode_is_edited_captioned_and_removed(enter: Any, aurora: Shop, season: Any) -> None:
    """The episode page's forms; a broken caption file is told with its line."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = enter(aurora, "editor")
    episode = season.episodes[-1]
    url = f"/admin/dramas/episode/{episode.id}"
    assert "cue-editor" in client.get(f"{url}/change/").content.decode()
    assert client.get(f"{url}/preview/").status_code == 200
    with in_schema(aurora.schema):
        unlock = make_product("Unlock", grants=f"episode:{episode.id}")
    client.post(f"{url}/save/", {"title": "The end", "access": "paid", "unlock_variant_id": str(unlock.variants[0].id)})
    with in_schema(aurora.schema):
        edited = Episode.objects.get(pk=episode.id)
    assert (edited.title, edited.access, edited.unlock_variant_id) == ("The end", "paid", unlock.variants[0].id)
    assert client.post(f"{url}/save/", {"title": "", "access": "free"}).status_code == 422
    bad = client.post(f"{url}/captions/", {"language": "en", "file": SimpleUploadedFile("a.vtt", b"WEBVTT\n\nnonsense --> x\n")}, follow=True)
    assert "Line 3" in bad.content.decode()
    good = SimpleUploadedFile("a.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n")
    assert "English" in client.post(f"{url}/captions/", {"language": "en", "file": good}, follow=True).content.decode()
    client.post(f"{url}/captions/en/remove/")
    assert client.post(f"{url}/remove/").status_code == 302
    with in_schema(aurora.schema):
        assert Episode.objects.filter(season_id=season.id).count() == 5


def test_a_product_of_another_shop_cannot_be_an_unlock(enter: Any, aurora: Shop, borealis: Shop, season: Any) -> None:
    """It is no choice of the form."""
    with in_schema(borealis.schema):
        foreign = make_product("Foreign", grants=f"episode:{season.episodes[-1].id}")
    answer = enter(aurora, "editor").post(
        f"/admin/dramas/episode/{season.episodes[-1].id}/save/", {"title": "X", "access": "paid", "unlock_variant_id": str(foreign.variants[0].id)}
    )
    assert answer.status_code == 422


def test_the_home_page_names_what_waits(enter: Any, aurora: Shop, season: Any) -> None:
    """A request for approval and a failed episode stand on the home page of those who can act."""
    from django.db import transaction

    from dramas.seasons.actions import record_transcode, submit_season
    from dramas.seasons.media import MediaFailure

    with in_schema(aurora.schema):
        submit_season(actor=ACTOR, season_id=season.id)
        other = make_season(title="Other", has_cues=False)
        with transaction.atomic():
            record_transcode(episode_id=other.episodes[0].id, state="failed", failure=MediaFailure("source_truncated"))
        add_episode(actor=ACTOR, season_id=other.id)
    html = enter(aurora, "owner").get("/admin/").content.decode()
    assert "waits for approval" in html
    assert "Other: episode 1 failed" in html
