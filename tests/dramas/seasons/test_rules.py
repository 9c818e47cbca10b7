"""The rules before air: what is broken, where, and how to mend it."""

from functools import partial
from typing import Any

import pytest

from commerce.catalog.actions import edit_product
from dramas.seasons.actions import add_episode, edit_episode, edit_season, remove_episode, reorder_episodes
from dramas.seasons.models import Cue, Episode
from dramas.seasons.rule_texts import RULE_TEXTS
from dramas.seasons.validation import Finding, list_findings
from merchants.foundation.ids import new_id
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import ACTOR, count_queries, lock_episode, make_product, make_season, report_ready


@pytest.fixture(autouse=True)
def _in_aurora(aurora: Shop, borealis: Shop) -> Any:
    with in_schema(aurora.schema):
        yield


def codes(season_id: Any, level: str = "error") -> list[str]:
    return [finding.code for finding in list_findings(season_id) if finding.level == level]


def the(season_id: Any, code: str) -> Finding:
    return next(finding for finding in list_findings(season_id) if finding.code == code)


def test_a_season_that_keeps_every_rule_has_nothing_blocking() -> None:
    """Six ready demo episodes of 30 s with a cue each may be approved."""
    findings = list_findings(make_season().id)
    assert [finding.code for finding in findings if finding.is_blocking] == []
    assert {"episodes_counted", "length_inside", "media_ready", "free_first", "cues_inside"} <= {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("episodes", "profile", "code"), [(5, "demo", "episodes_too_few"), (11, "demo", "episodes_too_many"), (6, "short", "episodes_too_many")]
)
def test_the_number_of_episodes_follows_the_pacing(episodes: int, profile: str, code: str) -> None:
    """Six to ten, or one to five for a short trial."""
    season = make_season(episodes=episodes, profile=profile)
    assert code in codes(season.id)


def test_a_length_outside_the_pacing_blocks_until_a_reason_is_given() -> None:
    """Lengths come from the file; a reason lets one through and stays visible."""
    season = make_season()
    report_ready(season.episodes[2].id, duration_ms=55_000, source="b")
    finding = the(season.id, "length_outside")
    assert finding.is_blocking
    assert finding.episode_id == season.episodes[2].id
    assert "Episode 3 lasts 0:55" in finding.what
    assert "0:20 to 0:40" in finding.mend
    edit_season(actor=ACTOR, season_id=season.id, changes={"pacing_reason": "The finale needs its minute."})
    assert "length_outside" not in codes(season.id)
    assert "needs its minute" in the(season.id, "length_excused").mend


def test_missing_running_and_failed_videos_are_told_apart() -> None:
    """A missing and a failed video need somebody; a transcode mends itself."""
    from django.db import transaction

    from dramas.seasons.actions import record_transcode
    from dramas.seasons.media import MediaFailure

    season = make_season(is_ready=False)
    with transaction.atomic():
        record_transcode(episode_id=season.episodes[1].id, state="transcoding", progress_permille=620)
        record_transcode(episode_id=season.episodes[2].id, state="failed", failure=MediaFailure("source_truncated"))
    assert codes(season.id).count("media_missing") == 4
    assert codes(season.id).count("media_failed") == 1
    assert the(season.id, "media_transcoding").what == "Episode 2 is transcoding, 62 %"
    assert "media_transcoding" in codes(season.id, "waiting")


def test_free_episodes_lead_in() -> None:
    """The first episode is free, and none is free after a locked one."""
    season = make_season()
    lock_episode(season.episodes[2].id)
    assert the(season.id, "free_after_paid").params == {"number": 4, "earlier": 3}
    for episode in season.episodes[3:]:
        lock_episode(episode.id)
    assert codes(season.id) == []
    lock_episode(season.episodes[0].id)
    assert "first_not_free" in codes(season.id)


