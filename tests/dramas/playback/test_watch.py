"""The season player's page, and going on where the viewer left."""

import json
import re
from typing import Any

import pytest

from dramas.playback.models import WatchPosition
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import approve, make_season


@pytest.fixture
def season(aurora: Shop, borealis: Shop, hire: Any) -> Any:
    with in_schema(aurora.schema):
        made = make_season()
        approve(made.id, hire(aurora, "reviewer", email="r@aurora.test"))
        return made


def state_of(answer: Any) -> dict[str, Any]:
    found = re.search(r'<script id="state" type="application/json">(.*?)</script>', answer.content.decode(), re.DOTALL)
    assert found is not None
    state: dict[str, Any] = json.loads(found[1])
    return state


def put(client: Any, season: Any, episode: Any, position_ms: int) -> Any:
    body = {"episode_id": str(episode.id), "position_ms": position_ms}
    return client.put(f"/api/v1/playback/seasons/{season.id}/position", body, content_type="application/json")


def test_a_first_visit_begins_with_the_first_episode(browse: Any, aurora: Shop, season: Any) -> None:
    """All episodes, the products of its cues, and every text the page needs."""
    state = state_of(browse(aurora).get("/seasons/low-tide/"))
    assert (state["playback"]["number"], state["start_ms"], len(state["episodes"])) == (1, 0, 6)
    assert [product["title"] for product in state["products"]] == ["Brass lantern"]
    assert all(state["texts"].values())


def test_a_guest_goes_on_where_they_left(browse: Any, aurora: Shop, season: Any) -> None:
    """Without signing in; another guest begins at the beginning."""
    client = browse(aurora)
    client.get("/seasons/low-tide/")
    assert put(client, season, season.episodes[2], 12_345).status_code == 204
    state = state_of(client.get("/seasons/low-tide/"))
    assert (state["playback"]["number"], state["start_ms"]) == (3, 12_345)
    assert state["saved_at_ms"] > 0
    assert state_of(browse(aurora).get("/seasons/low-tide/"))["playback"]["number"] == 1


def test_a_person_goes_on_on_another_device(enter: Any, browse: Any, aurora: Shop, season: Any) -> None:
    """The place belongs to the account."""
    phone = enter(aurora, "")
    put(phone, season, season.episodes[1], 9_000)
    desktop = browse(aurora)
    with in_schema(aurora.schema):
        from merchants.accounts.models import User

        desktop.force_login(User.objects.get(role="", email__startswith="@"), backend="allauth.account.auth_backends.AuthenticationBackend")
    state = state_of(desktop.get("/seasons/low-tide/"))
    assert (state["playback"]["number"], state["start_ms"]) == (2, 9_000)


def test_leaving_in_the_last_seconds_goes_on_with_the_next(browse: Any, aurora: Shop, season: Any) -> None:
    """And after the last episode with the first."""
    client = browse(aurora)
    client.get("/seasons/low-tide/")
    put(client, season, season.episodes[1], 29_000)
    assert state_of(client.get("/seasons/low-tide/"))["playback"]["number"] == 3
    put(client, season, season.episodes[5], 29_500)
    assert state_of(client.get("/seasons/low-tide/"))["playback"]["number"] == 1


def test_an_episode_can_be_asked_for(browse: Any, aurora: Shop, season: Any) -> None:
    """`?episode=4`; nonsense falls back to the usual start."""
    client = browse(aurora)
    assert state_of(client.get("/seasons/low-tide/?episode=4"))["playback"]["number"] == 4
    assert state_of(client.get("/seasons/low-tide/?episode=x"))["playback"]["number"] == 1


@pytest.mark.parametrize("position_ms", [-1, 86_400_001, "soon", None])
def test_a_place_that_is_none_is_refused(position_ms: Any, browse: Any, aurora: Shop, season: Any) -> None:
    """422, and nothing is kept."""
    client = browse(aurora)
    client.get("/seasons/low-tide/")
    assert put(client, season, season.episodes[0], position_ms).status_code == 422
    with in_schema(aurora.schema):
        assert not WatchPosition.objects.exists()


def test_a_place_in_another_season_or_shop_is_refused(browse: Any, aurora: Shop, borealis: Shop, season: Any, hire: Any) -> None:
    """404, and nothing is kept."""
    with in_schema(aurora.schema):
        other = make_season(title="Other")
        approve(other.id, hire(aurora, "owner", email="o@aurora.test"))
    assert put(browse(aurora), season, other.episodes[0], 1).status_code == 404
    assert put(browse(borealis), season, season.episodes[0], 1).status_code == 404
    for shop in (aurora, borealis):
        with in_schema(shop.schema):
            assert not WatchPosition.objects.exists()


def test_the_last_word_counts(browse: Any, aurora: Shop, season: Any) -> None:
    """One row a viewer and season; a place beyond the end becomes the end."""
    client = browse(aurora)
    client.get("/seasons/low-tide/")
    put(client, season, season.episodes[0], 1_000)
    put(client, season, season.episodes[0], 5_000_000)
    with in_schema(aurora.schema):
        assert WatchPosition.objects.get().position_ms == 30_000


def test_a_season_without_video_says_so(browse: Any, enter: Any, aurora: Shop) -> None:
    """Staff who look at a draft get a page, not an error."""
    with in_schema(aurora.schema):
        make_season(title="Empty", is_ready=False)
    assert browse(aurora).get("/seasons/empty/").status_code == 404
    assert "getting ready" in enter(aurora, "editor").get("/seasons/empty/").content.decode()
