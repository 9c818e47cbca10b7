"""From draft to air: asking for approval, sealing, taking back, airing."""

from typing import Any
from uuid import UUID

from django.db import transaction

from dramas.seasons.actions.change import lock_season, withdraw
from dramas.seasons.digest import digest_of
from dramas.seasons.errors import DigestOutdated, NotApproved, RulesBroken
from dramas.seasons.facts import SeasonApproved, SeasonChanged
from dramas.seasons.models import Approval, Season
from dramas.seasons.validation import list_findings
from merchants.accounts.permissions import require
from merchants.foundation import clock
from merchants.foundation.audit import record_action
from merchants.foundation.facts import emit


def submit_season(*, actor: str, season_id: UUID) -> None:
    """Ask the reviewers to look at a season that keeps all rules.

    Raises: SeasonNotFound, RulesBroken.
    """
    with transaction.atomic(durable=True):
        season = lock_season(season_id)
        _require_rules(season_id)
        season.submitted_by, season.submitted_at = actor, clock.now()
        season.save(update_fields=["submitted_by", "submitted_at", "updated_at"])
        record_action(actor=actor, action="season.submit", subject=f"season:{season_id}")


def approve_season(*, approver: Any, season_id: UUID, digest: str) -> None:
    """Seal the content the approver has seen, named by its `digest`.

    Raises: Forbidden (without `seasons.approve`), SeasonNotFound, RulesBroken, DigestOutdated (edited meanwhile).
    After commit: emits SeasonApproved.
    """
    require(approver, "seasons.approve")
    with transaction.atomic(durable=True):
        season = lock_season(season_id)
        _require_rules(season_id)
        if digest_of(season_id) != digest:
            raise DigestOutdated
        if Approval.objects.filter(season_id=season_id, withdrawn_at=None).exists():
            return
        Approval.objects.create(season=season, digest=digest, approved_by=approver.email, approved_at=clock.now())
        season.state, season.submitted_by, season.submitted_at = Season.State.APPROVED, "", None
        season.save(update_fields=["state", "submitted_by", "submitted_at", "updated_at"])
        record_action(actor=approver.email, action="season.approve", subject=f"season:{season_id}", digest=digest)
        emit(SeasonApproved(season_id=season_id, digest=digest))


def withdraw_approval(*, approver: Any, season_id: UUID) -> None:
    """Take the seal back by hand. Nothing happens when there is none.

    Raises: Forbidden, SeasonNotFound. After commit: emits SeasonChanged.
    """
    require(approver, "seasons.approve")
    with transaction.atomic(durable=True):
        season = lock_season(season_id)
        standing = Approval.objects.filter(season_id=season_id, withdrawn_at=None).first()
        if standing is not None:
            withdraw(season=season, standing=standing, actor=approver.email)
            emit(SeasonChanged(season_id=season_id, is_airable=False))


def mark_aired(*, season_id: UUID) -> None:
    """Note that a room has begun to show the season.

    Needs: an open transaction. Raises: SeasonNotFound, NotApproved.
    """
    season = lock_season(season_id)
    if season.state == Season.State.DRAFT:
        raise NotApproved
    if season.state == Season.State.APPROVED:
        season.state = Season.State.AIRED
        season.first_aired_at = season.first_aired_at or clock.now()
        season.save(update_fields=["state", "first_aired_at", "updated_at"])
        record_action(actor="system", action="season.air", subject=f"season:{season_id}")


def _require_rules(season_id: UUID) -> None:
    broken = [finding for finding in list_findings(season_id) if finding.is_blocking]
    if broken:
        raise RulesBroken(count=len(broken))