def test_a_locked_episode_needs_something_that_unlocks_it() -> None:
    """No price, not for sale, and a product that unlocks something else are three different findings."""
    season = make_season()
    last = season.episodes[-1]
    edit_episode(actor=ACTOR, episode_id=last.id, changes={"access": "paid"})
    assert "unlock_missing" in codes(season.id)
    other = make_product("Lamp")
    edit_episode(actor=ACTOR, episode_id=last.id, changes={"unlock_variant_id": other.variants[0].id})
    assert "unlock_grants_other" in codes(season.id)
    unlock = lock_episode(last.id)
    assert codes(season.id) == []
    edit_product(product_id=unlock.id, actor=ACTOR, is_published=False)
    assert "unlock_not_sold" in codes(season.id)


def test_a_season_pass_unlocks_each_of_its_episodes() -> None:
    """A variant that grants the season serves every locked episode of it."""
    season = make_season()
    season_pass = make_product("Season pass", grants=f"season:{season.id}")
    edit_episode(actor=ACTOR, episode_id=season.episodes[-1].id, changes={"access": "paid", "unlock_variant_id": season_pass.variants[0].id})
    report_ready(season.episodes[-1].id, is_encrypted=True)
    assert codes(season.id) == []


def test_a_paid_episode_waits_until_its_segments_are_encrypted() -> None:
    """Readable segments of a paid episode keep the season off the air."""
    season = make_season()
    lock_episode(season.episodes[-1].id)
    report_ready(season.episodes[-1].id, is_encrypted=False)
    assert "media_unlocked" in codes(season.id, "waiting")


def test_a_shorter_cut_leaves_its_cues_behind() -> None:
    """A new, shorter file makes cues outlast or miss the episode; each is named with its time."""
    season = make_season()
    episode = season.episodes[0]
    report_ready(episode.id, duration_ms=20_000, source="b")
    Cue.objects.filter(episode_id=episode.id).update(at_ms=15_000)
    outlasting = the(season.id, "cue_outlasts")
    assert (outlasting.params["at"], outlasting.params["rest"]) == ("00:15.000", "00:05.000")
    Cue.objects.filter(episode_id=episode.id).update(at_ms=21_000)
    assert the(season.id, "cue_after_end").cue_id == Cue.objects.get(episode_id=episode.id).pk


def test_a_cue_whose_product_is_of_no_shop_or_of_another_is_found(aurora: Shop, borealis: Shop) -> None:
    """The catalogue of this shop alone counts."""
    season = make_season()
    with in_schema(borealis.schema):
        foreign = make_product("Foreign lamp")
    Cue.objects.filter(episode_id=season.episodes[0].id).update(product_id=foreign.id)
    Cue.objects.filter(episode_id=season.episodes[1].id).update(product_id=new_id())
    assert codes(season.id).count("cue_product_gone") == 2


def test_numbers_stay_without_holes() -> None:
    """Reordering and removing renumber from 1."""
    season = make_season()
    ids = [episode.id for episode in season.episodes]
    reorder_episodes(actor=ACTOR, season_id=season.id, episode_ids=[ids[5], *ids[:5]])
    assert list(Episode.objects.filter(season_id=season.id).order_by("number").values_list("id", flat=True)) == [ids[5], *ids[:5]]
    remove_episode(actor=ACTOR, episode_id=ids[0])
    assert list(Episode.objects.filter(season_id=season.id).order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    add_episode(actor=ACTOR, season_id=season.id)
    assert Episode.objects.get(season_id=season.id, number=6).title == "Episode 6"


def test_every_rule_reads_its_season_with_a_bounded_number_of_queries() -> None:
    """Ten episodes cost no more queries than six."""
    for number in (6, 10):
        season_id = make_season(episodes=number).id
        assert count_queries(partial(list_findings, season_id)) == 7


def test_every_text_can_be_filled() -> None:
    """No text names a place that its finding does not give."""
    known = {"count", "least", "most", "missing", "surplus", "number", "percent", "shortest", "longest", "profile", "length", "reason"}
    known |= {"free", "locked", "earlier", "product", "at", "end", "rest", "language", "line", "title", "numbers"}
    for what, mend in RULE_TEXTS.values():
        for text in (what, mend):
            assert str(text) % dict.fromkeys(known, "x")
