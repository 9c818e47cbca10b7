"""The seal: made by a person for one digest, broken by any edit of what airs."""

from collections.abc import Callable
from typing import Any

import pytest

from dramas.seasons.actions import (
    CueDraft,
    add_cue,
    approve_season,
    edit_cue,
    edit_episode,
    edit_season,
    mark_aired,
    put_captions,
    remove_cue,
    remove_season,
    reorder_episodes,
    submit_season,
    withdraw_approval,
)
from dramas.seasons.digest import digest_of
from dramas.seasons.errors import DigestOutdated, NotApproved, RulesBroken, SeasonAired
from dramas.seasons.models import Approval, Cue, Season
from dramas.seasons.queries import get_season, is_airable
from merchants.foundation.errors import Forbidden
from merchants.foundation.models import AuditEntry
from merchants.foundation.tenancy import in_schema
from tests.conftest import Shop
from tests.dramas.building import ACTOR, approve, lock_episode, make_product, make_season, report_ready

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n"


@pytest.fixture(autouse=True)
def _in_aurora(aurora: Shop) -> Any:
    with in_schema(aurora.schema):
        yield


@pytest.fixture
def reviewer(hire: Any, aurora: Shop) -> Any:
    return hire(aurora, "reviewer")


def test_a_reviewer_seals_what_they_have_seen(reviewer: Any) -> None:
    """The season becomes airable under the digest that was read."""
    season = make_season()
    digest = digest_of(season.id)
    approve_season(approver=reviewer, season_id=season.id, digest=digest)
    assert is_airable(season.id)
    assert Approval.objects.get(season_id=season.id).digest == digest
    assert AuditEntry.objects.filter(action="season.approve", subject=f"season:{season.id}", actor=reviewer.email).count() == 1


@pytest.mark.parametrize("role", ["editor", "host", "moderator", "finance", ""])
def test_nobody_else_may_seal(role: str, hire: Any, aurora: Shop) -> None:
    """A denied approval changes nothing."""
    season = make_season()
    with pytest.raises(Forbidden):
        approve(season.id, hire(aurora, role, email=f"x{role}@aurora.test"))
    assert not is_airable(season.id)
    assert not Approval.objects.exists()


def test_content_that_changed_meanwhile_is_not_sealed(reviewer: Any) -> None:
    """The digest names what was read; another one is refused."""
    season = make_season()
    digest = digest_of(season.id)
    edit_season(actor=ACTOR, season_id=season.id, changes={"synopsis": "Other."})
    with pytest.raises(DigestOutdated):
        approve_season(approver=reviewer, season_id=season.id, digest=digest)
    assert not is_airable(season.id)


def test_a_season_with_broken_rules_is_neither_submitted_nor_sealed(reviewer: Any) -> None:
    """The refusal counts what is open."""
    season = make_season(episodes=3)
    with pytest.raises(RulesBroken) as refusal:
        approve(season.id, reviewer)
    assert refusal.value.params["count"] == 1
    with pytest.raises(RulesBroken):
        submit_season(actor=ACTOR, season_id=season.id)


def _move_cue(season: Any) -> None:
    cue = Cue.objects.get(episode_id=season.episodes[0].id)
    edit_cue(actor=ACTOR, cue_id=cue.pk, draft=CueDraft(at_ms=5_040, duration_ms=10_000, product_id=cue.product_id))


def _add_cue(season: Any) -> None:
    add_cue(actor=ACTOR, episode_id=season.episodes[0].id, draft=CueDraft(at_ms=20_000, duration_ms=5_000, product_id=make_product().id))


EDITS: dict[str, Callable[[Any], None]] = {
    "title": lambda season: edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Other"}),
    "licence": lambda season: edit_season(actor=ACTOR, season_id=season.id, changes={"licence_line": "Other"}),
    "episode title": lambda season: edit_episode(actor=ACTOR, episode_id=season.episodes[1].id, changes={"title": "Other"}),
    "order": lambda season: reorder_episodes(actor=ACTOR, season_id=season.id, episode_ids=[e.id for e in reversed(season.episodes)]),
    "access": lambda season: lock_episode(season.episodes[5].id) and None,
    "moved cue": _move_cue,
    "new cue": _add_cue,
    "removed cue": lambda season: remove_cue(actor=ACTOR, cue_id=Cue.objects.get(episode_id=season.episodes[0].id).pk),
    "captions": lambda season: put_captions(actor=ACTOR, episode_id=season.episodes[0].id, language="en", data=VTT) and None,
    "new cut": lambda season: report_ready(season.episodes[0].id, source="b"),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_any_edit_of_what_airs_takes_the_approval_back(edit: Callable[[Any], None], reviewer: Any) -> None:
    """Whatever is edited, the seal falls in the same transaction, and who did it is kept."""
    season = make_season()
    approve(season.id, reviewer)
    edit(season)
    assert not is_airable(season.id)
    assert Approval.objects.get(season_id=season.id).withdrawn_at is not None
    assert AuditEntry.objects.filter(action="season.approval_withdrawn").count() == 1


def test_what_does_not_air_leaves_the_seal(reviewer: Any) -> None:
    """The address and the reason for odd lengths are not on air; the same file published again is the same picture."""
    season = make_season()
    approve(season.id, reviewer)
    edit_season(actor=ACTOR, season_id=season.id, changes={"slug": "another", "pacing_reason": "Because."})
    report_ready(season.episodes[0].id, is_encrypted=True)
    edit_episode(actor=ACTOR, episode_id=season.episodes[0].id, changes={"title": season.episodes[0].title})
    assert is_airable(season.id)


def test_the_digest_is_the_same_for_the_same_content(borealis: Shop, aurora: Shop, reviewer: Any) -> None:
    """An edit and its reversal lead back to the first digest."""
    season = make_season()
    before = digest_of(season.id)
    edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Other"})
    assert digest_of(season.id) != before
    edit_season(actor=ACTOR, season_id=season.id, changes={"title": season.title})
    assert digest_of(season.id) == before
    assert len(before) == 64


def test_only_an_approved_season_airs(reviewer: Any) -> None:
    """After airing, an edit still takes the approval back, and the season cannot be deleted any more."""
    from django.db import transaction

    season = make_season()
    with pytest.raises(NotApproved), transaction.atomic():
        mark_aired(season_id=season.id)
    approve(season.id, reviewer)
    with transaction.atomic():
        mark_aired(season_id=season.id)
    assert get_season(season.id).state == "aired"
    edit_season(actor=ACTOR, season_id=season.id, changes={"title": "Other"})
    view = get_season(season.id)
    assert (view.is_airable, view.is_published) == (False, True)
    with pytest.raises(SeasonAired):
        remove_season(actor=ACTOR, season_id=season.id)
    assert Season.objects.filter(pk=season.id).exists()


def test_a_seal_can_be_taken_back_by_hand(reviewer: Any) -> None:
    """By those who may approve; a second time changes nothing."""
    season = make_season()
    approve(season.id, reviewer)
    withdraw_approval(approver=reviewer, season_id=season.id)
    withdraw_approval(approver=reviewer, season_id=season.id)
    assert not is_airable(season.id)
    assert Approval.objects.get(season_id=season.id).withdrawn_by == reviewer.email
