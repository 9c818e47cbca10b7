"""Tags of the story: put on without touching the seal, and ranked by what viewers did, equal to a plain fold."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from dramas.seasons.actions import tag_season
from dramas.seasons.digest import digest_of
from dramas.seasons.errors import CueNotFound
from dramas.seasons.queries import list_cues, list_tagged_episodes
from dramas.seasons.tags import TAGS
from merchants.foundation.errors import InvalidInput
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from rooms.insights.events import messages as m
from rooms.insights.queries.shapes import Slice
from rooms.insights.tags.queries import list_tags
from tests.conftest import Shop
from tests.dramas.building import ACTOR, count_queries, make_season
from tests.rooms.insights.fold import PLAYBACK, Visit, level_of
from tests.rooms.insights.planting import Planted

pytestmark = pytest.mark.django_db(transaction=False)
VISITS = 500
EVER_MS = 10**12


@pytest.fixture
def tagged(planted: Planted, django_capture_on_commit_callbacks: Any) -> Iterator[dict[str, set[int]]]:
    """{tag: numbers of its episodes}, of the planted season; the season's own tag is on all of them."""
    of_episodes = {"scene.quarrel": {1, 2}, "scene.present": {3}, "tone.tense": {4, 5, 6, 7, 8}}
    with in_schema("aurora"):
        episodes = [episode for episode in list_tagged_episodes() if episode.id in planted.episodes]
        tag_season(
            actor=ACTOR,
            season_id=episodes[0].season_id,
            season=["genre.revenge"],
            episodes={episode.id: [tag for tag, numbers in of_episodes.items() if episode.number in numbers] for episode in episodes},
        )
        yield of_episodes | {"genre.revenge": set(range(1, 9))}


def numbers_of(visit: Visit, planted: Planted) -> set[int]:
    """Episodes between the first and the furthest one that a visit played."""
    played = [planted.episodes.index(event.episode_id) + 1 for event in visit.events if isinstance(event, PLAYBACK)]
    return set(range(min(played), max(played) + 1)) if played else set()


def acts_of(visit: Visit, planted: Planted) -> set[int]:
    kinds = (m.DanmakuEvent, m.LikeEvent, m.GiftEvent, m.CueClickedEvent)
    return {planted.episodes.index(event.episode_id) + 1 for event in visit.events if isinstance(event, kinds) and event.episode_id}


def shown_in(visit: Visit, planted: Planted, cue: UUID) -> int | None:
    """The episode of a cue's first showing."""
    shown = sorted((m.happened_ms(e.id), e.episode_id) for e in visit.events if isinstance(e, m.CueShownEvent) and e.cue_id == cue)
    return planted.episodes.index(shown[0][1]) + 1 if shown and shown[0][1] else None


def test_every_tag_has_the_viewers_of_a_plain_fold(tagged: dict[str, set[int]], planted: Planted, visits: list[Visit]) -> None:
    """Who met it, who took part in it, who bought through one of its cards; each viewer once."""
    rows = {row.tag: row for row in list_tags(Slice())}
    assert set(rows) == set(tagged)
    for tag, numbers in tagged.items():
        met = {visit.viewer for visit in visits if numbers & numbers_of(visit, planted)}
        acted = {visit.viewer for visit in visits if numbers & acts_of(visit, planted)}
        paid = {
            visit.viewer
            for visit in visits
            for cue in planted.cues
            if shown_in(visit, planted, cue) in numbers and level_of(visit.steps(cue), first=3, window_ms=EVER_MS) == 5
        }
        row = rows[tag]
        assert (row.viewers, row.interacted, row.buyers) == (len(met), len(met & acted), len(met & paid)), tag
        assert row.interaction_low <= row.interaction_estimate <= row.interaction_high
        assert row.episodes == len(numbers)
    assert rows["scene.quarrel"].buyers > 0
    assert (rows["scene.quarrel"].conversion_rank, rows["scene.present"].conversion_rank) == (1, 2)
    assert count_queries(lambda: list_tags(Slice())) == 3
    assert list_tags(Slice(source="nobody")) == []


def test_another_shops_tags_know_nothing_of_ours(tagged: dict[str, set[int]]) -> None:
    with in_schema("borealis"):
        assert list_tags(Slice()) == []


def test_tagging_keeps_the_seal_and_refuses_what_is_not_on_the_list(aurora: Shop, db: None, django_capture_on_commit_callbacks: Any) -> None:
    with in_schema("aurora"):
        season, other = make_season(episodes=2, title="One"), make_season(episodes=1, title="Two")
        digest, cue = digest_of(season.id), list_cues(season.episodes[0].id)[0]
        foreign = list_cues(other.episodes[0].id)[0]
        tag_season(actor=ACTOR, season_id=season.id, season=["tone.warm", "genre.comedy"], cues={cue.id: ["scene.meal"]})
        assert digest_of(season.id) == digest
        (first, second) = list_tagged_episodes(season.id)
        assert first.season_tags == ("genre.comedy", "tone.warm")  # in the list's own order
        assert first.cues[0].tags == ("scene.meal",)
        assert second.cues[0].tags == ()
        assert AuditEntry.objects.filter(action="season.tags").count() == 1
        for wrong, refusal in (
            ({"season": ["scene.meal"]}, InvalidInput),
            ({"cues": {cue.id: ["mood"]}}, InvalidInput),
            ({"cues": {foreign.id: []}}, CueNotFound),
        ):
            with pytest.raises(refusal):
                tag_season(actor=ACTOR, season_id=season.id, **wrong)
        assert list_tagged_episodes(season.id) == [first, second]
        assert AuditEntry.objects.filter(action="season.tags").count() == 1


def test_the_page_of_tags_saves_what_its_form_showed(aurora: Shop, enter: Callable[..., Any], db: None) -> None:
    """A cue that the form did not have keeps its tags; who only looks cannot save."""
    with in_schema("aurora"):
        season = make_season(episodes=1)
        cue = list_cues(season.episodes[0].id)[0]
        tag_season(actor=ACTOR, season_id=season.id, cues={cue.id: ["scene.meal"]})
    page = f"/admin/dramas/season/{season.id}/tags/"
    editor = enter(aurora, "editor")
    answer = editor.get(page)
    assert answer.status_code == 200
    assert str(TAGS["scene.meal"].label) in answer.content.decode()
    name = f"episode-{season.episodes[0].id}"
    assert editor.post(page, {"shown": ["season", name], "season": ["genre.family"], name: ["tone.funny"]}).status_code == 302
    assert enter(aurora, "host").post(page, {"shown": ["season"]}).status_code == 403
    with in_schema("aurora"):
        (episode,) = list_tagged_episodes(season.id)
        assert (episode.season_tags, episode.tags, episode.cues[0].tags) == (("genre.family",), ("tone.funny",), ("scene.meal",))
